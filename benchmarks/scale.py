"""How far one machine goes: 1 to 200 students per frame, and 1 to 16 cameras at once; what is full first.

    python -m benchmarks.scale --plot benchmarks/plots/scale.png

Students: crops of one frame of 1280 x 720 are classified. Cameras: so many threads share one finder and one classifier, each
going through frames as fast as it can in the way that `watch` does (students found in every third frame, 25 of them classified
and followed), after which the frames per second of all cameras and the time one frame takes are what counts. The share of the
processor's time that is used says whether more would fit. The last line is one JSON document.
"""

import argparse
import json
import os
import statistics
import threading
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.classroom import Exactly
from benchmarks.find import made_up
from benchmarks.rounds import in_turn, machine, median_and_spread, table
from inference.classifier import Classifier
from inference.finder import Finder
from inference.room import crops
from inference.watching import Watcher

STUDENTS = (1, 2, 5, 10, 25, 50, 100, 200)
CAMERAS = (1, 2, 4, 8, 16)
PER_CAMERA = 25


def students(classifier: Classifier, counts: tuple[int, ...], rounds: int) -> list[dict[str, Any]]:
    """Milliseconds of classifying so many crops of one frame."""
    frame = made_up(1)[0]
    rng = np.random.default_rng(0)
    corners = rng.uniform((0, 0), (1100, 560), (max(counts), 2))
    boxes = np.hstack([corners, corners + rng.uniform(60, 160, (max(counts), 2))])

    def timed(count: int) -> float:
        start = time.perf_counter()
        classifier.scores_of(crops(frame, boxes[:count], classifier.spec.crop_margin))
        return 1000 * (time.perf_counter() - start)

    times = in_turn({str(count): lambda count=count: timed(count) for count in counts}, rounds, warm_up=1)
    spread = {count: median_and_spread(times[str(count)]) for count in counts}
    return [{"students": n, "ms": s, "students_per_second": round(1000 * n / s["median"])} for n, s in spread.items()]


def cameras(classifier: Classifier, finder: Finder, count: int, seconds: float) -> dict[str, Any]:
    """So many cameras for so long."""
    frames, took, stop = made_up(4), [[] for _ in range(count)], threading.Event()

    def watch(mine: list[float], first: int) -> None:
        watcher = Watcher(classifier, Exactly(finder, PER_CAMERA))
        number = first
        while not stop.is_set() or len(mine) < 2:  # the first, which warms up, is not counted
            start = time.perf_counter()
            watcher.look(frames[number % len(frames)], start)
            mine.append(1000 * (time.perf_counter() - start))
            number += 1

    threads = [threading.Thread(target=watch, args=(mine, i)) for i, mine in enumerate(took)]
    cpu, start = time.process_time(), time.perf_counter()
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    stop.set()
    for thread in threads:
        thread.join()
    wall = time.perf_counter() - start
    times = [value for mine in took for value in mine[1:]]
    return {
        "cameras": count,
        "frames_per_second": round(sum(map(len, took)) / wall, 2),
        "per_camera": round(sum(map(len, took)) / wall / count, 2),
        "ms_median": round(statistics.median(times), 1),
        "ms_p95": round(float(np.percentile(times, 95)), 1),
        "processor": round((time.process_time() - cpu) / wall / (os.cpu_count() or 1), 2),
    }


def full_from(rows: Sequence[dict[str, Any]]) -> int | None:
    """The number of cameras after which more of them bring less than a tenth more frames per second."""
    for fewer, more in pairwise(rows):
        if more["frames_per_second"] < 1.1 * fewer["frames_per_second"]:
            return fewer["cameras"]
    return None


def draw(result: dict[str, Any], path: Path) -> None:
    """Both curves side by side, as PNG."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    counts = [row["students"] for row in result["students"]]
    left.plot(counts, [row["ms"]["median"] for row in result["students"]], "o-", color="#0072B2")
    low, high = ([row["ms"][quartile] for row in result["students"]] for quartile in ("q1", "q3"))
    left.fill_between(counts, low, high, alpha=0.25, color="#0072B2")
    left.set(xscale="log", yscale="log", xlabel="students in the frame", ylabel="milliseconds to classify them")
    left.grid(alpha=0.3)
    counts = [row["cameras"] for row in result["cameras"]]
    right.plot(counts, [row["frames_per_second"] for row in result["cameras"]], "o-", color="#009E73", label="frames/s in all")
    right.set(xscale="log", xlabel="cameras", ylabel="frames per second", xticks=counts, xticklabels=counts)
    right.set_ylim(bottom=0)
    right.grid(alpha=0.3)
    other = right.twinx()
    other.plot(counts, [row["ms_p95"] for row in result["cameras"]], "s--", color="#D55E00", label="ms per frame, 95 % below")
    other.set_ylabel("milliseconds")
    other.set_ylim(bottom=0)
    right.legend(handles=[*right.lines, *other.lines], loc="lower right")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("models/attitude.onnx"))
    parser.add_argument("--finder", type=Path, default=Path("models/students.onnx"))
    parser.add_argument("--students", type=int, nargs="+", default=STUDENTS)
    parser.add_argument("--cameras", type=int, nargs="+", default=CAMERAS)
    parser.add_argument("--seconds", type=float, default=6.0, help="per number of cameras")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--plot", type=Path, metavar="PNG")
    given = parser.parse_args()

    classifier, finder = Classifier(given.model, provider="cpu"), Finder(given.finder, provider="cpu")
    result: dict[str, Any] = {"students": students(classifier, tuple(given.students), given.rounds)}
    rows = [
        [r["students"], r["ms"]["median"], r["ms"]["q1"], r["ms"]["q3"], r["students_per_second"]] for r in result["students"]
    ]
    print(table(rows, ["students per frame", "median ms", "q1", "q3", "students/s"]))
    result["cameras"] = [cameras(classifier, finder, count, given.seconds) for count in given.cameras]
    print()
    print(
        table(
            [list(r.values()) for r in result["cameras"]],
            ["cameras", "frames/s", "each", "median ms", "p95 ms", "processor used"],
        )
    )
    result["full_from_cameras"] = full_from(result["cameras"])
    if result["full_from_cameras"] is None:
        print("each step to more cameras still brought more frames per second")
    else:
        used = next(row["processor"] for row in result["cameras"] if row["cameras"] == result["full_from_cameras"])
        print(
            f"no more frames per second from {result['full_from_cameras']} cameras on; {used:.0%} of the processor is used there"
        )
    if given.plot is not None:
        draw(result, given.plot)
    print(json.dumps({**result, "machine": machine()}))


if __name__ == "__main__":
    main()
