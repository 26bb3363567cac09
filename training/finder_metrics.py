"""Scores of a finder, each with a 95 % interval that resamples whole frames, None of a single frame.

AP50 is COCO's average precision at an intersection over union of 0.5. Centre F1 does not depend on how tightly somebody
drew: a box counts when its centre lies in a student's box, one to one, best first. What falls on a person who is not
to be found (a lecturer) is neither right nor wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.resampling import Resampling, low_high

MOST = 100
"""Boxes of one frame that count, best first (as in COCO)."""
RIGHT, WRONG, NEITHER = 1, 0, -1


@dataclass(frozen=True)
class Outcome:
    """One frame: what became of each box found, best first."""

    scores: np.ndarray
    """`(k,) float`."""
    overlap: np.ndarray
    """`(k,)` RIGHT, WRONG or NEITHER by overlap of at least one half."""
    centre: np.ndarray
    """`(k,)` the same by centre."""
    students: int


def judge(students: np.ndarray, ignored: np.ndarray, found: np.ndarray) -> Outcome:
    """Compare boxes found `(k, 5)` with boxes drawn `(n, 4)` and boxes of others `(m, 4)`, all in the same pixels."""
    found = found[np.argsort(-found[:, 4], kind="stable")][:MOST].astype(float)
    return Outcome(found[:, 4], _by_overlap(found, students, ignored), _by_centre(found, students, ignored), len(students))


def report(outcomes: Sequence[Outcome], *, threshold: float, rounds: int = 500) -> dict[str, Any]:
    """AP50, and centre precision, recall and F1 at `threshold` and at the threshold that is best on these very frames."""
    best = _best_threshold(outcomes)
    result: dict[str, Any] = {
        "frames": len(outcomes),
        "students": sum(o.students for o in outcomes),
        "threshold": threshold,
        **rates(outcomes, threshold),
        "ap50": average_precision(outcomes),
        "f1_best": rates(outcomes, best)["f1"],
        "threshold_best": best,
    }
    drawn = [[outcomes[i] for i in draw] for draw in Resampling(range(len(outcomes)), rounds=rounds).draws()]
    f1 = [rates(sample, threshold)["f1"] for sample in drawn]
    ap50 = [average_precision(sample) for sample in drawn]
    result["interval"] = {name: low_high(np.array(values)) for name, values in (("f1", f1), ("ap50", ap50))}
    return {key: round(value, 4) if isinstance(value, float) else value for key, value in result.items()}


def average_precision(outcomes: Sequence[Outcome]) -> float:
    """Precision, made monotone, averaged over recalls of 0, 0.01 .. 1 (COCO)."""
    scores, hits, students = _joined(outcomes, "overlap")
    order = np.argsort(-scores, kind="stable")
    right, wrong = (np.cumsum(hits[order] == value) for value in (RIGHT, WRONG))
    recall, precision = right / max(students, 1), right / np.maximum(right + wrong, 1e-9)
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    at = np.searchsorted(recall, np.linspace(0, 1, 101), side="left")
    return float(np.append(precision, 0.0)[np.minimum(at, len(precision))].mean())


def rates(outcomes: Sequence[Outcome], threshold: float) -> dict[str, float]:
    """Centre precision, recall and F1 of the boxes with at least that score."""
    scores, hits, students = _joined(outcomes, "centre")
    kept = hits[scores >= threshold]
    right, wrong = int((kept == RIGHT).sum()), int((kept == WRONG).sum())
    precision, recall = right / max(right + wrong, 1), right / max(students, 1)
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / max(precision + recall, 1e-9)}


def _best_threshold(outcomes: Sequence[Outcome]) -> float:
    scores, hits, students = _joined(outcomes, "centre")
    if not len(scores):
        return 1.0
    order = np.argsort(-scores, kind="stable")
    right, wrong = (np.cumsum(hits[order] == value) for value in (RIGHT, WRONG))
    f1 = 2 * right / np.maximum(right + wrong + students, 1)
    last_of_its_score = np.append(scores[order][1:] != scores[order][:-1], True)
    return float(scores[order][np.where(last_of_its_score, f1, -1).argmax()])


def _joined(outcomes: Sequence[Outcome], name: str) -> tuple[np.ndarray, np.ndarray, int]:
    if not outcomes:
        return np.zeros(0), np.zeros(0, int), 0
    scores, hits = np.concatenate([o.scores for o in outcomes]), np.concatenate([getattr(o, name) for o in outcomes])
    return scores, hits, sum(o.students for o in outcomes)


def _by_overlap(found: np.ndarray, students: np.ndarray, ignored: np.ndarray) -> np.ndarray:
    overlap, _ = shared(found, students)
    on_ignored = np.maximum(*shared(found, ignored)).max(axis=1, initial=0) >= 0.5
    free = np.ones(len(students), bool)
    result = np.where(on_ignored, NEITHER, WRONG)
    for i, row in enumerate(overlap):
        left = np.where(free, row, -1.0)
        if left.max(initial=-1) >= 0.5:
            free[left.argmax()] = False
            result[i] = RIGHT
    return result


def _by_centre(found: np.ndarray, students: np.ndarray, ignored: np.ndarray) -> np.ndarray:
    centres = (found[:, None, :2] + found[:, None, 2:4]) / 2
    on_ignored = ((centres >= ignored[:, :2]) & (centres <= ignored[:, 2:])).all(axis=2).any(axis=1)
    return np.where(owners(found, students) >= 0, RIGHT, np.where(on_ignored, NEITHER, WRONG))


def owners(found: np.ndarray, students: np.ndarray) -> np.ndarray:
    """For each box found `(k, 4+)`, best first, the student `(n, 4)` whose box holds its centre, or -1, `(k,) int`.

    Each student owns at most one; among several the one whose centre is nearest, in units of its box.
    """
    centres = (found[:, None, :2] + found[:, None, 2:4]) / 2
    size = np.clip(students[:, 2:] - students[:, :2], 1e-9, None)
    away = np.abs(centres - (students[:, :2] + students[:, 2:]) / 2) / size
    distance = np.where(away.max(axis=2, initial=0) <= 0.5, np.hypot(away[..., 0], away[..., 1]), np.inf)
    free = np.ones(len(students), bool)
    result = np.full(len(found), -1)
    for i, row in enumerate(distance):
        left = np.where(free, row, np.inf)
        if np.isfinite(left.min(initial=np.inf)):
            result[i] = left.argmin()
            free[result[i]] = False
    return result


def shared(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Boxes `(n, 4+)` and `(m, 4+)` -> intersection over union, and intersection over the area of `a`, `(n, m)` both."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:4], b[None, :, 2:4])
    common = np.clip(high - low, 0, None).prod(axis=2)
    area_a, area_b = (np.clip(q[:, 2:4] - q[:, :2], 1e-9, None).prod(axis=1) for q in (a, b))
    return common / (area_a[:, None] + area_b[None] - common), common / area_a[:, None]
