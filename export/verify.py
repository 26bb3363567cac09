"""The gate: torch and the serving `Classifier` score the same picture files, and must agree."""

import contextlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from inference.classifier import Classifier
from inference.errors import DataError, ImageError, ModelError
from inference.images import decode, find_images, framed
from training.model import FrameModel

BATCHES = (1, 3, 8)
CHUNK = 24
"""Pictures in memory at a time; a multiple of every batch size."""
TOLERANCE = 1e-3
"""Largest allowed difference of a score."""


@dataclass(frozen=True)
class Parity:
    """What the gate measured."""

    images: int
    unreadable: int
    top1_changes: int
    """Pictures whose highest class differs, over all batch sizes."""
    largest_difference: float
    """Of any score of any picture, over all batch sizes."""

    @property
    def passed(self) -> bool:
        """No changed answer and no score further off than the tolerance."""
        return self.images > 0 and self.top1_changes == 0 and self.largest_difference <= TOLERANCE

    def as_dict(self) -> dict[str, float | int]:
        """For JSON."""
        return asdict(self)


def compare(
    model: FrameModel, classifier: Classifier, folder: Path, *, batches: Sequence[int] = BATCHES, limit: int = 0
) -> Parity:
    """Score every picture of a folder (or `limit` of them, evenly spread) both ways, in batches of each size.

    Raises DataError when no picture can be read.
    """
    paths = chosen(folder, limit)
    images, changes, largest = 0, 0, 0.0
    for start in range(0, len(paths), CHUNK):
        pictures = readable(paths[start : start + CHUNK])
        if not pictures:
            continue
        images += len(pictures)
        reference = _torch_scores(model, pictures)
        for size in batches:
            served = np.concatenate([classifier.scores_of(pictures[i : i + size]) for i in range(0, len(pictures), size)])
            changes += int((served.argmax(1) != reference.argmax(1)).sum())
            difference = float(np.abs(served - reference).max())
            largest = max(largest, difference) if np.isfinite(difference) else float("inf")
    if not images:
        raise DataError(f"None of the {len(paths)} pictures in {folder} can be read, so nothing can be verified.")
    return Parity(images, len(paths) - images, changes, largest)


def gate(parity: Parity) -> None:
    """Raises ModelError when the exported file may not ship."""
    if not parity.passed:
        raise ModelError(
            f"The exported model disagrees with the checkpoint ({parity.images} pictures): {parity.top1_changes} answers differ, "
            f"largest difference of a score {parity.largest_difference:.2g} (allowed: 0 and {TOLERANCE:g}). No file was written."
        )


def chosen(folder: Path, limit: int) -> list[Path]:
    """Every picture of a folder, or `limit` of them, evenly spread; 0: no limit."""
    paths = [path for _, path in find_images(folder)]
    if limit and len(paths) > limit:
        paths = [paths[i] for i in np.linspace(0, len(paths) - 1, limit).round().astype(int)]
    return paths


def readable(paths: Sequence[Path]) -> list[np.ndarray]:
    """Decoded pictures `(h, w, 3) uint8 RGB` of the files that can be read."""
    pictures = []
    for path in paths:
        with contextlib.suppress(ImageError):
            pictures.append(decode(path))
    return pictures


def _torch_scores(model: FrameModel, pictures: Sequence[np.ndarray]) -> np.ndarray:
    frames = np.stack([framed(picture, model.spec) for picture in pictures])
    with torch.inference_mode():
        return model(torch.from_numpy(frames)).numpy()
