"""A long lesson as fast as it runs, for `benchmarks.classroom`: recorded and drawn, with a look at what it leaves behind.

film = LoopedFilm(pictures, seconds=600, most=float("inf"))
soak(film, watcher, classifier)  # memory, threads and open files at the beginning and at the end
"""

import itertools
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import numpy as np

from inference.annotate import annotate_followed
from inference.classifier import Classifier
from inference.monitor import Monitor
from inference.record import Recorder, SessionFacts
from inference.recorded import read_sessions
from inference.sources import Frame, SourceStatus
from inference.watching import Watcher

FRAMES_PER_SECOND = 8.0
"""Of the lesson's own clock, unless it is told otherwise."""
SAMPLES = 10
"""Looks at memory during a long run."""
GROWTH = 1.05
"""Memory at the end of a long run, relative to when a fifth of it was over, that still counts as flat."""


@dataclass
class StandInFinder:
    """What a finder found in each picture, without looking again; a box moves a little and is missing now and then."""

    boxes: Sequence[np.ndarray]
    name: str = "finder"
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))
    _turn: Iterator[int] = field(default_factory=itertools.count)

    def find(self, frame: np.ndarray) -> np.ndarray:
        boxes = self.boxes[next(self._turn) % len(self.boxes)]
        boxes = boxes[self.rng.random(len(boxes)) < 0.97].copy()
        boxes[:, :4] += self.rng.normal(0, 1, (len(boxes), 4))
        return np.clip(boxes, 0, np.array([frame.shape[1], frame.shape[0]] * 2 + [1])).astype(np.float32)


class StandInClassifier(Classifier):
    """Crops as ever, made-up scores."""

    def scores(self, frames: np.ndarray) -> np.ndarray:
        return np.random.default_rng(len(frames)).dirichlet([0.3] * len(self.spec.class_names), len(frames)).astype(np.float32)


def looped(frames: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    """To and fro without an end."""
    return itertools.cycle([*frames, *frames[-2:0:-1]])


@dataclass
class LoopedFilm:
    """A source of looped pictures with the times of a lesson, for `Monitor`; draws what was seen, and looks at memory."""

    pictures: Sequence[np.ndarray]
    seconds: float
    """On the wall, after which it ends."""
    most: float
    """Frames, after which it ends."""
    rate: float = FRAMES_PER_SECOND
    """Of the lesson's own clock."""
    monitor: Monitor | None = None
    name: str = "film"
    live: bool = False
    length: int | None = None
    taken: int = 0
    closed: bool = False
    samples: list[dict[str, float | int | None]] = field(default_factory=list)

    def frames(self) -> Iterator[Frame | None]:
        begin, pictures = time.monotonic(), looped(self.pictures)
        while not self.closed and (done := max((time.monotonic() - begin) / self.seconds, self.taken / self.most)) < 1:
            yield Frame(next(pictures), self.taken / self.rate, self.taken)
            self.taken += 1
            self._draw()
            if len(self.samples) < done * SAMPLES:
                self.samples.append(resources())
        self.samples.append(resources())

    def _draw(self) -> None:
        snapshot = None if self.monitor is None else self.monitor.snapshot
        if snapshot is not None and snapshot.picture is not None and snapshot.followed is not None:
            annotate_followed(snapshot.picture, snapshot.followed, snapshot.class_names)

    def status(self) -> SourceStatus:
        return SourceStatus(self.taken, self.taken)

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def soak(film: LoopedFilm, watcher: Watcher, classifier: Classifier) -> dict[str, Any]:
    """A long lesson, recorded; resources after a fifth of it and at the end."""
    begin, names = time.monotonic(), classifier.spec.class_names
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lesson.db"
        facts = lambda start: SessionFacts(start, names, film.name, classifier.path.name, "", "finder", {}, 10.0)  # noqa: E731
        film.monitor = Monitor(film, watcher, names, recorder_of=lambda start: Recorder(path, facts(start)))
        film.monitor.begin_lesson()
        film.monitor.run()
        (session,) = read_sessions(path)
    start, end = film.samples[min(2, len(film.samples) - 1)], film.samples[-1]
    same = all(start[name] == end[name] for name in ("threads", "handles"))
    return {
        "frames": film.taken,
        "lesson_minutes": round(film.taken / film.rate / 60, 1),
        "wall_seconds": round(time.monotonic() - begin, 1),
        "recorded_intervals": len(session.intervals),
        "problem": film.monitor.snapshot.problem,
        "start": start,
        "end": end,
        "memory_mb": [sample["memory_mb"] for sample in film.samples],
        "flat": same and (end["memory_mb"] or 0) <= GROWTH * (start["memory_mb"] or 0),
    }


def resources() -> dict[str, float | int | None]:
    """Memory in MB, threads and open files or sockets of this process, None where this machine does not tell."""
    try:
        import psutil
    except ImportError:
        return {"memory_mb": _memory_mb(), "threads": _entries("task") or threading.active_count(), "handles": _entries("fd")}
    process = psutil.Process()
    handles = process.num_handles() if sys.platform == "win32" else process.num_fds()
    return {"memory_mb": round(process.memory_info().rss / 1e6, 1), "threads": process.num_threads(), "handles": handles}


def _entries(name: str) -> int | None:
    place = Path("/proc/self") / name
    return len(list(place.iterdir())) if place.is_dir() else None


def _memory_mb() -> float | None:
    place = Path("/proc/self/statm")
    if place.is_file():
        return round(int(place.read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6, 1)
    try:
        import resource
    except ImportError:
        return None
    unit = 1e6 if sys.platform == "darwin" else 1e3  # the most so far, in bytes there and in KB elsewhere
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit, 1)
