"""File size and time against balanced accuracy, for any number of files: variants, or backbones.

    python -m benchmarks.size models/attitude.onnx models/attitude-int8.onnx --data DATA --split output/train/RUN/split.csv

DATA is a labelled folder; with --split only pictures that did not train are scored. Without it the accuracies of a network that
trained on DATA flatter, and only the differences between its variants mean something: the output says so. Intervals resample
persons. The last line is one JSON document.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.rounds import in_turn, machine, median_and_spread, table
from export import held_out
from inference.classifier import Classifier
from training import data, metrics

MOST = 800


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", metavar="MODEL", nargs="+", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", type=Path, metavar="CSV", help="split.csv of the run that trained the networks")
    parser.add_argument("--students", type=int, default=25, help="crops for which the time counts")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()

    opened = {path.name: Classifier(path, provider="cpu", threads=given.threads) for path in given.models}
    result: dict[str, Any] = {"models": {}, "unseen": False}
    ways = {}
    for path, classifier in zip(given.models, opened.values(), strict=True):
        parts = held_out.choose(None, given.data, classifier.spec.class_names, given.split)
        result["unseen"] = parts.trained == 0
        samples, frames = data.load_frames(held_out.spread(parts.verification, MOST), classifier.spec)
        report = metrics.report(samples, classifier.scores(frames), classifier.spec.class_names)
        result["models"][path.name] = {"bytes": path.stat().st_size, "n": report["n"], "persons": report["persons"]}
        result["models"][path.name]["balanced_accuracy"] = report["balanced_accuracy"]
        crops = np.resize(frames, (given.students, *frames.shape[1:]))
        ways[path.name] = lambda classifier=classifier, crops=crops: _milliseconds(classifier, crops)
    for name, values in in_turn(ways, given.rounds).items():
        result["models"][name]["ms"] = median_and_spread(values)
    rows = []
    for name, r in result["models"].items():
        low, high = r["balanced_accuracy"]["cluster"]
        accuracy = f"{100 * r['balanced_accuracy']['value']:.1f} [{100 * low:.1f}, {100 * high:.1f}]"
        rows.append(
            [name, f"{r['bytes'] / 1e6:.1f}", accuracy, r["n"], r["persons"], r["ms"]["median"], r["ms"]["q1"], r["ms"]["q3"]]
        )
    print(table(rows, ["file", "MB", "balanced accuracy %", "n", "persons", f"ms for {given.students}", "q1", "q3"]))
    if not result["unseen"]:
        print("Which pictures trained is not known: compare variants of one network only, and do not quote the accuracies.")
    print(json.dumps({**result, "machine": machine()}))


def _milliseconds(classifier: Classifier, crops: np.ndarray) -> float:
    start = time.perf_counter()
    classifier.scores(crops)
    return 1000 * (time.perf_counter() - start)


if __name__ == "__main__":
    main()
