"""What a variant of a finder does to what is found: boxes lost and added beside the fp32 file, F1 and AP50 on labelled frames.

The gate of a classifier's variant is in `export.decisions`; this is the one of a finder's. Intervals are paired and resample
whole frames. Frames of one still camera are near copies of one another, so they are narrower than another room would make them.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from export.decisions import Tolerance, rounded
from inference.boxes import boxes_in
from inference.finder import Finder
from inference.spec import ModelSpec
from training import finder_metrics
from training.coco import Frame
from training.resampling import FEWEST_GROUPS, Resampling, bounds

LEAST_SCORE = 0.01
"""Boxes below it count for nothing; AP50 looks at all others."""
ROUNDS = 300
SAME = 0.5
"""Intersection over union from which two boxes are of the same find."""


TOLERANCES = {
    "fp16": Tolerance(changed=0.01, drop=0.003, worst_drop=0.01),
    "int8": Tolerance(changed=0.08, drop=0.01, worst_drop=0.02),
}
"""`changed`: boxes lost or added at the threshold, as a share of the fp32 file's; `drop`: of F1 and of AP50."""


@dataclass(frozen=True)
class Found:
    """What a variant finds beside the fp32 file."""

    images: int
    students: int
    """Labelled ones."""
    boxes: int
    """Of the fp32 file, at the threshold of the fact sheet."""
    lost: int
    """Of these, those that the variant has no box on."""
    added: int
    """The other way round."""
    f1: tuple[float, float]
    """Centre F1 at the threshold, of fp32 and of the variant."""
    ap50: tuple[float, float]
    f1_drop: float
    f1_drop_interval: tuple[float, float] | None
    """95 %, paired bootstrap over frames; None of a single one."""
    ap50_drop: float
    ap50_drop_interval: tuple[float, float] | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON, rounded."""
        return rounded(asdict(self))


def compare(frames: Sequence[Frame], pictures: Sequence[np.ndarray], before: Finder, after: Finder) -> Found:
    """Both files look at every picture `(h, w, 3) uint8 RGB`; their thresholds are set to a low one and set back."""
    threshold = before.threshold
    first, second = ([_everything(finder, picture) for picture in pictures] for finder in (before, after))
    lost = added = count = 0
    for a, b in zip(first, second, strict=True):
        a, b = a[a[:, 4] >= threshold], b[b[:, 4] >= threshold]
        lost, added, count = lost + alone(a, b), added + alone(b, a), count + len(a)
    judged = [
        [finder_metrics.judge(frame.students, frame.ignored, boxes) for frame, boxes in zip(frames, found, strict=True)]
        for found in (first, second)
    ]
    f1, ap50 = zip(*(_rates(outcomes, threshold) for outcomes in judged), strict=True)
    drops = []
    for drawn in Resampling(range(len(frames)), rounds=ROUNDS).draws():
        old, new = (_rates([outcomes[i] for i in drawn], threshold) for outcomes in judged)
        drops.append((old[0] - new[0], old[1] - new[1]))
    f1_drops, ap50_drops = np.array(drops).reshape(-1, 2).T
    return Found(
        images=len(frames),
        students=sum(len(frame.students) for frame in frames),
        boxes=count,
        lost=lost,
        added=added,
        f1=(f1[0], f1[1]),
        ap50=(ap50[0], ap50[1]),
        f1_drop=f1[0] - f1[1],
        f1_drop_interval=bounds(f1_drops),
        ap50_drop=ap50[0] - ap50[1],
        ap50_drop_interval=bounds(ap50_drops),
    )


def refusal(found: Found, allowed: Tolerance) -> str | None:
    """Why a variant may not ship, or None."""
    if not found.boxes:
        return "the fp32 file finds nobody in --verify, so nothing can be compared"
    changed = found.lost + found.added
    if changed > allowed.changed * found.boxes:
        return f"{found.lost} of {found.boxes} boxes are lost and {found.added} added (allowed {allowed.changed:.0%} together)"
    if found.images < FEWEST_GROUPS:
        return f"{found.images} frames cannot tell how much F1 and AP50 may fall; give at least {FEWEST_GROUPS} with --verify"
    for name in ("f1", "ap50"):
        drop, (_, worst) = getattr(found, f"{name}_drop"), getattr(found, f"{name}_drop_interval")
        if drop > allowed.drop or worst > allowed.worst_drop:
            way = "falls" if drop > 0 else "rises"
            return (
                f"{name.upper()} {way} by {abs(drop):.3f} (a fall of {allowed.drop} is allowed) and may fall by {worst:.3f} "
                f"(upper end of the 95 % interval over {found.images} frames, allowed {allowed.worst_drop})"
            )
    return None


def harm(spec: ModelSpec, before: Sequence[np.ndarray], after: Sequence[np.ndarray]) -> tuple[int, float]:
    """Boxes lost or added, and the mean difference of the scores, between outputs boxes `(N, K, 4)` and scores `(N, K)`."""
    pairs = list(zip(students(spec, before), students(spec, after), strict=True))
    changed = sum(alone(a, b) + alone(b, a) for a, b in pairs)
    return changed, float(np.abs(before[1] - after[1]).mean())


def students(spec: ModelSpec, outputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Of every frame in outputs as those of `harm`, the boxes at the threshold of the fact sheet, `(n, 5)`."""
    threshold = (spec.thresholds or (0.0,))[0]
    frames = zip(*outputs, strict=True)
    return [boxes_in(boxes, scores, spec.input_size_hw, spec, threshold=threshold) for boxes, scores in frames]


def alone(boxes: np.ndarray, others: np.ndarray) -> int:
    """How many boxes `(n, 4+)` overlap none of the others `(m, 4+)` by `SAME`."""
    return int((finder_metrics.shared(boxes, others)[0].max(axis=1, initial=0) < SAME).sum())


def _everything(finder: Finder, picture: np.ndarray) -> np.ndarray:
    threshold = finder.threshold
    finder.threshold = LEAST_SCORE
    try:
        return finder.find(picture)
    finally:
        finder.threshold = threshold


def _rates(outcomes: Sequence[finder_metrics.Outcome], threshold: float) -> tuple[float, float]:
    return finder_metrics.rates(outcomes, threshold)["f1"], finder_metrics.average_precision(outcomes)
