"""Lessons on disk: one SQLite file for as many as one likes, with counts and times and no pictures.

recorder = Recorder(Path("lessons.db"), SessionFacts(...))
recorder.write(lesson.add(now, summary))  # whatever intervals were completed
recorder.end(datetime.now().astimezone())

Each call of `write` is one transaction with synchronous=FULL, on the disk before it returns, so that a power cut loses the
running interval only. The journal is the classic one (DELETE): one write in ten seconds gains nothing from a write-ahead log, and
between writes the lesson is one file that can be copied, also on a network drive. The file is opened for each write and closed
again: nothing is held that a full disk, a drive that was pulled out or another program's lock could leave in a bad state.

Times are seconds since the lesson began. What the wall clock does meanwhile has no say.
"""

import json
import logging
import sqlite3
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from inference.errors import Message, RecordError
from inference.intervals import Interval
from inference.record_file import begin_file, check_ours, reason, transaction
from inference.students import WHOLE, Students
from inference.summary import LEAST_FOR_SHARES

logger = logging.getLogger(__name__)

PATIENT, IMPATIENT = 5.0, 0.5
"""Seconds to wait for another program's lock: before and after a lesson, and within one."""
MOST_WAITING = 10_000
"""Intervals kept while they cannot be written: 27 hours of ten seconds each."""

Shares = Mapping[int, Mapping[int, float]]
"""Per seat and class index the share of the interval, 0..1. What is missing to 1 was uncertain or not seen."""


@dataclass(frozen=True)
class SessionFacts:
    """What is known of a lesson when it begins."""

    started_at: datetime
    """With its time zone; of a film, when it was processed."""
    class_names: tuple[str, ...]
    source: str
    """Without user, password and query of an address."""
    model: str
    model_hash: str
    finder: str
    settings: Mapping[str, Any]
    """Anything that JSON holds; `live` is False where the lesson was counted from a film or pictures, not from a camera."""
    interval_seconds: float

    def __post_init__(self) -> None:
        if self.started_at.tzinfo is None:
            raise ValueError("started_at needs a time zone")

    @property
    def live(self) -> bool:
        """Whether the lesson took place when it was counted, so that it has times of day; so it does where nothing is said."""
        return self.settings.get("live") is not False


class Recorder:
    """Writes one lesson, from one thread at a time. Once made it never raises: the lesson goes on, and `problem` says why.

    Raises RecordError if the file cannot be used from the start. Of intervals in which fewer than LEAST_FOR_SHARES students were
    in view it keeps only that they were, unless `few` says otherwise; with `per_seat` it also keeps what each seat showed, and
    then nothing is gained by leaving out the counts.
    """

    def __init__(self, path: Path, facts: SessionFacts, *, per_seat: bool = False, few: bool = False) -> None:
        self.problem: Message | None = None
        """What is wrong at present."""
        self.few = few or per_seat
        """Whether counts of fewer than LEAST_FOR_SHARES students are kept."""
        self._path, self._facts, self._per_seat = path, facts, per_seat
        self._waiting: deque[tuple[Interval, Shares]] = deque()
        self._lost = 0
        self._ended_at: datetime | None = None
        self.session = _begin(path, facts)
        """The lesson's number in the file."""

    def write(self, intervals: Sequence[Interval], seats: Shares | None = None) -> None:
        """Add completed intervals, and those that could not be written before; `seats` belong to the last one of them seen."""
        seen = next((interval for interval in reversed(intervals) if interval.seconds), None)
        for interval in intervals:
            self._waiting.append((interval.kept(few=self.few), seats if self._per_seat and seats and interval is seen else {}))
        while len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            self._lost += 1
        if self._waiting:
            self._store(IMPATIENT)

    def end(self, ended_at: datetime) -> None:
        """The lesson is over. While there is a problem it may be called again, which waits for a lock as within a lesson."""
        patience = PATIENT if self._ended_at is None else IMPATIENT
        self._ended_at = ended_at
        self._store(patience)

    def _store(self, patience: float) -> None:
        try:
            with transaction(self._path, patience) as connection:
                self._check_still_there(connection)
                for interval, seats in self._waiting:
                    _insert(connection, self.session, self._facts.class_names, interval, seats)
                if self._ended_at is not None:
                    ended_at = self._ended_at.isoformat()
                    connection.execute("UPDATE session SET ended_at = ? WHERE id = ?", (ended_at, self.session))
        except (sqlite3.Error, OSError, UnicodeDecodeError, RecordError) as error:
            self.problem = self._told(str(error) if isinstance(error, RecordError) else reason(self._path, error))
        else:
            self._waiting.clear()
            self.problem = None

    def _check_still_there(self, connection: sqlite3.Connection) -> None:
        """The file may have been exchanged since the last write."""
        check_ours(connection, self._path)
        found = connection.execute("SELECT started_at FROM session WHERE id = ?", (self.session,)).fetchone()
        if found != (self._facts.started_at.isoformat(),):
            raise RecordError(
                f"{self._path} is another file than before, without this lesson. Put back the file that was there.",
                code="record_exchanged",
                name=self._path.name,
            )

    def _told(self, why: str) -> Message:
        lost = f", {self._lost} before them are lost" if self._lost else ""
        waiting = len(self._waiting)
        if self._ended_at is not None:
            return Message(
                f"{why} The lesson is over; its end and {waiting} intervals are not recorded yet{lost}. "
                "Taido tries again until it is stopped or another lesson begins.",
                code="record_unended",
                name=self._path.name,
                waiting=waiting,
                lost=self._lost,
            )
        return Message(
            f"{why} The lesson goes on; {waiting} intervals wait to be recorded{lost}.",
            code="record_waits",
            name=self._path.name,
            waiting=waiting,
            lost=self._lost,
        )


def must_not_be_one(students: Students) -> None:
    """Raises RecordError where every count would be of a single student, and nobody asked for that."""
    if students.name == WHOLE:
        raise RecordError(
            f"With --students {WHOLE} every count is of one student, and nothing of fewer than {LEAST_FOR_SHARES} is recorded. "
            "Leave out --record, say otherwise where the students are, or add --record-few.",
            code="record_few",
        )


def _begin(path: Path, facts: SessionFacts) -> int:
    """The id of a new session in the file, which is made if there is none."""
    values = (
        facts.started_at.isoformat(),
        *(_plain(text) for text in (facts.source, facts.model, facts.model_hash, facts.finder)),
        json.dumps(dict(facts.settings), default=str),
        json.dumps(facts.class_names),
        facts.interval_seconds,
    )
    with begin_file(path, PATIENT) as connection:
        _tell_unended(connection, path)
        cursor = connection.execute(
            "INSERT INTO session (started_at, source, model, model_hash, finder, settings, class_names, interval_seconds) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        )
        return int(cursor.lastrowid or 0)


def _tell_unended(connection: sqlite3.Connection, path: Path) -> None:
    """That the lesson before this one was cut off; what was recorded of it needs no repair."""
    last = connection.execute("SELECT started_at, ended_at FROM session ORDER BY id DESC LIMIT 1").fetchone()
    if last is not None and last[1] is None:
        logger.warning("The lesson of %s in %s was interrupted, or is still running. What it recorded is kept.", last[0], path)


def _insert(connection: sqlite3.Connection, session: int, class_names: Sequence[str], interval: Interval, seats: Shares) -> None:
    key = (session, interval.start)
    connection.execute(
        "INSERT OR REPLACE INTO interval VALUES (?, ?, ?, ?, ?, ?)",
        (*key, interval.seconds, interval.frames, interval.students, interval.uncertain),
    )
    counts = [(*key, name, count) for name, count in zip(class_names, interval.counts, strict=True)]
    connection.executemany("INSERT OR REPLACE INTO attitude VALUES (?, ?, ?, ?)", counts)
    shares = [
        (*key, seat, class_names[index], share)
        for seat, shown in seats.items()
        for index, share in shown.items()
        if 0 <= index < len(class_names)
    ]
    connection.executemany("INSERT OR REPLACE INTO seat VALUES (?, ?, ?, ?, ?)", shares)


def _plain(text: str) -> str:
    """Without the half characters by which Python spells file names that are not UTF-8, and which SQLite refuses."""
    return text.encode("utf-8", errors="backslashreplace").decode("utf-8")
