"""Score a model on labelled pictures, through the path that serves, and say how far the scores can be trusted.

    python -m training.evaluate models/attitude.onnx DATA --output output/evaluation
    python -m training.evaluate RUN/model_best.pth.tar DATA --split RUN/split.csv --output output/evaluation

Writes `report.html` (English), `report.ja.html`, `report.json`, `predictions.csv` and, in files of their own because they show
persons, the wrong answers as pictures: `mistakes.html` and `mistakes.ja.html`.
"""

import argparse
import csv
import io
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.digest import sha256_of
from inference.errors import DataError, OutputError, TaidoError
from inference.output import write_whole
from inference.spec import ModelSpec
from training import data, mistakes, report_page, testset
from training.evaluation import evaluate, stamp
from training.label_review import reviewed
from training.serving import Scored, open_model, score
from training.splits import read_sides
from training.testset import TestSet

logger = logging.getLogger("training")


@dataclass(frozen=True, kw_only=True)
class EvaluateConfig:
    """What is scored, on what, and what is written."""

    model: Path
    data: Path
    output: Path
    split: Path | None = None
    side: str = "test"
    """Of the split."""
    label_review: Path | None = None
    by: tuple[str, ...] = ()
    """Columns of the manifest."""
    mistakes: int = 60
    """Most wrong answers shown as pictures; 0 writes no picture."""
    explain: str = "none"
    """Of the pictures of wrong answers, see `training.explain`."""
    provider: str = "cpu"


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        content = run(_parse(argv))
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps({name: content[name] for name in ("n", "persons", "accuracy", "balanced_accuracy", "macro_f1")}))
    return 0


def run(config: EvaluateConfig) -> dict[str, Any]:
    """Everything, written to the folder; returns what `report.json` holds."""
    model = open_model(config.model, provider=config.provider)
    found = _pictures(config, model.spec)
    _make_folder(config.output)
    scored = score(model, found.samples)
    content = describe(scored, model.spec, found, config)
    write_whole(config.output / "report.json", json.dumps(content, indent=1, ensure_ascii=False).encode("utf-8"))
    write_whole(config.output / "predictions.csv", predictions_csv(scored, model.spec).encode("utf-8"))
    shown = mistakes.write_pages(model, scored, config.output, named(config.model), most=config.mistakes, method=config.explain)
    report_page.write_pages(content, config.output, mistakes=shown)
    logger.info("Written: %s", config.output / report_page.FILES["en"])
    return content


def describe(scored: Scored, spec: ModelSpec, found: TestSet, config: EvaluateConfig) -> dict[str, Any]:
    """The scores, and what they are scores of."""
    fingerprint = data.fingerprint(scored.samples)
    return {
        **evaluate(scored, spec, rows=found.rows, by=config.by),
        "unlabelled": list(found.unlabelled),
        "seen": seen(config, scored, spec, fingerprint),
        "model": {
            "file": named(config.model),
            "sha256": sha256_of(config.model),
            **{name: getattr(spec, name) for name in ("base_model", "input_size_hw", "fit", "temperature", "least_score")},
            **{name: getattr(spec, name) for name in ("activation", "licence", "training_data")},
        },
        "data": {"name": config.data.resolve().name, "fingerprint": fingerprint, "side": config.side if config.split else ""},
        "made_at": stamp(),
    }


def named(model: Path) -> str:
    """As the pages call it: a checkpoint with its run's folder, because all runs call theirs the same."""
    return f"{model.resolve().parent.name}/{model.name}" if model.name.endswith(".pth.tar") else model.name


def seen(config: EvaluateConfig, scored: Scored, spec: ModelSpec, fingerprint: str) -> dict[str, Any]:
    """How many of the pictures trained the model, as far as can be known: from the split given or that of the model's run."""
    path = config.split or config.model.parent / "split.csv"
    known = path.is_file() and (config.split is not None or config.model.name.endswith(".pth.tar"))
    trained = files_of(path, "train") if known else set()
    return {
        "same_data": spec.training_data == fingerprint,
        "split": path.name if known else None,
        "trained": sum(sample.file in trained for sample in scored.samples),
    }


def predictions_csv(scored: Scored, spec: ModelSpec) -> str:
    """`file,label_predicted,label,camera,person` and a score per class."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["file", "label_predicted", "label", "camera", "person", *spec.class_names])
    for sample, row in zip(scored.samples, scored.scores, strict=True):
        answer = spec.class_names[int(row.argmax())]
        writer.writerow([sample.file, answer, sample.label, sample.camera, sample.person, *(f"{v:.9g}" for v in row)])
    return table.getvalue()


def files_of(split: Path, side: str) -> set[str]:
    """The files on one side of a run's `split.csv`. Raises DataError where there are none, or no split."""
    files = {file for file, its in read_sides(split, needed=True).items() if its == side}
    if not files and side != "train":
        raise DataError(f"{split} has no pictures on the side {side!r}.")
    return files


def _pictures(config: EvaluateConfig, spec: ModelSpec) -> TestSet:
    found = testset.read(config.data, spec.class_names)
    if config.split is not None:
        found = found.only(files_of(config.split, config.side), config.split)
    if config.label_review is not None:
        samples: Sequence[data.Sample] = reviewed(found.samples, config.label_review)
        found = TestSet(tuple(samples), found.unlabelled, found.rows)
    return found


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {folder} cannot be made ({error.strerror}). Choose another with --output.") from error


def _parse(argv: list[str] | None) -> EvaluateConfig:
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model", type=Path, metavar="MODEL", help="ONNX file or checkpoint of a classifier")
    parser.add_argument("data", type=Path, metavar="DATA", help="folder with a folder of pictures per class, or a manifest.csv")
    parser.add_argument("--output", type=Path, required=True, help="folder for the report")
    parser.add_argument("--split", type=Path, help="split.csv of a run: score only the pictures on one side of it")
    parser.add_argument("--side", choices=("test", "validation", "train"), help=f"of --split ({EvaluateConfig.side})")
    parser.add_argument("--label-review", type=Path, help="CSV of python -m training.review with a person's decisions")
    parser.add_argument("--by", nargs="+", default=[], metavar="COLUMN", help="columns of manifest.csv to break scores down by")
    parser.add_argument("--mistakes", type=int, default=60, help="most wrong answers shown as pictures; 0: no picture is written")
    parser.add_argument(
        "--explain",
        default="none",
        choices=mistakes.METHODS,
        help="what is laid over the pictures of wrong answers; an ONNX file has no gradients and takes occlusion alone",
    )
    parser.add_argument("--provider", default="cpu", help="device of an ONNX file: cpu, cuda, auto, ...")
    given = vars(parser.parse_args(argv))
    if given["side"] and given["split"] is None:
        raise DataError(f"--side {given['side']} is one of a split: give --split, the split.csv of a run, or leave --side out.")
    return EvaluateConfig(**{**given, "by": tuple(given["by"]), "side": given["side"] or EvaluateConfig.side})


if __name__ == "__main__":
    sys.exit(main())
