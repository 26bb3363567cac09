"""What the Teach page writes is what training reads."""

from pathlib import Path

import numpy as np

from inference.gathering import Gathering
from tests.training.conftest import COLOURS
from training import data, splits
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
    split = splits.by_person(samples, test=0.2, validation=0.2, seed=0, train_only=())
    sides = [{s.person for s in side} for side in (split.train, split.validation, split.test)]
    assert all(sides) and not (sides[0] & sides[1] or sides[0] & sides[2] or sides[1] & sides[2])
    assert main([str(gathering.folder), *SMALL, "--threads", "1", "--output", str(tmp_path / "out"), "--experiment", "run"]) == 0
    assert (tmp_path / "out" / "run" / "report.json").is_file()
