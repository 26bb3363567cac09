"""A frame of a room becomes one row of scores per student, in one batched call."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference import Classifier, decode
from inference.finder import Finder
from inference.room import Room, crops, observe
from inference.students import Whole
from inference.watching import Watcher

MakeModel = Callable[..., Path]
MakeRoom = Callable[..., Path]
numbers = st.floats(-50, 150, allow_nan=False)


def test_each_student_gets_the_scores_of_the_own_crop(tiny_finder: Path, tiny_model: Path, make_room: MakeRoom) -> None:
    students = {(0, 0, 8, 8): "red", (40, 16, 48, 24): "blue", (88, 56, 96, 64): "lime"}
    classifier = Classifier(tiny_model)
    room = observe(decode(make_room("a.png", students)), Finder(tiny_finder), classifier)
    labels = [classifier.spec.class_names[i] for i in room.scores.argmax(axis=1)]
    assert {tuple(map(int, box[:4])): label for box, label in zip(room.boxes, labels, strict=True)} == {
        (0, 0, 8, 8): "red",
        (40, 16, 48, 24): "blue",
        (88, 56, 96, 64): "green",
    }


def test_room_without_students_has_no_scores(tiny_finder: Path, tiny_model: Path) -> None:
    room = observe(np.zeros((64, 96, 3), np.uint8), Finder(tiny_finder), Classifier(tiny_model))
    assert room.boxes.shape == (0, 5)
    assert room.scores.shape == (0, 3)


def test_two_hundred_students_are_all_scored(make_finder: MakeModel, tiny_model: Path) -> None:
    frame = np.zeros((640, 960, 3), np.uint8)
    for i in range(200):
        row, column = divmod(i, 20)
        frame[row * 40 : row * 40 + 40, column * 40 : column * 40 + 40, i % 2] = 255
    room = observe(frame, Finder(make_finder(input_size_hw=(64, 96))), Classifier(tiny_model))
    assert np.bincount(room.scores.argmax(axis=1)).tolist() == [100, 100]


def test_whole_frame_as_one_student_equals_the_classifier_alone(tiny_model: Path) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    classifier = Classifier(tiny_model)
    room = observe(frame, Whole(), classifier)
    assert room.boxes.tolist() == [[0, 0, 80, 60, 1]]
    np.testing.assert_array_equal(room.scores, classifier.scores_of([frame]))


def test_margin_of_the_classifier_shows_it_more_than_the_box(
    tiny_finder: Path, make_model: MakeModel, make_room: MakeRoom
) -> None:
    frame = decode(make_room("a.png", {(40, 24, 48, 32): (200, 0, 0)}))
    red = [observe(frame, Finder(tiny_finder), Classifier(make_model(crop_margin=margin))).scores[0, 0] for margin in (0.0, 1.0)]
    assert red[0] > red[1] > 1 / 3


@pytest.mark.parametrize("margin", [-0.3, 1.0])
def test_no_margin_around_or_off_a_frame_that_is_the_student(margin: float, make_model: MakeModel) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (60, 80, 3), np.uint8)
    classifier = Classifier(make_model(crop_margin=margin))
    whole = classifier.scores_of([frame])
    np.testing.assert_array_equal(observe(frame, Whole(), classifier).scores, whole)
    look = Watcher(classifier, Whole()).look(frame, 0.0)
    np.testing.assert_allclose(look.followed.scores, whole, atol=1e-6)


def test_crop_is_the_box_widened_by_a_share_of_its_sides() -> None:
    frame = np.arange(100 * 100 * 3, dtype=np.uint32).astype(np.uint8).reshape(100, 100, 3)
    (crop,) = crops(frame, np.array([[40, 20, 60, 60, 0.9]], np.float32), 0.25)
    np.testing.assert_array_equal(crop, frame[10:70, 35:65])
    (narrower,) = crops(frame, np.array([[40, 20, 60, 60, 0.9]], np.float32), -0.1)
    np.testing.assert_array_equal(narrower, frame[24:56, 42:58])
    assert np.shares_memory(crop, frame)


@given(
    st.integers(1, 60),
    st.integers(1, 60),
    st.lists(st.tuples(numbers, numbers, numbers, numbers), max_size=5),
    st.floats(-0.4, 2),
)
def test_no_crop_is_empty_or_reaches_out_of_the_frame(
    height: int, width: int, boxes: list[tuple[float, ...]], margin: float
) -> None:
    frame = np.zeros((height, width, 3), np.uint8)
    parts = crops(frame, np.array(boxes, np.float32).reshape(-1, 4), margin)
    assert len(parts) == len(boxes)
    assert all(1 <= part.shape[0] <= height and 1 <= part.shape[1] <= width for part in parts)


def test_room_whose_arrays_do_not_belong_together_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected boxes \(n, 5\)"):
        Room(np.zeros((2, 5), np.float32), np.zeros((3, 4), np.float32))
