"""The report of a cross-validation: the scores of the first seed in full, all seeds beside one another, the learning curve."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from inference.spec import ModelSpec
from training import data, metrics
from training.config import TrainConfig
from training.evaluation import evaluate, stamp
from training.folds import CrossvalConfig
from training.outcomes import Outcomes
from training.resampling import Resampling, low_high
from training.serving import Scored


def describe(
    table: Outcomes,
    scored: Scored,
    spec: ModelSpec,
    choices: CrossvalConfig,
    recipe: TrainConfig,
    curve: list[dict[str, Any]] | None,
    *,
    taught: Collection[str] = (),
) -> dict[str, Any]:
    """What `report.json` holds; `taught` are the classes that pictures which train in every fold show."""
    return {
        **evaluate(scored, spec),
        "unlabelled": [],
        "seen": {"same_data": False, "split": "oof.csv", "trained": 0},
        "model": {
            "file": f"{spec.base_model}, {choices.folds} × {choices.group}",
            "sha256": "",
            **{name: getattr(spec, name) for name in ("base_model", "input_size_hw", "fit", "temperature", "least_score")},
            **{name: getattr(spec, name) for name in ("activation", "licence")},
            "training_data": "",
        },
        "data": {"name": Path(recipe.data).resolve().name, "fingerprint": data.fingerprint(scored.samples), "side": ""},
        "made_at": stamp(),
        "crossval": {
            "folds": choices.folds,
            "group": choices.group,
            "whole_cameras": list(choices.whole_cameras),
            "train_only_cameras": list(choices.train_only_cameras),
        },
        "untaught": {name: n for name, n in untaught(table.of_seed(0)).items() if name not in taught},
        "seeds": across_seeds(table),
        "learning_curve": curve,
    }


def untaught(table: Outcomes) -> dict[str, int]:
    """The classes of which all pictures are in one fold, and how many: what scored them had none of them to learn from."""
    labels = [s.label for s in table.samples]
    places = {name: [int(fold) for fold, label in zip(table.folds, labels, strict=True) if label == name] for name in set(labels)}
    return {name: len(places[name]) for name in table.class_names if len(set(places.get(name, ()))) == 1}


def across_seeds(table: Outcomes) -> dict[str, Any]:
    """Both accuracies of every seed, their mean, and an interval that draws whole persons, with all their seeds, anew."""
    classes, predicted = len(table.class_names), table.scores.argmax(axis=1).astype(np.int64)
    persons = Resampling([s.person for s in table.samples])
    drawn = persons.tables(table.truth, predicted, classes)
    seeds = sorted({int(seed) for seed in table.seeds})
    each = [metrics.confusion(table.truth[table.seeds == s], predicted[table.seeds == s], classes) for s in seeds]
    result: dict[str, Any] = {"count": len(seeds)}
    for name, rate in (("accuracy", metrics.accuracies), ("balanced_accuracy", metrics.balanced_accuracies)):
        values = [float(rate(one[None])[0]) for one in each]
        bounds = low_high(rate(drawn))
        result[name] = {
            "each": [round(v, 4) for v in values],
            "value": round(float(np.mean(values)), 4),
            "cluster": bounds,
            "interval": bounds,
        }
    return result
