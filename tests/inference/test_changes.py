"""Changes are told when a count differs for good and by enough; not for a moment, not for one student, not twice."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.changes import TELL_AGAIN, Change, changes_in
from inference.following import Followed
from inference.intervals import Interval
from inference.lesson import Lesson
from inference.record import Recorder, SessionFacts
from inference.recorded import read_sessions
from inference.running_lesson import RunningLesson
from inference.summary import ClassSummary

NAMES = ("ahead", "sleep")
START = datetime(2026, 7, 27, 10, 0, tzinfo=UTC)


def intervals(*sleeping: float, students: int = 20, seconds: float = 10.0) -> tuple[Interval, ...]:
    """One interval of ten seconds for each number of sleeping students."""
    return tuple(
        Interval(10.0 * i, seconds, 100, (students - asleep, asleep), 0.0, students) for i, asleep in enumerate(sleeping)
    )


def asleep(*sleeping: float, students: int = 20, seconds: float = 10.0) -> list[tuple[float, int, int]]:
    """What is told of those asleep: seconds, before, after."""
    changes = changes_in(intervals(*sleeping, students=students, seconds=seconds))
    return [(change.seconds, change.before, change.after) for change in changes if change.class_index == 1]


def test_change_is_told_when_most_of_half_a_minute_has_it() -> None:
    assert asleep(1, 1, 1, 5, 5, 5, 5, 5) == [(40.0, 1, 5)]


def test_change_is_told_of_every_class_that_differs() -> None:
    assert changes_in(intervals(1, 1, 1, 5, 5)) == (Change(40.0, 0, 19, 15), Change(40.0, 1, 1, 5))


def test_mean_count_is_told_as_the_nearest_whole_number() -> None:
    assert asleep(0, 0, 0, *[1.6] * 5, students=5) == [(40.0, 0, 2)]


def test_first_counts_are_told_to_nobody() -> None:
    assert asleep(9, 9, 9, 9, 9) == []


def test_moment_is_no_change() -> None:
    assert asleep(1, 1, 1, 8, 1, 1, 1, 8, 1, 1) == []


@pytest.mark.parametrize(
    ("students", "after", "told"),
    [(3, 1, False), (3, 2, True), (5, 2, True), (8, 1, False), (20, 2, False), (20, 3, True), (40, 5, False), (40, 6, True)],
)
def test_change_must_be_two_students_and_a_seventh_of_them(students: int, after: int, told: bool) -> None:
    assert asleep(0, 0, 0, *[after] * 5, students=students) == ([(40.0, 0, after)] if told else [])


def test_count_that_wavers_is_told_once() -> None:
    assert asleep(1, 1, 1, *[5, 4, 5, 6, 4] * 20) == [(40.0, 1, 4)]


def test_slow_rise_is_told_in_few_steps() -> None:
    assert asleep(*range(20), *[19] * 10) == [(50.0, 1, 4), (110.0, 4, 10), (170.0, 10, 16), (230.0, 16, 19)]


def test_return_within_a_minute_waits_for_its_turn() -> None:
    assert asleep(1, 1, 1, 5, 5, 1, 1, 1, 1, 1, 1, 1) == [(40.0, 1, 5), (100.0, 5, 1)]


def test_time_in_which_nothing_was_seen_changes_nothing() -> None:
    seen = intervals(1, 1, 1, 5, 5, 1, 1, 1)  # what waits for its turn goes on waiting
    gap = tuple(Interval(80.0 + 10 * i, 0.0, 0, (0.0, 0.0), 0.0, 0.0) for i in range(60))
    assert changes_in((*seen, *gap)) == changes_in(seen)


def test_after_a_gap_half_a_minute_is_seen_before_anything_is_told() -> None:
    before = intervals(1, 1, 1)
    later = tuple(Interval(600.0 + i.start, i.seconds, i.frames, i.counts, i.uncertain, i.students) for i in intervals(6, 6, 6))
    assert [change.seconds for change in changes_in((*before, *later)) if change.class_index == 1] == [620.0]


def test_intervals_of_which_little_was_seen_are_taken_together() -> None:
    assert asleep(*[1] * 8, *[6] * 8, seconds=4.0) == [(110.0, 1, 6)]


@pytest.mark.parametrize("interval_seconds", [1.0, 5.0, 10.0, 30.0, 60.0])
def test_rule_holds_for_intervals_of_any_length(interval_seconds: float) -> None:
    lesson = Lesson(NAMES, interval_seconds=interval_seconds)
    for second in range(600):
        lesson.add(second, ClassSummary(NAMES, (19, 1) if second < 300 else (12, 8)))
    lesson.close(600)
    told = [(change.before, change.after) for change in lesson.changes if change.class_index == 1]
    assert told == [(1, 8)]
    assert 300 <= lesson.changes[0].seconds <= 330


def test_student_who_moves_for_a_moment_makes_no_change() -> None:
    lesson = Lesson(NAMES)
    for tenth in range(6000):
        moved = 2 if 2000 <= tenth < 2080 else 0
        lesson.add(tenth / 10, ClassSummary(NAMES, (5 - moved, 1 + moved)))
    assert lesson.changes == ()


many = st.lists(st.integers(0, 30), max_size=80)


@given(many)
def test_changes_of_a_lesson_are_those_of_its_intervals(sleeping: Sequence[int]) -> None:
    lesson = Lesson(NAMES)
    for second, count in enumerate(sleeping):
        lesson.add(10.0 * second, ClassSummary(NAMES, (30 - count, count)))
        lesson.add(10.0 * second + 5, ClassSummary(NAMES, (30 - count, count)))
    lesson.close(10.0 * len(sleeping))
    assert changes_in(lesson.intervals) == lesson.changes


NOBODY = Followed(np.zeros((0, 5), np.float32), np.zeros(0, np.int64), np.zeros((0, 2), np.float32), np.zeros(0, np.int64))
COMING = ((4, 0), (4, 0), (4, 0), (0, 3), (0, 3), (0, 3), *[(6, 4)] * 10, (0, 3), (0, 3), (0, 3), *[(0, 12)] * 10)
"""Students of both classes; fewer than five in some intervals."""


@pytest.mark.parametrize("few", [False, True])
def test_recorded_lesson_has_the_changes_that_were_told_while_it_ran(few: bool, tmp_path: Path) -> None:
    recorder = Recorder(
        tmp_path / "lessons.db", SessionFacts(START, NAMES, "camera 0", "a.onnx", "0f", "whole", {}, 10.0), few=few
    )
    lesson = RunningLesson(NAMES, recorder=recorder)
    for number, counts in enumerate(COMING):
        for second in range(0, 10, 2):
            lesson.add(10.0 * number + second, ClassSummary(NAMES, counts), NOBODY)
    lesson.end(10.0 * len(COMING))
    (recorded,) = read_sessions(tmp_path / "lessons.db")
    told = lesson.shown()["changes"]
    assert told
    assert changes_in(recorded.intervals) == told
    assert any(change.seconds < 60 for change in told) == few, "of few students nothing is told"


@given(many)
def test_each_change_begins_where_the_one_before_it_ended(sleeping: Sequence[int]) -> None:
    told = asleep(*sleeping, students=30)
    for (earlier, _, reached), (later, before, _) in pairwise(told):
        assert before == reached
        assert later - earlier >= TELL_AGAIN
    assert all(abs(after - before) >= 5 for _, before, after in told)
