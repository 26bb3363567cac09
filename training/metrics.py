"""Scores of a classifier, each with its number of images and a 95 % interval.

Simple rates carry Wilson's score interval (Wilson 1927) as `lo` and `hi`. Balanced accuracy and F1 are no simple rates, and
pictures of one person are not independent, so they and the rates also carry a percentile bootstrap that resamples whole persons
(`training.resampling`) as `cluster`. `interval` is the one to show: it covers both, because resampling five right answers gives
five right answers and would claim certainty. The point values are torchmetrics' own. A class without images has no recall and no
F1, and does not count in a mean; what was never answered has no precision.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch
from scipy.stats import binomtest
from torchmetrics.functional.classification import multiclass_confusion_matrix, multiclass_f1_score

from training.data import Sample
from training.resampling import ROUNDS, Resampling, low_high


def rate(hits: int, total: int) -> dict[str, Any]:
    """`{"k", "n", "value", "lo", "hi"}`; the values are None when there are no images."""
    if total == 0:
        return {"k": 0, "n": 0, "value": None, "lo": None, "hi": None}
    interval = binomtest(hits, total).proportion_ci(0.95, method="wilson")
    return {
        "k": hits,
        "n": total,
        "value": round(hits / total, 4),
        "lo": round(float(interval.low), 4),
        "hi": round(float(interval.high), 4),
    }


def exact(value: dict[str, Any]) -> float | None:
    """A rate as it was counted, where it was: its value is rounded already, and to show it would round it twice."""
    if value["value"] is None or not value.get("n"):
        return value["value"]
    counted = value.get("k", math.nan) / value["n"]
    return counted if abs(counted - value["value"]) < 1e-4 else value["value"]  # of an F1 no share is counted


def confusion(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Counts `(C, C)`: rows true, columns predicted."""
    if not len(truth):
        return np.zeros((classes, classes), np.int64)
    table = multiclass_confusion_matrix(torch.from_numpy(predicted), torch.from_numpy(truth), num_classes=classes)
    return table.numpy().astype(np.int64)


def balanced_accuracy(table: np.ndarray) -> float:
    """Mean recall of the classes that have images; 0 when there are none."""
    return float(balanced_accuracies(table).item()) if table.sum() else 0.0


def balanced_accuracies(tables: np.ndarray) -> np.ndarray:
    """`(..., C, C)` -> `(...)`: mean recall of the classes that have images; not a number where there are none."""
    return _mean_of_present(_recall(tables), tables)


def accuracies(tables: np.ndarray) -> np.ndarray:
    """`(..., C, C)` -> `(...)`."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.trace(tables, axis1=-2, axis2=-1) / tables.sum(axis=(-2, -1))


def macro_f1(truth: np.ndarray, predicted: np.ndarray, classes: int) -> float:
    """Mean F1 of the classes that have images (torchmetrics' macro average also counts classes that were only answered)."""
    each = multiclass_f1_score(torch.from_numpy(predicted), torch.from_numpy(truth), num_classes=classes, average="none")
    return float(each[np.unique(truth)].mean())


def report(samples: Sequence[Sample], scores: np.ndarray, class_names: Sequence[str], *, rounds: int = ROUNDS) -> dict[str, Any]:
    """Everything a model card says about one test; `scores` is `(N, C)` in the order of `samples`, N at least 1."""
    truth = np.array([class_names.index(s.label) for s in samples], dtype=np.int64)
    predicted = scores.argmax(axis=1).astype(np.int64)
    return {
        "n": len(samples),
        **whole(samples, truth, predicted, class_names, rounds=rounds),
        "classes": list(class_names),
        "confusion": confusion(truth, predicted, len(class_names)).tolist(),
        "camera": breakdown([s.camera or "?" for s in samples], samples, truth, predicted, class_names, rounds=rounds),
    }


def whole(
    samples: Sequence[Sample], truth: np.ndarray, predicted: np.ndarray, class_names: Sequence[str], *, rounds: int = ROUNDS
) -> dict[str, Any]:
    """Accuracy, balanced accuracy, macro F1, and precision, recall and F1 of each class."""
    classes, numbered = len(class_names), list(enumerate(class_names))
    persons = Resampling([s.person for s in samples], rounds=rounds)
    drawn = persons.tables(truth, predicted, classes)
    table = confusion(truth, predicted, classes)
    drawn_recall, drawn_precision, drawn_f1 = _recall(drawn), _precision(drawn), _f1(drawn)
    labelled, answered, right = table.sum(axis=1), table.sum(axis=0), np.diagonal(table)
    recall = {name: resampled(rate(int(right[i]), int(labelled[i])), drawn_recall[:, i]) for i, name in numbered}
    precision = {name: resampled(rate(int(right[i]), int(answered[i])), drawn_precision[:, i]) for i, name in numbered}
    f1 = {name: resampled(_f1_rate(int(right[i]), int(labelled[i]), int(answered[i])), drawn_f1[:, i]) for i, name in numbered}
    return {
        "persons": persons.groups,
        "accuracy": resampled(rate(int(right.sum()), int(table.sum())), accuracies(drawn)),
        "balanced_accuracy": _mean(round(balanced_accuracy(table), 4), balanced_accuracies(drawn), recall.values()),
        "macro_f1": _mean(round(macro_f1(truth, predicted, classes), 4), _mean_of_present(drawn_f1, drawn), f1.values()),
        "recall": recall,
        "precision": precision,
        "f1": f1,
    }


def resampled(value: dict[str, Any], drawn: np.ndarray) -> dict[str, Any]:
    """A rate with what resampling persons gave for it (`cluster`), and the interval that covers both."""
    cluster = low_high(drawn)
    if value["value"] is None or cluster is None:
        return {**value, "cluster": None, "interval": None if value["value"] is None else [value["lo"], value["hi"]]}
    return {**value, "cluster": cluster, "interval": [min(value["lo"], cluster[0]), max(value["hi"], cluster[1])]}


def _mean(value: float, drawn: np.ndarray, parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """A mean over classes; where resampling moves nothing, its interval is the mean of those of the classes, which is wide."""
    cluster = low_high(drawn)
    if cluster is not None and cluster[0] < cluster[1]:
        return {"value": value, "cluster": cluster, "interval": cluster}
    known = [part["interval"] for part in parts if part["interval"] is not None]
    means = [round(float(np.mean([bounds[side] for bounds in known])), 4) for side in (0, 1)] if known else None
    return {"value": value, "cluster": cluster, "interval": means}


def _f1_rate(right: int, labelled: int, answered: int) -> dict[str, Any]:
    """F1 as the rate of the right ones among the mean of labelled and answered, for an interval as Wilson's."""
    if labelled == 0:
        return rate(0, 0)
    total = (labelled + answered) / 2
    bounds = rate(right, math.ceil(total))
    return {**bounds, "n": labelled, "value": round(right / total, 4)}


def breakdown(
    keys: Sequence[str],
    samples: Sequence[Sample],
    truth: np.ndarray,
    predicted: np.ndarray,
    class_names: Sequence[str],
    *,
    rounds: int = ROUNDS,
) -> dict[str, Any]:
    """The scores of each part of the pictures, by its key; recall of the classes that have images there."""
    result: dict[str, Any] = {}
    for key in sorted(set(keys)):
        here = np.array([other == key for other in keys])
        part = [sample for sample, inside in zip(samples, here.tolist(), strict=True) if inside]
        scores = whole(part, truth[here], predicted[here], class_names, rounds=rounds)
        result[key] = {
            "persons": scores["persons"],
            "accuracy": scores["accuracy"],
            "balanced_accuracy": scores["balanced_accuracy"]["value"],
            "balanced_interval": scores["balanced_accuracy"]["interval"],
            "recall": {name: value for name, value in scores["recall"].items() if value["n"]},
        }
    return result


def confused_pairs(truth: np.ndarray, predicted: np.ndarray, class_names: Sequence[str]) -> list[dict[str, Any]]:
    """Which class was taken for which, the largest number first, as a share of the pictures with that label."""
    table = confusion(truth, predicted, len(class_names))
    pairs = [(int(n), i, j) for (i, j), n in np.ndenumerate(table) if i != j and n]
    return [
        {"label": class_names[i], "answer": class_names[j], **rate(n, int(table[i].sum()))}
        for n, i, j in sorted(pairs, key=lambda pair: (-pair[0], pair[1:]))
    ]


def _recall(tables: np.ndarray) -> np.ndarray:
    """`(..., C, C)` -> `(..., C)`, not a number where there are no images."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.diagonal(tables, axis1=-2, axis2=-1) / tables.sum(axis=-1)


def _precision(tables: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.diagonal(tables, axis1=-2, axis2=-1) / tables.sum(axis=-2)


def _f1(tables: np.ndarray) -> np.ndarray:
    """2 TP / (labelled + answered); not a number where there are no images."""
    labelled = tables.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        f1 = 2 * np.diagonal(tables, axis1=-2, axis2=-1) / (labelled + tables.sum(axis=-2))
    return np.where(labelled > 0, f1, np.nan)


def _mean_of_present(values: np.ndarray, tables: np.ndarray) -> np.ndarray:
    """Mean over the classes that have images, `(..., C)` -> `(...)`."""
    present = tables.sum(axis=-1) > 0
    with np.errstate(invalid="ignore"):
        return np.where(present, np.nan_to_num(values), 0).sum(axis=-1) / present.sum(axis=-1)
