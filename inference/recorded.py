"""Recorded lessons, read back from the file that `inference.record` writes.

for session in read_sessions(Path("lessons.db")): ...
"""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from inference import record_values as checked
from inference.errors import RecordError
from inference.intervals import Interval, mean_of
from inference.record import PATIENT, SessionFacts
from inference.record_file import check_ours, opened, reason

NOT_RECORDED = 0
"""The id of a lesson that lies in no file."""


@dataclass(frozen=True)
class RecordedSession:
    """A lesson as it is in the file."""

    id: int
    """1, 2, ... within the file; NOT_RECORDED of a lesson that lies in none."""
    facts: SessionFacts
    ended_at: datetime | None
    """None: it was interrupted, or is still running. Of a film: as long after `started_at` as the film is."""
    intervals: tuple[Interval, ...]
    """Oldest first."""

    @property
    def whole(self) -> Interval:
        """The means over all that was seen of the lesson."""
        return mean_of(self.intervals, len(self.facts.class_names))

    @property
    def length(self) -> float:
        """Seconds from the start to the end of the last interval, as far as that was seen or withheld."""
        last = self.intervals[-1] if self.intervals else None
        return 0.0 if last is None else last.start + (last.seconds or self._last_withheld)

    @property
    def lasting(self) -> tuple[Interval, ...]:
        """The intervals without a last one that is a frame that held for no time."""
        held = not self.intervals or not self.intervals[-1].withheld or self._last_withheld
        return self.intervals if held else self.intervals[:-1]

    @property
    def withheld_seconds(self) -> float:
        """Of intervals whose counts were not kept, since too few students were in view."""
        return sum(interval.withheld for interval in self.intervals[:-1]) * self.facts.interval_seconds + self._last_withheld

    @property
    def _last_withheld(self) -> float:
        """Seconds of the last interval, where its counts were not kept; by the end of the lesson, where that can be right."""
        if not self.intervals or not self.intervals[-1].withheld:
            return 0.0
        if self.ended_at is not None:
            until_end = (self.ended_at - self.facts.started_at).total_seconds() - self.intervals[-1].start
            if 0 <= until_end <= self.facts.interval_seconds:
                return until_end
        alone = len(self.intervals) == 1 or any(interval.withheld for interval in self.intervals[:-1])
        return self.facts.interval_seconds if alone else 0.0  # else it may be a frame that held for no time


def read_sessions(path: Path) -> list[RecordedSession]:
    """All lessons of the file, in the order of their starts. Raises RecordError."""
    try:
        if not path.is_file():
            raise RecordError(
                f"There is no record {path}. Give the file that was named with --record.", code="record_missing", name=path.name
            )
        with opened(path, PATIENT) as connection:
            connection.execute("BEGIN")  # a lesson may be writing
            check_ours(connection, path)
            rows = connection.execute("SELECT * FROM session ORDER BY id").fetchall()
            return [_session(connection, row) for row in rows]
    except (sqlite3.Error, OSError) as error:
        raise RecordError(reason(path, error), code="record_unreadable", name=path.name) from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise RecordError(
            f"{path} is damaged: {error!r}. Use a copy that was made earlier.", code="record_damaged", name=path.name
        ) from error


def _session(connection: sqlite3.Connection, row: tuple[Any, ...]) -> RecordedSession:
    number, started_at, ended_at, source, model, model_hash, finder, settings, class_names, interval_seconds = row
    facts = SessionFacts(
        checked.moment(started_at),
        checked.class_names(class_names),
        checked.words(source),
        checked.words(model),
        checked.words(model_hash),
        checked.words(finder),
        checked.settings(settings),
        checked.interval_seconds(interval_seconds),
    )
    ended = None if ended_at is None else checked.moment(ended_at)
    return RecordedSession(number, facts, ended, _intervals(connection, number, facts.class_names))


def _intervals(connection: sqlite3.Connection, session: int, class_names: Sequence[str]) -> tuple[Interval, ...]:
    counts: defaultdict[float, dict[str, float]] = defaultdict(dict)
    for start, name, count in connection.execute("SELECT start, name, students FROM attitude WHERE session = ?", (session,)):
        counts[start][name] = checked.number(count)
    rows = connection.execute(
        "SELECT start, seconds, frames, students, uncertain FROM interval WHERE session = ? ORDER BY start", (session,)
    )
    return tuple(
        Interval(
            checked.seconds(start),
            checked.seconds(seconds),
            checked.number(frames),
            tuple(counts[start][name] for name in class_names),
            checked.number(uncertain),
            checked.number(students),
        )
        for start, seconds, frames, students, uncertain in rows
    )
