"""The figures of a model card, from the folders of the runs that measured them; nothing is typed by hand.

    python -m export.card --persons output/train/persons --cameras output/train/left-out-* --style-camera stock \
        --card models/README.md --json output/measured.json

`--persons` is a run whose test were persons that it had not seen, `--cameras` are runs with --leave-camera-out. The tables go
between `<!-- scores -->` and `<!-- /scores -->` in the card; the JSON is what `python -m export --measured` puts into the file.
"""

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from inference.errors import DataError, OutputError, TaidoError
from training import metrics
from training.data import Sample

BEGIN, END = "<!-- scores -->", "<!-- /scores -->"


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m export.card", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--persons", type=Path, required=True, metavar="RUN", help="folder of a run tested on unseen persons")
    parser.add_argument(
        "--cameras", type=Path, nargs="*", default=[], metavar="RUN", help="folders of runs with a camera left out"
    )
    parser.add_argument("--style-camera", default="", help="also report the persons without this camera's pictures")
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FOLDER",
        help="of training.evaluate: also say how the scores differ by size, blur and light",
    )
    parser.add_argument("--card", type=Path, required=True, help="Markdown file to bring up to date")
    parser.add_argument("--json", type=Path, required=True, help="file for the same figures as JSON")
    given = parser.parse_args(argv)
    try:
        measured = measure(given.persons, given.cameras, given.style_camera)
        write_card(given.card, "\n\n".join([tables(measured), *([conditions(given.report)] if given.report else [])]))
        given.json.write_text(json.dumps(fact_sheet(measured), indent=1), encoding="utf-8")
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def measure(persons: Path, cameras: Sequence[Path], style_camera: str) -> dict[str, Any]:
    """Reports keyed `unseen persons`, `unseen persons without <camera>` and `unseen camera <name>`."""
    samples, scores, names = read_run(persons)
    result = {"unseen persons": {"camera_left_out": "", "without": "", **metrics.report(samples, scores, names)}}
    if style_camera:
        keep = [i for i, sample in enumerate(samples) if style_camera not in sample.cameras]
        report = metrics.report([samples[i] for i in keep], scores[keep], names)
        result[f"unseen persons without {style_camera}"] = {"camera_left_out": "", "without": style_camera, **report}
    for run in cameras:
        samples, scores, names = read_run(run)
        camera = "+".join(sorted({sample.camera for sample in samples}))
        result[f"unseen camera {camera}"] = {"camera_left_out": camera, "without": "", **metrics.report(samples, scores, names)}
    return result


def fact_sheet(measured: dict[str, Any]) -> dict[str, Any]:
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
        for report in measured.values()
    ]
    return {"tests": tests}


def read_run(folder: Path) -> tuple[list[Sample], np.ndarray, list[str]]:
    """Test samples, scores `(N, C)` and class names of a finished run; raises DataError when a file is missing."""
    with _open(folder / "split.csv") as file:
        known = {row["file"]: row for row in csv.DictReader(file)}
    with _open(folder / "predictions.csv") as file:
        reader = csv.DictReader(file)
        names = list(reader.fieldnames or [])[2:]
        rows = list(reader)
    samples = [_sample(known[row["file"]]) for row in rows]
    return samples, np.array([[float(row[name]) for name in names] for row in rows]), names


def _open(path: Path) -> Any:
    if not path.is_file():
        raise DataError(f"{path} is missing. Give the folder of a run that has ended.")
    return path.open(newline="", encoding="utf-8")


def _sample(row: dict[str, str]) -> Sample:
    return Sample(row["file"], Path(row["file"]), row["label"], row["person"], row["camera"])


def tables(measured: dict[str, Any]) -> str:
    """Markdown: one line per test, then recall and confusion of each."""
    lines = ["| test | images | persons | accuracy, Wilson 95 % | resampling persons | balanced accuracy, resampling persons |"]
    lines.append("|---|---|---|---|---|---|")
    for name, report in measured.items():
        accuracy, balanced = report["accuracy"], report["balanced_accuracy"]
        cells = [
            name,
            str(report["n"]),
            str(report["persons"]),
            f"{_percent(accuracy['value'])} {_interval(accuracy['lo'], accuracy['hi'])}",
            _interval(*accuracy["cluster"]),
            f"{_percent(balanced['value'])} {_interval(*balanced['cluster'])}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    for name, report in measured.items():
        lines += ["", f"**{name}**: rows are the label, columns the answer", "", *_confusion(report)]
    return "\n".join(lines)


def conditions(folder: Path) -> str:
    """Markdown: how the scores of a report of `training.evaluate` differ by the conditions of the picture.

    Raises DataError for a folder without such a report.
    """
    path = folder / "report.json"
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        parts = [
            (name, part.split(": ", 1)[-1], value)
            for name, table in report["conditions"].items()
            for part, value in table.items()
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} is no report of python -m training.evaluate ({error!r}). Give its --output folder.") from error
    lines = ["| by | part | images | persons | accuracy, 95 % | balanced accuracy |", "|---|---|---|---|---|---|"]
    for name, part, value in parts:
        accuracy = f"{_percent(value['accuracy']['value'])} {_interval(*value['accuracy']['interval'])}"
        cells = [name, part, str(value["accuracy"]["n"]), str(value["persons"]), accuracy, _percent(value["balanced_accuracy"])]
        lines.append(f"| {' | '.join(cells)} |")
    ece, rate = report["calibration"]["ece"], report["accuracy"]
    said = f"Of {report['n']} images {_percent(rate['value'])} {_interval(*rate['interval'])} are right"
    said += f"; the calibration error is {_percent(ece['value'])}" + (
        f" {_interval(*ece['interval'])}." if ece["interval"] else "."
    )
    return "\n".join(["**by how the picture was taken**", "", said, "", *lines])


def _confusion(report: dict[str, Any]) -> list[str]:
    names = report["classes"]
    lines = [f"| label | {' | '.join(names)} | recall, Wilson 95 % |", "|---" * (len(names) + 2) + "|"]
    for name, row in zip(names, report["confusion"], strict=True):
        recall = report["recall"][name]
        text = (
            f"{_percent(recall['value'])} {_interval(recall['lo'], recall['hi'])} of {recall['n']}"
            if recall["n"]
            else "no images"
        )
        lines.append(f"| {name} | {' | '.join(map(str, row))} | {text} |")
    return lines


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _interval(low: float, high: float) -> str:
    return f"[{100 * low:.1f}, {100 * high:.1f}]"


def write_card(path: Path, text: str) -> None:
    """Replace what stands between the markers. Raises OutputError when the card has none."""
    content = path.read_text(encoding="utf-8") if path.is_file() else ""
    if content.count(BEGIN) != 1 or content.count(END) != 1:
        raise OutputError(f"{path} must hold one {BEGIN} and one {END}; the tables go between them.")
    before, rest = content.split(BEGIN)
    path.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
