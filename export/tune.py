"""Which file, device, number of threads and batch is fastest on this machine, measured.

    python -m export tune models/attitude.onnx models/attitude-int8.onnx --data DATA

The first file is the one that the app opens; the others are variants of it. A variant whose balanced accuracy on DATA may fall by
more than --budget, at the upper end of the paired 95 % interval over persons, is not considered. The best way is written to
`models/attitude.tuned.json`, which `Classifier` honours; deleting that file undoes it.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, get_args

import numpy as np

from export import decisions, held_out
from inference import providers, tuning
from inference.classifier import DEFAULT_BATCH
from inference.command_line import from_one, from_zero
from inference.errors import DataError, ModelError, ProviderError, TaidoError
from inference.providers import Provider
from inference.session import Session
from inference.tuning import Spinning, Tuning
from training import data, several
from training.data import Sample
from training.resampling import FEWEST_GROUPS

BATCHES = (1, 8, 32)
LEAST_GAIN = 0.05
"""A way that is faster by less than this share than doing nothing special is noise, and is not written."""
MOST_PICTURES = 800
"""Of DATA, drawn in turn from every class, camera and person."""


@dataclass(frozen=True)
class Timed:
    """One way of running, and what it costs."""

    tuning: Tuning
    median_ms: float
    """For all crops of one frame of a class."""
    spread_ms: tuple[float, float]


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; the exit status: 0 advice written, 2 nothing could be measured."""
    given = _parser().parse_args(argv)
    try:
        result = tune(given)
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps(result))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m export tune", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", metavar="MODEL", nargs="+", type=Path, help="the file that the app opens, then its variants")
    parser.add_argument("--data", type=Path, required=True, help="labelled folder of persons whom the network was not trained on")
    parser.add_argument(
        "--budget", type=float, default=0.02, help="balanced accuracy that a variant may lose at worst, 0..1 (%(default)s)"
    )
    parser.add_argument("--students", type=from_one, default=25, help="crops of a frame for which the time counts (%(default)s)")
    parser.add_argument("--providers", nargs="+", choices=get_args(Provider)[1:], help="default: those that are there")
    parser.add_argument("--threads", nargs="+", type=from_zero, help="default: one, half of the cores and all of them")
    parser.add_argument("--batches", nargs="+", type=from_one, default=BATCHES)
    parser.add_argument("--rounds", type=from_one, default=5, help="how often everything is measured, in another order each time")
    return parser


def tune(given: argparse.Namespace) -> dict[str, Any]:
    """Measure, print a table, write the advice. Raises TaidoError."""
    folder = given.models[0].parent
    if any(model.parent != folder for model in given.models):
        raise ModelError("Variants must lie in the folder of the first model, where the app looks for them. Copy them there.")
    samples, frames = _pictures(given.models[0], given.data)
    fit, judged = _within_budget(given.models, samples, frames, given.budget)
    default = Tuning(given.models[0].name, _first_provider(given.providers), 0, DEFAULT_BATCH, "until_done")
    ways = list(dict.fromkeys([default, *_ways(fit, given)]))
    crops = np.resize(frames, (given.students, *frames.shape[1:]))
    timed, failed = _measure(folder, ways, crops, given.rounds)
    if default not in {t.tuning for t in timed}:
        raise ModelError(f"The default way does not run: {failed.get(default, 'no reason given')}")
    best = _best(timed, default)
    _print(timed, best.tuning)
    place = tuning.write(
        given.models[0], best.tuning, {"median_ms": best.median_ms, "students": given.students, "models": judged}
    )
    return {
        "written": str(place),
        "best": best.tuning.as_dict(),
        "median_ms": best.median_ms,
        "default_ms": next(t.median_ms for t in timed if t.tuning == default),
        "models": judged,
        "failed": [{**way.as_dict(), "reason": reason} for way, reason in failed.items()],
        "machine": tuning.machine(),
    }


def _pictures(model: Path, folder: Path) -> tuple[list[Sample], np.ndarray]:
    spec = Session(model, "classify", provider="cpu", threads=0).spec
    several.refuse(spec, model)
    labelled = held_out.choose(None, folder, spec.class_names, None).verification
    samples, frames = data.load_frames(held_out.spread(labelled, MOST_PICTURES), spec)
    if not len(frames):
        raise DataError(f"No picture of {folder} can be read.")
    return samples, frames


def _within_budget(
    models: Sequence[Path], samples: Sequence[Sample], frames: np.ndarray, budget: float
) -> tuple[list[Path], dict[str, Any]]:
    """The files that are considered, and what each does to the answers."""
    first, fit, judged = None, [], {}
    for model in models:
        session = Session(model, "classify", provider="cpu", threads=0)
        scores = np.concatenate([session.run(frames[i : i + DEFAULT_BATCH])[0] for i in range(0, len(frames), DEFAULT_BATCH)])
        first = scores if first is None else first
        seen = decisions.compare(samples, session.spec.class_names, first, scores)
        considered = model == models[0] or (seen.worst_drop is not None and seen.worst_drop <= budget)
        judged[model.name] = {**seen.as_dict(), "considered": considered}
        if considered:
            fit.append(model)
        else:
            print(f"{model.name} is not considered: {_too_much(seen, budget)}")
    return fit, judged


def _too_much(seen: decisions.Decisions, budget: float) -> str:
    if seen.worst_drop is None:
        return f"pictures of {seen.persons} persons cannot tell what it may lose (at least {FEWEST_GROUPS} are needed)"
    return f"it may lose {seen.worst_drop:.1%} (budget {budget:.1%})"


def _first_provider(given: Sequence[str] | None) -> str:
    """What `auto` would take, or the first that was asked for."""
    return given[0] if given else providers.short_name(providers.wanted("auto")[0])


def _ways(models: Sequence[Path], given: argparse.Namespace) -> Iterator[Tuning]:
    cores = os.cpu_count() or 1
    threads = given.threads or sorted({1, max(1, cores // 2), cores})
    for model, provider in product(models, given.providers or providers.startable()):
        on_cpu = provider == "cpu"  # a GPU has neither threads nor busy loops worth measuring
        for count, spinning in product(threads if on_cpu else (0,), get_args(Spinning) if on_cpu else ("until_done",)):
            for batch in given.batches:
                yield Tuning(model.name, provider, count, batch, spinning)


def _measure(folder: Path, ways: Sequence[Tuning], crops: np.ndarray, rounds: int) -> tuple[list[Timed], dict[Tuning, str]]:
    """Each way once per round, one session at a time, in another order each round."""
    times: dict[Tuning, list[float]] = {way: [] for way in ways}
    failed: dict[Tuning, str] = {}
    for number in range(rounds):
        order = list(ways)
        random.Random(number).shuffle(order)
        for way in order:
            if way not in failed:
                try:
                    times[way].append(_milliseconds(folder, way, crops))
                except (ModelError, ProviderError) as error:
                    failed[way] = str(error)
    done = [(way, values) for way, values in times.items() if way not in failed]
    return [Timed(way, round(statistics.median(v), 2), (round(min(v), 2), round(max(v), 2))) for way, v in done], failed


def _milliseconds(folder: Path, way: Tuning, crops: np.ndarray) -> float:
    session = Session(folder / way.file, "classify", provider=way.provider, threads=way.threads, spinning=way.spinning)
    parts = [crops[i : i + way.batch] for i in range(0, len(crops), way.batch)]
    for part in (parts[0], parts[-1]):  # memory is planned anew for each size of a batch
        session.run(part)
    start = time.perf_counter()
    for part in parts:
        session.run(part)
    return 1000 * (time.perf_counter() - start)


def _best(timed: Sequence[Timed], default: Tuning) -> Timed:
    usual = next(t for t in timed if t.tuning == default)
    fastest = min(timed, key=lambda t: t.median_ms)
    return fastest if fastest.median_ms < (1 - LEAST_GAIN) * usual.median_ms else usual


def _print(timed: Sequence[Timed], best: Tuning) -> None:
    print(f"  {'file':28} {'provider':9} {'threads':>7} {'batch':>5} {'spinning':10} {'median ms':>9}   min .. max")
    for t in sorted(timed, key=lambda t: t.median_ms):
        way = t.tuning
        mark = "*" if way == best else " "
        columns = f"{way.file:28} {way.provider:9} {way.threads or 'all':>7} {way.batch:>5} {way.spinning:10} {t.median_ms:9.1f}"
        print(f"{mark} {columns}   {t.spread_ms[0]:.1f} .. {t.spread_ms[1]:.1f}")


if __name__ == "__main__":
    sys.exit(main())
