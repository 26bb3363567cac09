"""How a classifier does: after each epoch on the pictures that choose the checkpoint, at the end on those kept apart."""

import csv
import io
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from inference.output import write_whole
from inference.spec import ModelSpec
from training import checkpoint, distribution, metrics, several
from training.config import TrainConfig
from training.data import Sample
from training.engine import Engine
from training.labels import targets

logger = logging.getLogger("training")

Loaded = tuple[list[Sample], np.ndarray]
"""Samples and their frames `(N, H, W, 3) uint8 RGB`."""


def evaluate(engine: Engine, samples: list[Sample], frames: np.ndarray) -> dict[str, float | None]:
    """The columns of `summary.csv`; None without pictures."""
    if engine.config.multi_label:
        return _evaluate_several(engine, samples, frames)
    if not samples:
        return {"eval_loss": None, "eval_top1": None, "eval_balanced": None}
    logits, scores = engine.score(frames)
    names = engine.model.spec.class_names
    truth = np.array([names.index(s.label) for s in samples])
    table = metrics.confusion(truth, scores.argmax(1), len(names))
    loss = F.cross_entropy(torch.from_numpy(logits), torch.from_numpy(truth)).item()
    return {
        "eval_loss": loss,
        "eval_top1": 100 * float(np.trace(table) / table.sum()),
        "eval_balanced": metrics.balanced_accuracy(table),
    }


def _evaluate_several(engine: Engine, samples: list[Sample], frames: np.ndarray) -> dict[str, float | None]:
    if not samples:
        return {"eval_loss": None, "eval_exact": None, "eval_f1": None}
    logits, scores = engine.score(frames)
    truth = targets(samples, engine.model.spec.class_names, multi_label=True)
    loss = F.binary_cross_entropy_with_logits(torch.from_numpy(logits), torch.from_numpy(truth)).item()
    said = scores >= 0.5
    return {
        "eval_loss": loss,
        "eval_exact": 100 * float((said == (truth > 0)).all(axis=1).mean()),
        "eval_f1": several.macro_f1(truth > 0, said),
    }


def finish(engine: Engine, validation: Loaded, test: Loaded, folder: Path) -> None:
    """Thresholds of several labels into the best checkpoint of a run's folder, then the `report` of that checkpoint."""
    best = checkpoint.read(folder / "model_best.pth.tar")
    engine.served.network.load_state_dict(best["weights"])
    if engine.config.multi_label:
        engine.served.spec = engine.served.spec.replace(thresholds=thresholds(engine, *validation))
        if distribution.is_main():
            checkpoint.save(folder / "model_best.pth.tar", engine.served, engine.config, **best["state"])
    report(engine, test, folder)


def thresholds(engine: Engine, samples: list[Sample], frames: np.ndarray) -> tuple[float, ...]:
    """Of several labels, the best on these pictures, also told in the log; 0.5 without a picture."""
    names = engine.served.spec.class_names
    chosen: tuple[float, ...] = (0.5,) * len(names)
    if samples:
        _, scores = engine.score(frames)
        chosen = several.choose_thresholds(targets(samples, names, multi_label=True) > 0, scores)
    told = ", ".join(f"{name} {value:.2f}" for name, value in zip(names, chosen, strict=True))
    logger.info("thresholds: %s%s", told, "" if samples else " (no picture chose them)")
    return chosen


def report(engine: Engine, test: Loaded, folder: Path) -> None:
    """`report.json` and `predictions.csv` of the model that the engine holds, if there is a test."""
    samples, frames = test
    if not samples:
        logger.info("No picture is kept for a test, so nothing is scored.")
        return
    _, scores = engine.score(frames)
    if distribution.is_main():
        _write(samples, scores, engine.served.spec, engine.config, folder)


def _write(samples: Sequence[Sample], scores: np.ndarray, spec: ModelSpec, config: TrainConfig, folder: Path) -> None:
    names = spec.class_names
    if config.multi_label:
        said = scores >= np.array(spec.thresholds)
        result = several.report(samples, targets(samples, names, multi_label=True) > 0, said, names)
        answers = [";".join(name for name, yes in zip(names, row, strict=True) if yes) for row in said]
        logger.info("test: %s", several.sentence(result))
    else:
        result = metrics.report(samples, scores, names)
        answers = [names[int(row.argmax())] for row in scores]
        logger.info("test: %s", _sentence(result, names, samples))
    content = io.StringIO()
    table = csv.writer(content)
    table.writerow(["file", "label_predicted", *names])
    for sample, answer, row in zip(samples, answers, scores, strict=True):
        table.writerow([sample.file, answer, *(f"{v:.9g}" for v in row)])
    write_whole(folder / "predictions.csv", content.getvalue().encode("utf-8"))
    write_whole(folder / "report.json", json.dumps(result, indent=1).encode("utf-8"))  # the last: a run that has it has ended


def _sentence(result: dict[str, Any], names: Sequence[str], samples: Sequence[Sample]) -> str:
    accuracy, balanced = result["accuracy"], result["balanced_accuracy"]
    values = (accuracy["value"], *accuracy["interval"], balanced["value"])
    percent, low, high, mean = (100 * value for value in values)
    untested = sorted(set(names) - {sample.label for sample in samples})
    note = f"; no picture of {', '.join(untested)} was tested" if untested else ""
    return f"{percent:.1f} % of {accuracy['n']} [{low:.1f}, {high:.1f}], balanced {mean:.1f} %{note}"
