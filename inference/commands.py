"""The commands of `python -m inference`: what each does once its arguments are read."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path

from tqdm import tqdm

from inference.classifier import Classifier
from inference.errors import DataError
from inference.images import find_images
from inference.predictions import Predictions, check_writable, classify_files, csv_text, write_csv

ALL_READ, SOME_FAILED = 0, 1
"""Exit statuses; 2 is for usage and for errors that stop the whole run."""


def classify(arguments: Namespace) -> int:
    """Classify the pictures below `arguments.paths`; exit status `ALL_READ` or `SOME_FAILED`."""
    if arguments.out is not None:
        check_writable(arguments.out)
    classifier = Classifier(arguments.model, provider=arguments.provider, threads=arguments.threads)
    files = collect(arguments.paths)
    with tqdm(total=len(files), unit="picture", file=sys.stderr, disable=None) as bar:
        predictions = classify_files(classifier, files, progress=bar.update)
    if arguments.out is not None:
        write_csv(predictions, arguments.out)
    if arguments.json:
        print(json.dumps({**_facts(classifier), **predictions.to_dict()}))
    elif arguments.out is None:
        print(csv_text(predictions), end="")
    _report(predictions)
    return SOME_FAILED if predictions.failures else ALL_READ


def info(arguments: Namespace) -> int:
    """Print the model's fact sheet and where it runs, as one JSON document."""
    classifier = Classifier(arguments.model, provider=arguments.provider)
    print(json.dumps(_facts(classifier), indent=2))
    return ALL_READ


def collect(places: Iterable[Path]) -> list[tuple[str, Path]]:
    """Pictures of all `places` as `(name, path)`; raises DataError if two would get the same name."""
    paths: dict[str, Path] = {}
    for place in places:
        for name, path in find_images(place):
            if name in paths:
                raise DataError(
                    f"Two pictures would both be called {name}: {paths[name]} and {path}. "
                    "Give the folder that holds both, or classify them one after the other."
                )
            paths[name] = path
    return list(paths.items())


def _facts(classifier: Classifier) -> dict[str, object]:
    return {"model": str(classifier.path), "provider": classifier.provider, "spec": json.loads(classifier.spec.to_json())}


def _report(predictions: Predictions) -> None:
    for failure in predictions.failures:
        print(f"failed: {failure.message}", file=sys.stderr)
    summary = predictions.summary
    counts = ", ".join(
        f"{name} {count} ({share:.0%})"
        for name, count, share in zip(summary.class_names, summary.counts, summary.shares, strict=True)
    )
    print(f"{len(predictions.rows)} classified, {len(predictions.failures)} failed: {counts}", file=sys.stderr)
