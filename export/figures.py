"""Every figure that a model card may state, in one JSON file made from what runs and reports left.

    python -m export.figures --persons output/train/persons-wise --cameras output/train/without-*-wise --style-camera stock \
        --documents output/evaluation/report.json averaged-tim=output/paired/tim.json \
        --pictures pictures=DATA crops=output/extra --out models/attitude.figures.json

    python -m export.figures --documents students=models/students.onnx int8=models/students-int8.onnx output/rooms/*.json \
        --pictures frames=DATA --out models/students.figures.json

`python -m export.card` fills cards from this file. `--persons` is a run whose test were persons that it had not seen, `--cameras`
are runs with --leave-camera-out. A document is any JSON file (a report of training.evaluate, what training.paired, calibrate or
second_look wrote with --json, the last line of training.rooms, the settings of a run) or a model file: its fact sheet, with the
scores of a finder (`export.finder_scores`) and what the gate of a variant saw, and its size in bytes. Each stands under its name
(that of its file where none is given) with where it came from; what speaks of single persons or of this machine is left out.
Pictures are a folder of classes or of frames with boxes, see `export.counting`.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from export import counting
from inference.errors import DataError, TaidoError
from inference.output import write_whole
from inference.session import Session
from training import metrics, outcomes
from training.data import Sample

OF_A_VARIANT = ("model", "trials", "of")
NOT_FOR_A_CARD = frozenset({"person", "failures", "unlabelled", "experiment", "output", "data", "extra_data", "pretrained_path"})
"""Of a document: lines about single persons or files, and folders of the machine that it was made on."""


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m export.figures", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--persons", type=Path, metavar="RUN", help="folder of a run tested on unseen persons")
    parser.add_argument(
        "--cameras", type=Path, nargs="*", default=[], metavar="RUN", help="folders of runs with a camera left out"
    )
    parser.add_argument("--style-camera", default="", help="also report the persons without this camera's pictures")
    parser.add_argument("--documents", nargs="*", default=[], metavar="[NAME=]FILE", help="reports and models to quote")
    parser.add_argument("--pictures", nargs="*", default=[], metavar="[NAME=]FOLDER", help="labelled material to count")
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
    found += [(name, counting.count(folder)) for name, folder in pictures]
    names = [name for name, _ in found]
    if not names:
        raise DataError("There is nothing to gather. Give runs, documents or pictures.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(
            f"Two sources are called {', '.join(twice)}. Choose other names; of the tests: {', '.join(tests) or 'none'}."
        )
    return dict(found)


def as_text(figures: dict[str, Any]) -> str:
    """JSON with a line for each part of a document, so that a change of the figures can be read."""

    def lines(document: dict[str, Any]) -> str:
        return ",\n".join(f"  {json.dumps(part)}: {json.dumps(value, ensure_ascii=False)}" for part, value in document.items())

    documents = [f" {json.dumps(name)}: {{\n{lines(document)}\n }}" for name, document in figures.items()]
    return "{\n" + ",\n".join(documents) + "\n}\n"


def measure(persons: Path | None, cameras: Sequence[Path], style_camera: str) -> dict[str, Any]:
    """Reports of the tests, keyed `persons`, `persons-without-<camera>` and by the cameras that were left out."""
    result = {} if persons is None else _of_persons(persons, style_camera)
    for run in cameras:
        samples, scores, names = read_run(run)
        camera = "+".join(sorted({sample.camera for sample in samples}))
        result[camera] = _test(camera, "", run, samples, scores, names)
    return result


def _of_persons(run: Path, style_camera: str) -> dict[str, Any]:
    samples, scores, names = read_run(run)
    result = {"persons": _test("", "", run, samples, scores, names)}
    if style_camera:
        keep = [i for i, sample in enumerate(samples) if style_camera not in sample.cameras]
        part = [samples[i] for i in keep]
        result[f"persons-without-{style_camera}"] = _test("", style_camera, run, part, scores[keep], names)
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
    tests = {name: value for name, value in figures.items() if _is_test(value)}
    if not tests:
        raise DataError("The figures hold no test of a classifier. Make them with python -m export.figures --persons.")
    return tests


def has_tests(figures: dict[str, Any]) -> bool:
    """Whether there is one. Of a finder there is none: its scores come with its file."""
    return any(map(_is_test, figures.values()))


def _is_test(value: Any) -> bool:
    return isinstance(value, dict) and "camera_left_out" in value


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
    """A JSON file's content without what is not for a card, or a model's facts. Raises DataError and ModelError for neither."""
    if path.suffix == ".onnx":
        facts = json.loads(Session(path, None, provider="cpu", threads=1).spec.to_json())
        return {"from": _place(path), "bytes": path.stat().st_size, **facts}
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
