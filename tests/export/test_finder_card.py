"""The finder's card says what the runs measured."""

import json
from pathlib import Path

import pytest

from export.finder_card import main


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


def make_card(tmp_path: Path, frames: Path, found: dict[str, list[list[float]]], threshold: str) -> int:
    run = tmp_path / "run"
    run.mkdir(exist_ok=True)
    (run / "detections.json").write_text(json.dumps(found))
    (tmp_path / "card.md").write_text("# A card\n<!-- scores -->\nearlier figures\n<!-- /scores -->\nthe rest\n")
    arguments = ["--cameras", str(run), "--threshold", threshold, "--card", str(tmp_path / "card.md")]
    return main([str(frames), *arguments, "--json", str(tmp_path / "out.json")])


def test_card_and_json_carry_the_rates_at_the_threshold(frames: Path, tmp_path: Path) -> None:
    found = {"a.png": [[0, 0, 8, 8, 0.9], [10, 0, 18, 8, 0.6], [60, 60, 70, 70, 0.5], [20, 0, 28, 8, 0.2]]}
    assert make_card(tmp_path, frames, found, "0.4") == 0
    test = json.loads((tmp_path / "out.json").read_text())["tests"][0]
    assert (test["camera"], test["precision"], test["recall"]) == ("left", pytest.approx(0.6667), 0.5)
    card = (tmp_path / "card.md").read_text()
    assert "| left | 1 | 4 |" in card and "| 0.667 | 0.500 |" in card
    assert "earlier figures" not in card and card.endswith("the rest\n")


def test_detections_of_other_frames_are_refused(frames: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert make_card(tmp_path, frames, {"b.png": []}, "0.4") == 2
    assert "e.g. b.png" in capsys.readouterr().err


def test_run_without_detections_is_refused(frames: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = ["--threshold", "0.4", "--card", str(tmp_path / "c.md"), "--json", str(tmp_path / "o.json")]
    assert main([str(frames), "--cameras", str(tmp_path), *more]) == 2
    assert "--leave-camera-out" in capsys.readouterr().err
