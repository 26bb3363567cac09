"""Which labels deserve a second look: disagreement with out-of-sample scores, near-duplicates, pictures that fit no class.

    found = label_errors(scores, labels)            # cleanlab: confident learning, Northcutt, Jiang, Chuang 2021
    found = near_duplicates(hashes, labels)         # imagehash: perceptual hash
    found = misfits(features)                       # cleanlab: distance to the nearest pictures, Kuan and Mueller 2022

The scores must be of models that did not train on the picture that they score.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import imagehash
import numpy as np
from PIL import Image

from inference.errors import ImageError
from inference.images import decode

HASH_SIDE = 16
"""Of the perceptual hash: 256 bits, so that two moments of one seat do not count as the same picture."""
MOST_BITS = 20
"""Of two near-duplicates at most so many of the 256 bits differ."""
MISFIT_SHARE = 0.37
"""A picture whose typicality is below this share of the median fits no class; cleanlab's own choice for outliers (0.37037)."""


@dataclass(frozen=True)
class Doubt:
    """One reason to look again at one picture."""

    row: int
    """Index of the picture."""
    reason: str
    """`label`, `duplicate` or `misfit`."""
    score: float
    """0..1, the lower the more doubtful; comparable within one reason."""
    other: int = -1
    """Of a label the class that the scores speak for; of a duplicate the index of the other picture."""


def label_errors(scores: np.ndarray, truth: np.ndarray) -> list[Doubt]:
    """Pictures whose label the scores contradict, the most doubtful first; scores `(N, C)`, truth `(N,) int`.

    The rank is the normalised margin: score of the label minus the highest other score, brought to 0..1.
    """
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    present = np.unique(truth)
    narrowed = scores[:, present] / scores[:, present].sum(axis=1, keepdims=True)
    narrow_truth = np.searchsorted(present, truth)
    issues = find_label_issues(
        narrow_truth, narrowed, return_indices_ranked_by="normalized_margin", filter_by="prune_by_noise_rate", n_jobs=1
    )
    quality = get_label_quality_scores(narrow_truth, narrowed, method="normalized_margin")
    return [
        Doubt(int(row), "label", float(quality[row]), int(scores[row].argmax()))
        for row in issues
        if scores[row].argmax() != truth[row]
    ]


def hash_of(path: Path) -> np.ndarray | None:
    """Perceptual hash `(256,) bool` of a picture; None where it cannot be read."""
    try:
        picture = Image.fromarray(decode(path))
    except ImageError:
        return None
    return np.asarray(imagehash.phash(picture, hash_size=HASH_SIDE).hash).ravel()


def near_duplicates(hashes: Sequence[np.ndarray | None], labels: Sequence[str]) -> list[Doubt]:
    """Pairs of pictures that look the same and are labelled differently, the most alike first; both pictures are listed."""
    rows = [i for i, value in enumerate(hashes) if value is not None]
    if not rows:
        return []
    signs = np.array([hashes[i] for i in rows], np.float32) * 2 - 1
    bits = signs.shape[1]
    names = np.array([labels[i] for i in rows])
    found: list[Doubt] = []
    for start in range(0, len(rows), 1024):
        part = slice(start, start + 1024)
        distance = (bits - signs[part] @ signs.T) / 2
        near = (distance <= MOST_BITS) & (names[part][:, None] != names[None])
        found += [
            Doubt(rows[start + i], "duplicate", float(distance[i, j]) / bits, rows[j]) for i, j in np.argwhere(near).tolist()
        ]
    return sorted(found, key=lambda doubt: (doubt.score, min(doubt.row, doubt.other), doubt.row))


def misfits(features: np.ndarray, *, neighbours: int = 10) -> list[Doubt]:
    """Pictures far from all others, the farthest first; features `(N, F)`."""
    from cleanlab.outlier import OutOfDistribution

    if len(features) <= neighbours:
        return []
    typical = OutOfDistribution({"k": neighbours}).fit_score(features=features, verbose=False)
    edge = MISFIT_SHARE * float(np.median(typical))
    return [Doubt(int(row), "misfit", float(typical[row])) for row in np.argsort(typical) if typical[row] < edge]
