"""What changed in a lesson, told sparingly: "10:20: sleep from 1 to 5" and not every student who looks down for a moment.

changes_in(session.intervals)  # of a recorded lesson; `Lesson.changes` has them while it runs

The rule, for each class on its own: the count is the median over the latest completed intervals in which LEAST_SEEN seconds
were seen, none of which began more than OLDEST seconds before the latest. The first such count is told to nobody. Later ones are
compared with the last one told, and told when they differ by at least LEAST_STUDENTS and by at least LEAST_SHARE of the
students, but not within TELL_AGAIN seconds. It sees intervals only, as the record keeps them: a recorded lesson has the very
changes that were told while it ran.
"""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from inference.intervals import Interval, mean_of

LEAST_SEEN = 25.0
"""Seconds: three intervals of ten, of which a little may be missing."""
OLDEST = 120.0
LEAST_STUDENTS = 2
LEAST_SHARE = 0.15
TELL_AGAIN = 60.0
MOST_CHANGES = 1000
"""Kept; older ones are forgotten."""


@dataclass(frozen=True)
class Change:
    """The count of one class, now and when it was last told."""

    seconds: float
    """Since the lesson began: where the interval starts with which the new count prevailed."""
    class_index: int
    before: int
    after: int


class Changes:
    """The rule, fed with one completed interval after the other."""

    def __init__(self) -> None:
        self.told: deque[Change] = deque(maxlen=MOST_CHANGES)
        """Oldest first."""
        self._recent: deque[Interval] = deque()
        self._known: list[int] = []
        """Per class the count that was told last."""
        self._not_before: list[float] = []

    def add(self, interval: Interval) -> None:
        """The next interval of the lesson."""
        if interval.seconds == 0:
            return
        self._remember(interval)
        if sum(recent.seconds for recent in self._recent) < LEAST_SEEN:
            return
        counts = [_median(self._recent, index) for index in range(len(interval.counts))]
        if not self._known:
            self._known, self._not_before = list(counts), [-math.inf] * len(counts)
        self._tell(interval.start, counts)

    def _remember(self, interval: Interval) -> None:
        self._recent.append(interval)
        while self._recent[0].start < interval.start - OLDEST or self._seen_without_oldest() >= LEAST_SEEN:
            self._recent.popleft()

    def _seen_without_oldest(self) -> float:
        return sum(recent.seconds for recent in self._recent) - self._recent[0].seconds

    def _tell(self, seconds: float, counts: list[int]) -> None:
        least = max(LEAST_STUDENTS, LEAST_SHARE * mean_of(self._recent, len(counts)).students)
        for index, (before, after) in enumerate(zip(self._known, counts, strict=True)):
            if abs(after - before) >= least and seconds >= self._not_before[index]:
                self.told.append(Change(seconds, index, before, after))
                self._known[index], self._not_before[index] = after, seconds + TELL_AGAIN


def changes_in(intervals: Iterable[Interval]) -> tuple[Change, ...]:
    """The changes that were told while these intervals, oldest first, were completed."""
    changes = Changes()
    for interval in intervals:
        changes.add(interval)
    return tuple(changes.told)


def _median(intervals: Iterable[Interval], index: int) -> int:
    """Of the mean counts, weighted with the seconds seen, the lower one of two; to the nearest whole number."""
    counts, seconds = np.array(sorted((interval.counts[index], interval.seconds) for interval in intervals)).T
    return int(counts[np.searchsorted(seconds.cumsum(), seconds.sum() / 2)] + 0.5)
