"""What one frame of a lesson costs from the decoded picture to the drawn one, and whether an hour of it leaves anything behind.

    python -m benchmarks.classroom --frames FOLDER --names 'room*' [--students-count 25] [--threads 2] [--find-every K]
    python -m benchmarks.classroom --frames FOLDER --lesson-minutes 60 --stand-in
    python -m benchmarks.classroom --frames FOLDER --soak 600

A looped run of pictures (to and fro, so that nothing jumps) goes through `Watcher`, `Lesson` and `annotate_followed`. The finder
really looks; then exactly --students-count boxes go on: its best, filled up from a grid. One corner is masked. Without --frames
the pictures are made up. Every figure is milliseconds per frame; `session` is what of it passed inside ONNX Runtime, `outside`
the rest. --soak (seconds by the clock on the wall) and --lesson-minutes (of a lesson at 8 frames a second, as fast as it runs)
then look at memory, threads and open files; --stand-in puts made-up boxes and scores in the place of both networks there.
The last line is one JSON document.
"""

import argparse
import itertools
import json
import os
import platform
import statistics
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime as ort

from benchmarks.find import made_up, timed_runs
from inference.annotate import annotate_followed
from inference.classifier import Classifier
from inference.finder import Finder
from inference.images import decode, find_images
from inference.lesson import Lesson
from inference.masks import Masks
from inference.seats import Seats
from inference.students import Students
from inference.summary import summarise_states
from inference.watching import FIND_EVERY, Watcher

STAGES = ("mask", "find", "crop", "classify", "follow", "summary", "draw")
FRAMES_PER_SECOND = 8.0
"""Of the lesson's own clock."""
MOST_OUTSIDE, LEAST_FRAMES_PER_SECOND = 0.2, 8.0
"""What is to be reached."""
SAMPLES = 10
"""Looks at memory during a long run."""
GROWTH = 1.05
"""Memory at the end of a long run, relative to when a fifth of it was over, that still counts as flat."""


@dataclass
class Exactly:
    """The best `count` students that a finder finds, filled up with seats of a grid."""

    finder: Students
    count: int
    name: str = "finder"

    def find(self, frame: np.ndarray) -> np.ndarray:
        found = self.finder.find(frame)[: self.count]
        if len(found) == self.count:
            return found
        side = int(np.ceil(self.count**0.5))
        grid = Seats.grid((frame.shape[1], frame.shape[0]), side, side).find(frame)
        return np.concatenate([found, grid[len(found) : self.count]])


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


class Room:
    """A lesson of looped pictures: each `step` is one frame, from the picture to the marked picture."""

    def __init__(self, frames: Sequence[np.ndarray], classifier: Classifier, students: Students, find_every: int) -> None:
        height, width = frames[0].shape[:2]
        masks = Masks((width, height), ((0, 0, width / 8, height / 8),))
        self.watcher = Watcher(classifier, students, masks=masks, find_every=find_every)
        self.names = classifier.spec.class_names
        self.lesson = Lesson(self.names)
        self.steps = 0
        self._frames = itertools.cycle([*frames, *frames[-2:0:-1]])

    def step(self) -> dict[str, float]:
        """Milliseconds of each stage."""
        now = self.steps / FRAMES_PER_SECOND
        look = self.watcher.look(next(self._frames), now)
        start = time.perf_counter()
        self.lesson.add(now, summarise_states(look.followed.states, self.names))
        summed = time.perf_counter()
        annotate_followed(look.picture, look.followed, self.names)
        drawn = time.perf_counter()
        self.steps += 1
        return {**look.milliseconds, "summary": 1000 * (summed - start), "draw": 1000 * (drawn - summed)}


def frames_of(folder: Path | None, names: str, count: int) -> list[np.ndarray]:
    """At most `count` pictures one after the other that are as large as the first; made up without a folder."""
    if folder is None:
        return made_up(count)
    paths = [path for name, path in find_images(folder) if fnmatch(name, names)]
    if not paths:
        sys.exit(f"error: no picture below {folder} is called {names}")
    frames = [decode(path) for path in paths[:count]]
    return [frame for frame in frames if frame.shape == frames[0].shape]


def measure(room: Room, find_every: int, groups: int) -> dict[str, Any]:
    """Medians over `groups` of `find_every` frames, of which the finder looks at one each."""
    rows: list[dict[str, float]] = []
    for number in range(groups + 2):
        start = time.perf_counter()
        with timed_runs() as runs:
            stages = [room.step() for _ in range(find_every)]
        total = 1000 * (time.perf_counter() - start)
        if number >= 2:  # two groups to warm up
            row = {stage: sum(step[stage] for step in stages) / find_every for stage in STAGES}
            rows.append({**row, "session": sum(runs) / find_every, "total": total / find_every})
    median = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    outside = statistics.median((row["total"] - row["session"]) / row["total"] for row in rows)
    return {
        "ms_per_frame": {name: round(value, 2) for name, value in median.items()},
        "share_outside_session": round(outside, 4),
        "frames_per_second": round(1000 / median["total"], 2),
        "reached": outside <= MOST_OUTSIDE and 1000 / median["total"] >= LEAST_FRAMES_PER_SECOND,
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


def soak(room: Room, *, seconds: float, frames: int) -> dict[str, Any]:
    """A long run until `seconds` on the wall or `frames` are over; resources after a fifth of it and at the end."""
    begin, samples = time.monotonic(), []
    while (done := max((time.monotonic() - begin) / seconds, room.steps / frames)) < 1:
        room.step()
        if len(samples) < done * SAMPLES:
            samples.append(resources())
    samples.append(resources())
    start, end = samples[min(2, len(samples) - 1)], samples[-1]
    same = all(start[name] == end[name] for name in ("threads", "handles"))
    return {
        "frames": room.steps,
        "lesson_minutes": round(room.steps / FRAMES_PER_SECOND / 60, 1),
        "wall_seconds": round(time.monotonic() - begin, 1),
        "start": start,
        "end": end,
        "memory_mb": [sample["memory_mb"] for sample in samples],
        "flat": same and (end["memory_mb"] or 0) <= GROWTH * (start["memory_mb"] or 0),
    }


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=Path, help="folder of frames of one camera, in the order of their names")
    parser.add_argument("--names", default="*", help="only frames with such a name, for example 'room1_*'")
    parser.add_argument("--finder", type=Path, default=Path("models/students.onnx"))
    parser.add_argument("--model", type=Path, default=Path("models/attitude.onnx"))
    parser.add_argument("--count", type=int, default=20, help="most frames of the loop")
    parser.add_argument("--groups", type=int, default=20, help="how often the finder looks in each measurement")
    parser.add_argument("--students-count", type=int, default=25)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--find-every", type=int, action="append", help=f"besides 1 and {FIND_EVERY}; may be given several times")
    parser.add_argument("--soak", type=float, help="seconds")
    parser.add_argument("--lesson-minutes", type=float)
    parser.add_argument("--stand-in", action="store_true", help="no networks in the long run")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    cv2.setNumThreads(given.threads)
    frames = frames_of(given.frames, given.names, given.count)
    classifier = Classifier(given.model, provider="cpu", threads=given.threads)
    finder = Finder(given.finder, provider="cpu", threads=given.threads)
    students = Exactly(finder, given.students_count)

    measured = {}
    for find_every in sorted({1, FIND_EVERY, *(given.find_every or [])}):
        measured[find_every] = measure(Room(frames, classifier, students, find_every), find_every, given.groups)
        costs = "  ".join(f"{stage} {ms:.1f}" for stage, ms in measured[find_every]["ms_per_frame"].items())
        print(f"finder at every {find_every}. frame: {measured[find_every]['frames_per_second']:.1f} frames/s; ms: {costs}")
    result = {
        "frames": len(frames),
        "real_frames": given.frames is not None,
        "frame_size_wh": [frames[0].shape[1], frames[0].shape[0]],
        "students": given.students_count,
        "students_found": round(statistics.mean(len(finder.find(frame)) for frame in frames), 1),
        "threads": given.threads,
        "target": {"share_outside_session": MOST_OUTSIDE, "frames_per_second": LEAST_FRAMES_PER_SECOND},
        "find_every": measured,
        "soak": None,
        "onnxruntime": ort.__version__,
        "machine": platform.machine(),
    }
    if given.soak or given.lesson_minutes:
        every = max(measured)
        if given.stand_in:
            students = StandInFinder([students.find(frame) for frame in frames[::every]])
            classifier = StandInClassifier(given.model, provider="cpu", threads=given.threads)
        minutes = given.lesson_minutes or float("inf")
        room = Room(frames, classifier, students, every)
        result["soak"] = {
            "stand_in": given.stand_in,
            **soak(room, seconds=given.soak or float("inf"), frames=minutes * 60 * FRAMES_PER_SECOND),
        }
        print(f"{result['soak']['frames']} frames on: {result['soak']['start']} -> {result['soak']['end']}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
