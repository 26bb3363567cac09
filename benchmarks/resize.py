"""What stands around the network: the resize, its share of the whole, and other resizes that were not taken.

    python -m benchmarks.resize --data DATA

Times are of the processor in this thread, everything on one thread, so that a busy machine changes them little. Without --data
the pictures are made up, and the differences of scores mean nothing. The last line is one JSON document.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from benchmarks.peers import pictures
from benchmarks.rounds import in_turn, machine, median_and_spread, table
from inference.classifier import Classifier
from inference.images import PAD_VALUE, decode, find_images, fit, padding

Resize = Callable[[np.ndarray, tuple[int, int]], np.ndarray]


def taken(image: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    """What the program does: halved, which OpenCV does fast, while it is three times too large; then by areas."""
    return fit(image, (size_wh[1], size_wh[0]), "squash")


def area(image: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    """The mean of the area of each new pixel, in one step."""
    return cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA)


def linear(image: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    """Four neighbours of each point: fast, and blind to the pixels between."""
    return cv2.resize(image, size_wh, interpolation=cv2.INTER_LINEAR)


def pillow(image: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    """What the usual demo does."""
    return np.asarray(Image.fromarray(image).resize(size_wh, Image.Resampling.BILINEAR))


WAYS: dict[str, Resize] = {"halved, then area (taken)": taken, "area": area, "bilinear": linear, "Pillow bilinear": pillow}


def padded(image: np.ndarray, size_hw: tuple[int, int], resize: Resize) -> np.ndarray:
    """As `fit` by `pad`, with another resize."""
    top, left, height, width = padding((image.shape[0], image.shape[1]), size_hw)
    frame = np.full((*size_hw, 3), PAD_VALUE, np.uint8)
    frame[top : top + height, left : left + width] = resize(image, (width, height))
    return frame


def timed(work: Callable[[], object]) -> float:
    """Milliseconds of the processor."""
    start = time.thread_time()
    work()
    return 1000 * (time.thread_time() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("models/attitude.onnx"))
    parser.add_argument("--data", type=Path, help="pictures on which the scores are compared")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    classifier = Classifier(given.model, provider="cpu", threads=1)
    result: dict[str, Any] = {"model": given.model.name, "real": given.data is not None}

    parts = {}
    for count, name in ((1, "photo"), (40, "40 crops")):
        images = pictures(count)
        frames = classifier.prepare(images)
        parts[f"{name}, resize"] = lambda images=images: timed(lambda: classifier.prepare(images))
        parts[f"{name}, network"] = lambda frames=frames: timed(lambda: classifier.scores(frames))
    result["cpu_ms"] = {name: median_and_spread(values) for name, values in in_turn(parts, given.rounds).items()}
    print(
        table([[name, *s.values()] for name, s in result["cpu_ms"].items()], ["part", "median CPU ms", "q1", "q3", "min", "max"])
    )

    photo, size = pictures(1)[0], classifier.spec.input_size_hw
    times = in_turn({n: lambda way=way: timed(lambda: padded(photo, size, way)) for n, way in WAYS.items()}, given.rounds)
    images = pictures(given.count) if given.data is None else read(given.data, given.count)
    scores = {name: classifier.scores(np.stack([padded(image, size, way) for image in images])) for name, way in WAYS.items()}
    first, rows = next(iter(scores.values())), []
    result["ways"] = {}
    for name, values in times.items():
        apart = np.abs(scores[name] - first).max(axis=1)
        found = {
            "cpu_ms": median_and_spread(values)["median"],
            "largest": round(float(apart.max()), 4),
            "mean": round(float(apart.mean()), 4),
            "answers_changed": int((scores[name].argmax(1) != first.argmax(1)).sum()),
        }
        result["ways"][name] = found
        rows.append([name, *found.values()])
    print(f"\n1280 x 720 to {size[1]} x {size[0]}; scores on {len(images)} pictures beside those of the resize taken")
    print(table(rows, ["resize", "median CPU ms", "largest difference", "mean of largest", "answers changed"]))
    print(json.dumps({**result, "pictures": len(images), "machine": machine()}))


def read(folder: Path, count: int) -> list[np.ndarray]:
    """At most so many pictures from all over the folder."""
    paths = [path for _, path in find_images(folder)]
    return [decode(path) for path in paths[:: -(-len(paths) // count)]]


if __name__ == "__main__":
    main()
