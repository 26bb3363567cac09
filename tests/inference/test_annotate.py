"""Students are marked in a copy of the frame, by colour and in words."""

import numpy as np
import pytest

from inference import annotate as module
from inference.annotate import GREY, annotate, annotate_followed, colours_of, short_names
from inference.following import UNCERTAIN, Followed
from inference.room import Room

NAMES = ("looking-ahead", "looking-down", "sleep", "touching-pda")


def room(boxes: list[tuple[float, ...]], classes: list[int], count: int = 4) -> Room:
    scores = np.full((len(boxes), count), 0.1, np.float32)
    scores[np.arange(len(boxes)), classes] = 0.7
    return Room(np.array([(*box, 0.9) for box in boxes], np.float32).reshape(-1, 5), scores)


def grey(height: int = 300, width: int = 400) -> np.ndarray:
    return np.full((height, width, 3), 128, np.uint8)


@pytest.mark.parametrize("index", range(4))
def test_box_has_the_colour_of_the_attitude(index: int) -> None:
    picture = annotate(grey(), room([(100, 100, 200, 220)], [index]), NAMES)
    expected = bytes_of(colours_of(NAMES)[index])
    for y, x in ((160, 100), (160, 200), (220, 150)):
        assert (picture[y - 1 : y + 2, x - 1 : x + 2] == expected).all(axis=2).any()
    assert (picture[150:170, 140:160] == 128).all(), "what is inside the box stays visible"


def test_picture_is_a_copy_of_the_same_size() -> None:
    frame = grey()
    picture = annotate(frame, room([(10, 40, 60, 90)], [0]), NAMES)
    assert (frame == 128).all()
    assert picture.shape == frame.shape
    assert picture.dtype == np.uint8


def test_classes_are_told_apart_without_any_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OKABE_ITO", ("#808080",))
    pictures = [annotate(grey(), room([(100, 100, 200, 220)], [index]), NAMES) for index in range(4)]
    assert len({picture.tobytes() for picture in pictures}) == 4


def test_score_is_written() -> None:
    sure, unsure = room([(100, 100, 200, 220)], [0]), room([(100, 100, 200, 220)], [0])
    unsure.scores[0, 0] = 0.45
    assert (annotate(grey(), sure, NAMES) != annotate(grey(), unsure, NAMES)).any()


def test_frame_without_students_comes_back_as_it_is() -> None:
    frame = np.random.default_rng(0).integers(0, 256, (50, 60, 3), np.uint8)
    picture = annotate(frame, room([], []), NAMES)
    np.testing.assert_array_equal(picture, frame)
    assert not np.shares_memory(picture, frame)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (16, 16), (64, 64), (40, 3000)])
def test_small_or_narrow_frame_is_marked(height: int, width: int) -> None:
    picture = annotate(grey(height, width), room([(0, 0, width, height)], [1]), NAMES)
    assert picture.shape == (height, width, 3)
    assert (picture != 128).any()


def test_two_hundred_students_are_marked() -> None:
    boxes = [(float(x), float(y), x + 30.0, y + 30.0) for y in range(0, 400, 40) for x in range(0, 800, 40)]
    picture = annotate(grey(420, 820), room(boxes, [i % 4 for i in range(200)]), NAMES)
    assert all((picture[int(box[3])] != 128).any() for box in boxes)


def test_students_of_more_classes_than_colours_are_marked() -> None:
    names = tuple(f"class {letter}" for letter in "abcdefghi")
    assert colours_of(names)[7:] == colours_of(names)[:2]
    assert (annotate(grey(), room([(50, 50, 90, 90)], [8], count=9), names) != 128).any()


# --- students who are followed


def followed(boxes: list[tuple[float, ...]], states: list[int]) -> Followed:
    seen = room(boxes, [max(state, 0) for state in states])
    return Followed(seen.boxes, np.arange(1, len(boxes) + 1), seen.scores, np.array(states, np.int64))


def test_followed_students_look_like_others() -> None:
    boxes = [(20.0, 60.0, 90.0, 160.0), (150.0, 60.0, 220.0, 160.0), (280.0, 60.0, 350.0, 160.0)]
    np.testing.assert_array_equal(
        annotate_followed(grey(), followed(boxes, [0, 1, 3]), NAMES), annotate(grey(), room(boxes, [0, 1, 3]), NAMES)
    )


def test_label_and_colour_are_those_of_the_state_and_not_of_the_best_score() -> None:
    seen = followed([(100, 100, 200, 220)], [2])
    seen.scores[0] = (0.5, 0.1, 0.3, 0.1)
    picture = annotate_followed(grey(), seen, NAMES)
    assert (picture == bytes_of(colours_of(NAMES)[2])).all(axis=2).any()
    assert not (picture == bytes_of(colours_of(NAMES)[0])).all(axis=2).any()


def test_state_that_another_class_has_overtaken_has_no_percentage(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[list[str]] = []
    monkeypatch.setattr("inference.annotate._draw", lambda _picture, _boxes, _kinds, labels, _colours: written.append(labels))
    seen = followed([(100, 100, 200, 220), (10, 100, 90, 220)], [2, 0])
    seen.scores[:] = (0.5, 0.1, 0.3, 0.1)
    annotate_followed(grey(), seen, NAMES)
    assert written == [["sleep", "ahead 50%"]]


def test_uncertain_student_is_grey_with_a_question_mark_whatever_the_scores() -> None:
    pictures = []
    for best in range(2):
        seen = followed([(100, 100, 200, 220)], [UNCERTAIN])
        seen.scores[:] = np.eye(4, dtype=np.float32)[best] * 0.4
        pictures.append(annotate_followed(np.zeros((300, 400, 3), np.uint8), seen, NAMES))
    np.testing.assert_array_equal(pictures[0], pictures[1])
    drawn = pictures[0][pictures[0].any(axis=2)]
    assert (drawn == bytes_of(GREY)).all(axis=1).mean() > 0.9, "nothing but grey, and black for the sign"
    assert (annotate_followed(grey(), followed([(100, 100, 200, 220)], [1]), NAMES) != pictures[0]).any()


def test_nobody_followed_leaves_the_picture_as_it_is() -> None:
    np.testing.assert_array_equal(annotate_followed(grey(), followed([], []), NAMES), grey())


def bytes_of(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


# --- names


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (NAMES, ("ahead", "down", "sleep", "phone")),
        (("red", "green"), ("red", "green")),
        (("left hand", "right hand"), ("left hand", "right hand")),
        (("using_phone", "using_pen-"), ("phone", "pen")),
        (("concentrating-deeply", "a" * 40), ("deeply", "a" * 12)),
        (("a" * 12 + "b", "a" * 12 + "c"), ("1", "2")),
        (("居眠り", "前を見る"), ("1", "2")),
        (("-", "_"), ("-", "_")),
    ],
)
def test_short_names_are_short_and_different(names: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert short_names(names) == expected
