"""`Lesson`: the summaries of single frames become a timeline, windows of time, and changes.

lesson = Lesson(class_names)
lesson.add(now, summarise_states(followed.states, class_names))  # for each frame; now: seconds since the lesson began
lesson.tick(now)  # time passes without a frame: a camera that is gone
lesson.pause(now)  # nothing counts until the next frame
lesson.window(60), lesson.window(None), lesson.intervals, lesson.changes
lesson.close(now)

Every mean is weighted with time: the counts of a frame hold until the next one or a pause, but no longer than GAP, and the frame
rate has no say. There is no clock but the one handed in: same observations, same lesson.
"""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from inference.changes import Change, Changes
from inference.intervals import Interval, Sums
from inference.summary import ClassSummary

__all__ = ["GAP", "LONGEST_WINDOW", "Change", "Interval", "Lesson"]

GAP = 2.0
"""Seconds that the counts of a frame hold at most when no other follows."""
LONGEST_WINDOW = 60.0
"""Seconds that `Lesson.window` can look back."""
MOST_FRAMES = 6000
"""Kept for the windows: 100 a second. If they come faster, the windows see the latest."""
MOST_INTERVALS = 10_000
"""Kept: 27 hours of ten seconds each. A clock that jumps by more counts as one that stands still."""


class Lesson:
    """One lesson from its start to its end, in one thread. Memory is bounded however long it runs."""

    def __init__(self, class_names: Sequence[str], *, interval_seconds: float = 10.0, few: bool = True) -> None:
        """`few`: changes are also told of intervals whose counts can speak of one student; as its record keeps them."""
        if not 0 < interval_seconds < math.inf:
            raise ValueError(f"interval_seconds must be above 0, got {interval_seconds}")
        self.class_names, self.interval_seconds, self._few = tuple(class_names), interval_seconds, few
        self.latest: ClassSummary | None = None
        self._now = self._offset = self._held_until = 0.0
        self._number, self._closed = 0, False
        self._whole, self._running = Sums(len(self.class_names)), Sums(len(self.class_names))
        self._frames: deque[_Frame] = deque(maxlen=MOST_FRAMES)
        self._intervals: deque[Interval] = deque(maxlen=MOST_INTERVALS)
        self._changes = Changes()

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """The completed ones, oldest first. They follow one another without a gap, those in which nothing was seen with them."""
        return tuple(self._intervals)

    @property
    def changes(self) -> tuple[Change, ...]:
        """Those told so far, oldest first; `inference.changes` has the rule."""
        return tuple(self._changes.told)

    def add(self, now: float, summary: ClassSummary) -> tuple[Interval, ...]:
        """A frame was seen; the intervals that were completed before it. After `close` nothing counts any more."""
        if summary.class_names != self.class_names:
            raise ValueError(f"expected a summary of {self.class_names}, got one of {summary.class_names}")
        completed = self.tick(now)
        if not self._closed:
            self.latest, self._held_until = summary, self._now + GAP
            self._frames.append(_Frame(self._now, 0.0, summary))
            self._whole.frames += 1
            self._running.frames += 1
        return completed

    def tick(self, now: float) -> tuple[Interval, ...]:
        """Time has passed; the intervals that this completes."""
        if self._closed:
            return ()
        time, completed = self._time(now), []
        while (end := (self._number + 1) * self.interval_seconds) <= time:
            self._hold(end)
            completed.append(self._complete())
        self._hold(time)
        return tuple(completed)

    def pause(self, now: float) -> tuple[Interval, ...]:
        """Nothing counts until the next frame; the intervals that are complete now."""
        completed = self.tick(now)
        self._held_until = self._now
        return completed

    def close(self, now: float) -> tuple[Interval, ...]:
        """The lesson ends; the intervals that this completes, the running one with them."""
        completed = self.tick(now)
        if not self._closed and (self._running.frames or self._now > self._number * self.interval_seconds):
            completed = (*completed, self._complete())
        self._closed = True
        return completed

    def window(self, seconds: float | None) -> Interval:
        """The last `seconds`, at most LONGEST_WINDOW; with None the whole lesson."""
        if seconds is None:
            return self._whole.interval(0.0)
        if not 0 < seconds <= LONGEST_WINDOW:
            raise ValueError(f"a window has more than 0 and at most {LONGEST_WINDOW:.0f} seconds, got {seconds}")
        start, sums = max(0.0, self._now - seconds), Sums(len(self.class_names))
        for frame in reversed(self._frames):
            if frame.start < start and frame.end <= start:
                break
            sums.hold(frame.end - max(frame.start, start), frame.summary.counts, frame.summary.uncertain)
            sums.frames += frame.start >= start
        return sums.interval(start)

    def _time(self, now: float) -> float:
        """The lesson's own time: `now` without the steps in which the clock fell, or jumped farther than a lesson can last."""
        if not 0 <= now + self._offset - self._now <= MOST_INTERVALS * self.interval_seconds:
            self._offset = self._now - now
            return self._now
        return now + self._offset

    def _hold(self, until: float) -> None:
        """Let time pass within one interval, and the counts of the latest frame hold."""
        seconds = min(until, self._held_until) - self._now
        if self.latest is not None and seconds > 0:
            for sums in (self._whole, self._running):
                sums.hold(seconds, self.latest.counts, self.latest.uncertain)
            self._frames[-1].seconds += seconds
        self._now = until
        while self._frames and self._frames[0].end < until - LONGEST_WINDOW:
            self._frames.popleft()

    def _complete(self) -> Interval:
        interval = self._running.interval(self._number * self.interval_seconds)
        self._number, self._running = self._number + 1, Sums(len(self.class_names))
        self._intervals.append(interval)
        self._changes.add(interval.kept(few=self._few))
        return interval


@dataclass
class _Frame:
    start: float
    seconds: float
    """For how long its counts have held so far."""
    summary: ClassSummary

    @property
    def end(self) -> float:
        return self.start + self.seconds
