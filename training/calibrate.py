"""Make scores mean what they say, and choose below which score the answer is `uncertain`.

    python -m training.calibrate output/crossval RUN/model_best.pth.tar --precision 0.9 --out RUN/calibrated.pth.tar

SCORES are out-of-fold scores of the same recipe (`training.crossval`) or those of a run's test (`predictions.csv`): pictures that
the model did not train on. The temperature and the least score go into the fact sheet of a new checkpoint; `python -m export`
puts the temperature into the graph and the least score into the file, and whatever serves it honours both.

What is printed is honest in one more way: temperature and least score are also fitted on one half of the persons and judged on
the other, and those are the figures to quote.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import softmax

from inference.errors import DataError, ModelError, TaidoError
from inference.output import write_whole
from inference.spec import ModelSpec
from training import checkpoint, metrics, outcomes
from training.calibration import fit_temperature, least_score, negative_log_likelihood, reliability
from training.folds import folds
from training.outcomes import Outcomes
from training.resampling import Resampling
from training.serving import logits_of


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m training.calibrate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scores", type=Path, metavar="SCORES", help="folder of training.crossval or of a run, or its table")
    parser.add_argument("checkpoint", type=Path, metavar="CHECKPOINT")
    parser.add_argument("--out", type=Path, required=True, help="checkpoint to write")
    parser.add_argument("--temperature-from", type=float, default=0.0, help="set no temperature below this, whatever fits best")
    parser.add_argument("--precision", type=float, default=0.9, help="share of the answers that must be right, 0..1")
    parser.add_argument(
        "--temperature-only", action="store_true", help="set no least score: one that is right here misleads elsewhere"
    )
    parser.add_argument("--json", type=Path, help="file for what is printed")
    given = parser.parse_args(argv)
    try:
        spec = ModelSpec.from_json(checkpoint.read(given.checkpoint)["spec"])
        table = outcomes.read(given.scores)
        _check(table, spec, given.scores, given.precision)
        precision = None if given.temperature_only else given.precision
        result = calibrate(table, spec, precision=precision, floor=given.temperature_from)
        # a least score of before was one of other scores
        facts = {"temperature": result["temperature"], "least_score": result.get("least_score")}
        checkpoint.rewrite_spec(given.checkpoint, given.out, spec.replace(**facts))
        if given.json is not None:
            write_whole(given.json, json.dumps(result, indent=1).encode("utf-8"))
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(result))
    return 0


def calibrate(table: Outcomes, spec: ModelSpec, *, precision: float | None, floor: float = 0.0) -> dict[str, Any]:
    """Temperature, at least `floor`, and least score fitted on everything, and what they do to persons they were not fitted on.

    `precision`: share of the answers that must be right, 0..1; None: no least score is chosen. Raises DataError where there is
    too little, or where the precision cannot be reached.
    """
    logits, truth = logits_of(table.scores, spec.replace(temperature=1.0)), table.truth
    temperature = max(fit_temperature(logits, truth), floor)
    least: dict[str, Any] = {}
    if precision is not None:
        chosen = least_score(softmax(logits / temperature, axis=1), truth, precision=precision)
        least = {"least_score": chosen.value, "precision_asked": precision}
    persons = Resampling([s.person for s in table.samples])
    before = softmax(logits, axis=1)
    after, answered = _other_half(table, logits, truth, precision, floor)
    return {
        "n": len(table.samples),
        "persons": persons.groups,
        "temperature": temperature,
        **least,
        "ece_before": reliability(before.max(axis=1), table.hits, persons)["ece"],
        "ece_after": reliability(after.max(axis=1), table.hits, persons)["ece"],
        "nll_before": round(negative_log_likelihood(logits, truth), 4),
        "nll_after": round(float(-np.log(after[np.arange(len(truth)), truth]).mean()), 4),
        **(_answers(answered, table.hits, persons) if precision is not None else {}),
    }


def _answers(answered: np.ndarray, hits: np.ndarray, persons: Resampling) -> dict[str, Any]:
    """Share of the pictures that get an answer, and share of the answers that are right."""
    right = answered & hits
    drawn = persons.sums(np.stack([np.ones(len(hits)), answered, right], axis=1).astype(np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = drawn[:, 1] / drawn[:, 0], drawn[:, 2] / drawn[:, 1]
    return {
        "answered": metrics.resampled(metrics.rate(int(answered.sum()), len(hits)), shares[0]),
        "precision": metrics.resampled(metrics.rate(int(right.sum()), int(answered.sum())), shares[1]),
    }


def _other_half(
    table: Outcomes, logits: np.ndarray, truth: np.ndarray, precision: float | None, floor: float
) -> tuple[np.ndarray, np.ndarray]:
    """Scores `(N, C)` and which pictures are answered `(N,) bool`, each by what was fitted on the other half of the persons."""
    scores, answered = np.empty(logits.shape), np.ones(len(truth), bool)
    for half in folds(table.samples, 2, group="person", seed=0):
        other = np.setdiff1d(np.arange(len(truth)), half)
        temperature = max(fit_temperature(logits[other], truth[other]), floor)
        scores[half] = softmax(logits[half] / temperature, axis=1)
        if precision is not None:
            chosen = least_score(softmax(logits[other] / temperature, axis=1), truth[other], precision=precision)
            answered[half] = scores[half].max(axis=1) >= chosen.value
    return scores, answered


def _check(table: Outcomes, spec: ModelSpec, source: Path, precision: float) -> None:
    if not 0 < precision < 1:
        raise DataError(f"--precision must be above 0 and below 1, got {precision}.")
    if table.class_names != spec.class_names:
        raise DataError(
            f"The classes differ. {source} has: {', '.join(table.class_names)}. The model has: {', '.join(spec.class_names)}."
        )
    if spec.task != "classify":
        raise ModelError("A finder's scores are not calibrated here. Give a checkpoint of training.train.")


if __name__ == "__main__":
    sys.exit(main())
