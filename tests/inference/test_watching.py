"""One frame after another becomes students with states; nothing looks at what is masked, and no frame is kept."""

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inference.classifier import Classifier
from inference.errors import ImageError, ModelError, SeatsError
from inference.finder import Finder
from inference.following import FollowingSettings
from inference.images import decode
from inference.masks import Masks
from inference.seats import Seats
from inference.students import Students, Whole
from inference.watching import SCORED_SECONDS, Watcher

RED, GREEN, BLUE = range(3)
LEFT, RIGHT = (8, 16, 16, 24), (64, 40, 72, 48)
MakeRoom = Callable[..., Path]


class Counted:
    """A finder that counts how often it is asked, and can fail."""

    def __init__(self, students: Students) -> None:
        self.name, self.asked, self.fails = students.name, 0, False
        self._students = students

    def find(self, frame: np.ndarray) -> np.ndarray:
        self.asked += 1
        if self.fails:
            raise ImageError("a damaged frame")
        return self._students.find(frame)


@pytest.fixture(scope="module")
def classifier(tiny_model: Path) -> Classifier:
    return Classifier(tiny_model, provider="cpu", threads=1)


@pytest.fixture
def finder(tiny_finder: Path) -> Counted:
    return Counted(Finder(tiny_finder, provider="cpu", threads=1))


@pytest.fixture
def room(make_room: MakeRoom) -> np.ndarray:
    return decode(make_room("room.png", {LEFT: "red", RIGHT: "blue"}))


def states(watcher: Watcher, picture: np.ndarray, now: float) -> dict[tuple[int, ...], int]:
    followed = watcher.look(picture, now).followed
    return {tuple(box[:4].round().astype(int).tolist()): int(s) for box, s in zip(followed.boxes, followed.states, strict=True)}


def test_students_of_a_frame_get_their_states(classifier: Classifier, finder: Counted, room: np.ndarray) -> None:
    assert states(Watcher(classifier, finder), room, 0) == {LEFT: RED, RIGHT: BLUE}


def test_finder_looks_at_every_kth_frame_and_the_classifier_at_others_too(
    classifier: Classifier, finder: Counted, make_room: MakeRoom
) -> None:
    red, green = (decode(make_room(f"{colour}.png", {LEFT: colour})) for colour in ("red", "lime"))
    watcher = Watcher(classifier, finder, find_every=3, settings=FollowingSettings(half_life=0.01))
    asked, seen = [], []
    for i in range(9):
        seen.append(states(watcher, red if i < 4 else green, i / 10))
        asked.append(finder.asked)
    assert asked == [1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert seen == [{LEFT: RED}] * 6 + [{LEFT: GREEN}] * 3, "the third agreeing frame came between two finds"


class Scored(Classifier):
    """Counts how many students are scored in each call."""

    def scores(self, frames: np.ndarray) -> np.ndarray:
        self.counts = [*getattr(self, "counts", []), len(frames)]
        return super().scores(frames)


@pytest.mark.parametrize(
    ("every", "step", "counts"),
    [
        (1, 0.1, [4, 4, 4, 4, 4]),
        (2, 0.1, [4, 2, 2, 2, 2]),
        (4, 0.1, [4, 1, 1, 2, 1]),  # two of them have waited for SCORED_SECONDS
        (2, SCORED_SECONDS + 0.01, [4, 4, 4, 4, 4]),
    ],
)
def test_students_are_scored_in_turn_and_everybody_when_frames_are_few(
    tiny_model: Path, room: np.ndarray, every: int, step: float, counts: list[int]
) -> None:
    classifier = Scored(tiny_model, provider="cpu", threads=1)
    seats = Seats((96, 64), (LEFT, (24, 16, 32, 24), (40, 40, 48, 48), RIGHT))
    watcher = Watcher(classifier, seats, classify_every=every)
    for i in range(5):
        watcher.look(room, i * step)
    assert classifier.counts == counts


def test_state_of_every_student_follows_though_they_are_scored_in_turn(classifier: Classifier, make_room: MakeRoom) -> None:
    before, after = (
        decode(make_room(f"{i}.png", {LEFT: one, RIGHT: two})) for i, (one, two) in enumerate([("red", "blue"), ("lime", "red")])
    )
    watcher = Watcher(classifier, Seats((96, 64), (LEFT, RIGHT)), classify_every=2, settings=FollowingSettings(half_life=0.01))
    seen = [watcher.look(before if i < 4 else after, i / 10).followed.states.tolist() for i in range(12)]
    assert seen[0] == seen[5] == [RED, BLUE]
    assert seen[-1] == [GREEN, RED]
    assert seen.index([GREEN, RED]) <= 4 + 2 * FollowingSettings().agreeing


def test_new_student_is_scored_at_once(classifier: Classifier, finder: Counted, make_room: MakeRoom) -> None:
    one, two = (
        decode(make_room(name, boxes)) for name, boxes in (("a.png", {LEFT: "red"}), ("b.png", {LEFT: "red", RIGHT: "blue"}))
    )
    watcher = Watcher(classifier, finder, find_every=1, classify_every=9)
    assert [states(watcher, picture, i / 10) for i, picture in enumerate((one, one, two))][-1] == {LEFT: RED, RIGHT: BLUE}


def test_find_of_a_second_ago_is_not_used_again(classifier: Classifier, finder: Counted, room: np.ndarray) -> None:
    watcher, asked = Watcher(classifier, finder, find_every=100), []
    for now in (0.0, 0.9, 1.0, 1.5, 1.9, 2.0, 3.0):
        watcher.look(room, now)
        asked.append(finder.asked)
    assert asked == [1, 1, 2, 2, 2, 3, 4]


def test_find_every_one_looks_at_every_frame(classifier: Classifier, finder: Counted, room: np.ndarray) -> None:
    watcher = Watcher(classifier, finder, find_every=1)
    for i in range(4):
        watcher.look(room, i)
    assert finder.asked == 4


def test_fixed_places_are_asked_in_every_frame(classifier: Classifier, room: np.ndarray) -> None:
    for fixed in (Counted(Whole()), Counted(Seats((96, 64), (LEFT, RIGHT)))):
        watcher = Watcher(classifier, fixed, find_every=5)
        numbers = [watcher.look(room, i).followed.numbers.tolist() for i in range(4)]
        assert fixed.asked == 4
        assert numbers == [list(range(1, len(numbers[0]) + 1))] * 4


def test_nobody_is_found_and_nothing_is_seen_behind_a_mask(classifier: Classifier, finder: Counted, room: np.ndarray) -> None:
    look = Watcher(classifier, finder, masks=Masks((96, 64), ((0, 0, 40, 64),))).look(room, 0)
    assert look.followed.boxes[:, :4].round().tolist() == [list(RIGHT)]
    assert len(np.unique(look.picture[:, :40])) == 1
    np.testing.assert_array_equal(look.picture[:, 40:], room[:, 40:])


def test_crops_are_taken_from_the_masked_frame(classifier: Classifier, room: np.ndarray) -> None:
    seats = Seats((96, 64), (LEFT,))
    plain = Watcher(classifier, seats).look(room, 0).followed.scores
    masked = Watcher(classifier, seats, masks=Masks((96, 64), (LEFT,))).look(room, 0).followed.scores
    assert plain[0, RED] > 0.9
    assert masked[0, RED] < 0.5


def test_frame_is_not_changed(classifier: Classifier, finder: Counted, room: np.ndarray) -> None:
    before = room.copy()
    Watcher(classifier, finder, masks=Masks((96, 64), (LEFT,))).look(room, 0)
    np.testing.assert_array_equal(room, before)


@pytest.mark.parametrize("masked", [False, True])
def test_no_frame_is_kept(classifier: Classifier, finder: Counted, room: np.ndarray, masked: bool) -> None:
    watcher = Watcher(classifier, finder, masks=Masks((96, 64), (LEFT,)) if masked else None)
    kept = []
    for i in range(3):
        picture = room.copy()
        look = watcher.look(picture, i)
        kept += [weakref.ref(picture), weakref.ref(look.picture)]
        del picture, look
    gc.collect()
    assert [reference() for reference in kept] == [None] * 6


def test_milliseconds_of_every_stage_are_told(classifier: Classifier, finder: Counted, room: np.ndarray) -> None:
    watcher = Watcher(classifier, finder)
    for i in range(2):
        took = watcher.look(room, i).milliseconds
        assert list(took) == ["mask", "find", "crop", "classify", "follow"]
        assert all(value >= 0 for value in took.values())


def test_empty_room_is_an_answer(classifier: Classifier, finder: Counted) -> None:
    watcher = Watcher(classifier, finder)
    dark = np.zeros((64, 96, 3), np.uint8)
    for i in range(3):
        assert watcher.look(dark, i).followed.scores.shape == (0, 3)


def test_frame_of_another_size_is_searched_anew(classifier: Classifier, finder: Counted, room: np.ndarray) -> None:
    watcher = Watcher(classifier, finder, find_every=10)
    watcher.look(room, 0)
    larger = room.repeat(2, axis=0).repeat(2, axis=1)
    assert states(watcher, larger, 0.1) == {tuple(2 * side for side in box): s for box, s in ((LEFT, RED), (RIGHT, BLUE))}
    assert finder.asked == 2


def test_frame_after_a_failure_is_searched_anew(classifier: Classifier, finder: Counted, room: np.ndarray) -> None:
    watcher = Watcher(classifier, finder, find_every=2)
    watcher.look(room, 0)
    watcher.look(room, 0.1)
    finder.fails = True
    with pytest.raises(ImageError):
        watcher.look(room, 0.2)
    finder.fails = False
    assert states(watcher, room, 0.3) == {LEFT: RED, RIGHT: BLUE}
    assert finder.asked == 3


def test_two_watchers_share_models_and_nothing_else(classifier: Classifier, finder: Counted, make_room: MakeRoom) -> None:
    first, second = Watcher(classifier, finder), Watcher(classifier, finder)
    one, two = decode(make_room("a.png", {LEFT: "red"})), decode(make_room("b.png", {RIGHT: "lime", LEFT: "blue"}))
    for i in range(3):
        assert states(first, one, i / 10) == {LEFT: RED}
        assert states(second, two, i / 10) == {LEFT: BLUE, RIGHT: GREEN}


def test_frame_of_another_camera_is_refused(classifier: Classifier, finder: Counted) -> None:
    other = np.zeros((64, 64, 3), np.uint8)
    with pytest.raises(SeatsError, match="masks were made for"):
        Watcher(classifier, finder, masks=Masks((96, 64), (LEFT,))).look(other, 0)
    with pytest.raises(SeatsError, match="seats were made for"):
        Watcher(classifier, Seats((96, 64), (LEFT,))).look(other, 0)


def test_pixels_of_another_kind_are_refused(classifier: Classifier, finder: Counted) -> None:
    with pytest.raises(ImageError, match="uint8"):
        Watcher(classifier, finder).look(np.zeros((64, 96, 3), np.float32), 0)


def test_every_zeroth_frame_is_refused(classifier: Classifier, finder: Counted) -> None:
    with pytest.raises(ValueError, match="find_every and classify_every must be from 1"):
        Watcher(classifier, finder, find_every=0)


def test_model_of_several_labels_follows_nobody(make_model: Callable[..., Path]) -> None:
    several = Classifier(make_model(activation="sigmoid", thresholds=(0.4, 0.4, 0.4)), provider="cpu")
    with pytest.raises(ModelError, match="several labels at once, which the Photos page"):
        Watcher(several, Whole())
