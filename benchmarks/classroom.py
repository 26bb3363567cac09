"""What one frame of a lesson costs from the decoded picture to the drawn one, and whether an hour of it leaves anything behind.

    python -m benchmarks.classroom --frames FOLDER --names 'room*' [--students-count 25] [--threads 2] [--pace 3x2]
    python -m benchmarks.classroom --frames FOLDER --lesson-minutes 60 --stand-in
    python -m benchmarks.classroom --frames FOLDER --soak 600

A looped run of pictures (to and fro, so that nothing jumps) goes through `Watcher`, `RunningLesson` and `annotate_followed`. The
finder really looks; then exactly --students-count boxes go on: its best, filled up from a grid. One corner is masked. Without
--frames the pictures are made up. A pace is find_every x classify_every of `Watcher`. Every figure is milliseconds per frame;
`session` is what of it passed inside ONNX Runtime, `outside` the rest, `cpu` the time of all cores, which a busy machine does not
stretch. --soak (seconds by the clock on the wall) and --lesson-minutes (of a lesson at --rate frames a second, at full speed)
then run a `Monitor` that records and is drawn, and look at memory, threads and open files; --stand-in puts made-up boxes and
scores in the place of both networks there. The last line is one JSON document.
"""

import argparse
import json
import math
import platform
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime as ort

from benchmarks.find import made_up, timed_runs
from benchmarks.long_lesson import FRAMES_PER_SECOND, LoopedFilm, StandInClassifier, StandInFinder, looped, soak
from inference.annotate import annotate_followed
from inference.classifier import Classifier
from inference.finder import Finder
from inference.images import decode, find_images
from inference.masks import Masks
from inference.running_lesson import RunningLesson
from inference.seats import Seats
from inference.students import Students
from inference.summary import summarise_states
from inference.watching import CLASSIFY_EVERY, FIND_EVERY, Watcher
from inference.watching import STAGES as LOOKING

STAGES = (*LOOKING, "summary", "draw")
PACES = ((1, 1), (FIND_EVERY, 1), (FIND_EVERY, CLASSIFY_EVERY))
"""find_every and classify_every; the last is how the program runs."""
MOST_OUTSIDE, LEAST_FRAMES_PER_SECOND = 0.2, 8.0
"""What is to be reached."""


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


def watcher_of(frame: np.ndarray, classifier: Classifier, students: Students, pace: tuple[int, int]) -> Watcher:
    """One corner of its frames is masked."""
    height, width = frame.shape[:2]
    masks = Masks((width, height), ((0, 0, width / 8, height / 8),))
    return Watcher(classifier, students, masks=masks, find_every=pace[0], classify_every=pace[1])


class Room:
    """A lesson of looped pictures: each `step` is one frame, from the picture to the marked picture."""

    def __init__(self, frames: Sequence[np.ndarray], classifier: Classifier, students: Students, pace: tuple[int, int]) -> None:
        self.watcher = watcher_of(frames[0], classifier, students, pace)
        self.names = classifier.spec.class_names
        self.lesson = RunningLesson(self.names)
        self.steps = 0
        self._frames = looped(frames)

    def step(self) -> dict[str, float]:
        """Milliseconds of each stage."""
        now = self.steps / FRAMES_PER_SECOND
        look = self.watcher.look(next(self._frames), now)
        start = time.perf_counter()
        self.lesson.add(now, summarise_states(look.followed.states, self.names), look.followed)
        self.lesson.shown()
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


def measure(room: Room, pace: tuple[int, int], groups: int) -> dict[str, Any]:
    """Medians over `groups` of frames, in each of which the finder looks once and everybody was scored as often."""
    size = math.lcm(*pace)
    rows: list[dict[str, float]] = []
    for number in range(groups + 2):
        start, begun = time.perf_counter(), time.process_time()
        with timed_runs() as runs:
            stages = [room.step() for _ in range(size)]
        total, cpu = 1000 * (time.perf_counter() - start), 1000 * (time.process_time() - begun)
        if number >= 2:  # two groups to warm up
            row = {stage: sum(step[stage] for step in stages) / size for stage in STAGES}
            rows.append({**row, "session": sum(runs) / size, "total": total / size, "cpu": cpu / size})
    median = {name: statistics.median(row[name] for row in rows) for name in rows[0]}
    outside = statistics.median((row["total"] - row["session"]) / row["total"] for row in rows)
    return {
        "find_every": pace[0],
        "classify_every": pace[1],
        "ms_per_frame": {name: round(value, 2) for name, value in median.items()},
        "share_outside_session": round(outside, 4),
        "frames_per_second": round(1000 / median["total"], 2),
        "reached": outside <= MOST_OUTSIDE and 1000 / median["total"] >= LEAST_FRAMES_PER_SECOND,
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
    known = " ".join(f"{find}x{classify}" for find, classify in PACES)
    parser.add_argument("--pace", type=pace_of, action="append", default=[], help=f"besides {known}; may be given several times")
    parser.add_argument("--soak", type=float, help="seconds")
    parser.add_argument("--lesson-minutes", type=float)
    parser.add_argument("--rate", type=float, default=FRAMES_PER_SECOND, help="frames a second of that lesson (%(default)g)")
    parser.add_argument("--stand-in", action="store_true", help="no networks in the long run")
    return parser.parse_args()


def pace_of(text: str) -> tuple[int, int]:
    """`3x2` -> (3, 2)."""
    find, classify = text.split("x")
    return int(find), int(classify)


def main() -> None:
    given = arguments()
    cv2.setNumThreads(given.threads)
    frames = frames_of(given.frames, given.names, given.count)
    classifier = Classifier(given.model, provider="cpu", threads=given.threads)
    finder = Finder(given.finder, provider="cpu", threads=given.threads)
    students = Exactly(finder, given.students_count)

    measured = []
    for pace in dict.fromkeys([*PACES, *given.pace]):
        measured.append(measure(Room(frames, classifier, students, pace), pace, given.groups))
        costs = "  ".join(f"{stage} {ms:.1f}" for stage, ms in measured[-1]["ms_per_frame"].items())
        print(f"pace {pace[0]}x{pace[1]}: {measured[-1]['frames_per_second']:.1f} frames/s; ms: {costs}")
    result = {
        "frames": len(frames),
        "real_frames": given.frames is not None,
        "frame_size_wh": [frames[0].shape[1], frames[0].shape[0]],
        "students": given.students_count,
        "students_found": round(statistics.mean(len(finder.find(frame)) for frame in frames), 1),
        "threads": given.threads,
        "target": {"share_outside_session": MOST_OUTSIDE, "frames_per_second": LEAST_FRAMES_PER_SECOND},
        "paces": measured,
        "soak": None,
        "onnxruntime": ort.__version__,
        "machine": platform.machine(),
    }
    if given.soak or given.lesson_minutes:
        if given.stand_in:
            students = StandInFinder([students.find(frame) for frame in frames[::FIND_EVERY]])
            classifier = StandInClassifier(given.model, provider="cpu", threads=given.threads)
        most = (given.lesson_minutes or float("inf")) * 60 * given.rate
        film = LoopedFilm(frames, given.soak or float("inf"), most, given.rate)
        watcher = watcher_of(frames[0], classifier, students, PACES[-1])
        result["soak"] = {"stand_in": given.stand_in, **soak(film, watcher, classifier)}
        print(f"{result['soak']['frames']} frames on: {result['soak']['start']} -> {result['soak']['end']}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
