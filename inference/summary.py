"""`ClassSummary`: many students' scores become counts and shares of the class. Pure: same scores in, same summary out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.errors import ModelError


@dataclass(frozen=True)
class ClassSummary:
    """How many students show each attitude."""

    class_names: tuple[str, ...]
    counts: tuple[int, ...]
    """Students per class, in the order of `class_names`."""

    def __post_init__(self) -> None:
        if len(self.class_names) != len(self.counts):
            raise ValueError(f"{len(self.counts)} counts for {len(self.class_names)} classes")

    @property
    def students(self) -> int:
        """All students seen."""
        return sum(self.counts)

    @property
    def shares(self) -> tuple[float, ...]:
        """Counts as fractions of all students, 0..1; all 0 when there is nobody."""
        return tuple(n / self.students if self.students else 0.0 for n in self.counts)


def summarise(scores: np.ndarray, class_names: Sequence[str]) -> ClassSummary:
    """Count the highest-scoring class of each student; `scores` is `(N, C) float`, N may be 0."""
    if scores.ndim != 2 or scores.shape[1] != len(class_names):
        raise ModelError(f"Expected scores of shape (N, {len(class_names)}), got {scores.shape}.")
    counts = np.bincount(scores.argmax(axis=1), minlength=len(class_names)) if len(scores) else np.zeros(len(class_names), int)
    return ClassSummary(tuple(class_names), tuple(int(n) for n in counts))
