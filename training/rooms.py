"""Find, crop, classify: how well whole frames are answered, beside the answers on perfect boxes.

    python -m training.rooms FRAMES --finder models/students.onnx --model models/attitude.onnx --camera NAME --margins 0 0.1 0.2

Every student whose attitude is known (`attitude` in FRAMES/annotations.json) counts. Found boxes belong to a student by
the centre, one to one, best first, as in `training.finder_metrics`. The last line is one JSON document: per margin the
rates on the drawn boxes, on the found ones, and on the found ones where a student who was not found is an error. What the
found boxes themselves cost is `change`: found against drawn, of the students who were found. Use models that have seen nothing
of the camera. `python -m export.card` makes a table of such documents, one per camera.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from inference.classifier import Classifier
from inference.errors import DataError, TaidoError
from inference.finder import Finder
from inference.room import crops
from training import coco, metrics, several
from training.coco import Frame
from training.finder_metrics import owners
from training.resampling import Resampling, low_high

NOT_FOUND = -1
ROUNDS = 500
"""Draws of frames behind an interval."""


@dataclass
class Answers:
    """Of all labelled students of all frames, one margin."""

    truth: list[int]
    on_drawn: list[int]
    on_found: list[int]
    """NOT_FOUND where no box belongs to the student."""
    frames: list[int]
    """Which frame each student is in."""


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m training.rooms", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("frames", type=Path, help="folder with images/ and annotations.json (COCO)")
    parser.add_argument("--finder", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True, help="the classifier")
    parser.add_argument("--camera", default="", help="frames of this camera only")
    parser.add_argument("--threshold", type=float, help="of the finder, instead of the one in its fact sheet")
    parser.add_argument("--margins", type=float, nargs="+", help="instead of the one in the classifier's fact sheet")
    given = parser.parse_args(argv)
    try:
        finder, classifier = Finder(given.finder, provider="cpu"), Classifier(given.model, provider="cpu")
        finder.threshold = finder.threshold if given.threshold is None else given.threshold
        frames = [frame for frame in coco.read(given.frames) if given.camera in ("", frame.camera)]
        result = measure(frames, finder, classifier, given.margins or [classifier.spec.crop_margin])
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    facts = {"camera": given.camera, "finder": given.finder.name, "model": given.model.name, "threshold": finder.threshold}
    print(json.dumps({**facts, **result}))
    return 0


def measure(frames: Sequence[Frame], finder: Finder, classifier: Classifier, margins: Sequence[float]) -> dict[str, Any]:
    """Rates per margin. Raises DataError when no student's attitude is known, ModelError for a classifier of several labels."""
    several.refuse(classifier.spec, classifier.path)
    names = classifier.spec.class_names
    labelled = [frame for frame in frames if any(a in names for a in frame.attitudes)]
    if not labelled:
        raise DataError(f"None of the {len(frames)} frames has a student whose attitude is one of {', '.join(names)}.")
    answers = [Answers([], [], [], []) for _ in margins]
    for number, frame in enumerate(tqdm(labelled, unit="frame", disable=None)):
        picture = coco.load([frame])[1][0]
        found = finder.find(picture)
        known = [i for i, attitude in enumerate(frame.attitudes) if attitude in names]
        box_of = {int(student): box for box, student in enumerate(owners(found, frame.students)) if student >= 0}
        for margin, answer in zip(margins, answers, strict=True):
            drawn = classifier.scores_of(crops(picture, frame.students[known], margin)).argmax(1)
            seen = classifier.scores_of(crops(picture, found, margin)).argmax(1) if len(found) else np.empty(0, int)
            answer.truth += [names.index(frame.attitudes[i]) for i in known]
            answer.on_drawn += drawn.tolist()
            answer.on_found += [int(seen[box_of[i]]) if i in box_of else NOT_FOUND for i in known]
            answer.frames += [number] * len(known)
    return {
        "frames": len(labelled),
        "students": len(answers[0].truth),
        "classes": list(names),
        "margins": {str(margin): _rates(answer, len(names)) for margin, answer in zip(margins, answers, strict=True)},
    }


def _rates(answers: Answers, classes: int) -> dict[str, Any]:
    truth, drawn, found, frames = (np.array(v) for v in (answers.truth, answers.on_drawn, answers.on_found, answers.frames))
    there = found != NOT_FOUND
    drawn_there, found_there = (_tables(truth[there], answer[there], frames[there], classes) for answer in (drawn, found))
    return {
        "drawn": _rate(_tables(truth, drawn, frames, classes)),
        "drawn_of_those_found": _rate(drawn_there),
        "found": _rate(found_there),
        "found_or_wrong": _rate(_tables(truth, found, frames, classes)),
        "change": _change(drawn_there, found_there),
    }


@dataclass(frozen=True)
class Tables:
    """Confusion, rows true, columns answered; one class more than there are, for the answer of students who were not found."""

    whole: np.ndarray
    """`(C + 1, C + 1)`."""
    drawn: np.ndarray
    """`(ROUNDS, C + 1, C + 1)`, of frames drawn anew; the same ones whenever there are as many."""


def _tables(truth: np.ndarray, answer: np.ndarray, frames: np.ndarray, classes: int) -> Tables:
    answer = np.where(answer == NOT_FOUND, classes, answer)
    drawn = Resampling(frames.tolist(), rounds=ROUNDS).tables(truth, answer, classes + 1)
    return Tables(metrics.confusion(truth, answer, classes + 1), drawn)


def _rate(tables: Tables) -> dict[str, Any]:
    """Accuracy and balanced accuracy, each with a 95 % interval that resamples frames; None where nobody counts."""
    n = int(tables.whole.sum())
    result: dict[str, Any] = {"n": n, "accuracy": {"k": int(np.trace(tables.whole)), "n": n}, "balanced_accuracy": {}}
    for name, rate in RATES.items():
        low, high = low_high(rate(tables.drawn)) or (None, None)
        result[name] |= {"value": round(float(rate(tables.whole)), 4) if n else None, "lo": low, "hi": high}
    return result


def _change(before: Tables, after: Tables) -> dict[str, Any]:
    """Differences of the rates, `after` minus `before`; their intervals are paired: both have the same frames in every draw."""
    n = int(before.whole.sum())
    result: dict[str, Any] = {"n": n}
    for name, rate in RATES.items():
        difference = round(float(rate(after.whole) - rate(before.whole)), 4) if n else None
        result[name] = {"difference": difference, "interval": low_high(rate(after.drawn) - rate(before.drawn))}
    return result


RATES = {"accuracy": metrics.accuracies, "balanced_accuracy": metrics.balanced_accuracies}


if __name__ == "__main__":
    sys.exit(main())
