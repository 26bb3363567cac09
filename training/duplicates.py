"""The same picture on two sides of a split, found by what it looks like: a score on it would be worth nothing.

Two pictures are the same when their perceptual hashes (64 bits of the lowest frequencies, imagehash) agree and so do their
thumbnails; a saved copy, another size or another compression does not hide one. Neighbouring frames of a video differ more.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import imagehash
import numpy as np
from PIL import Image, ImageOps

from inference.errors import DataError
from inference.images import UNREADABLE
from training.data import Sample
from training.splits import Split

logger = logging.getLogger("training")

SIDE = 8
"""Rows and columns of the hash."""
DIFFERENT_BITS = 6
"""Of 64, that recompression and resizing may change."""
DIFFERENT_GREY = 3.0
"""Mean difference of the thumbnails that they may make, of 255."""
FLAT = 3.0
"""A thumbnail whose grey spreads less shows nothing to compare."""


@dataclass(frozen=True)
class Print:
    """What a picture looks like."""

    bits: np.ndarray
    """`(64,) bool`."""
    thumbnail: np.ndarray
    """`(32, 32) float32`, grey."""

    def same(self, other: "Print") -> bool:
        """Whether both show the same picture."""
        return (
            int((self.bits != other.bits).sum()) <= DIFFERENT_BITS
            and float(np.abs(self.thumbnail - other.thumbnail).mean()) <= DIFFERENT_GREY
        )


def print_of(path: Path) -> Print | None:
    """Of a picture file; None for one that cannot be read or shows nothing."""
    try:
        with Image.open(path) as file:
            file.draft("L", (128, 128))  # a JPEG is decoded small, which takes a fraction of the time
            grey = ImageOps.exif_transpose(file).convert("L")
    except UNREADABLE:
        return None  # it is named when the pictures are loaded
    small = grey.resize((64, 64), Image.Resampling.BOX)
    thumbnail = np.asarray(small.resize((32, 32), Image.Resampling.BOX), np.float32)
    if thumbnail.std() < FLAT:
        return None
    return Print(imagehash.phash(small, hash_size=SIDE, highfreq_factor=64 // SIDE).hash.flatten(), thumbnail)


def check(split: Split, *, refuse: bool) -> None:
    """Look for pictures on two sides. Raises DataError with the pairs, or warns of them."""
    pairs = across([split.train, split.validation, split.test])
    if not pairs:
        return
    shown = "; ".join(f"{a} = {b}" for a, b in pairs[:5])
    text = f"{len(pairs)} pictures would be on two sides of the split, e.g. {shown}."
    if refuse:
        raise DataError(
            f"{text} Remove one of each pair, or give both the same `person` in manifest.csv; --same-picture warn goes on anyway."
        )
    logger.warning("%s Scores on them are worth nothing.", text)


def across(sides: Sequence[Sequence[Sample]]) -> list[tuple[str, str]]:
    """File names of pictures that are the same and lie on different sides."""
    prints = [
        (side, sample.file, seen)
        for side, samples in enumerate(sides)
        for sample in samples
        if (seen := print_of(sample.path)) is not None
    ]
    pairs = []
    for i, j in _near([seen for _, _, seen in prints]):
        (side, file, seen), (other_side, other_file, other) = prints[i], prints[j]
        if side != other_side and seen.same(other):
            pairs.append((file, other_file))
    return sorted(pairs)


def _near(prints: Sequence[Print]) -> set[tuple[int, int]]:
    """Pairs that share one of more parts than bits may differ, so that no pair within the limit is missed."""
    if not prints:
        return set()
    parts = np.array_split(np.stack([seen.bits for seen in prints]), DIFFERENT_BITS + 1, axis=1)
    found: set[tuple[int, int]] = set()
    for part in parts:
        buckets: dict[bytes, list[int]] = defaultdict(list)
        for i, bits in enumerate(np.packbits(part, axis=1)):
            buckets[bits.tobytes()].append(i)
        for members in buckets.values():
            found |= {(a, b) for k, a in enumerate(members) for b in members[k + 1 :]}
    return found
