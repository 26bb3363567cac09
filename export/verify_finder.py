"""The finder's gate: torch and what serves find the same students in the same pictures."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from export.verify import BATCHES, CHUNK, TOLERANCE, chosen, readable
from inference.boxes import boxes_in
from inference.errors import DataError, ModelError
from inference.finder import Finder, tiles
from inference.images import framed
from inference.session import Session
from training.finder_model import FinderModel

SHIFT = 0.5
"""Largest allowed distance between sides of the same box, pixels of the picture."""


@dataclass(frozen=True)
class FinderParity:
    """What the gate measured."""

    images: int
    unreadable: int
    students: int
    """Boxes that torch finds at the threshold of the fact sheet."""
    changes: int
    """Pictures in which another number of students is found, over all batch sizes and the serving class."""
    largest_difference: float
    """Of any score, over all batch sizes and the serving class."""
    largest_shift: float
    """Of any side of a box, pixels of the picture."""

    @property
    def passed(self) -> bool:
        """The same students everywhere, within the tolerances; an empty room is no evidence."""
        within = self.largest_difference <= TOLERANCE and self.largest_shift <= SHIFT
        return self.images > 0 and self.students > 0 and self.changes == 0 and within

    def as_dict(self) -> dict[str, float | int]:
        """For JSON."""
        return asdict(self)


def compare(model: FinderModel, path: Path, folder: Path, *, batches: Sequence[int] = BATCHES, limit: int = 0) -> FinderParity:
    """Find in every picture of a folder (or `limit` of them, evenly spread) with torch, with the graph and with `Finder`.

    Raises DataError when no picture can be read.
    """
    finder, session = Finder(path, provider="cpu"), Session(path, "find", provider="cpu", threads=0)
    paths = chosen(folder, limit)
    images = students = changes = 0
    difference = shift = 0.0
    for start in range(0, len(paths), CHUNK):
        pictures = readable(paths[start : start + CHUNK])
        if not pictures:
            continue
        frames = np.stack([framed(picture, model.spec) for picture in pictures])
        with torch.inference_mode():
            boxes, scores = (np.concatenate(parts) for parts in zip(*(_torch(model, frame) for frame in frames), strict=True))
        reference = [_place(model, *row) for row in zip(pictures, boxes, scores, strict=True)]
        images, students = images + len(pictures), students + sum(map(len, reference))
        served = [[finder.find(picture) if not _tiled(model, picture) else None for picture in pictures]]
        for size in batches:
            outputs = [session.run(frames[i : i + size]) for i in range(0, len(frames), size)]
            boxes, scores = (np.concatenate(parts) for parts in zip(*outputs, strict=True))
            served.append([_place(model, *row) for row in zip(pictures, boxes, scores, strict=True)])
        for expected, found in ((e, f) for row in served for e, f in zip(reference, row, strict=True) if f is not None):
            if len(found) != len(expected):
                changes += 1
            elif len(found):
                difference = max(difference, float(np.abs(found[:, 4] - expected[:, 4]).max()))
                shift = max(shift, float(_nearest(found, expected).max()))
    if not images:
        raise DataError(f"None of the {len(paths)} pictures in {folder} can be read, so nothing can be verified.")
    return FinderParity(images, len(paths) - images, students, changes, difference, shift)


def gate(parity: FinderParity, model: FinderModel) -> None:
    """Raises ModelError when the exported file may not ship."""
    if parity.students == parity.changes == 0:
        raise ModelError(
            f"The checkpoint finds nobody on {parity.images} pictures at threshold {_threshold(model):g}, so nothing can be "
            "compared: give another --threshold, pictures of a class, or train longer. No file was written."
        )
    if not parity.passed:
        raise ModelError(
            f"The exported finder disagrees with the checkpoint ({parity.images} pictures, {parity.students} students): "
            f"in {parity.changes} another number is found, largest difference of a score {parity.largest_difference:.2g} "
            f"(allowed {TOLERANCE:g}), of a side {parity.largest_shift:.2g} pixels (allowed {SHIFT:g}). No file was written."
        )


def _torch(model: FinderModel, frame: np.ndarray) -> list[np.ndarray]:
    return [output.numpy() for output in model(torch.from_numpy(frame[None]))]


def _place(model: FinderModel, picture: np.ndarray, boxes: np.ndarray, scores: np.ndarray) -> np.ndarray:
    return boxes_in(boxes, scores, (picture.shape[0], picture.shape[1]), model.spec, threshold=_threshold(model))


def _threshold(model: FinderModel) -> float:
    return (model.spec.thresholds or (0.0,))[0]


def _tiled(model: FinderModel, picture: np.ndarray) -> bool:
    return bool(tiles((picture.shape[0], picture.shape[1]), model.spec.input_size_hw))


def _nearest(found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """For each box found the largest distance of a side to the expected box that is nearest; equal scores may swap places."""
    return np.abs(found[:, None, :4] - expected[None, :, :4]).max(axis=2).min(axis=1)
