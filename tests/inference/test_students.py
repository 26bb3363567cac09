"""Where the students are is chosen by one word or one file name, and a file is used for what it is."""

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inference import open_students, session
from inference.errors import ModelError, SeatsError, TaidoError
from inference.seats import Seats
from inference.students import Students
from tests.shared import shared

MakeModel = Callable[..., Path]


@pytest.fixture
def open_choice(tiny_finder: Path) -> Callable[[str | Path], Students]:
    def open_it(choice: str | Path) -> Students:
        return open_students(str(choice), finder=tiny_finder, provider="cpu", threads=1)

    return open_it


OpenChoice = Callable[[str | Path], Students]


def test_whole_is_one_student_as_large_as_the_frame(open_choice: OpenChoice) -> None:
    found = open_choice("whole").find(np.zeros((48, 64, 3), np.uint8))
    assert found.dtype == np.float32
    assert found.tolist() == [[0, 0, 64, 48, 1]]


def test_every_choice_says_its_name(open_choice: OpenChoice, tiny_finder: Path, tmp_path: Path) -> None:
    Seats.grid((64, 48), 2, 2).write(tmp_path / "Seats.JSON")
    choices = ["whole", "finder", tiny_finder, tmp_path / "Seats.JSON"]
    assert [open_choice(choice).name for choice in choices] == ["whole", "finder", "finder", "seats"]


def test_file_without_our_fact_sheet_is_taken_for_yunet(open_choice: OpenChoice) -> None:
    assert open_choice(shared("peers/yunet_n_640_640.onnx")).name == "faces"


@pytest.mark.parametrize("piece", [1, 7, 50, 1 << 20])
def test_fact_sheet_is_seen_wherever_it_lies(
    piece: int, tiny_finder: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.session.PIECE", piece)
    session._names_find.cache_clear()
    assert [session.is_ours(path) for path in (tiny_finder, tiny_model, Path(__file__))] == [True, True, False]
    assert [session.finds_students(path) for path in (tiny_finder, tiny_model, Path("none"))] == [True, False, False]


def test_large_file_is_searched_without_lying_in_memory(tmp_path: Path) -> None:
    with (tmp_path / "large.onnx").open("wb") as file:
        file.truncate(64 << 20)
    tracemalloc.start()
    try:
        assert not session.is_ours(tmp_path / "large.onnx") and not session.finds_students(tmp_path / "large.onnx")
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_every_choice_gives_boxes_of_one_form(open_choice: OpenChoice, tmp_path: Path) -> None:
    Seats.grid((64, 48), 2, 2).write(tmp_path / "seats.json")
    frame = np.full((48, 64, 3), 255, np.uint8)
    for choice in ("whole", "finder", str(tmp_path / "seats.json")):
        found = open_choice(choice).find(frame)
        assert found.dtype == np.float32
        assert found.shape[1] == 5
        assert len(found)
        assert (found[:, 2:4] <= (64, 48)).all()


@pytest.mark.parametrize("choice", ["seats", "", "finder.onn", "boxes.csv", "WHOLE"])
def test_unknown_choice_is_an_error_that_lists_the_choices(open_choice: OpenChoice, choice: str) -> None:
    with pytest.raises(ModelError, match=r"whole, finder, a \.json file of seats or an \.onnx detector, got"):
        open_choice(choice)


def test_classifier_given_as_a_detector_is_refused(open_choice: OpenChoice, tiny_model: Path) -> None:
    with pytest.raises(ModelError, match="is a classifier, expected a finder"):
        open_choice(tiny_model)


@pytest.mark.parametrize(("name", "kind"), [("gone.json", SeatsError), ("gone.onnx", ModelError)])
def test_missing_file_is_named(open_choice: OpenChoice, tmp_path: Path, name: str, kind: type[TaidoError]) -> None:
    with pytest.raises(kind, match=name):
        open_choice(tmp_path / name)


def test_default_finder_that_is_missing_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"There is no finder file .*--finder.*--students"):
        open_students("finder", finder=tmp_path / "students.onnx", provider="cpu", threads=1)


def test_detections_given_as_seats_are_refused(open_choice: OpenChoice, tmp_path: Path) -> None:
    (tmp_path / "detections.json").write_text(json.dumps({"a.jpg": [[0, 0, 5, 5, 0.9]]}))
    with pytest.raises(SeatsError, match="python -m inference seats"):
        open_choice(tmp_path / "detections.json")
