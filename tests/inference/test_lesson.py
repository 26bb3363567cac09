"""A lesson: means weighted with time, intervals that begin with it, and a clock that may do anything."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference import lesson as module
from inference.intervals import mean_of
from inference.lesson import GAP, Interval, Lesson
from inference.summary import ClassSummary

NAMES = ("ahead", "down")
Frame = tuple[float, tuple[int, int], int]
"""Seconds since the frame before, counts, uncertain."""


def summary(ahead: int, down: int, uncertain: int = 0) -> ClassSummary:
    return ClassSummary(NAMES, (ahead, down), uncertain)


def lesson_of(*frames: tuple[float, tuple[int, int]], interval_seconds: float = 10.0) -> Lesson:
    """A lesson with frames at these seconds, not yet closed."""
    lesson = Lesson(NAMES, interval_seconds=interval_seconds)
    for now, counts in frames:
        lesson.add(now, summary(*counts))
    return lesson


# --- means


def test_frame_holds_until_the_next_one() -> None:
    lesson = lesson_of((0, (10, 0)), (1.5, (0, 10)))
    lesson.close(2)
    assert lesson.intervals == (Interval(0.0, 2.0, 2, (7.5, 2.5), 0.0, 10.0),)


def test_frame_rate_has_no_say_in_the_means() -> None:
    slow = lesson_of((0, (10, 0)), (1, (0, 10)))
    fast = lesson_of((0, (10, 0)), *((1 + i / 100, (0, 10)) for i in range(100)))
    for lesson in (slow, fast):
        lesson.close(2)
    assert fast.intervals[0].counts == pytest.approx(slow.intervals[0].counts)


def test_frame_holds_no_longer_than_the_gap() -> None:
    lesson = lesson_of((0, (10, 0)), (8, (0, 10)))
    lesson.close(10)
    assert lesson.intervals == (Interval(0.0, 2 * GAP, 2, (5.0, 5.0), 0.0, 10.0),)


def test_frame_holds_no_longer_than_until_a_pause() -> None:
    lesson = lesson_of((0, (10, 0)))
    assert lesson.pause(0.5) == ()
    assert lesson.window(None) == Interval(0.0, 0.5, 1, (10.0, 0.0), 0.0, 10.0)
    lesson.add(4, summary(0, 10))
    lesson.close(5)
    assert lesson.intervals == (Interval(0.0, 1.5, 2, (10 / 3, 20 / 3), 0.0, 10.0),)


def test_pause_completes_the_intervals_before_it() -> None:
    lesson = lesson_of((9, (10, 0)))
    assert [(i.start, i.seconds) for i in lesson.pause(10.5)] == [(0, 1)]
    assert [(i.start, i.seconds) for i in lesson.close(20)] == [(10, 0.5)]


def test_frame_that_holds_over_a_boundary_counts_on_both_sides() -> None:
    lesson = lesson_of((9, (10, 0)))
    lesson.close(12)
    assert [(i.start, i.seconds, i.frames, i.counts) for i in lesson.intervals] == [(0, 1, 1, (10, 0)), (10, 1, 0, (10, 0))]


def test_uncertain_students_are_seen_but_in_no_class() -> None:
    lesson = Lesson(NAMES)
    lesson.add(0, summary(3, 0, uncertain=2))
    (interval,) = lesson.close(1)
    assert (interval.counts, interval.uncertain, interval.students) == ((3, 0), 2, 5)
    assert interval.shares == (0.6, 0.0)


@pytest.mark.parametrize(("ahead", "down", "shares"), [(4, 0, None), (0, 0, None), (3, 2, (0.6, 0.4))])
def test_shares_of_fewer_than_five_students_are_withheld(ahead: int, down: int, shares: tuple[float, ...] | None) -> None:
    (interval,) = lesson_of((0, (ahead, down))).close(1)
    assert interval.shares == shares


# --- intervals


def test_intervals_begin_with_the_lesson_and_come_when_they_are_complete() -> None:
    lesson = Lesson(NAMES, interval_seconds=5)
    assert lesson.add(0.5, summary(1, 0)) == ()
    assert [interval.start for interval in lesson.add(5, summary(1, 0))] == [0]
    assert [interval.start for interval in lesson.tick(16)] == [5, 10]
    assert [interval.start for interval in lesson.close(17)] == [15]
    assert [interval.start for interval in lesson.intervals] == [0, 5, 10, 15]


def test_interval_in_which_nothing_was_seen_says_so() -> None:
    lesson = lesson_of((0, (10, 0)))
    lesson.tick(20)
    assert lesson.intervals[1] == Interval(10.0, 0.0, 0, (0.0, 0.0), 0.0, 0.0)


def test_lesson_that_ends_on_a_boundary_has_no_empty_rest() -> None:
    lesson = lesson_of((0, (1, 0)))
    assert len(lesson.close(10)) == 1


def test_lesson_that_never_began_has_no_interval() -> None:
    lesson = Lesson(NAMES)
    assert lesson.close(0) == ()
    assert (lesson.latest, lesson.intervals, lesson.changes) == (None, (), ())


def test_picture_that_is_the_whole_lesson_is_one_frame_of_no_duration() -> None:
    assert lesson_of((0, (10, 0))).close(0) == (Interval(0.0, 0.0, 1, (0.0, 0.0), 0.0, 0.0),)


def test_nothing_counts_after_the_end() -> None:
    lesson = lesson_of((0, (10, 0)))
    lesson.close(1)
    before = (lesson.intervals, lesson.window(None), lesson.window(10))
    assert lesson.add(2, summary(0, 9)) == lesson.tick(100) == lesson.close(100) == ()
    assert (lesson.intervals, lesson.window(None), lesson.window(10)) == before


def test_latest_summary_is_the_one_of_the_last_frame() -> None:
    assert lesson_of((0, (1, 0)), (1, (0, 2))).latest == summary(0, 2)


# --- windows


def test_window_sees_its_seconds_only() -> None:
    lesson = lesson_of(*((second, (10, 0)) for second in range(50)), *((second, (0, 10)) for second in range(50, 60)))
    lesson.tick(60)
    assert lesson.window(10) == Interval(50.0, 10.0, 10, (0.0, 10.0), 0.0, 10.0)
    assert lesson.window(20) == Interval(40.0, 20.0, 20, (5.0, 5.0), 0.0, 10.0)
    assert lesson.window(None) == Interval(0.0, 60.0, 60, (50 / 6, 10 / 6), 0.0, 10.0)


def test_window_cuts_the_frame_that_reaches_into_it() -> None:
    lesson = lesson_of((0, (10, 0)), (2, (0, 10)))
    lesson.tick(3)
    assert lesson.window(2) == Interval(1.0, 2.0, 1, (5.0, 5.0), 0.0, 10.0)


def test_window_of_a_time_in_which_nothing_was_seen_is_empty() -> None:
    lesson = lesson_of((0, (10, 0)))
    lesson.tick(100)
    assert lesson.window(60) == Interval(40.0, 0.0, 0, (0.0, 0.0), 0.0, 0.0)


@pytest.mark.parametrize("seconds", [0, -1, 61, math.nan])
def test_window_that_cannot_be_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="more than 0 and at most 60 seconds"):
        Lesson(NAMES).window(seconds)


@pytest.mark.parametrize("seconds", [0, -1, math.nan, math.inf])
def test_interval_that_cannot_be_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="interval_seconds must be above 0"):
        Lesson(NAMES, interval_seconds=seconds)


def test_summary_of_other_classes_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a summary of"):
        Lesson(NAMES).add(0, ClassSummary(("a",), (1,)))


# --- clocks


def test_clock_that_falls_costs_only_the_step_in_which_it_fell() -> None:
    steady = lesson_of(*((second, (10, 0)) for second in range(6)))
    fallen = lesson_of(*((second, (10, 0)) for second in range(4)), *((second - 1000, (10, 0)) for second in range(4, 6)))
    assert steady.window(None).seconds == 5
    assert fallen.window(None).seconds == 4
    assert fallen.window(None).counts == steady.window(None).counts


def test_clock_that_jumps_ahead_is_time_that_was_not_seen() -> None:
    lesson = lesson_of((0, (10, 0)), (1, (10, 0)), (3601, (0, 10)))
    lesson.close(3602)
    assert len(lesson.intervals) == 361
    assert sum(interval.seconds for interval in lesson.intervals) == 1 + GAP + 1
    assert lesson.window(None).counts == pytest.approx((7.5, 2.5))


@pytest.mark.parametrize("now", [1e9, 1e300, math.inf, math.nan, -math.inf])
def test_clock_that_jumps_by_years_stands_still(now: float) -> None:
    lesson = lesson_of((0, (10, 0)), (1, (10, 0)), (now, (10, 0)), (2, (10, 0)), (3, (10, 0)))
    assert lesson.intervals == ()
    assert lesson.window(None) == Interval(0.0, 2.0, 5, (10.0, 0.0), 0.0, 10.0)


def test_memory_is_bounded_by_time_and_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_FRAMES", 50)
    monkeypatch.setattr(module, "MOST_INTERVALS", 20)
    lesson = lesson_of(*((i / 4, (10, 0)) for i in range(4 * 3600)))
    assert len(lesson._frames) == 50
    assert [interval.start for interval in lesson.intervals] == [3390 + 10 * i for i in range(20)]
    assert lesson.window(60).seconds == pytest.approx(49 / 4)
    assert lesson.window(None).seconds == pytest.approx(3600 - 1 / 4)


def test_frames_older_than_the_longest_window_are_forgotten() -> None:
    lesson = lesson_of(*((second, (10, 0)) for second in range(1000)))
    assert len(lesson._frames) <= 62


# --- whatever comes

counts = st.tuples(st.integers(0, 40), st.integers(0, 40))
frames = st.lists(st.tuples(st.floats(0, 30), counts, st.integers(0, 5)), min_size=1, max_size=60)
clocks = st.lists(st.floats(allow_nan=True, allow_infinity=True) | st.floats(-50, 50), min_size=1, max_size=30)


def run(given_frames: Sequence[Frame], interval_seconds: float = 10.0) -> Lesson:
    """A lesson that is closed a second after the last frame."""
    lesson, now = Lesson(NAMES, interval_seconds=interval_seconds), 0.0
    for step, counted, uncertain in given_frames:
        now += step
        lesson.add(now, summary(*counted, uncertain))
    lesson.close(now + 1)
    return lesson


@given(frames)
def test_means_lie_within_the_least_and_the_greatest_count(given_frames: Sequence[Frame]) -> None:
    lesson = run(given_frames)
    seen = [interval for interval in (*lesson.intervals, lesson.window(60), lesson.window(None)) if interval.seconds]
    for interval in seen:
        for index, mean in enumerate(interval.counts):
            every = [counted[index] for _, counted, _ in given_frames]
            assert min(every) - 1e-9 <= mean <= max(every) + 1e-9
        assert interval.students == pytest.approx(sum(interval.counts) + interval.uncertain)


@given(frames, st.sampled_from([1.0, 10.0, 45.5]))
def test_whole_lesson_is_the_weighted_mean_of_its_intervals(given_frames: Sequence[Frame], interval_seconds: float) -> None:
    lesson = run(given_frames, interval_seconds)
    whole, joined = lesson.window(None), mean_of(lesson.intervals, len(NAMES))
    assert joined.frames == whole.frames == len(given_frames)
    assert joined.seconds == pytest.approx(whole.seconds)
    assert joined.counts == pytest.approx(whole.counts)
    assert joined.uncertain == pytest.approx(whole.uncertain)


@given(frames)
def test_window_of_a_minute_is_the_whole_of_a_lesson_that_is_shorter(given_frames: Sequence[Frame]) -> None:
    short = [(step / 31, counted, uncertain) for step, counted, uncertain in given_frames]
    lesson = run(short)
    if sum(step for step, _, _ in short) < 59:
        assert lesson.window(60).counts == pytest.approx(lesson.window(None).counts)
        assert lesson.window(60).seconds == pytest.approx(lesson.window(None).seconds)


@given(frames)
def test_same_observations_give_the_same_lesson(given_frames: Sequence[Frame]) -> None:
    one, other = run(given_frames), run(given_frames)
    assert (one.intervals, one.changes, one.window(10)) == (other.intervals, other.changes, other.window(10))


@settings(deadline=None)  # a jump of hours makes thousands of intervals
@given(clocks)
def test_no_clock_brings_intervals_out_of_order_or_more_seconds_than_there_are(times: Sequence[float]) -> None:
    lesson = Lesson(NAMES)
    for now in times:
        lesson.add(now, summary(10, 0))
    lesson.close(times[-1])
    assert [interval.start for interval in lesson.intervals] == [10.0 * i for i in range(len(lesson.intervals))]
    assert all(0 <= interval.seconds <= 10 + 1e-6 for interval in lesson.intervals)
    assert lesson.window(None).seconds <= GAP * len(times) + 1e-6
    assert lesson.window(None).frames == len(times)
    assert not lesson.window(None).seconds or lesson.window(None).counts == pytest.approx((10, 0))
