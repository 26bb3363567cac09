"""What a second annotator thinks of the labels, and how right a model is where both agree: is it the labels or the model?

    python -m training.second_look second.csv DATA --json output/second.json
    python -m training.second_look second.csv DATA --sample test --scores RUN --json output/second.json

`second.csv` holds `file,second`: the class that somebody saw who knew neither the label nor the model's answer, or `?` where it
cannot be decided; with a column `sample`, `--sample` takes a part. Agreement and Cohen's kappa (1960) are those of the pictures
that could be decided; their intervals draw whole persons anew. With `--scores` (a run, an evaluation or a table of scores) the
model is judged on what both agree about, and by either where they differ.
"""

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from inference.errors import DataError, TaidoError
from inference.output import write_whole
from training import data, metrics, outcomes
from training.data import Sample
from training.resampling import Resampling, low_high

UNDECIDED = "?"


def main(argv: list[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on stderr; the last line is one JSON document."""
    parser = argparse.ArgumentParser(
        prog="python -m training.second_look", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("second", type=Path, metavar="CSV", help="file,second and perhaps sample")
    parser.add_argument("data", type=Path, metavar="DATA", help="folder with a folder of pictures per class")
    parser.add_argument("--sample", default="", help="only the rows with this in the column sample")
    parser.add_argument("--scores", type=Path, help="a model's answers: a run, an evaluation, or a table of scores")
    parser.add_argument("--seed", type=int, help="of scores of several seeds (training.crossval), those of this one")
    parser.add_argument("--json", type=Path, help="file for the figures")
    given = parser.parse_args(argv)
    try:
        if given.seed is not None and given.scores is None:
            raise DataError("--seed is one of --scores: give both, or leave it out.")
        samples = data.scan(given.data)
        known = {sample.file: sample for sample in samples}
        looked = read(given.second, known, data.class_names(samples), given.sample)
        result = compare(looked, data.class_names(samples))
        if given.scores is not None:
            table = outcomes.read(given.scores)
            result["model"] = judged(looked, table if given.seed is None else table.of_seed(given.seed))
        if given.json is not None:
            write_whole(given.json, json.dumps(result, indent=1).encode("utf-8"))
    except TaidoError as error:
        sys.stderr.write(f"second_look: {error}\n")
        return 2
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


def read(path: Path, known: dict[str, Sample], classes: Sequence[str], sample: str) -> list[tuple[Sample, str]]:
    """Pictures with what was seen. Raises DataError for unknown pictures or words, and for a picture twice."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.DictReader(file) if not sample or row.get("sample") == sample]
        seen = [(row["file"], row["second"]) for row in rows]
    except (OSError, UnicodeDecodeError, KeyError) as error:
        raise DataError(f"{path} cannot be read ({error!r}). It must be a CSV with the columns file,second.") from error
    files = [file for file, _ in seen]
    wrong = sorted(set(files) - set(known)) + sorted({word for _, word in seen} - {*classes, UNDECIDED})
    if wrong or not seen:
        raise DataError(
            f"{path} has {len(seen)} rows and names {len(wrong)} pictures or classes that are not in the folder"
            f"{f', e.g. {wrong[0]}' if wrong else ''}. The classes are {', '.join(classes)}; {UNDECIDED} is undecided."
        )
    if len(set(files)) < len(files):
        twice = next(file for file in files if files.count(file) > 1)
        raise DataError(f"{path} has {twice} twice. Choose one part of it with --sample.")
    return [(known[file], word) for file, word in seen]


def compare(looked: Sequence[tuple[Sample, str]], classes: Sequence[str]) -> dict[str, Any]:
    """Of all, of each label and of each camera."""
    labels, cameras = ({getattr(s, name) for s, _ in looked} for name in ("label", "camera"))
    return {
        **_agreement(looked),
        "kappa": _kappa([(sample, word) for sample, word in looked if word != UNDECIDED], classes),
        "label": {name: _agreement([r for r in looked if r[0].label == name]) for name in sorted(labels)},
        "camera": {name: _agreement([r for r in looked if r[0].camera == name]) for name in sorted(cameras)},
    }


def _agreement(looked: Sequence[tuple[Sample, str]]) -> dict[str, Any]:
    decided = [(sample, word) for sample, word in looked if word != UNDECIDED]
    agreed = [sample.label == word for sample, word in decided]
    return {
        "n": len(looked),
        "persons": len({sample.person for sample, _ in looked}),
        "decided": len(decided),
        "undecided": metrics.rate(len(looked) - len(decided), len(looked)),
        "same": metrics.rate(sum(agreed), len(looked)),
        "agreement": _rate([sample for sample, _ in decided], np.array(agreed, bool)),
    }


def _kappa(decided: Sequence[tuple[Sample, str]], classes: Sequence[str]) -> dict[str, Any]:
    if not decided:
        return {"value": None, "interval": None}
    columns = [sample.label for sample, _ in decided], [word for _, word in decided]
    label, second = (np.array([classes.index(name) for name in names], np.int64) for names in columns)
    persons = Resampling([sample.person for sample, _ in decided])
    value = float(_kappas(metrics.confusion(label, second, len(classes))[None].astype(np.float64))[0])
    bounds = low_high(_kappas(persons.tables(label, second, len(classes))))
    return {"value": round(value, 4) if np.isfinite(value) else None, "interval": bounds}


def _kappas(tables: np.ndarray) -> np.ndarray:
    """`(..., C, C)` -> `(...)`: agreement beyond what the shares of the classes alone would give; no number for one class."""
    total = tables.sum(axis=(-2, -1))
    with np.errstate(invalid="ignore", divide="ignore"):
        by_chance = (tables.sum(axis=-1) * tables.sum(axis=-2)).sum(axis=-1) / total**2
        return (np.trace(tables, axis1=-2, axis2=-1) / total - by_chance) / (1 - by_chance)


def judged(looked: Sequence[tuple[Sample, str]], table: outcomes.Outcomes) -> dict[str, Any]:
    """How often the model's answer is right: by the labels, where both agree, and by either where they differ.

    Raises DataError when the model did not answer for a picture, or answered more than once.
    """
    answers = {s.file: table.class_names[int(row.argmax())] for s, row in zip(table.samples, table.scores, strict=True)}
    missing = sum(sample.file not in answers for sample, _ in looked)
    if missing:
        raise DataError(
            f"The model has no answer for {missing} of the {len(looked)} pictures. Give the scores of a test that holds them."
        )
    if len(answers) < len(table.samples):
        seeds = ", ".join(map(str, sorted(set(table.seeds.tolist()))))
        raise DataError(f"The model has several answers for one picture (seeds: {seeds}). Choose those of one with --seed.")
    decided = [(sample, word) for sample, word in looked if word != UNDECIDED]
    differ = [(sample, word) for sample, word in decided if word != sample.label]

    def right(rows: Sequence[tuple[Sample, str]], *, by_second: bool = False) -> dict[str, Any]:
        hits = [answers[sample.file] == (word if by_second else sample.label) for sample, word in rows]
        return _rate([sample for sample, _ in rows], np.array(hits, bool))

    return {
        "all": right(looked),
        "agreed": right([(sample, word) for sample, word in decided if word == sample.label]),
        "undecided": right([row for row in looked if row[1] == UNDECIDED]),
        "differing_by_label": right(differ),
        "differing_by_second": right(differ, by_second=True),
        "decided_by_second": right(decided, by_second=True),
    }


def _rate(samples: Sequence[Sample], hits: np.ndarray) -> dict[str, Any]:
    """With the interval that covers Wilson's and that of drawing persons anew."""
    if not len(hits):
        return metrics.resampled(metrics.rate(0, 0), np.empty(0))
    drawn = Resampling([s.person for s in samples]).sums(np.stack([hits, np.ones_like(hits)], axis=1).astype(np.float64))
    with np.errstate(invalid="ignore", divide="ignore"):
        return metrics.resampled(metrics.rate(int(hits.sum()), len(hits)), drawn[:, 0] / drawn[:, 1])


if __name__ == "__main__":
    sys.exit(main())
