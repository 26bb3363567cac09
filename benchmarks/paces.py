"""What is lost when the finder looks at fewer frames, and fewer students are scored in each: the same lesson at several paces.

    python -m benchmarks.paces FRAMES --camera NAME [--frames 60] [--hold 4] [--rate 8] [--pace 9x5]

FRAMES holds images/ and annotations.json (`training.coco`). Every picture is shown for --hold frames at --rate frames a second,
moved by a pixel or so and with a little noise, as a camera would show it; after the last of them the state of every labelled
student is compared with the label. A pace is find_every x classify_every of `inference.watching.Watcher`. Per pace: `right`, of
all labelled students those who were found and had the right state; `uncertain` of them; `turns`, changes of state per student
and minute; `counts_off`, by how many students the count of a class in ten seconds differs from that of the first pace, on
average; `cpu_ms` per frame, of all cores. The rates of models that were trained on these rooms compare paces and say nothing
else. The last line is one JSON document.
"""

import argparse
import itertools
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.classroom import PACES, pace_of
from inference.classifier import Classifier
from inference.finder import Finder
from inference.following import UNCERTAIN, Followed
from inference.images import decode
from inference.lesson import Lesson
from inference.summary import summarise_states
from inference.watching import Watcher
from training import coco
from training.finder_metrics import owners
from training.metrics import rate

INTERVAL_SECONDS = 10.0


@dataclass
class Tally:
    """What a pace showed."""

    right: int = 0
    uncertain: int = 0
    labelled: int = 0
    turns: int = 0
    student_frames: int = 0
    cpu_ms: list[float] = field(default_factory=list)
    counts: list[tuple[float, ...]] = field(default_factory=list)
    """Per interval the mean count of each class."""
    _before: dict[int, int] = field(default_factory=dict)

    def follow(self, followed: Followed) -> None:
        """One more frame."""
        now = dict(zip(followed.numbers.tolist(), followed.states.tolist(), strict=True))
        self.turns += sum(now[number] != self._before[number] for number in now.keys() & self._before.keys())
        self.student_frames += len(now)
        self._before = now

    def compare(self, followed: Followed, frame: coco.Frame, class_names: Sequence[str]) -> None:
        """With the labels of the picture; `rate` of who was not found is wrong."""
        whose = owners(followed.boxes, frame.students)
        states = {int(student): int(state) for student, state in zip(whose, followed.states, strict=True) if student >= 0}
        for student, attitude in enumerate(frame.attitudes):
            if attitude in class_names:
                state = states.get(student)
                self.labelled += 1
                self.right += state is not None and state != UNCERTAIN and class_names[state] == attitude
                self.uncertain += state == UNCERTAIN


def shown(picture: np.ndarray, hold: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """The picture as a camera would show it for `hold` frames."""
    for _ in range(hold):
        moved = np.roll(picture, rng.integers(-1, 2, 2), axis=(0, 1))
        yield np.clip(moved.astype(np.int16) + rng.integers(-3, 4, picture.shape, np.int16), 0, 255).astype(np.uint8)


def run(
    frames: Sequence[coco.Frame], pictures: Sequence[np.ndarray], watcher: Watcher, names: Sequence[str], hold: int, fps: float
) -> Tally:
    """One lesson at one pace."""
    tally, lesson, rng, count = (
        Tally(),
        Lesson(names, interval_seconds=INTERVAL_SECONDS),
        np.random.default_rng(0),
        itertools.count(),
    )
    for frame, picture in zip(frames, pictures, strict=True):
        for still in shown(picture, hold, rng):
            now, begun = next(count) / fps, time.process_time()
            followed = watcher.look(still, now).followed
            tally.cpu_ms.append(1000 * (time.process_time() - begun))
            tally.follow(followed)
            lesson.add(now, summarise_states(followed.states, names))
        tally.compare(followed, frame, names)
    lesson.close(next(count) / fps)
    tally.counts = [interval.counts for interval in lesson.intervals]
    return tally


def row(pace: tuple[int, int], tally: Tally, first: Tally, fps: float) -> dict[str, Any]:
    """The figures of a pace."""
    return {
        "find_every": pace[0],
        "classify_every": pace[1],
        "right": rate(tally.right, tally.labelled),
        "uncertain": rate(tally.uncertain, tally.labelled),
        "turns": round(60 * fps * tally.turns / max(1, tally.student_frames), 2),
        "counts_off": round(float(np.abs(np.array(tally.counts) - np.array(first.counts)).mean()), 3),
        "cpu_ms": round(statistics.mean(tally.cpu_ms), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FRAMES")
    parser.add_argument("--camera", default="")
    parser.add_argument("--finder", type=Path, default=Path("models/students.onnx"))
    parser.add_argument("--model", type=Path, default=Path("models/attitude.onnx"))
    parser.add_argument("--frames", type=int, default=60, help="pictures, at most")
    parser.add_argument("--hold", type=int, default=4)
    parser.add_argument("--rate", type=float, default=8.0)
    parser.add_argument("--pace", type=pace_of, action="append", default=[])
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()

    classifier = Classifier(given.model, provider="cpu", threads=given.threads)
    finder = Finder(given.finder, provider="cpu", threads=given.threads)
    frames = [frame for frame in coco.read(given.folder) if given.camera in ("", frame.camera)][: given.frames]
    pictures, names = [decode(frame.path) for frame in frames], classifier.spec.class_names
    rows: list[dict[str, Any]] = []
    first: Tally | None = None
    for pace in dict.fromkeys([*PACES, *given.pace]):
        watcher = Watcher(classifier, finder, find_every=pace[0], classify_every=pace[1])
        tally = run(frames, pictures, watcher, names, given.hold, given.rate)
        first = first or tally
        rows.append(row(pace, tally, first, given.rate))
        print(json.dumps(rows[-1]), flush=True)
    about = {"camera": given.camera, "pictures": len(frames), "hold": given.hold, "frames_per_second": given.rate}
    print(json.dumps({**about, "paces": rows}))


if __name__ == "__main__":
    main()
