"""Students keep their numbers and states over frames, and one wrong answer of the model changes neither."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from inference.decision import following_settings
from inference.errors import ModelError
from inference.following import DEFAULT_SETTINGS, UNCERTAIN, Followed, Following, FollowingSettings
from inference.spec import ModelSpec
from inference.tracking import Tracker

FRAME = (720, 1280)
STEP = 0.125
AHEAD, DOWN, SLEEP, PDA = range(4)


def seats(count: int, columns: int = 20) -> np.ndarray:
    """Boxes of 40 x 50 pixels that do not touch, `(count, 5)`."""
    places = [(60.0 * (i % columns) + 5, 60.0 * (i // columns) + 5) for i in range(count)]
    return np.array([(x, y, x + 40, y + 50, 0.9) for x, y in places], np.float32).reshape(-1, 5)


def answers(classes: Iterable[int], score: float = 0.9, count: int = 4) -> np.ndarray:
    """Scores `(n, count)` with `score` for the class of each row and the rest shared out."""
    classes = list(classes)
    scores = np.full((len(classes), count), (1 - score) / (count - 1), np.float32)
    scores[np.arange(len(classes)), classes] = score
    return scores


def by_number(followed: Followed) -> dict[int, int]:
    return dict(zip(followed.numbers.tolist(), followed.states.tolist(), strict=True))


# --- states


def test_flickering_answers_become_steady_states() -> None:
    rng = np.random.default_rng(0)
    true = rng.integers(0, 4, 25)
    following, boxes = Following(4, fixed=True), seats(25)
    wrong_before, wrong, right = [], [], []
    for frame in range(240):
        flicker = rng.random(25) < 0.3
        given = np.where(flicker, (true + rng.integers(1, 4, 25)) % 4, true)
        states = following.update(frame * STEP, FRAME, boxes, answers(given)).states
        wrong_before.append(given != true)
        wrong.append((states != true) & (states != UNCERTAIN))
        right.append(states == true)
    assert 0.28 < np.mean(wrong_before) < 0.32
    assert np.mean(wrong) < 0.01
    assert np.mean(right) > 0.9


@pytest.mark.parametrize(("frames_per_second", "within"), [(2, 5), (4, 7), (8, 11), (25, 28)])
def test_real_change_is_taken_over_within_a_second_and_three_frames(frames_per_second: int, within: int) -> None:
    following, boxes = Following(4, fixed=True), seats(1)
    for frame in range(10 * frames_per_second):
        before = following.update(frame / frames_per_second, FRAME, boxes, answers([AHEAD])).states
    assert before.tolist() == [AHEAD]
    states = [
        int(following.update(10 + frame / frames_per_second, FRAME, boxes, answers([SLEEP])).states[0])
        for frame in range(2 * within)
    ]
    assert SLEEP in states[:within]
    assert set(states[states.index(SLEEP) :]) == {SLEEP}
    assert SLEEP not in states[:2], "two frames change no state"


def test_state_changes_with_the_third_agreeing_frame() -> None:
    following, boxes = Following(4, fixed=True, settings=FollowingSettings(half_life=0.01)), seats(1)
    given = [AHEAD, DOWN, DOWN, AHEAD, DOWN, DOWN, PDA, DOWN, DOWN, DOWN, DOWN]
    states = [following.update(float(i), FRAME, boxes, answers([c])).states[0] for i, c in enumerate(given)]
    assert states == [AHEAD] * 9 + [DOWN] * 2


def test_first_state_is_given_at_once_where_the_score_is_sure() -> None:
    scores = answers([AHEAD, DOWN], score=0.8)
    scores[1] = answers([DOWN], score=0.79)
    assert Following(4, fixed=True).update(0, FRAME, seats(2), scores).states.tolist() == [AHEAD, UNCERTAIN]


def test_first_state_of_a_lower_score_takes_three_frames() -> None:
    following = Following(4, fixed=True)
    states = [following.update(i * STEP, FRAME, seats(1), answers([DOWN], score=0.6)).states[0] for i in range(4)]
    assert states == [UNCERTAIN, UNCERTAIN, DOWN, DOWN]


def test_state_is_uncertain_while_the_averaged_score_is_low_and_comes_back() -> None:
    following, boxes = Following(4, fixed=True), seats(1)
    following.update(0, FRAME, boxes, answers([DOWN]))
    low = [following.update(10 + i * STEP, FRAME, boxes, answers([DOWN], score=0.49)) for i in range(20)][-1]
    assert low.scores.max() < 0.5 and low.states.tolist() == [UNCERTAIN]
    assert following.update(30, FRAME, boxes, answers([DOWN], score=0.9)).states.tolist() == [DOWN]


def test_frame_weighs_half_after_the_half_life() -> None:
    following, boxes = Following(2, fixed=True, settings=FollowingSettings(half_life=2.0)), seats(1)
    following.update(0, FRAME, boxes, np.array([[1.0, 0.0]], np.float32))
    followed = following.update(2, FRAME, boxes, np.array([[0.0, 1.0]], np.float32))
    np.testing.assert_allclose(followed.scores, [[1 / 3, 2 / 3]], rtol=1e-6)


def test_steadying_does_not_depend_on_the_frame_rate() -> None:
    steadied = []
    for rate in (5, 50):
        following = Following(2, fixed=True)
        for i in range(10 * rate):
            following.update(i / rate, FRAME, seats(1), answers([0], 0.9, count=2))
        for i in range(rate):
            followed = following.update(10 + i / rate, FRAME, seats(1), answers([1], 0.9, count=2))
        steadied.append(float(followed.scores[0, 1]))
    assert steadied[0] == pytest.approx(0.5, abs=0.06)
    assert steadied[1] == pytest.approx(0.5, abs=0.06)


# --- numbers


@pytest.mark.parametrize("fixed", [True, False])
def test_every_box_counts_from_its_first_frame(fixed: bool) -> None:
    following = Following(4, fixed=fixed)
    assert sorted(following.update(0, FRAME, seats(3), answers([AHEAD] * 3)).numbers.tolist()) == [1, 2, 3]
    later = following.update(STEP, FRAME, seats(5), answers([AHEAD] * 5))
    assert sorted(later.numbers.tolist()) == [1, 2, 3, 4, 5]
    assert (later.states == AHEAD).all()


def test_box_of_a_low_score_is_followed_like_any_other() -> None:
    boxes = seats(3)
    boxes[:, 4] = (0.05, 0.3, 0.99)
    following = Following(4, fixed=False)
    numbers = [following.update(i * STEP, FRAME, boxes, answers([AHEAD] * 3)).numbers.tolist() for i in range(3)]
    assert numbers == [numbers[0]] * 3 and set(numbers[0]) == {1, 2, 3}


def test_seated_students_keep_their_numbers_and_states_in_any_order_of_boxes() -> None:
    rng = np.random.default_rng(1)
    following, boxes, classes = Following(4, fixed=False), seats(25, columns=5), rng.integers(0, 4, 25)
    first: dict[int, int] = {}
    for frame in range(40):
        order = rng.permutation(25)
        moved = boxes.copy()
        moved[:, :4] += rng.normal(0, 1.5, (25, 4))
        followed = following.update(frame * STEP, FRAME, moved[order], answers(classes[order]))
        np.testing.assert_array_equal(followed.boxes, moved[order])
        number_of_seat = dict(zip(order.tolist(), followed.numbers.tolist(), strict=True))
        first = first or number_of_seat
        assert number_of_seat == first
        assert followed.states.tolist() == classes[order].tolist()


@pytest.mark.parametrize("frames_per_second", [2, 8])
@pytest.mark.parametrize("hidden", [False, True])
@pytest.mark.parametrize("beside", [0, 25])
def test_students_who_cross_have_their_own_state_again_within_two_frames(
    frames_per_second: int, hidden: bool, beside: int
) -> None:
    """One walks right and looks ahead, the other left and down; `hidden`: who is behind is not found meanwhile."""
    following, wrong, numbers = Following(4, fixed=False), 0, set()
    for frame in range(9 * frames_per_second):
        seconds = frame / frames_per_second
        right, left = 100 + 60 * seconds, 640 - 60 * seconds
        boxes = np.array([(x, y, x + 80, y + 100, 0.9) for x, y in ((right, 200), (left, 200 + beside))], np.float32)
        found = [0] if hidden and abs(right - left) < 40 else [0, 1]
        followed = following.update(seconds, FRAME, boxes[found], answers(np.array([AHEAD, DOWN])[found]))
        wrong += int((followed.states[: len(found)] != np.array([AHEAD, DOWN])[found]).sum())
        numbers |= set(followed.numbers.tolist())
    assert wrong <= 2
    assert numbers == {1, 2}


def test_fixed_places_never_change_their_numbers() -> None:
    rng = np.random.default_rng(2)
    following = Following(4, fixed=True)
    for frame in range(30):
        boxes = rng.uniform(0, 700, (6, 5)).astype(np.float32)
        size = FRAME if frame % 3 else (360, 640)
        followed = following.update(frame * STEP, size, boxes, answers(rng.integers(0, 4, 6)))
        assert followed.numbers.tolist() == [1, 2, 3, 4, 5, 6]
        np.testing.assert_array_equal(followed.boxes, boxes)


def test_frame_of_another_size_begins_anew() -> None:
    following = Following(4, fixed=False)
    for i in range(30):
        following.update(i * STEP, FRAME, seats(2), answers([AHEAD, AHEAD]))
    followed = following.update(30 * STEP, (360, 640), seats(1), answers([DOWN], score=0.6))
    assert by_number(followed) == {1: UNCERTAIN}


# --- hidden students


def followed_for(seconds: float, classes: list[int], **settings: Any) -> tuple[Following, float]:
    """Somebody who was followed from 0 to `seconds`, and that time."""
    following = Following(4, fixed=False, settings=FollowingSettings(**settings))
    for frame in range(round(seconds / STEP) + 1):
        following.update(frame * STEP, FRAME, seats(len(classes)), answers(classes))
    return following, seconds


def test_hidden_student_keeps_state_and_place_and_is_then_dropped() -> None:
    following, last = followed_for(5, [AHEAD, PDA])
    counts = []
    for frame in range(1, 33):
        followed = following.update(last + frame * STEP, FRAME, seats(1), answers([AHEAD]))
        counts.append(len(followed.boxes))
        if counts[-1] == 2:
            assert by_number(followed) == {1: AHEAD, 2: PDA}
            np.testing.assert_array_equal(followed.boxes[1], seats(2)[1])
    assert counts == [2] * 24 + [1] * 8, "three seconds of eight frames, then no more"


def test_student_who_comes_back_in_time_is_the_same() -> None:
    following, last = followed_for(5, [AHEAD, PDA])
    for frame in range(1, 20):
        following.update(last + frame * STEP, FRAME, seats(1), answers([AHEAD]))
    followed = following.update(last + 20 * STEP, FRAME, seats(2), answers([AHEAD, PDA], score=0.6))
    assert by_number(followed) == {1: AHEAD, 2: PDA}


def test_student_who_comes_back_later_is_a_new_one() -> None:
    following, last = followed_for(5, [AHEAD, PDA])
    for frame in range(1, 60):
        following.update(last + frame * STEP, FRAME, seats(1), answers([AHEAD]))
    followed = following.update(last + 60 * STEP, FRAME, seats(2), answers([AHEAD, PDA], score=0.6))
    assert by_number(followed) == {1: AHEAD, 3: UNCERTAIN}


def test_find_of_a_moment_is_not_waited_for() -> None:
    following, last = followed_for(5, [AHEAD])
    following.update(last + STEP, FRAME, seats(2), answers([AHEAD, PDA]))
    assert len(following.update(last + 2 * STEP, FRAME, seats(1), answers([AHEAD])).boxes) == 1


@pytest.mark.parametrize(("shift", "counted"), [(15, 1), (25, 2)])
def test_hidden_student_is_not_counted_where_somebody_found_covers_the_place(shift: int, counted: int) -> None:
    following, front = Following(4, fixed=False), seats(1)
    both = np.concatenate([front, front + np.array([[shift, 0, shift, 0, 0]], np.float32)])
    for frame in range(40):
        following.update(frame * STEP, FRAME, both, answers([AHEAD, DOWN]))
    followed = following.update(40 * STEP, FRAME, front, answers([AHEAD]))
    assert by_number(followed) == dict(list({1: AHEAD, 2: DOWN}.items())[:counted])
    assert by_number(following.update(41 * STEP, FRAME, both, answers([AHEAD, DOWN], 0.6))) == {1: AHEAD, 2: DOWN}


def test_pause_of_the_camera_drops_nobody_by_itself() -> None:
    following, last = followed_for(5, [AHEAD, PDA])
    followed = following.update(last + 600, FRAME, seats(2), answers([AHEAD, PDA]))
    assert by_number(followed) == {1: AHEAD, 2: PDA}


def test_student_who_is_not_found_in_the_first_frame_after_a_pause_is_waited_for() -> None:
    following, last = followed_for(5, [AHEAD, PDA])
    assert by_number(following.update(last + 600, FRAME, seats(1), answers([AHEAD]))) == {1: AHEAD, 2: PDA}


def test_carried_boxes_keep_their_numbers() -> None:
    following = Following(4, fixed=False)
    found = following.update(0, FRAME, seats(3), answers([AHEAD, DOWN, PDA]))
    carried = following.update(STEP, FRAME, seats(3), answers([AHEAD, DOWN, PDA]), found=False)
    assert by_number(carried) == by_number(found)
    with pytest.raises(ValueError, match="3 boxes of the frame before, got 2"):
        following.update(2 * STEP, FRAME, seats(2), answers([AHEAD, DOWN]), found=False)


# --- rooms and clocks


@pytest.mark.parametrize("fixed", [True, False])
def test_empty_room_is_an_answer(fixed: bool) -> None:
    following = Following(4, fixed=fixed)
    for frame in range(3):
        followed = following.update(frame * STEP, FRAME, np.zeros((0, 5), np.float32), np.zeros((0, 4), np.float32))
        assert followed.boxes.shape == (0, 5) and followed.scores.shape == (0, 4)
        assert followed.numbers.dtype == followed.states.dtype == np.int64
    assert len(following.update(1, FRAME, seats(2), answers([AHEAD, DOWN])).boxes) == 2


def test_room_that_empties_is_forgotten() -> None:
    following, last = followed_for(5, [AHEAD, PDA])
    nobody = np.zeros((0, 5), np.float32), np.zeros((0, 4), np.float32)
    left = [len(following.update(last + i, FRAME, *nobody).boxes) for i in range(1, 6)]
    assert left == [2, 2, 2, 0, 0]


def test_two_hundred_students_are_followed() -> None:
    following, boxes = Following(4, fixed=False), seats(200)
    classes = np.arange(200) % 4
    for frame in range(4):
        followed = following.update(frame * STEP, (720, 1300), boxes, answers(classes))
    assert sorted(followed.numbers.tolist()) == list(range(1, 201))
    assert followed.states.tolist() == classes.tolist()


@pytest.mark.parametrize("fixed", [True, False])
def test_clock_that_does_not_rise_counts_as_no_time(fixed: bool) -> None:
    following = Following(4, fixed=fixed)
    for now in (100.0, 100.0, 40.0, -5.0, math.nan, math.inf, -5.0):
        followed = following.update(now, FRAME, seats(2), answers([AHEAD, PDA]))
        assert by_number(followed) == {1: AHEAD, 2: PDA}
    for frame in range(12):
        followed = following.update(-4 + frame, FRAME, seats(2), answers([DOWN, PDA]))
    assert by_number(followed) == {1: DOWN, 2: PDA}, "a clock that was set back goes on from there"


# --- what is refused


@pytest.mark.parametrize("shape", [(2, 3), (2, 5), (2,)])
def test_scores_of_another_number_of_classes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match=r"Expected scores of shape \(n, 4\)"):
        Following(4, fixed=True).update(0, FRAME, seats(2), np.zeros(shape, np.float32))


def test_boxes_and_scores_of_different_numbers_are_refused() -> None:
    with pytest.raises(ValueError, match=r"boxes \(2, 5\)"):
        Following(4, fixed=True).update(0, FRAME, seats(3), answers([AHEAD, DOWN]))


@pytest.mark.parametrize(
    "settings",
    [
        {"half_life": 0},
        {"half_life": math.nan},
        {"half_life": math.inf},
        {"hidden_seconds": 0},
        {"hidden_seconds": -1},
        {"agreeing": 0},
        {"least_score": -0.1},
        {"least_score": 0.9},
        {"sure_score": 1.1},
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"half_life|agreeing|score"):
        FollowingSettings(**settings)


def test_rows_that_do_not_belong_together_are_refused() -> None:
    with pytest.raises(ValueError, match=r"boxes \(n, 5\)"):
        Followed(seats(2), np.array([1]), answers([AHEAD, DOWN]), np.array([0, 1]))


def test_tracker_forgets_who_is_gone() -> None:
    tracker = Tracker(hidden_seconds=3)
    for frame in range(200):
        boxes = seats(3) + np.array([[200 * (frame % 5), 0, 200 * (frame % 5), 0, 0]], np.float32)
        tracker.numbers(frame * STEP, boxes)
    assert len(tracker._tracker.tracks) < 3 * 3 / STEP


def test_models_own_least_score_replaces_the_default(tiny_spec: ModelSpec) -> None:
    assert following_settings(tiny_spec) == DEFAULT_SETTINGS
    own = following_settings(tiny_spec.replace(least_score=0.9))
    assert (own.least_score, own.sure_score) == (0.9, 0.9)
    followed = Following(2, fixed=True, settings=own).update(0.0, (9, 9), np.zeros((1, 5), np.float32), np.array([[0.85, 0.15]]))
    assert followed.states.tolist() == [UNCERTAIN]
