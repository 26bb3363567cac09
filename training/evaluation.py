"""What a report says about one test: every figure in it is made here, from scores and labels alone.

    content = evaluate(scored, spec, rows=found.rows, by=("view",))

The page, the plots, the model card and the JSON file only show what stands in this dictionary.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from inference.errors import DataError
from inference.spec import ModelSpec
from training import metrics
from training.calibration import answers_above, negative_log_likelihood, reliability
from training.conditions import parts
from training.resampling import ROUNDS, Resampling
from training.serving import Scored, logits_of

FEWEST_OF_A_PERSON = 5
"""A person of fewer pictures has no line of their own: one answer would be 20 % and more."""
MOST_PERSONS = 20
NO_VALUE = "?"


def evaluate(
    scored: Scored,
    spec: ModelSpec,
    *,
    rows: Mapping[str, Mapping[str, str]] | None = None,
    by: Sequence[str] = (),
    rounds: int = ROUNDS,
) -> dict[str, Any]:
    """Every score of one test. `by` names columns of the manifest `rows` to break the scores down by.

    Raises DataError for a column that the manifest lacks.
    """
    names, samples = spec.class_names, scored.samples
    truth, predicted = scored.truth(names), scored.scores.argmax(axis=1).astype(np.int64)
    persons = Resampling([s.person for s in samples], rounds=rounds)
    keys = parts(scored.conditions) | _columns(samples, rows or {}, by)
    confidence, hits = scored.scores.max(axis=1), truth == predicted
    return {
        **metrics.report(samples, scored.scores, names, rounds=rounds),
        "pairs": metrics.confused_pairs(truth, predicted, names),
        "conditions": {
            name: metrics.breakdown(key, samples, truth, predicted, names, rounds=rounds) for name, key in keys.items()
        },
        "person": by_person(scored, hits),
        "calibration": {**reliability(confidence, hits, persons), "nll": _nll(scored, spec, truth)},
        "uncertain": uncertain(scored.scores, truth, spec.least_score, persons),
        "failures": [{"file": file, "message": message} for file, message in scored.failures],
    }


def stamp() -> str:
    """When a report was made, in local time."""
    return datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")


def uncertain(scores: np.ndarray, truth: np.ndarray, least: float | None, persons: Resampling) -> dict[str, Any]:
    """What the model's least score does, and what others would: share answered, and share of the answers that are right."""
    steps = [round(0.05 * i, 2) for i in range(20)]
    result: dict[str, Any] = {"least_score": least, "curve": [_answers(scores, truth, step, persons) for step in steps]}
    if least is not None:
        result |= _answers(scores, truth, least, persons)
    return result


def _answers(scores: np.ndarray, truth: np.ndarray, least: float, persons: Resampling) -> dict[str, Any]:
    choice = answers_above(scores, truth, least)
    given = (scores.max(axis=1) >= least).astype(np.float64)
    right = given * (scores.argmax(axis=1) == truth)
    drawn = persons.sums(np.stack([np.ones_like(given), given, right], axis=1))
    with np.errstate(invalid="ignore", divide="ignore"):
        answered, precision = drawn[:, 1] / drawn[:, 0], drawn[:, 2] / drawn[:, 1]
    return {
        "least": least,
        "answered": metrics.resampled(choice.answered, answered),
        "precision": metrics.resampled(choice.precision, precision),
    }


def by_person(scored: Scored, hits: np.ndarray) -> dict[str, Any]:
    """Persons of several pictures, those with the most wrong answers first: where the model errs again and again."""
    found: dict[str, list[int]] = defaultdict(list)
    for i, sample in enumerate(scored.samples):
        found[sample.person].append(i)
    lines = [
        {
            "person": person,
            "camera": scored.samples[where[0]].camera or NO_VALUE,
            **metrics.rate(int(hits[where].sum()), len(where)),
        }
        for person, where in found.items()
        if len(where) >= FEWEST_OF_A_PERSON
    ]
    lines.sort(key=lambda line: (line["k"] - line["n"], line["person"]))
    values = [line["value"] for line in lines]
    return {
        "persons": len(found),
        "with_enough": len(lines),
        "fewest": FEWEST_OF_A_PERSON,
        "quartiles": [round(float(v), 4) for v in np.quantile(values, (0.25, 0.5, 0.75))] if values else None,
        "values": sorted(values),
        "most_wrong": lines[:MOST_PERSONS],
    }


def _columns(samples: Sequence[Any], rows: Mapping[str, Mapping[str, str]], by: Sequence[str]) -> dict[str, list[str]]:
    known = {name for row in rows.values() for name in row}
    lacking = [name for name in by if name not in known]
    if lacking:
        raise DataError(
            f"manifest.csv has no column {', '.join(lacking)} to break scores down by "
            f"(it has {', '.join(sorted(known)) or 'none'})."
        )
    return {name: [rows.get(s.file, {}).get(name) or NO_VALUE for s in samples] for name in by}


def _nll(scored: Scored, spec: ModelSpec, truth: np.ndarray) -> float | None:
    """Mean negative log likelihood of the labels; None for several labels at once."""
    if spec.activation != "softmax":
        return None
    return round(negative_log_likelihood(logits_of(scored.scores, spec), truth, spec.temperature), 4)
