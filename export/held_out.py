"""Which pictures calibrate an int8 file, and which judge a variant: never the same person on both sides.

Beside a checkpoint lies the split of its run (`split.csv`): then pictures that trained calibrate, and those that did not judge.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.errors import DataError
from training import data, splits
from training.data import Sample

LEAST = 32
"""Fewer pictures do not show the range of the values inside a network."""
MOST = 1000
"""Of all classes; with a quarter of these a rare class shows hardly any, and the ranges do not cover what it needs."""
CALIBRATING_PERSONS = 0.25
"""Share of the persons who calibrate where both folders show the same ones."""


@dataclass(frozen=True)
class Parts:
    """Two lists without a person in common."""

    calibration: tuple[Sample, ...]
    """Empty when nothing is calibrated."""
    verification: tuple[Sample, ...]
    trained: int | None
    """How many of `verification` the network was trained on; None where the split of its run is not known."""


def choose(calibrate: Path | None, verify: Path, names: Sequence[str], split: Path | None) -> Parts:
    """Labelled folders -> parts. Raises DataError for a folder that does not fit or is too small, or a table that is no split."""
    judging, sides = _scan(verify, names), {} if split is None else splits.read_sides(split, needed=True)
    trained = 0 if any(sample.file in sides for sample in judging) else None
    judging = [sample for sample in judging if sides.get(sample.file) != "train"]
    if not judging:
        raise DataError(f"Every picture of {verify} trained the network, so none can judge. Give others with --verify.")
    if calibrate is None:
        return Parts((), tuple(judging), trained)
    calibrating = [s for s in _scan(calibrate, names) if sides.get(s.file, "train") == "train"]
    calibrating, judging = _apart(calibrating, judging)
    if len(calibrating) < LEAST:
        raise DataError(
            f"int8 is calibrated on at least {LEAST} pictures of persons who do not judge it, {calibrate} has {len(calibrating)}."
            " Add pictures to --calibrate, or leave int8 out of --variants."
        )
    return Parts(spread(calibrating, MOST), tuple(judging), trained)


def _scan(folder: Path, names: Sequence[str]) -> list[Sample]:
    samples = data.scan(folder)
    unknown = sorted({sample.label for sample in samples} - set(names))
    if unknown:
        raise DataError(f"{folder} has pictures of {', '.join(unknown)}; the model knows {', '.join(names)} only.")
    return samples


def _apart(calibrating: list[Sample], judging: list[Sample]) -> tuple[list[Sample], list[Sample]]:
    """Where persons stand on both sides, a quarter of them calibrates and the others judge."""
    shared = sorted({s.person for s in calibrating} & {s.person for s in judging})
    np.random.default_rng(0).shuffle(shared)
    calibrates = set(shared[: round(CALIBRATING_PERSONS * len(shared))])
    judges = set(shared) - calibrates
    return [s for s in calibrating if s.person not in judges], [s for s in judging if s.person not in calibrates]


def spread(samples: Sequence[Sample], most: int) -> tuple[Sample, ...]:
    """At most so many samples, drawn in turn from every class and camera, and within these from every person."""
    groups: dict[tuple[str, str], dict[str, list[Sample]]] = defaultdict(lambda: defaultdict(list))
    for sample in samples:
        groups[sample.label, sample.camera][sample.person].append(sample)
    queues = [_in_turn(list(persons.values())) for _, persons in sorted(groups.items())]
    return tuple(_in_turn(queues)[:most])


def _in_turn(queues: Sequence[Sequence[Sample]]) -> list[Sample]:
    longest = max((len(queue) for queue in queues), default=0)
    return [queue[i] for i in range(longest) for queue in queues if i < len(queue)]
