"""`ClassSummary`: many students become counts and shares of the class. Pure: same observations in, same summary out.

summarise(room.scores, class_names)  # each student under the highest score
summarise_states(followed.states, class_names)  # students who are followed over time, some of them uncertain
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.errors import ModelError

LEAST_FOR_SHARES = 5
"""Students; of fewer a percentage says too much about each, and next to nothing about the class."""


@dataclass(frozen=True)
class ClassSummary:
    """How many students show each attitude."""

    class_names: tuple[str, ...]
    counts: tuple[int, ...]
    """Students per class, in the order of `class_names`."""
    uncertain: int = 0
    """Students who were seen, but of whom no class can be said."""
    again: int = 0
    """Of the counts, those of students who are counted in another class too: a model may have several labels for one student."""

    def __post_init__(self) -> None:
        if len(self.class_names) != len(self.counts):
            raise ValueError(f"{len(self.counts)} counts for {len(self.class_names)} classes")

    @property
    def students(self) -> int:
        """All students seen, each once, the uncertain ones with them."""
        return sum(self.counts) - self.again + self.uncertain

    @property
    def shares(self) -> tuple[float, ...] | None:
        """Counts as fractions of all students, 0..1; None, withheld, with fewer than LEAST_FOR_SHARES of them."""
        return shares_of(self.counts, self.students)


def shares_of(counts: Sequence[float], students: float) -> tuple[float, ...] | None:
    """`counts` as fractions of `students`, 0..1; None, withheld, with fewer than LEAST_FOR_SHARES of them."""
    return tuple(count / students for count in counts) if are_enough(students) else None


def are_enough(students: float) -> bool:
    """Whether so many, which may be a mean, are a class; a mean of five always is not always 5.0 in binary."""
    return students > LEAST_FOR_SHARES - 1e-6


def summarise(scores: np.ndarray, class_names: Sequence[str]) -> ClassSummary:
    """Count the highest-scoring class of each student; `scores` is `(N, C) float`, N may be 0."""
    if scores.ndim != 2 or scores.shape[1] != len(class_names):
        raise ModelError(f"Expected scores of shape (N, {len(class_names)}), got {scores.shape}.")
    counts = np.bincount(scores.argmax(axis=1), minlength=len(class_names)) if len(scores) else np.zeros(len(class_names), int)
    return ClassSummary(tuple(class_names), tuple(int(n) for n in counts))


def summarise_states(states: np.ndarray, class_names: Sequence[str]) -> ClassSummary:
    """Count students by their state; `states` is `(N,) int`, N may be 0: a class index, or -1 where it is uncertain."""
    if states.ndim != 1 or (len(states) and not -1 <= states.min() <= states.max() < len(class_names)):
        raise ModelError(
            f"Expected states (N,) from -1 to {len(class_names) - 1}, got {states.shape}: {states.ravel()[:9].tolist()}."
        )
    uncertain, *counts = np.bincount(states.astype(int) + 1, minlength=len(class_names) + 1).tolist()
    return ClassSummary(tuple(class_names), tuple(counts), uncertain)
