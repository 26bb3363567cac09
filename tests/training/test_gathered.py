"""What the Teach page writes is what training reads."""

from pathlib import Path

import numpy as np
import pytest

from inference import learning
from inference.gathering import Gathering
from tests.training.conftest import COLOURS
from training import crossval, data, splits
from training.config import TrainConfig
from training.train import main

SMALL = ["--model", "test_efficientnet", "--img-size", "32", "--epochs", "1", "--batch-size", "8", "--device", "cpu"]


def test_gathered_folder_trains_with_its_persons_and_cameras(tmp_path: Path) -> None:
    gathering = Gathering(tmp_path / "data", ("ahead", "down", "phone"))
    random = np.random.default_rng(0)
    for label, colour in COLOURS.items():
        for person in range(5):
            for _ in range(2):
                noise = random.integers(-60, 60, (9, 9, 1))
                picture = np.clip(np.array(colour) + np.repeat(np.repeat(noise, 5, 0), 5, 1), 0, 255).astype(np.uint8)
                gathering.add(picture, label, camera="room", person=f"person-{person}")
    samples = data.scan(gathering.folder)
    assert len(samples) == 30 and {s.label for s in samples} == set(COLOURS)
    assert {s.person for s in samples} == {f"person-{i}" for i in range(5)} and {s.camera for s in samples} == {"room"}
    assert pytest.approx(1 - TrainConfig.test_split - TrainConfig.val_split) == learning.TRAINS
    split = splits.by_person(samples, test=0.2, validation=0.2, seed=0, train_only=())
    sides = [{s.person for s in side} for side in (split.train, split.validation, split.test)]
    assert all(sides) and not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])
    assert main([str(gathering.folder), *SMALL, "--threads", "1", "--output", str(tmp_path / "out"), "--experiment", "run"]) == 0
    assert (tmp_path / "out" / "run" / "report.json").is_file()


def test_curve_of_the_gathered_pictures_is_what_the_teach_page_goes_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.report_page.write_pages", lambda *_arguments: None)  # drawn in test_evaluate
    gathering = Gathering(tmp_path / "data", ("ahead", "down"))
    random = np.random.default_rng(0)
    for label in ("ahead", "down"):
        for person in range(6):
            noise = random.integers(-60, 60, (9, 9, 1))
            picture = np.clip(np.array(COLOURS[label]) + np.repeat(np.repeat(noise, 5, 0), 5, 1), 0, 255).astype(np.uint8)
            gathering.add(picture, label, person=f"person-{person}")
    assert gathering.need().curve is None
    probe = ["--probe", "--model", "test_efficientnet", "--img-size", "32", "--folds", "3", "--seeds", "1"]
    assert crossval.main([str(gathering.folder), *probe, "--learning-curve", "1,2,4", "--output", str(tmp_path / "out")]) == 0
    need = gathering.need()
    assert need.own and need.curve is not None and (need.curve.images, need.curve.persons) == (12, 6)
    assert need.pictures >= need.persons
    assert len(data.scan(gathering.folder)) == 12
