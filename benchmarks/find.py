"""What finding the students of a frame costs, how much of it stands around the network, and what classifying 25 of them costs.

    python -m benchmarks.find --frames FOLDER --finder models/students.onnx --model models/attitude.onnx

Without --frames the frames are made up: 1280 x 720 pixels of noise. `find` is `Finder.find` from the decoded frame to boxes in
its pixels; `session` is the part of it inside ONNX Runtime; `outside` is the rest. With `--peer` another detector (YuNet's
file, or another finder) looks at every frame in turn with ours, and the ratio of the medians is given. The last line is one
JSON document.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
import onnxruntime as ort

from inference.classifier import Classifier
from inference.finder import Finder
from inference.images import decode, find_images
from inference.room import crops
from inference.seats import Seats
from inference.session import Session
from inference.students import open_students

WIDTH, HEIGHT = 1280, 720
STUDENTS = 25


def made_up(count: int) -> list[np.ndarray]:
    """Frames with edges of many sizes, `(720, 1280, 3) uint8`."""
    rng = np.random.default_rng(0)
    return [cv2.resize(rng.integers(0, 256, (90, 160, 3), dtype=np.uint8), (WIDTH, HEIGHT)) for _ in range(count)]


def read(folder: Path, count: int) -> list[np.ndarray]:
    """At most `count` pictures from all over the folder."""
    paths = [path for _, path in find_images(folder)]
    return [decode(path) for path in paths[:: -(-len(paths) // count)]]


@contextmanager
def timed_runs() -> Iterator[list[float]]:
    """The milliseconds of every `Session.run` meanwhile."""
    run, times = Session.run, []

    def timed(session: Session, frames: np.ndarray) -> list[np.ndarray]:
        start = time.perf_counter()
        outputs = run(session, frames)
        times.append(1000 * (time.perf_counter() - start))
        return outputs

    with patch.object(Session, "run", timed):
        yield times


def measure(work: Callable[[], object], rounds: int) -> tuple[list[float], list[float], int]:
    """Milliseconds of each round, of the runs of a network in it, and how many runs one round takes."""
    totals, inside, count = [], [], 0
    for number in range(rounds + 1):
        with timed_runs() as runs:
            start = time.perf_counter()
            work()
            total = 1000 * (time.perf_counter() - start)
        if number:  # one round to warm up
            totals.append(total)
            inside.append(sum(runs))
            count = len(runs)
    return totals, inside, count


def students_of(finder: Finder, frames: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """A frame and STUDENTS boxes in it: those of the first frame with that many, else a grid."""
    for frame in frames:
        found = finder.find(frame)
        if len(found) >= STUDENTS:
            return frame, found[:STUDENTS]
    frame = frames[0]
    return frame, Seats.grid((frame.shape[1], frame.shape[0]), 5, STUDENTS // 5).find(frame)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=Path, help="folder of frames of rooms")
    parser.add_argument("--finder", type=Path, default=Path("models/students.onnx"))
    parser.add_argument("--model", type=Path, default=Path("models/attitude.onnx"))
    parser.add_argument("--peer", type=Path, help="another detector, as --students of python -m inference find takes it")
    parser.add_argument("--count", type=int, default=20, help="most frames")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()

    finder = Finder(given.finder, provider="cpu", threads=given.threads)
    classifier = Classifier(given.model, provider="cpu", threads=given.threads)
    frames = made_up(given.count) if given.frames is None else read(given.frames, given.count)
    cv2.setNumThreads(given.threads)
    peer = given.peer and open_students(str(given.peer), finder=given.finder, provider="cpu", threads=given.threads)

    totals, inside, theirs = [], [], []
    for frame in frames:
        total, runs, _ = measure(lambda frame=frame: finder.find(frame), given.rounds)
        totals += total
        inside += runs
        if peer:
            theirs += measure(lambda frame=frame: peer.find(frame), given.rounds)[0]
    outside = [total - runs for total, runs in zip(totals, inside, strict=True)]
    median = {name: statistics.median(v) for name, v in (("find", totals), ("session", inside), ("outside", outside))}
    for name, values in (("find", totals), ("session", inside), ("outside", outside)):
        print(f"{name:10} median {median[name]:8.2f} ms   min {min(values):8.2f}   max {max(values):8.2f}")

    frame, boxes = students_of(finder, frames)
    cut_out, runs, count = measure(
        lambda: classifier.scores_of(crops(frame, boxes, classifier.spec.crop_margin)), given.rounds * 2
    )
    print(f"{STUDENTS} students classified: median {statistics.median(cut_out):.2f} ms, {count} run of the network")
    result = {
        "frames": len(frames),
        "real_frames": given.frames is not None,
        "frame_sizes_wh": sorted({(f.shape[1], f.shape[0]) for f in frames}),
        "rounds": given.rounds,
        "threads": given.threads,
        "finder_size_hw": finder.spec.input_size_hw,
        "students_per_frame": round(statistics.mean(len(finder.find(f)) for f in frames), 1),
        "median_ms": {name: round(value, 2) for name, value in median.items()},
        **(
            {
                "peer_ms": round(statistics.median(theirs), 2),
                "ratio_to_peer": round(median["find"] / statistics.median(theirs), 3),
            }
            if peer
            else {}
        ),
        "share_outside_session": round(statistics.median(o / t for o, t in zip(outside, totals, strict=True)), 4),
        "classify": {
            "students": STUDENTS,
            "median_ms": round(statistics.median(cut_out), 2),
            "session_ms": round(statistics.median(runs), 2),
            "session_runs": count,
        },
        "onnxruntime": ort.__version__,
        "machine": platform.machine(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
