"""Folds of a cross-validation: whole persons, or whole cameras, and every class in every fold as far as that goes.

for test in folds(samples, 5, group="person", seed=0):  # indices of the samples of one fold
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

Group = Literal["person", "camera"]


@dataclass(frozen=True, kw_only=True)
class CrossvalConfig:
    """How the folds are made; everything else is the recipe, `TrainConfig`."""

    folds: int = 5
    group: Group = "person"
    seeds: int = 3
    whole_cameras: tuple[str, ...] = ()
    """Cameras whose pictures stay together, because their persons recur under other names."""
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
    ties: list[tuple[int, str]] = []
    for row, sample in enumerate(samples):
        if group == "person":
            ties.append((row, f"person {sample.person}"))
        cameras = sample.cameras if group == "camera" else sample.cameras & set(whole_cameras)
        ties += [(row, f"camera {camera}") for camera in cameras]
        if group == "camera" and not sample.cameras:
            ties.append((row, f"person {sample.person}"))
    names = {name: len(samples) + i for i, name in enumerate(dict.fromkeys(name for _, name in ties))}
    rows, columns = [row for row, _ in ties], [names[name] for _, name in ties]
    size = len(samples) + len(names)
    graph = coo_array((np.ones(len(ties)), (rows, columns)), shape=(size, size))
    found: np.ndarray = connected_components(graph, directed=False)[1]
    return np.unique(found[: len(samples)], return_inverse=True)[1]


def folds(
    samples: Sequence[Sample], count: int, *, group: Group, seed: int, whole_cameras: Collection[str] = ()
) -> list[np.ndarray]:
    """Indices of the samples of each fold, sorted; together they are all samples. Raises DataError for too few groups."""
    together = groups(samples, group, whole_cameras=whole_cameras)
    there = len(np.unique(together))
    if count < 2 or there < count:
        raise DataError(
            f"{count} folds were asked for, and the pictures show {there} different {group}s. "
            f"Choose from 2 to {max(there, 2)} with --folds, or add pictures."
        )
    labels = [s.label for s in samples]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of a class with fewer pictures than folds; the report counts them
        splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed)
        found = [test for _, test in splitter.split(np.zeros(len(samples)), labels, together)]
    return [np.sort(test) for test in found if len(test)]
