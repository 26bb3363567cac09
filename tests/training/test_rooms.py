"""Whole frames, from the boxes to the attitudes: what is lost on the way from perfect boxes to found ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeRoom
from training.rooms import main

Box = tuple[int, int, int, int]
RED, BLUE, HIDDEN = (8, 8, 16, 16), (40, 24, 48, 32), (72, 40, 80, 48)


@pytest.fixture
def rooms(tmp_path: Path, make_room: MakeRoom) -> Path:
    """One frame: a red and a blue student whom the tiny finder sees, and one labelled `green` whom nobody can see."""
    make_room("rooms/images/a.png", {RED: "red", BLUE: "blue"})
    write(tmp_path / "rooms", {RED: "red", BLUE: "blue", HIDDEN: "green"})
    return tmp_path / "rooms"


def write(folder: Path, students: dict[Box, str | None]) -> None:
    annotations: list[dict[str, Any]] = [
        {"image_id": 0, "category_id": 1, "bbox": [x0, y0, x1 - x0, y1 - y0], "attitude": attitude}
        for (x0, y0, x1, y1), attitude in students.items()
    ]
    images = [{"id": 0, "file_name": "a.png", "width": 96, "height": 64, "camera": "room"}]
    content = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "student"}]}
    (folder / "annotations.json").write_text(json.dumps(content))


def test_a_student_who_is_not_found_is_an_error_only_end_to_end(
    rooms: Path, tiny_finder: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(rooms), "--finder", str(tiny_finder), "--model", str(tiny_model), "--margins", "0"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (said["frames"], said["students"]) == (1, 3)
    rates = said["margins"]["0.0"]
    assert (rates["found"]["n"], rates["found"]["accuracy"]["value"]) == (2, 1.0)
    assert (rates["found_or_wrong"]["n"], rates["found_or_wrong"]["accuracy"]["value"]) == (3, pytest.approx(2 / 3, abs=1e-4))
    assert rates["drawn_of_those_found"]["accuracy"]["value"] == 1.0


def test_unknown_attitudes_do_not_count(
    rooms: Path, tiny_finder: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(rooms, {RED: "red", BLUE: None, HIDDEN: "raising-hand"})
    assert main([str(rooms), "--finder", str(tiny_finder), "--model", str(tiny_model)]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["students"] == 1


def test_frames_without_a_known_attitude_are_refused(
    rooms: Path, tiny_finder: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(rooms, {RED: None})
    assert main([str(rooms), "--finder", str(tiny_finder), "--model", str(tiny_model)]) == 2
    assert "whose attitude is one of red, green, blue" in capsys.readouterr().err
