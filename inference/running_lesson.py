"""`RunningLesson`: a lesson on its way into the record. What every frame showed goes in, completed intervals are written down.

lesson = RunningLesson(class_names, started_at=now, recorder=recorder)
lesson.add(seconds, summary, followed)
lesson.pass_time(seconds)  # no frame came, or none that could be looked at
lesson.pause(seconds)  # until the next frame nothing counts
lesson.end(seconds)
lesson.pass_time(seconds)  # now and then tries to record what could not be recorded before the end

Seconds are those of the lesson, on a clock that is handed in; one that falls stands still.
"""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from inference.errors import Message
from inference.following import Followed
from inference.lesson import Interval, Lesson
from inference.record import Recorder
from inference.seat_shares import SeatShares
from inference.summary import ClassSummary

WINDOWS_EVERY = 0.2
"""Seconds of a lesson between two reckonings of its windows, which cost more than all else that a snapshot holds."""


class RunningLesson:
    """Used from one thread at a time."""

    def __init__(
        self,
        class_names: Sequence[str],
        *,
        started_at: datetime | None = None,
        recorder: Recorder | None = None,
        per_seat: bool = False,
        interval_seconds: float = 10.0,
        until_seconds: float | None = None,
    ) -> None:
        """`per_seat`: the recorder is also told what each seat showed; `until_seconds`: how old the lesson becomes at most."""
        self.seconds, self.ended = 0.0, False
        few = recorder is None or recorder.few
        self._lesson = Lesson(class_names, interval_seconds=interval_seconds, few=few)
        self._started_at, self._recorder, self._until = started_at, recorder, until_seconds
        self._seats = SeatShares() if per_seat else None
        self._again_at = math.inf
        self._windows: dict[str, Interval] = {}
        self._windows_at = -math.inf

    @property
    def problem(self) -> Message | None:
        """What is wrong with the record at present."""
        return None if self._recorder is None else self._recorder.problem

    def add(self, now: float, summary: ClassSummary, followed: Followed) -> None:
        """A frame was looked at."""
        self._advance(now)
        if not self.ended:
            self._write(self._lesson.add(self.seconds, summary))
            if self._seats is not None:
                self._seats.add(followed)

    def pass_time(self, now: float) -> None:
        """No frame was. After the end it tries once an interval to record what could not be recorded."""
        self._advance(now)
        if not self.ended:
            self._write(self._lesson.tick(self.seconds))
        elif now >= self._again_at:
            self._record_end(now)

    def pause(self, now: float) -> None:
        """Nothing counts until the next frame."""
        self._advance(now)
        if not self.ended:
            self._write(self._lesson.pause(self.seconds))

    def end(self, now: float) -> None:
        """Nothing counts any more; what was counted is written down, or, by another call, what could not be written before."""
        if self.ended and self.problem is not None:
            self._record_end(now)
        self._advance(now)
        if not self.ended:
            self._close(now)

    def shown(self) -> dict[str, Any]:
        """The fields of a `Snapshot` that a lesson has; its windows may be WINDOWS_EVERY old."""
        lesson = self._lesson
        if self.ended or not self.seconds or self.seconds - self._windows_at >= WINDOWS_EVERY:
            self._windows = {"last_seconds": lesson.window(10.0), "last_minute": lesson.window(60.0)}
            self._windows_at = self.seconds
        return {
            "recorded_as": None if self._recorder is None else self._recorder.session,
            "started_at": self._started_at,
            "seconds": self.seconds,
            **self._windows,
            "whole": lesson.window(None),
            "interval_seconds": lesson.interval_seconds,
            "intervals": lesson.intervals,
            "changes": lesson.changes,
        }

    def _advance(self, now: float) -> None:
        if self.ended:
            return
        limit = now if self._until is None else min(now, self._until)
        self.seconds = max(self.seconds, limit)
        if self._until is not None and now >= self._until:
            self._close(now)

    def _close(self, now: float) -> None:
        self.ended = True
        self._write(self._lesson.close(self.seconds))
        self._record_end(now)

    def _record_end(self, now: float) -> None:
        if self._recorder is not None and self._started_at is not None:
            self._recorder.end(self._started_at + timedelta(seconds=self.seconds))
        self._again_at = math.inf if self.problem is None else now + self._lesson.interval_seconds

    def _write(self, completed: Sequence[Interval]) -> None:
        """All frames since the interval before fell into the first of those that are complete now."""
        if not completed:
            return
        seats = None if self._seats is None else self._seats.take()
        if self._recorder is not None:
            self._recorder.write(completed[:1], seats)
            if len(completed) > 1:
                self._recorder.write(completed[1:])
