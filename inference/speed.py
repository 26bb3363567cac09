"""How fast the models are on this machine, on pictures that are made for it.

speed = measured(classifier, finder)
speed.students[30]  # milliseconds for thirty students of one frame

Cutting out, resizing and the network together, the middle of several runs. Decoding a picture is not part of it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from inference.classifier import Classifier
from inference.finder import Finder

COUNTS = (1, 30)
"""Students: one, and a class."""
CROP_HW, FRAME_HW = (240, 200), (720, 1280)
SECONDS, RUNS = 1.0, 20
"""For one number: at most so long, and at most so many runs; at least three after one to warm up."""


@dataclass(frozen=True)
class Speed:
    """Milliseconds."""

    students: dict[int, float]
    """For so many students at once."""
    finding: float | None
    """Of the finder, for one frame of 1280 x 720 pixels."""


def measured(classifier: Classifier, finder: Finder | None) -> Speed:
    """Takes a few seconds."""
    random = np.random.default_rng(0)
    crop = random.integers(0, 255, (*CROP_HW, 3), dtype=np.uint8)
    frame = random.integers(0, 255, (*FRAME_HW, 3), dtype=np.uint8)
    model = classifier.now
    students = {count: _median(partial(model.scores_of, [crop] * count)) for count in COUNTS}
    return Speed(students, None if finder is None else _median(partial(finder.find, frame)))


def _median(work: Callable[[], object]) -> float:
    """Milliseconds of one run."""
    work()
    took: list[float] = []
    end = time.perf_counter() + SECONDS
    while len(took) < 3 or (len(took) < RUNS and time.perf_counter() < end):
        start = time.perf_counter()
        work()
        took.append(1000 * (time.perf_counter() - start))
    return float(np.median(took))
