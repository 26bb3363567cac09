"""Whole frames, from the boxes to the attitudes: what is lost on the way from perfect boxes to found ones."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import MakeModel, MakeRoom
from training.rooms import Answers, main
from training.rooms import _rates as rates_of

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
    assert (rates["drawn"]["accuracy"]["k"], rates["found_or_wrong"]["accuracy"]["k"]) == (2, 2)


def test_found_boxes_are_judged_against_the_drawn_ones_of_the_same_students(
    make_room: MakeRoom, tiny_finder: Path, tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The drawn box of the red student shows mostly a dull blue, which the finder leaves out of its own; nobody sees `green`."""
    wide = (0, 0, 24, 24)
    make_room("rooms/images/a.png", {wide: "rgb(0, 0, 140)", RED: "red"})
    write(tmp_path / "rooms", {wide: "red", HIDDEN: "green"})
    models = ["--finder", str(tiny_finder), "--model", str(tiny_model)]
    assert main([str(tmp_path / "rooms"), *models, "--camera", "room", "--margins", "0"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (said["camera"], said["finder"], said["model"]) == ("room", tiny_finder.name, tiny_model.name)
    rates = said["margins"]["0.0"]
    assert [rates[part]["n"] for part in ("drawn", "drawn_of_those_found", "found", "found_or_wrong")] == [2, 1, 1, 2]
    assert [rates[part]["accuracy"]["k"] for part in ("drawn", "drawn_of_those_found", "found", "found_or_wrong")] == [0, 0, 1, 1]
    assert rates["change"]["n"] == 1 and rates["change"]["accuracy"] == {"difference": 1.0, "interval": None}
    assert rates["drawn"]["accuracy"]["lo"] is None and rates["drawn"]["balanced_accuracy"]["hi"] is None


def test_change_is_paired_over_frames() -> None:
    """Boxes that give the same answers in every frame change nothing, however much the frames differ; the interval says so."""
    frames = np.arange(40)
    truth, right = np.zeros(40, int), frames % 2
    same = Answers(truth.tolist(), right.tolist(), right.tolist(), frames.tolist())
    rates = rates_of(same, classes=2)
    assert rates["found"]["accuracy"]["lo"] < 0.45 and rates["found"]["accuracy"]["hi"] > 0.55
    assert rates["change"]["accuracy"] == {"difference": 0.0, "interval": [0.0, 0.0]}
    other = Answers(truth.tolist(), right.tolist(), (1 - right).tolist(), frames.tolist())
    low, high = rates_of(other, classes=2)["change"]["accuracy"]["interval"]
    assert low < -0.1 and high > 0.1


def test_nobody_found_leaves_rates_unknown_and_everybody_wrong(
    rooms: Path, tiny_finder: Path, tiny_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(rooms, {HIDDEN: "green"})
    assert main([str(rooms), "--finder", str(tiny_finder), "--model", str(tiny_model), "--margins", "0"]) == 0
    rates = json.loads(capsys.readouterr().out.splitlines()[-1])["margins"]["0.0"]
    assert (rates["found"]["n"], rates["found"]["accuracy"]["value"], rates["found"]["balanced_accuracy"]["lo"]) == (
        0,
        None,
        None,
    )
    assert (rates["change"]["n"], rates["change"]["accuracy"]["difference"]) == (0, None)
    assert (rates["found_or_wrong"]["n"], rates["found_or_wrong"]["accuracy"]["value"]) == (1, 0.0)


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


def test_a_model_of_several_labels_is_not_judged_by_its_highest_score(
    rooms: Path, tiny_finder: Path, make_model: MakeModel, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_model(activation="sigmoid", thresholds=(0.5, 0.5, 0.5))
    assert main([str(rooms), "--finder", str(tiny_finder), "--model", str(model)]) == 2
    assert "gives several labels at once" in capsys.readouterr().err
