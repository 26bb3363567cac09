"""`Interval`: what was seen in a part of a lesson, as means over the seconds in which anything was seen.

mean_of(session.intervals, classes=4)  # a whole lesson
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inference.summary import are_enough, shares_of


@dataclass(frozen=True)
class Interval:
    """A part of a lesson. Its means are 0 where nothing was seen."""

    start: float
    """Seconds since the lesson began."""
    seconds: float
    """How much of it was seen; 0 when the camera was gone or the lesson paused."""
    frames: int
    counts: tuple[float, ...]
    """Mean number of students per class."""
    uncertain: float
    """Mean number of students of whom no class can be said."""
    students: float
    """Mean number of all students seen."""

    @property
    def shares(self) -> tuple[float, ...] | None:
        """Counts as fractions of all students, 0..1; None, withheld, when these were fewer than LEAST_FOR_SHARES."""
        return shares_of(self.counts, self.students)

    @property
    def could_be_one(self) -> bool:
        """Whether so few were seen, but somebody was, that the counts can speak of one of them."""
        return self.students > 0 and not are_enough(self.students)

    @property
    def withheld(self) -> bool:
        """Frames were looked at, and nothing of them was kept; see `without_counts`."""
        return self.frames > 0 and not self.seconds

    def without_counts(self) -> "Interval":
        """What may be kept of it where nobody asked for more."""
        return Interval(self.start, 0.0, self.frames, (0.0,) * len(self.counts), 0.0, 0.0)

    def kept(self, *, few: bool) -> "Interval":
        """What a record keeps of it; `few`: also counts that can speak of one student."""
        return self if few or not self.could_be_one else self.without_counts()


class Sums:
    """Counts times seconds, on the way to the means of an interval."""

    def __init__(self, classes: int) -> None:
        self.seconds, self.frames = 0.0, 0
        self._counts, self._uncertain = [0.0] * classes, 0.0

    def hold(self, seconds: float, counts: Sequence[float], uncertain: float) -> None:
        """These counts, one per class, held for so long."""
        self.seconds += seconds
        self._counts = [total + seconds * count for total, count in zip(self._counts, counts, strict=True)]
        self._uncertain += seconds * uncertain

    def interval(self, start: float) -> Interval:
        """The means so far."""
        seconds = self.seconds or 1.0  # nothing seen: all sums are 0
        counts, uncertain = tuple(total / seconds for total in self._counts), self._uncertain / seconds
        return Interval(start, self.seconds, self.frames, counts, uncertain, sum(counts) + uncertain)


def mean_of(intervals: Iterable[Interval], classes: int) -> Interval:
    """Intervals of a lesson with so many classes as one, weighted with the seconds seen; it starts where the first one does."""
    sums, start = Sums(classes), math.inf
    for interval in intervals:
        sums.hold(interval.seconds, interval.counts, interval.uncertain)
        sums.frames += interval.frames
        start = min(start, interval.start)
    return sums.interval(start if start < math.inf else 0.0)
