"""The recipe of the bundled model against timm's script with Adam: same backbone, same pictures kept apart, as many samples.

    python -m benchmarks.against_timm DATA --extra-data output/extra --pretrained-path mobilenet_edgetpu_100.safetensors \\
        --cameras tim claG --train-only-cameras claB lto --out output/against-timm

`ours` is the recipe of models/README.md: further crops, three frozen stages, style, balance, the average with a linear probe.
`timm` learns all layers, with crops from 8 % of the picture and a head that begins small, as ours does; either as the preset
`yoshitake2023` says (RandAugment, random erasing) or with no more than the script's defaults (mirror, colour jitter). Which, and
its learning rate, is the one of `--tries` that does best on a fifth of the training persons of the first seed; ours stays as it
is. Both train on `--epochs` times `--samples-per-epoch` samples, take the last epoch and are tested on unseen persons (drawn
anew for each seed, the same for both) and on every camera of `--cameras`, no picture of which trained.

Each run is a process of its own, and one that has ended is not run again: the same command goes on. After each run `table.md`
and `results.json` (also the last line) say what is known, from the seeds that both recipes have. Intervals draw whole persons
anew with their answers of all seeds (`training.paired`).
"""

import argparse
import dataclasses
import itertools
import json
import logging
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inference.errors import DataError, TaidoError
from inference.output import write_whole
from training import data, layouts, metrics, outcomes, paired, splits
from training.config import parse
from training.outcomes import Outcomes

logger = logging.getLogger("benchmarks")

PERSONS = "persons"
RATES = ("accuracy", "balanced_accuracy")


@dataclass(frozen=True)
class Recipe:
    """One way to train."""

    name: str
    flags: str
    share: float = 1.0
    """Of the fine-tuned weights in the average with a linear probe, 0..1; 1: no average."""
    extra: bool = False
    """Takes the further crops."""


OURS = Recipe(
    "ours",
    "--freeze-stages 3 --frozen-dtype bfloat16 --lr 3e-4 --balance 0.7 --style 0.6 --least-part 0.85 --model-ema",
    share=0.8,
    extra=True,
)
TIMM = "timm"
PRESET = "--preset yoshitake2023 --warmup-epochs 0.5"
"""The preset rises for 5 of 150 epochs, which are more than a short run has."""
WAYS = {
    "preset": PRESET,
    "defaults": f"{PRESET} --aa= --reprob 0 --color-jitter 0.4 --weight-decay 2e-5",
}


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    given = _parser().parse_args(argv)
    try:
        results = compare(given)
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. The same command goes on where it was.", file=sys.stderr)
        return 130
    print(table(results))
    print(json.dumps(results))
    return 0


def _recipe(text: str) -> Recipe:
    way, _, lr = text.partition(":")
    try:
        return Recipe(TIMM, f"{WAYS[way]} --lr {float(lr):g}")
    except (KeyError, ValueError) as error:
        raise DataError(f"--tries has {text!r}, which is no WAY:LR; WAY is one of {', '.join(WAYS)}.") from error


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.against_timm", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", metavar="DATA", help="labelled folders with manifest.csv")
    parser.add_argument("--extra-data", nargs="*", default=[], help="further crops, for ours alone (recipes/attitude/prepare.py)")
    parser.add_argument("--model", default="mobilenet_edgetpu_mlperf")
    parser.add_argument("--pretrained-path", required=True, help="its weights, for both")
    parser.add_argument("--cameras", nargs="*", default=[], help="left out in turn")
    parser.add_argument("--train-only-cameras", nargs="*", default=[], help="cameras whose persons cannot be told apart")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    tries = [f"{way}:{lr}" for way in WAYS for lr in ("0.0001", "0.0003", "0.001")]
    parser.add_argument("--tries", nargs="+", default=tries, metavar="WAY:LR", help="of timm (%(default)s)")
    parser.add_argument("--search-epochs", type=int, default=0, help="of the runs that choose; 0: as all")
    parser.add_argument("--img-size", type=int, default=192)
    parser.add_argument("--fit", default="pad")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--samples-per-epoch", type=int, default=5000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("output/against-timm"))
    return parser


def compare(given: argparse.Namespace) -> dict[str, Any]:
    """Run what has not been run, seed after seed; returns what `results.json` holds. Raises DataError when a run fails."""
    given.out.mkdir(parents=True, exist_ok=True)
    timm, choice = choose(given)
    parts: dict[tuple[str, str], list[Outcomes]] = {}
    tests = [PERSONS, *given.cameras]
    runs = list(itertools.product(given.seeds, tests, (OURS, timm)))
    for number, (seed, test, recipe) in enumerate(runs, 1):
        logger.info("run %d of %d: %s, %s, seed %d", number, len(runs), test, recipe.name, seed)
        where = ["--leave-camera-out", test] if test != PERSONS else []
        folder = run(recipe, f"{test}-{recipe.name}-seed{seed}", seed, where, given)
        read = outcomes.read(folder)
        parts.setdefault((test, recipe.name), []).append(dataclasses.replace(read, seeds=read.seeds + seed))
        results = summary(parts, tests, choice, given)
        write_whole(given.out / "results.json", json.dumps(results, indent=1).encode("utf-8"))
        write_whole(given.out / "table.md", (table(results) + "\n").encode("utf-8"))
    return results


def choose(given: argparse.Namespace) -> tuple[Recipe, dict[str, Any]]:
    """The best of timm's tries, by balanced accuracy on a part of the training persons; the first test is not looked at."""
    tries = {text: _recipe(text) for text in given.tries}
    if len(tries) == 1:
        return next(iter(tries.values())), {"chosen": given.tries[0], "flags": tries[given.tries[0]].flags, "tried": {}}
    seed, split_file = given.seeds[0], given.out / "choice.csv"
    config = parse(command(tries[given.tries[0]], seed, [], given))
    train = layouts.make_split(config, data.scan(Path(given.data))).train
    splits.write_split(layouts.make_split(config, train), split_file)
    tried = {}
    for text, recipe in tries.items():
        flags = ["--split-file", str(split_file), "--epochs", str(given.search_epochs or given.epochs)]
        folder = run(recipe, f"choice-{text.replace(':', '-lr')}", seed, flags, given)
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        tried[text] = {"n": report["n"], **{rate: report[rate]["value"] for rate in RATES}}
        logger.info("%s: %s", text, tried[text])
    best = max(tries, key=lambda text: tried[text]["balanced_accuracy"])
    return tries[best], {"chosen": best, "flags": tries[best].flags, "tried": tried}


def command(recipe: Recipe, seed: int, flags: Sequence[str], given: argparse.Namespace) -> list[str]:
    """What stands behind `python -m training.train`; later flags win."""
    argv = [given.data, *recipe.flags.split()]
    argv += ["--model", given.model, "--no-pretrained", "--pretrained-path", given.pretrained_path, "--fit", given.fit]
    argv += ["--img-size", str(given.img_size), "--epochs", str(given.epochs)]
    argv += ["--samples-per-epoch", str(given.samples_per_epoch), "--val-split", "0", "--seed", str(seed)]
    argv += ["--threads", str(given.threads)]
    for name, values in (
        ("--extra-data", given.extra_data if recipe.extra else []),
        ("--train-only-cameras", given.train_only_cameras),
    ):
        argv += [name, *values] if values else []
    return [*argv, *flags]


def run(recipe: Recipe, name: str, seed: int, flags: Sequence[str], given: argparse.Namespace) -> Path:
    """The folder with the recipe's answers. Raises DataError for an earlier run with other settings, and when the run fails."""
    folder = Path(given.out) / name
    argv = [*command(recipe, seed, flags, given), "--output", str(given.out), "--experiment", name]
    settings, last = folder / "settings.json", folder / "last.pth.tar"
    wanted = json.loads(json.dumps(dataclasses.asdict(parse(argv))))
    if settings.is_file() and json.loads(settings.read_text(encoding="utf-8")) != wanted:
        raise DataError(f"{folder} was made with other settings. Choose another --out, or remove it.")
    if not (folder / "report.json").is_file():
        launch("training.train", [*argv, *(["--resume", str(last)] if last.is_file() else [])], folder)
    if recipe.share == 1:
        return folder
    averaged = folder.with_name(f"{name}-wise")
    if not (averaged / "report.json").is_file():
        launch("training.wise", [str(folder), "--share", str(recipe.share)], averaged)
    return averaged


def launch(module: str, argv: Sequence[str], folder: Path) -> None:
    """`python -m module` in a process of its own; what it says goes to `<folder>.log`. Raises DataError when it fails."""
    log = folder.with_name(f"{folder.name}.log")
    with log.open("w", encoding="utf-8") as file:
        done = subprocess.run([sys.executable, "-m", module, *argv], check=False, stdout=file, stderr=subprocess.STDOUT)
    if done.returncode or not (folder / "report.json").is_file():
        last = log.read_text(encoding="utf-8").strip().splitlines()[-1:]
        raise DataError(f"python -m {module} ended with status {done.returncode} ({''.join(last)}). All it said is in {log}.")


def summary(
    parts: dict[tuple[str, str], list[Outcomes]], tests: Sequence[str], choice: dict[str, Any], given: argparse.Namespace
) -> dict[str, Any]:
    """What `results.json` holds."""
    facts = {name: getattr(given, name) for name in ("model", "img_size", "fit", "epochs", "samples_per_epoch")}
    rows = []
    for test in tests:
        ours, timm = (parts.get((test, name), []) for name in (OURS.name, TIMM))
        both = min(len(ours), len(timm))
        if both:
            rows.append({"test": test, **row(outcomes.joined(ours[:both]), outcomes.joined(timm[:both]))})
    recipe = {"flags": OURS.flags, "share": OURS.share}
    return {"benchmark": "against_timm", **facts, "ours": recipe, "timm": choice, "rows": rows}


def row(ours: Outcomes, timm: Outcomes) -> dict[str, Any]:
    """Both scores over the answers of all seeds, and ours minus timm's with its interval and its value for each seed."""
    timm, ours = paired.paired(timm, ours)
    together = paired.compare(timm, ours, group="person")
    line: dict[str, Any] = {"images": together["n"], "answers": len(ours.samples), "persons": together["groups"]}
    line["seeds"] = together["seeds"]
    for name, one in ((OURS.name, ours), (TIMM, timm)):
        report = metrics.report(one.samples, one.scores, one.class_names)
        line[name] = {rate: {"value": report[rate]["value"], "interval": report[rate]["cluster"]} for rate in RATES}
    line["difference"] = {rate: {"value": together[rate]["difference"], "interval": together[rate]["interval"]} for rate in RATES}
    line["by_seed"] = [_seed(ours.of_seed(seed), timm.of_seed(seed)) for seed in together["seeds"]]
    return line


def _seed(ours: Outcomes, timm: Outcomes) -> dict[str, dict[str, float]]:
    values = {name: metrics.report(o.samples, o.scores, o.class_names, rounds=1) for name, o in (("ours", ours), ("timm", timm))}
    return {rate: {name: report[rate]["value"] for name, report in values.items()} for rate in RATES}


def table(results: dict[str, Any]) -> str:
    """Markdown: two lines per test."""
    lines = [
        "| test | answers (images, persons, seeds) | score, % | ours | timm, Adam | ours minus timm, points | of each seed |"
    ]
    lines.append("|---|---|---|---|---|---|---|")
    for line in results["rows"]:
        test = "unseen persons" if line["test"] == PERSONS else f"unseen camera {line['test']}"
        count = f"{line['answers']} ({line['images']}, {line['persons']}, {len(line['seeds'])})"
        for rate in RATES:
            each = ", ".join(f"{100 * (seed[rate]['ours'] - seed[rate]['timm']):+.1f}" for seed in line["by_seed"])
            scores = [_words(line[name][rate], ".1f") for name in (OURS.name, TIMM)]
            cells = [test, count, rate.replace("_", " "), *scores, _words(line["difference"][rate], "+.1f"), each]
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _words(value: dict[str, Any], how: str) -> str:
    bounds = value["interval"]
    span = "" if bounds is None else f" [{100 * bounds[0]:{how}}, {100 * bounds[1]:{how}}]"
    return f"{100 * value['value']:{how}}{span}"


if __name__ == "__main__":
    sys.exit(main())
