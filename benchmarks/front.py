"""Which backbone, at which size of the frame, is worth its time: score of an unseen camera against milliseconds.

    python -m benchmarks.front --data DATA --sizes 128 160 192 224 256 --plot benchmarks/plots/front.png \\
        --pretrained-path mobilenet_edgetpu_mlperf=edgetpu.safetensors mobilenetv2_100=mobilenetv2.safetensors

The score is that of a linear probe (`training.probe`): every camera of DATA is answered for by a regression that saw the other
cameras only. Fine-tuning scores higher; that the order of backbones and sizes stays the same is an assumption. Pictures whose
label no other camera shows are left out: nobody could answer them. The time is that of the same network with its head, exported,
from crops of a frame to scores in `inference.classifier`, resizing included. A point is on the front when no faster one scores
as high. Intervals resample persons, and the differences to the best are paired.

Answers and exported networks are kept in --kept and not made again: take an empty folder when weights change. `--only scores` and
`--only times` do one half, because times want a quiet machine and scores do not. The last line is one JSON document.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import softmax

from benchmarks import front_plot
from benchmarks.rounds import in_turn, machine, median_and_spread, table
from export import held_out
from export.graph import to_onnx
from inference.classifier import Classifier
from inference.errors import DataError, OutputError, TaidoError
from inference.output import write_whole
from training import data, metrics, model, outcomes, paired, probe
from training.config import TrainConfig
from training.data import Sample
from training.folds import groups
from training.outcomes import Outcomes

CROP_WH = (173, 182)
"""Width and height of a crop, pixels: the medians of the development pictures of students."""


@dataclass(frozen=True)
class Point:
    """One network at one size."""

    backbone: str
    weights: str
    """A file."""
    size: int
    """Side of the square frame, pixels."""

    @property
    def name(self) -> str:
        return f"{self.backbone.replace('/', '-')}-{self.size}"


def answered(point: Point, samples: Sequence[Sample], kept: Path) -> Outcomes:
    """Scores of every picture by a regression that saw no picture of its camera; read from `kept` where it is there."""
    if not kept.is_file():
        outcomes.write(kept, _computed(point, samples))
    table = outcomes.read(kept)
    if {(s.file, s.label) for s in table.samples} != {(s.file, s.label) for s in samples}:
        raise DataError(f"{kept} answers for other pictures than those of DATA. Take an empty folder with --kept.")
    return table


def _computed(point: Point, samples: Sequence[Sample]) -> Outcomes:
    config = probe.ProbeConfig(model=point.backbone, pretrained_path=point.weights, img_size=point.size)
    features = probe.extract(samples, config)
    if features.unreadable:
        raise DataError(f"{len(features.unreadable)} pictures cannot be read, e.g. {features.unreadable[0]}. Remove them.")
    names = data.class_names(samples)
    labels = np.array([names.index(s.label) for s in features.samples], np.int64)
    rooms, parts = groups(features.samples, "camera"), []
    for room in np.unique(rooms):
        test, train = np.flatnonzero(rooms == room), np.flatnonzero(rooms != room)
        logits = probe.fit_predict(features.values[train], labels[train], features.values[test], classes=len(names))
        scores = softmax(logits.astype(np.float64), axis=1)
        parts.append(outcomes.fold_outcomes([features.samples[i] for i in test], scores, names, 0, int(room)))
    return outcomes.joined(parts)


def answerable(table: Outcomes) -> Outcomes:
    """Without the pictures whose label no other camera shows. Raises DataError when none is left."""
    rooms: dict[str, set[int]] = defaultdict(set)
    for sample, room in zip(table.samples, table.folds.tolist(), strict=True):
        rooms[sample.label].add(room)
    rows = np.array([i for i, s in enumerate(table.samples) if len(rooms[s.label]) > 1], np.int64)
    if not len(rows):
        raise DataError("No class is shown by two cameras, so nothing can be said of an unseen one. Add pictures of other rooms.")
    samples = tuple(table.samples[i] for i in rows)
    return Outcomes(samples, table.scores[rows], table.class_names, table.seeds[rows], table.folds[rows])


def score(table: Outcomes) -> dict[str, Any]:
    """Balanced accuracy over all cameras and of each one."""
    report = metrics.report(table.samples, table.scores, table.class_names)
    each = {name: part["balanced_accuracy"] for name, part in report["camera"].items()}
    return {name: report[name] for name in ("n", "persons", "accuracy", "balanced_accuracy")} | {"camera": each}


def exported(point: Point, names: tuple[str, ...], path: Path, threads: int) -> Classifier:
    """The network with an untrained head, as it would serve; read from `path` where it is there."""
    if not path.is_file():
        config = TrainConfig(model=point.backbone, pretrained_path=point.weights, img_size=point.size, fit="pad")
        write_whole(path, to_onnx(model.create(config, names).eval()).SerializeToString())
    return Classifier(path, provider="cpu", threads=threads)


def times(classifiers: Mapping[str, Classifier], count: int, rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds for so many crops."""
    width, height = CROP_WH
    crops = list(np.random.default_rng(0).integers(0, 256, (count, height, width, 3), np.uint8))

    def timed(classifier: Classifier) -> float:
        start = time.perf_counter()
        classifier.scores_of(crops)
        return 1000 * (time.perf_counter() - start)

    ways = {name: lambda classifier=classifier: timed(classifier) for name, classifier in classifiers.items()}
    return {name: median_and_spread(values) for name, values in in_turn(ways, rounds).items()}


def front(points: Mapping[str, tuple[float, float]]) -> list[str]:
    """Names of the points `(milliseconds, score)` that no other one beats in one without losing in the other, fastest first."""
    best, found = float("-inf"), []
    for name, (_, value) in sorted(points.items(), key=lambda item: (item[1][0], -item[1][1])):
        if value > best:
            best = value
            found.append(name)
    return found


def behind(tables: Mapping[str, Outcomes], scores: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Difference of each point's balanced accuracy to that of the best, over the same persons, as a pair with its interval."""
    best = max(scores, key=lambda name: scores[name]["balanced_accuracy"]["value"])
    compared = {
        name: paired.compare(*paired.paired(tables[best], one), group="person")["balanced_accuracy"]
        for name, one in tables.items()
    }
    return {name: {"of": best, "difference": c["difference"], "interval": c["interval"]} for name, c in compared.items()}


def told(result: Mapping[str, dict[str, Any]]) -> str:
    """The table; a half that was not measured is a dash."""
    rows = []
    for name, r in result.items():
        ms, value = r.get("ms"), r.get("balanced_accuracy")
        took = [f"{r['bytes'] / 1e6:.1f}", ms["median"], ms["q1"], ms["q3"]] if ms else ["-"] * 4
        low_high = [100 * bound for bound in value["interval"]] if value else []
        right = "{:.1f} [{:.1f}, {:.1f}]".format(100 * value["value"], *low_high) if value else "-"
        rows.append([name, *took, right, _behind(name, r.get("behind")), "front" if r.get("front") else ""])
    return table(rows, ["network and size", "MB", "median ms", "q1", "q3", "balanced accuracy %", "to the best", ""])


def _behind(name: str, less: dict[str, Any] | None) -> str:
    if less is None:
        return "-"
    if less["of"] == name:
        return "the best"
    bounds = [100 * bound for bound in less["interval"] or ()]
    span = " [{:+.1f}, {:+.1f}]".format(*bounds) if bounds else ""
    return f"{100 * less['difference']:+.1f}{span}"


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="labelled folder whose manifest names the cameras")
    parser.add_argument("--pretrained-path", nargs="+", required=True, metavar="NAME=FILE", help="backbones and their weights")
    parser.add_argument("--sizes", type=int, nargs="+", default=[128, 160, 192, 224, 256], help="sides of the frame, pixels")
    parser.add_argument(
        "--most", type=int, default=0, help="so many pictures, of all classes, cameras and persons in turn; 0: all"
    )
    parser.add_argument("--kept", type=Path, default=Path("output/front"), help="folder for the answers and the networks")
    parser.add_argument("--only", choices=("scores", "times"), help="one half")
    parser.add_argument("--students", type=int, default=25, help="crops for which the time counts")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--plot", type=Path, metavar="PNG")
    given = parser.parse_args(argv)
    wrong = [part for part in given.pretrained_path if not all(part.partition("="))]
    if wrong:
        parser.error(f"--pretrained-path takes NAME=FILE, got {wrong[0]!r}")
    return given


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """What the last line says. Raises what a user, a file or a device can cause."""
    named = [part.partition("=")[::2] for part in given.pretrained_path]
    points = [Point(backbone, weights, size) for size in given.sizes for backbone, weights in named]
    try:
        given.kept.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {given.kept} cannot be made ({error.strerror}). Choose another with --kept.") from error
    samples = data.scan(given.data)
    samples = list(held_out.spread(samples, given.most)) if given.most else samples
    result: dict[str, dict[str, Any]] = {p.name: {"backbone": p.backbone, "size": p.size} for p in points}
    if given.only != "times":
        _score(points, samples, given.kept, result)
    if given.only != "scores":
        names = data.class_names(samples)
        classifiers = {p.name: exported(p, names, given.kept / f"{p.name}.onnx", given.threads) for p in points}
        for name, spread in times(classifiers, given.students, given.rounds).items():
            result[name] |= {"bytes": classifiers[name].path.stat().st_size, "ms": spread}
    if given.only is None:
        chosen = front({name: (r["ms"]["median"], r["balanced_accuracy"]["value"]) for name, r in result.items()})
        for name, r in result.items():
            r["front"] = name in chosen
        if given.plot is not None:
            front_plot.draw(result, chosen, given.plot)
    facts = {"pictures": len(samples), "students": given.students, "threads": given.threads, "rounds": given.rounds}
    return {"points": result, **facts, "machine": machine()}


def _score(points: Sequence[Point], samples: Sequence[Sample], folder: Path, result: dict[str, dict[str, Any]]) -> None:
    tables: dict[str, Outcomes] = {}
    for point in points:
        tables[point.name] = answerable(answered(point, samples, folder / f"{point.name}.csv"))
        result[point.name].update(score(tables[point.name]))
        print(f"{point.name}: {100 * result[point.name]['balanced_accuracy']['value']:.1f} %", file=sys.stderr, flush=True)
    for name, less in behind(tables, result).items():
        result[name]["behind"] = less


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    given = parse(argv)
    try:
        result = measure(given)
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(told(result["points"]))
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
