"""Scores of a classifier, each with its number of images and a 95 % interval.

Simple rates carry Wilson's score interval (Wilson 1927). Balanced accuracy is no simple rate, and pictures of one
person are not independent, so it and the accuracy also carry a percentile bootstrap that resamples whole persons.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.stats import binomtest

from training.data import Sample


def rate(hits: int, total: int) -> dict[str, Any]:
    """`{"k", "n", "value", "lo", "hi"}`; the values are None when there are no images."""
    if total == 0:
        return {"k": 0, "n": 0, "value": None, "lo": None, "hi": None}
    interval = binomtest(hits, total).proportion_ci(0.95, method="wilson")
    return {"k": hits, "n": total, "value": round(hits / total, 4), "lo": round(interval.low, 4), "hi": round(interval.high, 4)}


def confusion(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Counts `(C, C)`: rows true, columns predicted."""
    return np.bincount(truth * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def balanced_accuracy(table: np.ndarray) -> float:
    """Mean recall of the classes that have images; 0 when there are none."""
    support = table.sum(axis=-1)
    present = support > 0
    return float((np.diagonal(table)[present] / support[present]).mean()) if present.any() else 0.0


def report(samples: Sequence[Sample], scores: np.ndarray, class_names: Sequence[str], *, rounds: int = 1000) -> dict[str, Any]:
    """Everything a model card says about one test; `scores` is `(N, C)` in the order of `samples`."""
    classes = len(class_names)
    truth = np.array([class_names.index(s.label) for s in samples], dtype=np.int64)
    predicted = scores.argmax(axis=1)
    table = confusion(truth, predicted, classes)
    hits = truth == predicted
    cluster = _bootstrap([s.person for s in samples], truth, predicted, classes, rounds)
    result: dict[str, Any] = {
        "n": len(samples),
        "persons": len({s.person for s in samples}),
        "accuracy": {**rate(int(hits.sum()), len(hits)), "cluster": cluster["accuracy"]},
        "balanced_accuracy": {"value": round(balanced_accuracy(table), 4), "cluster": cluster["balanced_accuracy"]},
        "recall": {name: rate(int(table[i, i]), int(table[i].sum())) for i, name in enumerate(class_names)},
        "classes": list(class_names),
        "confusion": table.tolist(),
        "camera": {},
    }
    cameras = np.array([s.camera for s in samples])
    for camera in sorted(set(cameras)):
        here = cameras == camera
        part = confusion(truth[here], predicted[here], classes)
        result["camera"][camera or "?"] = {
            "accuracy": rate(int(hits[here].sum()), int(here.sum())),
            "balanced_accuracy": round(balanced_accuracy(part), 4),
            "recall": {name: rate(int(part[i, i]), int(part[i].sum())) for i, name in enumerate(class_names) if part[i].sum()},
        }
    return result


def _bootstrap(
    persons: Sequence[str], truth: np.ndarray, predicted: np.ndarray, classes: int, rounds: int
) -> dict[str, list[float]]:
    groups = {person: i for i, person in enumerate(dict.fromkeys(persons))}
    tables = np.zeros((len(groups), classes, classes), np.int64)
    np.add.at(tables, (np.array([groups[p] for p in persons]), truth, predicted), 1)
    rng = np.random.default_rng(0)
    accuracy, balanced = [], []
    for _ in range(rounds):
        table = tables[rng.integers(len(groups), size=len(groups))].sum(axis=0)
        accuracy.append(np.trace(table) / table.sum())
        balanced.append(balanced_accuracy(table))
    return {"accuracy": _interval(accuracy), "balanced_accuracy": _interval(balanced)}


def _interval(values: Sequence[float]) -> list[float]:
    return [round(float(v), 4) for v in np.percentile(values, (2.5, 97.5))]
