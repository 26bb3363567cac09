"""One program, several models: who is at work keeps its own, and a wrong file changes nothing."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inference.classifier import Classifier
from inference.errors import ModelError
from inference.finder import Finder
from inference.speed import COUNTS, measured
from inference.students import Whole
from inference.switching import Switchable, model_files
from inference.watching import Watcher

RED = np.full((48, 40, 3), (250, 0, 0), np.uint8)


def test_other_model_answers_from_now_on_and_work_that_has_begun_keeps_the_old_one(
    tiny_model: Path, make_model: Callable[..., Path]
) -> None:
    classifier = Switchable(tiny_model, provider="cpu", threads=1)
    begun, watcher = classifier.now, Watcher(classifier, Whole())
    other = make_model(class_names=("a", "b", "c", "d"), input_size_hw=(16, 24))
    classifier.switch(other)
    assert classifier.spec.class_names == ("a", "b", "c", "d") and classifier.path == other
    assert classifier.scores_of([RED]).shape == (1, 4) == classifier.now.scores_of([RED]).shape
    assert begun.scores_of([RED]).shape == (1, 3)
    assert watcher.look(RED, 0.0).followed.boxes.shape[0] == 1


def test_model_that_is_switched_while_a_watcher_is_made_leaves_it_whole(
    tiny_model: Path, make_model: Callable[..., Path]
) -> None:
    other = make_model(class_names=("a", "b", "c", "d"))

    class SwitchedMeanwhile(Switchable):
        @property
        def now(self) -> Classifier:
            before = super().now
            self.switch(other)
            return before

    watcher = Watcher(SwitchedMeanwhile(tiny_model, provider="cpu", threads=1), Whole())
    assert watcher.classifier.spec.class_names == ("red", "green", "blue")
    assert watcher.look(RED, 0.0).followed.scores.shape == (1, 3)


def test_wrong_file_is_refused_and_the_old_model_stays(tiny_model: Path, tiny_finder: Path, tmp_path: Path) -> None:
    classifier = Switchable(tiny_model, provider="cpu", threads=1)
    before = classifier.now
    (tmp_path / "broken.onnx").write_bytes(b"not a model")
    for wrong, message in ((tiny_finder, "expected a classifier"), (tmp_path / "broken.onnx", "not an ONNX model")):
        with pytest.raises(ModelError, match=message):
            classifier.switch(wrong)
    assert classifier.now is before and classifier.path == tiny_model


def test_plain_classifier_is_its_own_model_of_the_moment(tiny_model: Path) -> None:
    classifier = Classifier(tiny_model, provider="cpu", threads=1)
    assert classifier.now is classifier


def test_model_files_are_listed_once_by_name(tmp_path: Path) -> None:
    for name in ("b.onnx", "a.onnx", "notes.md"):
        (tmp_path / name).write_bytes(b"")
    assert [path.name for path in model_files([tmp_path, tmp_path / ".", tmp_path / "none"])] == ["a.onnx", "b.onnx"]


def test_speed_is_measured_for_one_student_a_class_and_the_finder(tiny_model: Path, tiny_finder: Path) -> None:
    classifier = Classifier(tiny_model, provider="cpu", threads=1)
    speed = measured(classifier, Finder(tiny_finder, provider="cpu", threads=1))
    assert set(speed.students) == set(COUNTS) and all(took > 0 for took in speed.students.values())
    assert speed.finding is not None and speed.finding > 0
    assert measured(classifier, None).finding is None
