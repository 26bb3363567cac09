"""Folds of a cross-validation: whole persons, or whole cameras, and every class in every fold as far as that goes.

for test in folds(samples, 5, group="person", seed=0):  # indices of the samples of one fold
    ...
for test, others in drawn(samples, choices, seed=0):  # and of those that may train for it
    ...
"""

import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import StratifiedGroupKFold

from inference.errors import DataError
from training.data import Sample
from training.splits import persons_before

Group = Literal["person", "camera"]


@dataclass(frozen=True, kw_only=True)
class CrossvalConfig:
    """How the folds are made; everything else is the recipe, `TrainConfig`."""

    folds: int = 5
    group: Group = "person"
    seeds: int = 3
    whole_cameras: tuple[str, ...] = ()
    """Cameras whose pictures stay together, because their persons recur under other names."""
    train_only_cameras: tuple[str, ...] = ()
    """Cameras whose persons train in every fold and are never scored."""
    probe: bool = False
    learning_curve: tuple[int, ...] = ()
    """Pictures per class."""
    keep_features: str = ""
    """With `probe`: the file that keeps the features."""


def groups(samples: Sequence[Sample], group: Group, *, whole_cameras: Collection[str] = ()) -> np.ndarray:
    """`(N,) int`: samples of one number stay together.

    By person, or by camera; the pictures of `whole_cameras` stay together either way, because their persons recur. Pictures
    that show several cameras tie these together. Raises DataError when nothing is known of the cameras but has to be.
    """
    known = {camera for s in samples for camera in s.cameras}
    unknown = sorted(set(whole_cameras) - known)
    if unknown or (group == "camera" and not known):
        raise DataError(
            f"The pictures know of no camera {', '.join(unknown) or 'at all'} (known: {', '.join(sorted(known)) or 'none'}). "
            "Name the cameras in the column `camera` of manifest.csv."
        )
    ties = [(row, tie) for row, sample in enumerate(samples) for tie in _ties(sample, group, whole_cameras)]
    names = {name: len(samples) + i for i, name in enumerate(dict.fromkeys(name for _, name in ties))}
    rows, columns = [row for row, _ in ties], [names[name] for _, name in ties]
    size = len(samples) + len(names)
    graph = coo_array((np.ones(len(ties)), (rows, columns)), shape=(size, size))
    found: np.ndarray = connected_components(graph, directed=False)[1]
    return np.unique(found[: len(samples)], return_inverse=True)[1]


def _ties(sample: Sample, group: Group, whole_cameras: Collection[str]) -> set[str]:
    """What samples share that stay together."""
    cameras = sample.cameras if group == "camera" else sample.cameras & set(whole_cameras)
    person = set() if group == "camera" and cameras else {f"person {sample.person}"}
    return {f"camera {camera}" for camera in cameras} | person


def folds(
    samples: Sequence[Sample],
    count: int,
    *,
    group: Group,
    seed: int,
    whole_cameras: Collection[str] = (),
    train_only_cameras: Collection[str] = (),
) -> list[np.ndarray]:
    """Indices of the samples of each fold, sorted; together they are all but those of persons before `train_only_cameras`.

    Raises DataError for too few groups.
    """
    never = persons_before(train_only_cameras, samples)
    scored = np.array([i for i, s in enumerate(samples) if s.person not in never], np.int64)
    together = groups(samples, group, whole_cameras=whole_cameras)[scored]
    there = len(np.unique(together))
    if count < 2 or there < count:
        raise DataError(
            f"{count} folds were asked for, and the pictures that are scored show {there} different {group}s. "
            f"Choose from 2 to {max(there, 2)} with --folds, or add pictures."
        )
    labels = [samples[i].label for i in scored]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of a class with fewer pictures than folds; the report counts them
        splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
        found = [test for _, test in splitter.split(np.zeros(len(scored)), labels, together)]
    return [np.sort(scored[test]) for test in found if len(test)]


def drawn(samples: Sequence[Sample], choices: CrossvalConfig, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each fold the indices of the samples that are scored, and of those that may train for it.

    Not a sample trains that shows a person of the fold, or, of folds by camera, one of its cameras. Raises DataError as `folds`.
    """
    group, whole = choices.group, choices.whole_cameras
    tests = folds(
        samples, choices.folds, group=group, seed=seed, whole_cameras=whole, train_only_cameras=choices.train_only_cameras
    )
    shown = [_ties(sample, group, whole) | {f"person {sample.person}"} for sample in samples]
    result: list[tuple[np.ndarray, np.ndarray]] = []
    for test in tests:
        held_out = set().union(*(shown[i] for i in test))
        result.append((test, np.array([i for i, ties in enumerate(shown) if not ties & held_out], np.int64)))
    return result
