"""Whether scores mean what they say, and what makes them do so: a temperature, and a least score for a stated precision.

    bins = reliability(scores.max(axis=1), hits)            # the diagram
    temperature = fit_temperature(logits, truth)            # Guo et al. 2017, "On Calibration of Modern Neural Networks"
    choice = least_score(scores, truth, precision=0.9)      # below it the answer is `uncertain`

Both are fitted on pictures that the model did not train on, for instance the out-of-fold logits of `training.crossval`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from torchmetrics.functional.classification import binary_calibration_error

from inference.errors import DataError
from training.metrics import rate
from training.resampling import Resampling, low_high

BINS = 10
COLDEST, HOTTEST = 0.05, 20.0
FEWEST_ANSWERS = 30
"""A least score that leaves fewer answers than this is not chosen: a precision of so few says next to nothing."""


def reliability(confidence: np.ndarray, hits: np.ndarray, persons: Resampling) -> dict[str, Any]:
    """Expected calibration error (Naeini et al. 2015) with its interval, and per bin of equal width what was right.

    `confidence (N,)`: the highest score of each picture, 0..1; `hits (N,) bool`: whether that class was the label.
    """
    at = np.clip((confidence * BINS).astype(int), 0, BINS - 1)
    member = np.eye(BINS)[at]
    sums = np.stack([member, member * confidence[:, None], member * hits[:, None]], axis=1)
    drawn = persons.sums(sums)
    bins = []
    for i in range(BINS):
        here = at == i
        bins.append(
            {
                "from": round(i / BINS, 4),
                "to": round((i + 1) / BINS, 4),
                "confidence": round(float(confidence[here].mean()), 4) if here.any() else None,
                **rate(int(hits[here].sum()), int(here.sum())),
            }
        )
    right = torch.from_numpy(hits.astype(np.int64))
    error = binary_calibration_error(torch.from_numpy(confidence.astype(np.float64)), right, n_bins=BINS)
    value, bounds = round(float(error), 4), low_high(_ece(drawn))
    # Drawing anew adds noise to every bin and so makes the error larger: the value itself can lie below all draws.
    interval = None if bounds is None else [min(value, bounds[0]), max(value, bounds[1])]
    return {"ece": {"value": value, "cluster": bounds, "interval": interval}, "bins": bins}


def _ece(sums: np.ndarray) -> np.ndarray:
    """`(R, 3, BINS)` counts, sums of confidence and hits -> `(R,)`."""
    return np.abs(sums[:, 1] - sums[:, 2]).sum(axis=1) / sums[:, 0].sum(axis=1)


def negative_log_likelihood(logits: np.ndarray, truth: np.ndarray, temperature: float = 1.0) -> float:
    """Mean over the pictures, of softmax scores."""
    return float(-log_softmax(logits.astype(np.float64) / temperature, axis=1)[np.arange(len(truth)), truth].mean())


def fit_temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The temperature that makes the labels most likely; logits `(N, C)`, truth `(N,) int`.

    Raises DataError where there is nothing to fit: fewer than 30 pictures, or not one wrong answer.
    """
    if len(truth) < FEWEST_ANSWERS:
        raise DataError(f"A temperature is fitted on at least {FEWEST_ANSWERS} pictures, got {len(truth)}.")
    if (logits.argmax(axis=1) == truth).all():
        raise DataError("Every answer is right, so how sure the model may be cannot be fitted. Give pictures it has not seen.")
    found = minimize_scalar(
        lambda log_t: negative_log_likelihood(logits, truth, float(np.exp(log_t))),
        bounds=(np.log(COLDEST), np.log(HOTTEST)),
        method="bounded",
    )
    return round(float(np.exp(found.x)), 4)


@dataclass(frozen=True)
class LeastScore:
    """Below `value` the answer is `uncertain`."""

    value: float
    answered: dict[str, Any]
    """Share of the pictures that get an answer, as `metrics.rate`."""
    precision: dict[str, Any]
    """Share of the answers that are right, as `metrics.rate`."""


def answers_above(scores: np.ndarray, truth: np.ndarray, least: float) -> LeastScore:
    """What a least score does."""
    given = scores.max(axis=1) >= least
    hits = scores.argmax(axis=1)[given] == truth[given]
    return LeastScore(least, rate(int(given.sum()), len(given)), rate(int(hits.sum()), len(hits)))


def least_score(scores: np.ndarray, truth: np.ndarray, *, precision: float) -> LeastScore:
    """The lowest least score at which at least `precision` (0..1) of the answers are right, in steps of a hundredth.

    Raises DataError when no step that leaves FEWEST_ANSWERS answers reaches it.
    """
    best = 0.0
    for step in range(101):
        choice = answers_above(scores, truth, step / 100)
        if choice.answered["k"] < FEWEST_ANSWERS:
            break
        best = max(best, choice.precision["value"])
        if choice.precision["value"] >= precision:
            return choice
    raise DataError(
        f"No least score makes {100 * precision:g} % of at least {FEWEST_ANSWERS} answers right; the best is {100 * best:.1f} %. "
        "Ask for less with --precision, choose none with --temperature-only, or train a better model."
    )
