"""A lesson that is recorded without end, for `tests.faults.killed`: it tells of each interval once it is on the disk."""

from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from inference.lesson import Lesson
from inference.record import Recorder, SessionFacts
from inference.summary import ClassSummary

NAMES = ("a", "b", "c")


def record(path: str, source: str, told: Connection) -> None:
    """Until it is killed."""
    facts = SessionFacts(datetime.now(UTC), NAMES, source, "m.onnx", "0f", "finder", {}, 10.0)
    recorder, lesson = Recorder(Path(path), facts), Lesson(NAMES)
    for tenth in range(10**9):
        done = lesson.add(tenth / 0.7, ClassSummary(NAMES, (tenth % 9, 4, 2), tenth % 3))
        recorder.write(done)
        if done:
            told.send(recorder.problem or len(lesson.intervals))
