"""What is in the pictures: the choice that a page and the endpoint offer, and what the command line makes of it."""

import logging
from collections.abc import Callable
from pathlib import Path

import gradio as gr
import pytest

import app
from dashboard import Choice
from dashboard.choice import radio
from inference.errors import ModelError, SeatsError
from inference.seats import Seats
from inference.students import Whole

MakeModel = Callable[..., Path]


@pytest.fixture
def no_bundled_finder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the bundled finder would lie."""
    monkeypatch.setattr(app, "DEFAULT_FINDER", tmp_path / "students.onnx")
    return tmp_path / "students.onnx"


def names(choice: Choice) -> tuple[list[str], str]:
    return list(choice.known), choice.start


def test_finder_stands_chosen_where_there_is_one(tiny_finder: Path) -> None:
    assert names(app.choose(None, tiny_finder, "cpu")) == (["whole", "finder"], "finder")
    assert names(app.choose("whole", tiny_finder, "cpu")) == (["whole", "finder"], "whole")


def test_bundled_finder_is_taken_without_being_named(no_bundled_finder: Path, tiny_finder: Path) -> None:
    no_bundled_finder.write_bytes(tiny_finder.read_bytes())
    choice = app.choose(None, None, "cpu")
    assert names(choice) == (["whole", "finder"], "finder")
    assert choice.finder is not None and choice.finder.path == no_bundled_finder


def test_missing_bundled_finder_leaves_the_whole_picture_without_a_word(
    no_bundled_finder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    choice = app.choose(None, None, "cpu")
    assert names(choice) == (["whole"], "whole")
    assert choice.finder is None
    assert caplog.records == []


def test_damaged_bundled_finder_leaves_the_whole_picture_with_a_warning(
    no_bundled_finder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    no_bundled_finder.write_bytes(b"not a model")
    with caplog.at_level(logging.WARNING):
        assert names(app.choose(None, None, "cpu")) == (["whole"], "whole")
    assert "students.onnx" in caplog.text


@pytest.mark.parametrize("students", [None, "whole", "finder"])
def test_finder_that_was_named_must_open(tiny_model: Path, tmp_path: Path, students: str | None) -> None:
    with pytest.raises(ModelError, match="There is no finder file"):
        app.choose(students, tmp_path / "none.onnx", "cpu")
    with pytest.raises(ModelError, match="is a classifier, expected a finder"):
        app.choose(students, tiny_model, "cpu")


def test_finder_that_was_asked_for_must_be_there(no_bundled_finder: Path) -> None:
    with pytest.raises(ModelError, match="There is no finder file"):
        app.choose("finder", None, "cpu")


def test_seats_are_one_more_way_and_stand_chosen(tmp_path: Path, tiny_finder: Path, no_bundled_finder: Path) -> None:
    Seats((96, 64), ((0, 0, 48, 64), (48, 0, 96, 64))).write(tmp_path / "seats.json")
    assert names(app.choose(str(tmp_path / "seats.json"), tiny_finder, "cpu")) == (["whole", "finder", "seats"], "seats")
    assert names(app.choose(str(tmp_path / "seats.json"), None, "cpu")) == (["whole", "seats"], "seats")


def test_wrong_seats_are_an_error(tmp_path: Path, no_bundled_finder: Path) -> None:
    (tmp_path / "seats.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SeatsError):
        app.choose(str(tmp_path / "seats.json"), None, "cpu")
    with pytest.raises(ModelError, match="got 'teacher'"):
        app.choose("teacher", None, "cpu")


def test_choice_must_know_its_start_and_the_whole_picture() -> None:
    with pytest.raises(ValueError, match="start value 'finder'"):
        Choice({"whole": Whole()}, "finder")
    with pytest.raises(ValueError, match="'whole'"):
        Choice({}, "whole")


def test_unknown_name_is_refused_with_the_known_ones_and_no_name_is_the_whole_picture() -> None:
    choice = Choice({"whole": Whole()})
    assert choice.students(None).name == choice.students("").name == "whole"
    with pytest.raises(gr.Error, match="one of whole, got 'rows'"):
        choice.students("rows")
    with pytest.raises(gr.Error, match="--finder FILE"):
        choice.students("finder")


def test_page_offers_the_known_ways_with_the_start_chosen(tiny_finder: Path) -> None:
    buttons = radio(app.choose(None, tiny_finder, "cpu"), "finder", "students")
    assert [value for _, value in buttons.choices] == ["whole", "finder"]
    assert (buttons.value, buttons.visible) == ("finder", True)


def test_page_offers_no_choice_of_one() -> None:
    assert not radio(Choice({"whole": Whole()}), "whole", "students").visible
