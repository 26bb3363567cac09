"""Scores of a classifier that gives several labels at once, and the thresholds from which a label counts as given."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from inference.errors import ModelError
from inference.spec import ModelSpec
from training import metrics
from training.data import Sample
from training.resampling import Resampling, low_high

IN_REPORT = "The scores of its test are in report.json of its run."


def refuse(spec: ModelSpec, source: Path, *, instead: str = IN_REPORT) -> None:
    """Where the highest class is taken for the answer. Raises ModelError for a classifier of several labels."""
    if spec.activation != "softmax":
        raise ModelError(f"{source} gives several labels at once; here models of one class per picture are judged. {instead}")


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
    return float(_macro_f1(_counts(truth, said).sum(axis=0)))


def report(samples: Sequence[Sample], truth: np.ndarray, said: np.ndarray, names: Sequence[str]) -> dict[str, Any]:
    """Everything about one test; `truth` and `said` are `(N, C) bool`."""
    exact = (truth == said).all(axis=1)
    persons = Resampling([s.person for s in samples])
    right, total = persons.sums(np.stack([exact, np.ones_like(exact)], axis=1)).T
    return {
        "n": len(samples),
        "persons": persons.groups,
        "labels": list(names),
        "exact": metrics.resampled(metrics.rate(int(exact.sum()), len(exact)), right / total),
        "macro_f1": {
            "value": round(macro_f1(truth, said), 4),
            "cluster": low_high(_macro_f1(persons.sums(_counts(truth, said)))),
        },
        "label": {name: _of_label(truth[:, i], said[:, i]) for i, name in enumerate(names)},
    }


def is_report(result: Mapping[str, Any]) -> bool:
    """Whether a test's report is one of `report`."""
    return "exact" in result


def sentence(result: dict[str, Any]) -> str:
    """The report in a line."""
    exact, f1 = result["exact"], result["macro_f1"]
    low, high = exact["interval"]
    bounds = f1["cluster"]
    span = "" if bounds is None else f" [{bounds[0]:.3f}, {bounds[1]:.3f}]"
    return (
        f"all labels right {100 * exact['value']:.1f} % of {exact['n']} [{100 * low:.1f}, {100 * high:.1f}], "
        f"macro F1 {f1['value']:.3f}{span}"
    )


def _of_label(wanted: np.ndarray, given: np.ndarray) -> dict[str, Any]:
    hits = int((wanted & given).sum())
    return {
        "precision": metrics.rate(hits, int(given.sum())),
        "recall": metrics.rate(hits, int(wanted.sum())),
        "f1": round(_f1(wanted, given), 4),
    }


def _f1(wanted: np.ndarray, given: np.ndarray) -> float:
    return float(_f1_of(_counts(wanted, given).sum(axis=0)))


def _counts(truth: np.ndarray, said: np.ndarray) -> np.ndarray:
    """`(N, ...) bool` -> `(N, 3, ...)`: given rightly, wanted, given."""
    return np.stack([truth & said, truth, said], axis=1)


def _f1_of(counts: np.ndarray) -> np.ndarray:
    """Sums of `_counts`, `(..., 3)` -> `(...)`; 0 where a label is neither wanted nor given."""
    both = counts[..., 1] + counts[..., 2]
    return 2 * counts[..., 0] / np.where(both == 0, 1, both)


def _macro_f1(counts: np.ndarray) -> np.ndarray:
    """Sums of `_counts`, `(..., 3, C)` -> `(...)`: the mean of the labels that some picture has."""
    absent = counts[..., 1, :] == 0
    each = np.where(absent, 0, _f1_of(np.moveaxis(counts, -2, -1)))
    return each.sum(axis=-1) / np.maximum((~absent).sum(axis=-1), 1)
