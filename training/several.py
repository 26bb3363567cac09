"""Scores of a classifier that gives several labels at once, and the thresholds from which a label counts as given."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from training import metrics
from training.data import Sample

ROUNDS = 1000


def choose_thresholds(truth: np.ndarray, scores: np.ndarray) -> tuple[float, ...]:
    """Per label, the threshold of the best F1; `truth (N, C) bool`, `scores (N, C)`. 0.5 where there is nothing to choose by."""
    chosen = []
    for wanted, given in zip(truth.T, scores.T, strict=True):
        values = np.unique(given)
        if not wanted.any() or wanted.all() or len(values) < 2:
            chosen.append(0.5)
            continue
        candidates = (values[:-1] + values[1:]) / 2
        f1 = [_f1(wanted, given >= candidate) for candidate in candidates]
        best = np.flatnonzero(np.array(f1) == max(f1))
        runs = np.split(best, np.flatnonzero(np.diff(best) > 1) + 1)  # between two runs of best candidates lie worse ones
        chosen.append(float(candidates[max(runs, key=len)].mean()))
    return tuple(chosen)


def macro_f1(truth: np.ndarray, said: np.ndarray) -> float:
    """Mean F1 of the labels that some picture has; 0 when there are none."""
    values = [_f1(wanted, given) for wanted, given in zip(truth.T, said.T, strict=True) if wanted.any()]
    return float(np.mean(values)) if values else 0.0


def report(samples: Sequence[Sample], truth: np.ndarray, said: np.ndarray, names: Sequence[str]) -> dict[str, Any]:
    """Everything about one test; `truth` and `said` are `(N, C) bool`."""
    exact = (truth == said).all(axis=1)
    drawn = _resampled([s.person for s in samples], truth, said)
    return {
        "n": len(samples),
        "persons": len({s.person for s in samples}),
        "labels": list(names),
        "exact": metrics.resampled(metrics.rate(int(exact.sum()), len(exact)), np.array(drawn["exact"])),
        "macro_f1": {"value": round(macro_f1(truth, said), 4), "cluster": _interval(drawn["macro_f1"])},
        "label": {name: _of_label(truth[:, i], said[:, i]) for i, name in enumerate(names)},
    }


def sentence(result: dict[str, Any]) -> str:
    """The report in a line."""
    exact, f1 = result["exact"], result["macro_f1"]
    low, high = exact["interval"]
    return (
        f"all labels right {100 * exact['value']:.1f} % of {exact['n']} [{100 * low:.1f}, {100 * high:.1f}], "
        f"macro F1 {f1['value']:.3f} [{f1['cluster'][0]:.3f}, {f1['cluster'][1]:.3f}]"
    )


def _of_label(wanted: np.ndarray, given: np.ndarray) -> dict[str, Any]:
    hits = int((wanted & given).sum())
    return {
        "precision": metrics.rate(hits, int(given.sum())),
        "recall": metrics.rate(hits, int(wanted.sum())),
        "f1": round(_f1(wanted, given), 4),
    }


def _f1(wanted: np.ndarray, given: np.ndarray) -> float:
    both = wanted.sum() + given.sum()
    return float(2 * (wanted & given).sum() / both) if both else 0.0


def _resampled(persons: Sequence[str], truth: np.ndarray, said: np.ndarray) -> dict[str, list[float]]:
    groups: dict[str, list[int]] = {}
    for row, person in enumerate(persons):
        groups.setdefault(person, []).append(row)
    members = [np.array(rows) for rows in groups.values()]
    rng = np.random.default_rng(0)
    drawn: dict[str, list[float]] = {"exact": [], "macro_f1": []}
    for _ in range(ROUNDS):
        rows = np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))])
        drawn["exact"].append(float((truth[rows] == said[rows]).all(axis=1).mean()))
        drawn["macro_f1"].append(macro_f1(truth[rows], said[rows]))
    return drawn


def _interval(values: Sequence[float]) -> list[float]:
    return [round(float(v), 4) for v in np.percentile(values, (2.5, 97.5))]
