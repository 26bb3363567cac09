"""A finder's scores are those of the runs that left a camera out."""

import json
from pathlib import Path

import pytest

from export.finder_scores import main


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    folder = tmp_path / "rooms"
    (folder / "images").mkdir(parents=True)
    (folder / "images" / "a.png").write_bytes(b"never read")
    content = {
        "images": [{"id": 0, "file_name": "a.png", "width": 99, "height": 99, "camera": "left"}],
        "annotations": [{"image_id": 0, "category_id": 1, "bbox": [10 * k, 0, 8, 8]} for k in range(4)],
        "categories": [{"id": 1, "name": "student"}],
    }
    (folder / "annotations.json").write_text(json.dumps(content))
    return folder


def judge(tmp_path: Path, frames: Path, detections: str, threshold: str) -> int:
    run = tmp_path / "run"
    run.mkdir(exist_ok=True)
    (run / "detections.json").write_text(detections)
    return main([str(frames), "--cameras", str(run), "--threshold", threshold, "--json", str(tmp_path / "out.json")])


def test_rates_are_those_at_the_threshold(frames: Path, tmp_path: Path) -> None:
    found = {"a.png": [[0, 0, 8, 8, 0.9], [10, 0, 18, 8, 0.6], [60, 60, 70, 70, 0.5], [20, 0, 28, 8, 0.2]]}
    assert judge(tmp_path, frames, json.dumps(found), "0.4") == 0
    test = json.loads((tmp_path / "out.json").read_text())["tests"][0]
    assert (test["camera"], test["frames"], test["students"]) == ("left", 1, 4)
    assert (test["precision"], test["recall"]) == (pytest.approx(0.6667), 0.5)


@pytest.mark.parametrize(("detections", "told"), [('{"b.png": []}', "e.g. b.png"), ("{", "cannot be read as JSON")])
def test_detections_of_other_frames_and_damaged_ones_are_refused(
    frames: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], detections: str, told: str
) -> None:
    assert judge(tmp_path, frames, detections, "0.4") == 2
    assert told in capsys.readouterr().err and not (tmp_path / "out.json").exists()


def test_threshold_that_no_score_can_reach_is_refused(frames: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert judge(tmp_path, frames, '{"a.png": []}', "7") == 2
    assert "--threshold must be from 0 to 1, got 7.0" in capsys.readouterr().err and not (tmp_path / "out.json").exists()


def test_run_without_detections_is_refused(frames: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = ["--threshold", "0.4", "--json", str(tmp_path / "o.json")]
    assert main([str(frames), "--cameras", str(tmp_path), *more]) == 2
    assert "--leave-camera-out" in capsys.readouterr().err
