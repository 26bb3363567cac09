"""Every figure that a model card may state, in one JSON file made from what runs and reports left.

    python -m export.figures --persons output/train/persons-wise --cameras output/train/without-*-wise --style-camera stock \
        --documents output/evaluation/report.json averaged-tim=output/paired/tim.json \
        --pictures pictures=DATA crops=output/extra --out models/attitude.figures.json

`python -m export.card` fills cards from this file. `--persons` is a run whose test were persons that it had not seen, `--cameras`
are runs with --leave-camera-out. A document is any JSON file: a report of training.evaluate, what training.paired, calibrate or
second_look wrote with --json, the settings of a run. Each stands in the file under its name (that of its file where none is
given) with where it came from; what speaks of single persons or of this machine is left out.
"""

import argparse
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

OF_A_VARIANT = ("model", "trials", "of")
NOT_FOR_A_CARD = frozenset({"person", "failures", "unlabelled", "experiment", "output", "data", "extra_data", "pretrained_path"})
"""Of a document: lines about single persons or files, and folders of the machine that it was made on."""


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m export.figures", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--persons", type=Path, required=True, metavar="RUN", help="folder of a run tested on unseen persons")
    parser.add_argument(
        "--cameras", type=Path, nargs="*", default=[], metavar="RUN", help="folders of runs with a camera left out"
    )
    parser.add_argument("--style-camera", default="", help="also report the persons without this camera's pictures")
    parser.add_argument("--documents", nargs="*", default=[], metavar="[NAME=]JSON", help="reports to quote, by name")
    parser.add_argument("--pictures", nargs="*", default=[], metavar="[NAME=]FOLDER", help="labelled pictures to count")
    parser.add_argument("--out", type=Path, required=True, metavar="JSON", help="file to write")
    given = parser.parse_args(argv)
    try:
        figures = gather(
            measure(given.persons, given.cameras, given.style_camera), _named(given.documents), _named(given.pictures)
        )
        write_whole(given.out, as_text(figures).encode("utf-8"))
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def gather(tests: dict[str, Any], documents: Sequence[tuple[str, Path]], pictures: Sequence[tuple[str, Path]]) -> dict[str, Any]:
    """All by name. Raises DataError where two have the same one."""
    found = [*tests.items(), *((name, document(path)) for name, path in documents)]
    found += [(name, count(data.scan(folder))) for name, folder in pictures]
    names = [name for name, _ in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"Two sources are called {', '.join(twice)}. The tests have the names {', '.join(tests)}; choose others.")
    return dict(found)


def as_text(figures: dict[str, Any]) -> str:
    """JSON with a line for each part of a document, so that a change of the figures can be read."""

    def lines(document: dict[str, Any]) -> str:
        return ",\n".join(f"  {json.dumps(part)}: {json.dumps(value, ensure_ascii=False)}" for part, value in document.items())

    documents = [f" {json.dumps(name)}: {{\n{lines(document)}\n }}" for name, document in figures.items()]
    return "{\n" + ",\n".join(documents) + "\n}\n"


def measure(persons: Path, cameras: Sequence[Path], style_camera: str) -> dict[str, Any]:
    """Reports of the tests, keyed `persons`, `persons-without-<camera>` and by the cameras that were left out."""
    samples, scores, names = read_run(persons)
    result = {"persons": _test("", "", persons, samples, scores, names)}
    if style_camera:
        keep = [i for i, sample in enumerate(samples) if style_camera not in sample.cameras]
        part = [samples[i] for i in keep]
        result[f"persons-without-{style_camera}"] = _test("", style_camera, persons, part, scores[keep], names)
    for run in cameras:
        samples, scores, names = read_run(run)
        camera = "+".join(sorted({sample.camera for sample in samples}))
        result[camera] = _test(camera, "", run, samples, scores, names)
    return result


def _test(
    camera: str, without: str, run: Path, samples: Sequence[Sample], scores: np.ndarray, names: Sequence[str]
) -> dict[str, Any]:
    pairs = metrics.confused_pairs(
        np.array([names.index(s.label) for s in samples], np.int64), scores.argmax(axis=1).astype(np.int64), names
    )
    facts = {"from": _place(run / "predictions.csv"), "camera_left_out": camera, "without": without}
    return {**facts, **metrics.report(samples, scores, names), "pairs": pairs}


def tests_of(figures: dict[str, Any]) -> dict[str, Any]:
    """Those of the figures that are reports of tests. Raises DataError where there is none."""
    tests = {name: value for name, value in figures.items() if isinstance(value, dict) and "camera_left_out" in value}
    if not tests:
        raise DataError("The figures hold no test. Make them with python -m export.figures.")
    return tests


def fact_sheet(figures: dict[str, Any]) -> dict[str, Any]:
    """The few figures that travel in the model file; intervals are those that resample persons."""

    def rate(value: dict[str, Any]) -> dict[str, float]:
        return {"value": value["value"], "lo": value["cluster"][0], "hi": value["cluster"][1]}

    tests = [
        {
            "camera": report["camera_left_out"],
            "without": report["without"],
            "images": report["n"],
            "persons": report["persons"],
            "accuracy": rate(report["accuracy"]),
            "balanced_accuracy": rate(report["balanced_accuracy"]),
        }
        for report in tests_of(figures).values()
    ]
    return {"tests": tests}


def read_run(folder: Path) -> tuple[list[Sample], np.ndarray, list[str]]:
    """Test samples, scores `(N, C)` and class names of a finished run; raises DataError when a file is missing."""
    for name in ("split.csv", "predictions.csv"):
        if not (folder / name).is_file():
            raise DataError(f"{folder / name} is missing. Give the folder of a run that has ended.")
    table = outcomes.read(folder / "predictions.csv")
    return list(table.samples), table.scores, list(table.class_names)


def document(path: Path) -> dict[str, Any]:
    """A JSON file's content without what is not for a card. Raises DataError for what is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as JSON ({error}).") from error
    if not isinstance(content, dict):
        raise DataError(f"{path} must hold one JSON object, got {type(content).__name__}.")
    kept = {name: value for name, value in content.items() if name not in NOT_FOR_A_CARD}
    if "variants" in kept:  # of `python -m export --variants`: by name, without files and trials
        kept["variants"] = {v["precision"]: {k: x for k, x in v.items() if k not in OF_A_VARIANT} for v in kept["variants"]}
    return {"from": _place(path), **kept}


def count(samples: Sequence[Sample]) -> dict[str, Any]:
    """How many pictures and persons, by label, by camera, and by both."""

    def numbers(part: Sequence[Sample]) -> dict[str, Any]:
        labels = sorted({s.label for s in part})
        return {
            "pictures": len(part),
            "persons": len({s.person for s in part}),
            "label": {label: _both([s for s in part if s.label == label]) for label in labels},
        }

    cameras = sorted({s.camera for s in samples})
    return {**numbers(samples), "camera": {camera: numbers([s for s in samples if s.camera == camera]) for camera in cameras}}


def _both(part: Sequence[Sample]) -> dict[str, int]:
    return {"pictures": len(part), "persons": len({s.person for s in part})}


def _place(path: Path) -> str:
    """The last two parts: enough to find it again, and nothing of the machine."""
    return "/".join(path.resolve().parts[-2:])


def _named(given: Sequence[str]) -> list[tuple[str, Path]]:
    """NAME=PLACE, or a place that is called like its file."""
    parts = [text.rpartition("=") for text in given]
    return [(name or Path(place).stem, Path(place)) for name, _, place in parts]


def read(path: Path) -> dict[str, Any]:
    """The file that this command writes. Raises DataError."""
    figures = document(path)
    figures.pop("from")
    return figures


if __name__ == "__main__":
    sys.exit(main())
