"""Tables of out-of-sample scores on disk: what `crossval` keeps, and what `paired`, `calibrate` and `review` read.

    write(path, outcomes)
    outcomes = read(Path("output/crossval"))      # a folder, or one of oof.csv and predictions.csv

Columns: `file,label_predicted,label,camera,person,seed,fold` and a score per class, whatever the class is called. A
`predictions.csv` of a run or of an evaluation lacks seed and fold; that of a run takes label, camera and person from the
`split.csv` beside it.
"""

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.errors import DataError
from inference.output import write_whole
from training import several
from training.data import Sample, read_table

_FACTS = ("file", "label_predicted", "label", "camera", "person", "seed", "fold")
_LAYOUTS = (_FACTS, _FACTS[:5], _FACTS[:2])
"""Columns before those of the scores: of a cross-validation, an evaluation and a run."""
_SCORE = "score of "
TABLES = ("oof.csv", "predictions.csv")


@dataclass(frozen=True)
class Outcomes:
    """Rows belong together: one per picture and seed."""

    samples: tuple[Sample, ...]
    scores: np.ndarray
    """`(N, C) float64`, 0..1."""
    class_names: tuple[str, ...]
    seeds: np.ndarray
    """`(N,) int`: the seed of the folds and the training; 0 for a single test."""
    folds: np.ndarray
    """`(N,) int`."""

    @property
    def truth(self) -> np.ndarray:
        """`(N,) int64`: the labelled class."""
        return np.array([self.class_names.index(s.label) for s in self.samples], np.int64)

    @property
    def hits(self) -> np.ndarray:
        """`(N,) bool`: whether the answer is the label."""
        return self.scores.argmax(axis=1) == self.truth

    def of_seed(self, seed: int) -> "Outcomes":
        """The rows of one seed."""
        rows = np.flatnonzero(self.seeds == seed)
        return Outcomes(
            tuple(self.samples[i] for i in rows), self.scores[rows], self.class_names, self.seeds[rows], self.folds[rows]
        )


def fold_outcomes(samples: Sequence[Sample], scores: np.ndarray, names: tuple[str, ...], seed: int, fold: int) -> Outcomes:
    """The rows of one fold."""
    return Outcomes(tuple(samples), scores, names, np.full(len(samples), seed), np.full(len(samples), fold))


def joined(parts: Sequence[Outcomes]) -> Outcomes:
    """Rows of several folds as one table."""
    return Outcomes(
        tuple(s for part in parts for s in part.samples),
        np.concatenate([part.scores for part in parts]),
        parts[0].class_names,
        np.concatenate([part.seeds for part in parts]),
        np.concatenate([part.folds for part in parts]),
    )


def write(path: Path, outcomes: Outcomes) -> None:
    """Scores with nine digits, so that logits can be taken back. Raises OutputError."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow([*_FACTS, *outcomes.class_names])
    rows = zip(outcomes.samples, outcomes.scores, outcomes.seeds.tolist(), outcomes.folds.tolist(), strict=True)
    for sample, scores, seed, fold in rows:
        answer = outcomes.class_names[int(scores.argmax())]
        facts = [sample.file, answer, sample.label, sample.camera, sample.person, seed, fold]
        writer.writerow([*facts, *(f"{value:.9g}" for value in scores)])
    write_whole(path, table.getvalue().encode("utf-8"))


def read(place: Path) -> Outcomes:
    """Raises DataError for a table that is missing, damaged, without labels or of several labels at once."""
    path = next((place / name for name in TABLES if (place / name).is_file()), place) if place.is_dir() else place
    if not path.is_file():
        raise DataError(f"There is no table of scores {path}. Give a folder of training.crossval, training.evaluate or a run.")
    rows, columns = _rows(path, _with_scores_marked)
    if "label" not in columns:
        _refuse_several(path.parent / "report.json")
        facts = {row["file"]: row for row in _rows(path.parent / "split.csv")[0]}
        rows = [{**row, **facts.get(row["file"], {})} for row in rows]
    class_names = tuple(name.removeprefix(_SCORE) for name in columns if name.startswith(_SCORE))
    try:
        samples = tuple(_sample(row) for row in rows)
        scores = np.array([[float(row[_SCORE + name]) for name in class_names] for row in rows], np.float64)
        seeds, folds = (np.array([int(row.get(name) or 0) for row in rows], np.int64) for name in ("seed", "fold"))
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path} is damaged or lacks labels ({error}).") from error
    if not samples or len(class_names) < 2:
        raise DataError(f"{path} holds no scores of two classes or more (it has {', '.join(class_names) or 'none'}).")
    _check(samples, class_names, path)
    return Outcomes(samples, scores, class_names, seeds, folds)


def _refuse_several(report: Path) -> None:
    """Raises DataError where the run of that report gives several labels at once: its answer is not the highest class."""
    try:
        result = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {}
    except (OSError, ValueError) as error:
        raise DataError(f"{report} cannot be read as JSON ({error}).") from error
    if several.is_report(result):
        raise DataError(
            f"{report.parent} gives several labels at once; here runs of one class per picture are read. {several.IN_REPORT}"
        )


def _sample(row: dict[str, str]) -> Sample:
    return Sample(row["file"], Path(row["file"]), row["label"], row.get("person") or row["file"], row.get("camera") or "")


def _with_scores_marked(columns: list[str]) -> list[str]:
    """A class may be called like a column, `person` or `side`: what is a score is told by its place."""
    known = next((len(layout) for layout in _LAYOUTS if tuple(columns[: len(layout)]) == layout), None)
    is_score = [name not in _FACTS if known is None else place >= known for place, name in enumerate(columns)]
    return [_SCORE + name if score else name for name, score in zip(columns, is_score, strict=True)]


def _rows(path: Path, renamed: Callable[[list[str]], list[str]] = list) -> tuple[list[dict[str, str]], Sequence[str]]:
    if not path.is_file():
        raise DataError(f"{path} is missing; it says which labels the pictures have.")
    return read_table(path, renamed)


def _check(samples: Sequence[Sample], class_names: Sequence[str], path: Path) -> None:
    other = sorted({s.label for s in samples} - set(class_names))
    if other:
        raise DataError(f"{path} has labels without a column of scores: {', '.join(other)} (columns: {', '.join(class_names)}).")
