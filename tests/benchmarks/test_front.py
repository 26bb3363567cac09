"""The front of score against milliseconds: rooms are unseen, nobody is asked what none could know, nothing is computed twice."""

import json
from pathlib import Path

import numpy as np
import pytest
import timm
import torch
from PIL import Image

from benchmarks import front
from inference.errors import DataError
from training import outcomes
from training.data import Sample
from training.outcomes import Outcomes

NAMES = ("ahead", "asleep", "down")


@pytest.fixture(scope="module")
def rooms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three rooms with two persons each, told apart by colour; somebody sleeps in one room only."""
    folder = tmp_path_factory.mktemp("rooms")
    rows = ["file,label,camera,person"]
    for camera in ("a", "b", "c"):
        for number in range(4):
            for label, colour in (("ahead", (200, 30, 30)), ("down", (30, 30, 200)), ("asleep", (30, 200, 30))):
                if label == "asleep" and camera != "a":
                    continue
                name = f"{label}/{camera}{number}.png"
                (folder / label).mkdir(exist_ok=True)
                noise = np.random.default_rng(len(rows)).integers(-25, 26, (40, 36, 3))
                Image.fromarray((np.array(colour) + noise).astype(np.uint8)).save(folder / name)
                rows.append(f"{name},{label},{camera},{camera}-{number % 2}")
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of pretrained weights, as drawn."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "weights.pth"
    torch.save(timm.create_model("test_efficientnet", num_classes=1000).state_dict(), path)
    return path


def test_front_holds_only_points_that_none_beats_in_time_and_score() -> None:
    points = {"slow": (30.0, 0.9), "worse": (20.0, 0.5), "quick": (10.0, 0.6), "same": (11.0, 0.6)}
    assert front.front(points) == ["quick", "slow"]


def test_front_takes_the_higher_score_of_two_equally_fast_points() -> None:
    assert front.front({"low": (10.0, 0.5), "high": (10.0, 0.6)}) == ["high"]


def test_answerable_leaves_out_a_label_of_one_camera() -> None:
    assert {s.label for s in front.answerable(table([("ahead", 0), ("ahead", 1), ("asleep", 0), ("asleep", 0)])).samples} == {
        "ahead"
    }
    with pytest.raises(DataError, match="No class is shown by two cameras"):
        front.answerable(table([("ahead", 0), ("asleep", 1)]))


def table(rows: list[tuple[str, int]]) -> Outcomes:
    """Labels and cameras -> answers that are all alike."""
    samples = tuple(Sample(f"{i}.png", Path(f"{i}.png"), label, f"p{i}", f"c{room}") for i, (label, room) in enumerate(rows))
    return Outcomes(
        samples, np.full((len(rows), 3), 1 / 3), NAMES, np.zeros(len(rows), int), np.array([room for _, room in rows])
    )


def test_front_benchmark_measures_draws_and_keeps_its_answers(
    rooms: Path, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plot, kept = tmp_path / "plots" / "front.png", tmp_path / "kept"
    command = ["--data", str(rooms), "--pretrained-path", f"test_efficientnet={weights}", "--sizes", "32", "48"]
    command += ["--kept", str(kept), "--students", "3", "--rounds", "2", "--threads", "1", "--plot", str(plot)]
    assert front.main(command) == 0
    head, *rows, last = capsys.readouterr().out.splitlines()
    result = json.loads(last)["points"]
    assert head.startswith("network and size") and sum("the best" in row for row in rows) == 1
    assert plot.read_bytes().startswith(b"\x89PNG")
    for point in result.values():
        assert point["n"] == 24 and point["persons"] == 6  # the four sleepers are in one room
        assert point["balanced_accuracy"]["value"] == 1 and set(point["camera"]) == {"a", "b", "c"}  # colours are easy
        assert point["ms"]["median"] > 0 and point["behind"]["difference"] == 0
    assert sum(point["front"] for point in result.values()) == 1

    monkeypatch.setattr(front.probe, "extract", None)  # nothing is computed or exported again
    monkeypatch.setattr(front.model, "create", None)
    assert front.main([*command, "--only", "times"]) == 0
    assert "balanced accuracy" in capsys.readouterr().out
    assert front.main([*command, "--only", "scores"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["points"]["test_efficientnet-32"].keys() == (
        result["test_efficientnet-32"].keys() - {"bytes", "ms", "front"}
    )
    assert front.main([*command, "--only", "scores", "--most", "5"]) == 2
    assert "other pictures" in capsys.readouterr().err


def test_every_room_is_answered_for_by_a_regression_without_it(rooms: Path, weights: Path, tmp_path: Path) -> None:
    point = front.Point("test_efficientnet", str(weights), 32)
    answers = front.answered(point, front.data.scan(rooms), tmp_path / "answers.csv")
    room = {s.file: int(fold) for s, fold in zip(answers.samples, answers.folds, strict=True)}
    assert {fold for file, fold in room.items() if "/a" in file} != {fold for file, fold in room.items() if "/b" in file}
    asleep = outcomes.read(tmp_path / "answers.csv").scores[[s.label == "asleep" for s in answers.samples], 1]
    assert len(asleep) == 4 and asleep.max() < 1e-9  # no other room shows a sleeper, so the regression cannot know one


@pytest.mark.parametrize("wrong", ["mobilenetv2_100", "=file", "name="])
def test_backbone_without_its_file_is_refused(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        front.main(["--data", "data", "--pretrained-path", wrong])
    assert "NAME=FILE" in capsys.readouterr().err
