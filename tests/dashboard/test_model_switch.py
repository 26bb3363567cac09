"""Another model is chosen on the Model page; its card goes with it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import app
from dashboard import live, live_camera, model
from dashboard.model_card import model_card
from inference import Classifier
from inference.clock import steady
from inference.errors import ModelError
from inference.recorded import read_sessions
from inference.sources import open_source
from inference.speed import Speed
from inference.students import Whole
from inference.switching import Switchable


@pytest.fixture
def folder(tiny_model: Path, tiny_finder: Path, make_model: Callable[..., Path], tmp_path: Path) -> Path:
    shutil.copy(tiny_model, tmp_path / "first.onnx")
    shutil.copy(make_model(class_names=("a", "b", "c")), tmp_path / "second.onnx")
    shutil.copy(tiny_finder, tmp_path / "students.onnx")
    (tmp_path / "README.md").write_text("# Card of `first.onnx`", encoding="utf-8")
    (tmp_path / "README.ja.md").write_text("# `first.onnx` のカード", encoding="utf-8")
    return tmp_path


def test_model_of_the_folder_is_exchanged_and_a_wrong_one_refused(folder: Path) -> None:
    classifier = Switchable(folder / "first.onnx", provider="cpu")
    model.switch_to(classifier, [folder], folder / "second.onnx")
    assert classifier.now.spec.class_names == ("a", "b", "c")
    assert [name for name, _ in model.choices([folder])] == ["first.onnx", "second.onnx"], "a finder is no classifier"
    for name in ("none.onnx", "students.onnx", "../first.onnx"):
        with pytest.raises(ModelError, match="no model file"):
            model.switch_to(classifier, [folder], folder / name)
    assert classifier.now.path.name == "second.onnx"


def test_model_that_may_not_be_exchanged_is_not(folder: Path) -> None:
    with pytest.raises(ModelError):
        model.switch_to(Classifier(folder / "first.onnx", provider="cpu"), [folder], folder / "second.onnx")


def test_card_is_that_of_the_model_in_the_language_of_the_page(folder: Path) -> None:
    first, second = (Classifier(folder / name, provider="cpu") for name in ("first.onnx", "second.onnx"))
    assert model_card(first) == "# Card of `first.onnx`"
    assert model_card(first, "ja") == "# `first.onnx` のカード"
    assert model_card(second) == ""
    (folder / "second.md").write_text("# Second", encoding="utf-8")
    assert model_card(second, "ja") == "# Second"


def test_visitor_gets_a_session_of_the_new_model_but_not_within_a_lesson(folder: Path) -> None:
    classifier = Switchable(folder / "first.onnx", provider="cpu")
    visitor = live.Visitor(classifier)
    assert visitor.session.class_names == ("red", "green", "blue")
    begin, *_, end = live.STEPS
    visitor.press(begin)
    first = visitor.session
    classifier.switch(folder / "second.onnx")
    visitor.press(end)
    assert visitor.session is first and first.snapshot(steady()).state == "ended", "its counts are nowhere else"
    visitor.press(begin)
    assert visitor.session.class_names == ("a", "b", "c")
    assert visitor.session.counting
    classifier.switch(folder / "first.onnx")
    visitor.press(begin)
    assert visitor.session.class_names == ("a", "b", "c"), "a second press begins no other lesson"


def test_speed_is_told_with_the_provider(folder: Path) -> None:
    html = model.speeds(Speed({1: 2.345, 30: 40.0}, 55.5), "cpu", "en")
    for expected in ("CPU", "One student", "2.3 ms", "30 students at once", "40.0 ms", "55.5 ms"):
        assert expected in html
    assert "ミリ秒" in model.speeds(Speed({1: 1.0}, None), "cpu", "ja")


def test_camera_of_the_machine_goes_over_to_the_model_that_is_chosen(folder: Path) -> None:
    classifier = Switchable(folder / "first.onnx", provider="cpu")
    Image.fromarray(np.full((40, 48, 3), 200, np.uint8)).save(folder / "still.png")
    source = open_source(str(folder / "still.png"))
    camera = app.open_camera(source, classifier, Whole(), record=folder / "lessons.db", record_few=True)
    assert camera.follow() and camera.monitor.snapshot.class_names == ("red", "green", "blue")
    classifier.switch(folder / "second.onnx")
    assert camera.follow() and camera.monitor.snapshot.class_names == ("a", "b", "c")
    camera.monitor.begin_lesson()
    classifier.switch(folder / "first.onnx")
    assert not camera.follow() and camera.monitor.snapshot.class_names == ("a", "b", "c")
    assert "別のモデル" in live_camera._about(camera, "ja", follows=False)
    camera.monitor.end_lesson()
    camera.monitor.begin_lesson()
    assert camera.follow() and camera.monitor.snapshot.class_names == ("red", "green", "blue")
    camera.monitor.close()
    recorded = read_sessions(folder / "lessons.db")
    assert [(session.facts.model, session.facts.class_names) for session in recorded] == [
        ("second.onnx", ("a", "b", "c")),
        ("first.onnx", ("red", "green", "blue")),
    ]


def test_files_of_one_name_are_told_apart(folder: Path, tiny_model: Path) -> None:
    other = folder / "other"
    other.mkdir()
    shutil.copy(folder / "second.onnx", other / "first.onnx")
    classifier = Switchable(folder / "first.onnx", provider="cpu")
    offered = dict(model.choices([folder, other]))
    assert list(offered.values())[:2] == [str(folder / "first.onnx"), str(other / "first.onnx")]
    assert len(offered) == 3
    model.switch_to(classifier, [folder, other], other / "first.onnx")
    assert classifier.now.spec.class_names == ("a", "b", "c")


def test_model_of_several_labels_is_not_switched_to(folder: Path, make_model: Callable[..., Path]) -> None:
    shutil.copy(make_model(activation="sigmoid"), folder / "several.onnx")
    classifier = Switchable(folder / "first.onnx", provider="cpu")
    with pytest.raises(ModelError, match="several labels at once"):
        model.switch_to(classifier, [folder], folder / "several.onnx")
    assert classifier.now.path.name == "first.onnx"
