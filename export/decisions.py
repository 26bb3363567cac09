"""The gate of a variant: what a smaller file changes in the *answers*, on labelled pictures, person by person.

Scores of a variant always differ a little, so what counts is how many pictures get another answer, and how much balanced
accuracy is lost. The loss is paired: both files answer the same pictures, and whole persons are resampled.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from training.data import Sample
from training.metrics import balanced_accuracies, balanced_accuracy, confusion
from training.resampling import FEWEST_GROUPS, Resampling, bounds

ROUNDS = 2000


@dataclass(frozen=True)
class Tolerance:
    """The most that a variant may change."""

    changed: float
    """Share of the answers that change, 0..1."""
    drop: float
    """Of a score, 0..1."""
    worst_drop: float
    """Upper end of the 95 % interval of that loss: with fewer than FEWEST_GROUPS persons, or frames, a variant does not pass."""


TOLERANCES = {
    "fp16": Tolerance(changed=0.005, drop=0.003, worst_drop=0.01),
    "int8": Tolerance(changed=0.05, drop=0.01, worst_drop=0.03),
}
"""fp32 is no variant: it must give the very answers of the checkpoint, see `export.verify`."""


@dataclass(frozen=True)
class Decisions:
    """Answers of a variant beside those of the fp32 file."""

    images: int
    persons: int
    changed: int
    """Pictures whose highest class differs."""
    balanced_accuracy: tuple[float, float]
    """Of fp32 and of the variant, 0..1."""
    drop: float
    """Balanced accuracy lost, 0..1; below 0 when the variant is better."""
    drop_interval: tuple[float, float] | None
    """95 %, paired bootstrap over persons; None of a single one."""
    mean_difference: float
    """Of a score, absolute, 0..1."""

    @property
    def worst_drop(self) -> float | None:
        """The upper end of `drop_interval`; None with too few persons to tell."""
        return None if self.drop_interval is None or self.persons < FEWEST_GROUPS else self.drop_interval[1]

    def as_dict(self) -> dict[str, Any]:
        """For JSON, rounded."""
        return rounded(asdict(self))


def rounded(seen: dict[str, Any]) -> dict[str, Any]:
    """Numbers, pairs of numbers and None, for JSON."""
    return {key: _rounded(value) for key, value in seen.items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, tuple):
        return [round(v, 5) for v in value]
    return None if value is None else round(value, 5)


def compare(samples: Sequence[Sample], names: Sequence[str], before: np.ndarray, after: np.ndarray) -> Decisions:
    """`before` and `after` are scores `(N, C)` of the same samples, columns in the order of `names`."""
    truth = np.array([names.index(sample.label) for sample in samples], np.int64)
    first, second = before.argmax(1), after.argmax(1)
    persons = Resampling([sample.person for sample in samples], rounds=ROUNDS)
    drawn = [balanced_accuracies(persons.tables(truth, answers, len(names))) for answers in (first, second)]
    accuracy = [balanced_accuracy(confusion(truth, answers, len(names))) for answers in (first, second)]
    return Decisions(
        images=len(samples),
        persons=persons.groups,
        changed=int((first != second).sum()),
        balanced_accuracy=(accuracy[0], accuracy[1]),
        drop=accuracy[0] - accuracy[1],
        drop_interval=bounds(drawn[0] - drawn[1]),
        mean_difference=float(np.abs(before - after).mean()),
    )


def refusal(decisions: Decisions, allowed: Tolerance) -> str | None:
    """Why a variant may not ship, or None."""
    share, worst = decisions.changed / decisions.images, decisions.worst_drop
    if not np.isfinite(decisions.mean_difference):
        return "it gives scores that are no numbers"
    if share > allowed.changed:
        moves = "falls" if decisions.drop >= 0 else "rises"
        return (
            f"{decisions.changed} of {decisions.images} answers differ ({share:.1%}, allowed {allowed.changed:.1%}); "
            f"balanced accuracy {moves} by {abs(decisions.drop):.1%}"
        )
    if decisions.drop > allowed.drop:
        return f"balanced accuracy falls by {decisions.drop:.1%} (allowed {allowed.drop:.1%})"
    if worst is None:
        return (
            f"pictures of {decisions.persons} persons cannot tell how much balanced accuracy may fall; "
            f"give pictures of at least {FEWEST_GROUPS} with --verify"
        )
    if worst > allowed.worst_drop:
        return (
            f"balanced accuracy may fall by as much as {worst:.1%} (upper end of the 95 % interval over {decisions.persons} "
            f"persons, allowed {allowed.worst_drop:.1%}); more pictures of more persons in --verify would tell"
        )
    return None
