"""Intervals for scores of pictures that are not independent: whole persons are drawn anew, a thousand times.

    intervals = Resampling(persons, rounds=1000)
    tables = intervals.sums(per_person_tables)          # (rounds, C, C)
    low_high(balanced_accuracy(tables))

A percentile bootstrap over groups (Efron and Tibshirani 1993, chapters 8 and 13). A static camera repeats the same person for
minutes, so an interval that takes pictures as independent is too narrow.
"""

from collections.abc import Hashable, Sequence

import numpy as np

ROUNDS = 1000
LEVEL = 95.0


class Resampling:
    """The same draws of groups for every score that is asked for, so that scores can be compared."""

    def __init__(self, groups: Sequence[Hashable], *, rounds: int = ROUNDS, seed: int = 0) -> None:
        """`groups`: for each picture the person, or whatever else belongs together."""
        numbers = {group: i for i, group in enumerate(dict.fromkeys(groups))}
        self.row = np.array([numbers[group] for group in groups], np.int64)
        self.groups = len(numbers)
        rng = np.random.default_rng(seed)
        self._weights = np.full((rounds, self.groups), np.nan if self.groups < 2 else 0.0)  # one person cannot be drawn anew
        for weights in self._weights:
            weights += np.bincount(rng.integers(self.groups, size=self.groups), minlength=self.groups)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """`(N, ...)` values of the pictures -> their sums in each draw `(rounds, ...)`."""
        per_group = np.zeros((self.groups, *values.shape[1:]), np.float64)
        np.add.at(per_group, self.row, values)
        flat = self._weights @ per_group.reshape(self.groups, -1)
        return flat.reshape(len(self._weights), *values.shape[1:])

    def tables(self, truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
        """Tables of confusion of each draw, `(rounds, C, C)`: rows true, columns predicted."""
        single = np.zeros((len(truth), classes, classes), np.float64)
        single[np.arange(len(truth)), truth, predicted] = 1
        return self.sums(single)


def low_high(values: np.ndarray) -> list[float] | None:
    """The middle 95 % of what the draws gave; None where no draw gave a number."""
    known = values[np.isfinite(values)]
    if not len(known):
        return None
    tail = (100 - LEVEL) / 2
    return [round(float(v), 4) for v in np.percentile(known, (tail, 100 - tail))]
