"""Intervals for scores of pictures that are not independent: whole persons are drawn anew, a thousand times.

    draws = Resampling(persons, rounds=1000)
    low_high(balanced_accuracies(draws.tables(truth, predicted, classes)))

A percentile bootstrap over groups (Efron and Tibshirani 1993, chapters 8 and 13). A static camera repeats the same person for
minutes, so an interval that takes pictures as independent is too narrow. Of a single group there is no interval.
"""

from collections.abc import Hashable, Iterator, Sequence

import numpy as np

ROUNDS = 1000
LEVEL = 95.0
FEWEST_GROUPS = 6
"""With fewer, a bootstrap cannot show that a difference is more than chance: it hardly has different draws."""


class Resampling:
    """The same draws of groups for every score that is asked for, so that scores can be compared."""

    def __init__(self, groups: Sequence[Hashable], *, rounds: int = ROUNDS, seed: int = 0) -> None:
        """`groups`: for each picture the person, or whatever else belongs together."""
        numbers = {group: i for i, group in enumerate(dict.fromkeys(groups))}
        self.row = np.array([numbers[group] for group in groups], np.int64)
        self.groups = len(numbers)
        self._rounds, self._seed = rounds, seed
        self._weights = np.array([np.bincount(drawn, minlength=self.groups) for drawn in self.draws()], np.float64)

    def draws(self) -> Iterator[np.ndarray]:
        """The groups of each draw by their number, `(groups,) int`, for a score that is no matter of sums.

        None of fewer than two groups: one person cannot be drawn anew.
        """
        rng = np.random.default_rng(self._seed)
        for _ in range(self._rounds if self.groups > 1 else 0):
            yield rng.integers(self.groups, size=self.groups)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """`(N, ...)` values of the pictures -> their sums in each draw `(rounds, ...)`; no numbers where there are no draws."""
        if self.groups < 2:
            return np.full((self._rounds, *values.shape[1:]), np.nan)
        per_group = np.zeros((self.groups, *values.shape[1:]), np.float64)
        np.add.at(per_group, self.row, values)
        return np.tensordot(self._weights, per_group, axes=1)

    def tables(self, truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
        """Tables of confusion of each draw, `(rounds, C, C)`: rows true, columns predicted."""
        single = np.zeros((len(truth), classes, classes), np.float64)
        single[np.arange(len(truth)), truth, predicted] = 1
        return self.sums(single)


def bounds(values: np.ndarray) -> tuple[float, float] | None:
    """The middle 95 % of what the draws gave; None where no draw gave a number."""
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    tail = (100 - LEVEL) / 2
    low, high = np.percentile(known, (tail, 100 - tail))
    return float(low), float(high)


def low_high(values: np.ndarray) -> list[float] | None:
    """`bounds` for a report, rounded."""
    found = bounds(values)
    return None if found is None else [round(bound, 4) for bound in found]
