"""How many photographs a class are enough: scores on persons never seen, from more and more pictures per class.

lines = measure(features, trained, choices, class_names)      # a line per number of pictures
curve = of_lines(lines, features.samples, class_names, ...)   # the same as a file that the Teach page reads
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from inference import learning
from inference.errors import DataError
from training import folds, metrics, probe
from training.data import Sample
from training.folds import CrossvalConfig
from training.resampling import Resampling, low_high


def measure(
    features: probe.Features, trained: Sequence[Sample], choices: CrossvalConfig, names: tuple[str, ...]
) -> list[dict[str, Any]]:
    """For each number of `choices.learning_curve`: both accuracies over all folds and seeds, and what was there to learn from.

    The pictures are drawn anew in each fold, each person's one by one in turn, as somebody would photograph a class.
    """
    kept = features.samples
    label_of = {s.file: names.index(s.label) for s in trained}
    truth = np.array([names.index(s.label) for s in kept], np.int64)
    lines: list[dict[str, Any]] = []
    drawn: dict[int, np.ndarray] = {}
    for per_class in choices.learning_curve:
        answers, rows, fewest = [], [], per_class
        for seed in range(choices.seeds):
            for test, others in folds.drawn(kept, choices, seed):
                rest = [i for i in others.tolist() if kept[i].file in label_of]
                labels = np.array([label_of[kept[i].file] for i in rest], np.int64)
                chosen = draw([kept[i].person for i in rest], labels, per_class, np.random.default_rng((seed, per_class)))
                fewest = min(fewest, *np.bincount(labels[chosen], minlength=len(names)).tolist())
                train = np.array(rest, np.int64)[chosen]
                logits = probe.fit_predict(
                    features.values[train], labels[chosen], features.values[test], classes=len(names), seed=seed
                )
                answers.append(logits.argmax(axis=1))
                rows.append(test)
        scored, drawn[per_class] = _scores(kept, truth, np.concatenate(rows), np.concatenate(answers), len(names))
        line = {"per_class": per_class, "fewest": int(fewest), **scored}
        half = next((before for before in lines if 2 * before["per_class"] == per_class), None)
        if half is not None:
            line["gain"] = _gain(half, line, drawn)
        lines.append(line)
    return lines


def of_lines(
    lines: Sequence[dict[str, Any]], samples: Sequence[Sample], names: tuple[str, ...], *, method: str, source: str, made_at: str
) -> learning.LearningCurve:
    """What `measure` gave as the curve that is kept. Raises DataError where it has no doubling, or there is one person only."""
    persons = len({sample.person for sample in samples})
    return learning.LearningCurve(tuple(map(_point, lines)), names, len(samples), persons, method, source, made_at)


def draw(persons: Sequence[str], labels: np.ndarray, per_class: int, rng: np.random.Generator) -> np.ndarray:
    """Indices of at most `per_class` pictures of each class: one of each person in turn, then a second one, ..."""
    chosen: list[int] = []
    for label in np.unique(labels).tolist():
        rows = rng.permutation(np.flatnonzero(labels == label)).tolist()
        turn: dict[str, int] = {}
        order: list[tuple[int, int, int]] = []
        for row in rows:
            turn[persons[row]] = turn.get(persons[row], 0) + 1
            order.append((turn[persons[row]], len(order), row))
        chosen += [row for _, _, row in sorted(order)[:per_class]]
    return np.array(sorted(chosen), np.int64)


def _scores(
    samples: Sequence[Sample], truth: np.ndarray, rows: np.ndarray, answers: np.ndarray, classes: int
) -> tuple[dict[str, Any], np.ndarray]:
    """Both accuracies with their intervals, and the balanced one of every draw of persons."""
    persons = Resampling([samples[i].person for i in rows])
    drawn = persons.tables(truth[rows], answers, classes)
    table = metrics.confusion(truth[rows], answers.astype(np.int64), classes)[None]
    result: dict[str, Any] = {}
    for name, rate in (("accuracy", metrics.accuracies), ("balanced_accuracy", metrics.balanced_accuracies)):
        bounds = low_high(rate(drawn))
        result[name] = {"value": round(float(rate(table)[0]), 4), "cluster": bounds, "interval": bounds}
    return result, metrics.balanced_accuracies(drawn)


def _gain(half: dict[str, Any], line: dict[str, Any], drawn: dict[int, np.ndarray]) -> dict[str, Any]:
    """Of the balanced accuracy; both numbers of pictures were tested on the same folds, and the same persons are drawn."""
    value = line["balanced_accuracy"]["value"] - half["balanced_accuracy"]["value"]
    return {"value": round(value, 4), "interval": low_high(drawn[line["per_class"]] - drawn[half["per_class"]])}


def _point(line: dict[str, Any]) -> learning.Point:
    rates = [_rate(line.get(name)) for name in ("accuracy", "balanced_accuracy", "gain")]
    accuracy, balanced, gain = rates
    if accuracy is None or balanced is None:
        raise DataError("A learning curve needs pictures of at least two persons, so that persons can be drawn anew.")
    return learning.Point(line["per_class"], line["fewest"], accuracy, balanced, gain)


def _rate(value: dict[str, Any] | None) -> learning.Rate | None:
    return None if value is None or value["interval"] is None else learning.Rate(value["value"], *value["interval"])
