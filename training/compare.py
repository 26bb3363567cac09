"""A grid of runs on equal terms: backbones x strategies x augmentations x seeds, a table with intervals, and the curves.

    python -m training.compare DATA --models resnet50 densenet201 vit_base_patch16_224 --strategies head finetune scratch \\
        --augmentations none pspnet augmix cutmix-mixup --seeds 0 1 2 --out output/compare -- --pretrained --epochs 20

What stands behind `--` goes to `python -m training.train` for every run (`--strategy scratch` leaves the pretrained weights out).
`--pretrained-paths NAME=FILE` gives a backbone its file. All runs share one split (`--split-seed`), so the seeds vary the first
weights, the order and the augmentation. A grid that was stopped goes on: finished runs of the same pictures are
kept, an unfinished one is resumed.

Writes `table.md`, `results.json` (its last line on the screen too) and `curves.png`, the loss on the pictures kept apart.
"""

import argparse
import hashlib
import itertools
import json
import logging
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from inference.errors import DataError, OutputError, TaidoError
from training import curves, data, layouts, several, splits, train
from training.config import TrainConfig, parse, start

logger = logging.getLogger("training")

PLAIN = ["--style", "0", "--color-jitter", "0", "--shift", "0", "--rotate", "0", "--reprob", "0", "--hflip", "0"]
PLAIN += ["--least-part", "1", "--aa", "", "--mixup", "0", "--cutmix", "0", "--mixstyle", "0"]
AUGMENTATIONS: dict[str, list[str]] = {
    "default": [],
    "none": PLAIN,
    "mirror": [*PLAIN, "--hflip", "0.5"],
    "pspnet": [*PLAIN, "--aa", "pspnet"],
    "augmix": [*PLAIN, "--hflip", "0.5", "--aa", "augmix-m3-w3"],
    "randaugment": [*PLAIN, "--hflip", "0.5", "--aa", "rand-m9-mstd0.5"],
    "autoaugment": [*PLAIN, "--hflip", "0.5", "--aa", "v0"],
    "cutmix-mixup": [*PLAIN, "--hflip", "0.5", "--cutmix", "1.0", "--mixup", "0.2"],
}
"""`cutmix-mixup` takes one or the other, at random, for each batch."""
GRID = frozenset({"--model", "--strategy", "--seed", "--split-seed"})
"""What the grid gives to every run."""
STRATEGIES = ("head", "finetune", "scratch")


@dataclass(frozen=True, order=True)
class Cell:
    """One point of the grid, but for the seed."""

    model: str
    strategy: str
    augmentation: str

    @property
    def name(self) -> str:
        """As it stands in the table and in the folders."""
        return f"{self.model} {self.strategy} {self.augmentation}"


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    argv = sys.argv[1:] if argv is None else argv
    mine, rest = (argv[: argv.index("--")], argv[argv.index("--") + 1 :]) if "--" in argv else (argv, [])
    given = _parser().parse_args(mine)
    try:
        results = compare(given, rest)
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. The same command goes on where it was.", file=sys.stderr)
        return 130
    print(table(results["cells"]))
    print(json.dumps(results))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.compare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", help="folder as for training.train")
    parser.add_argument("--models", nargs="+", default=["mobilenetv2_100"])
    parser.add_argument("--strategies", nargs="+", choices=STRATEGIES, default=["finetune"])
    parser.add_argument("--augmentations", nargs="+", choices=tuple(AUGMENTATIONS), default=["default"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--split-seed", type=int, default=0, help="of the split that all runs share")
    parser.add_argument("--pretrained-paths", nargs="+", default=[], metavar="NAME=FILE", help="pretrained weights of a backbone")
    parser.add_argument("--out", type=Path, default=Path("output/compare"))
    return parser


def compare(given: argparse.Namespace, rest: Sequence[str]) -> dict[str, Any]:
    """Run what has not been run; returns what `results.json` holds. Raises TaidoError as training does."""
    files = _files(given)
    for part in rest:
        if part.split("=")[0] in GRID:
            raise DataError(f"{part} is one of the grid's: give it before `--` (--models, --strategies, --seeds, --split-seed).")
    cells = [Cell(*point) for point in itertools.product(given.models, given.strategies, given.augmentations)]
    commands = {
        (cell, seed): [given.data, *_command(cell, seed, given.split_seed, files.get(cell.model, ""), rest)]
        for cell in cells
        for seed in given.seeds
    }
    for (cell, _), command in commands.items():
        config = parse(command)  # a wrong flag is refused before the first run
        if cell.strategy == "finetune" and "scratch" in given.strategies and not start(vars(config)):
            raise DataError(
                f"`finetune` gives {cell.model} no weights, so it would train as `scratch` does: give --pretrained behind `--` "
                f"or --pretrained-paths {cell.model}=FILE, or leave out one of the two --strategies."
            )
    shown = _pictures(parse(next(iter(commands.values()))))
    folders = {key: given.out / _folder(*key, [*command, shown]) for key, command in commands.items()}
    for number, (key, command) in enumerate(commands.items(), 1):
        logger.info("run %d of %d: %s, seed %d", number, len(commands), key[0].name, key[1])
        _run(command, folders[key])
    summaries = {cell.name: [folders[cell, seed] / "summary.csv" for seed in given.seeds] for cell in cells}
    rows = [_row(cell, [folders[cell, seed] for seed in given.seeds]) for cell in cells]
    results = {"seeds": given.seeds, "split_seed": given.split_seed, "settings": list(rest), "cells": rows}
    _write(given.out, results)
    curves.draw_runs(summaries, given.out / "curves.png")
    return results


def _files(given: argparse.Namespace) -> dict[str, str]:
    """Backbone to file, of --pretrained-paths. Raises DataError for a part that says nothing of the grid."""
    files = {}
    for part in given.pretrained_paths:
        name, is_pair, file = part.partition("=")
        if not is_pair or name not in given.models:
            raise DataError(f"--pretrained-paths {part}: expected NAME=FILE with a name of --models ({', '.join(given.models)}).")
        files[name] = file
    return files


def _command(cell: Cell, seed: int, split_seed: int, file: str, rest: Sequence[str]) -> list[str]:
    command = [*rest, "--model", cell.model, "--strategy", cell.strategy, *AUGMENTATIONS[cell.augmentation]]
    command += ["--seed", str(seed), "--split-seed", str(split_seed)]
    if cell.strategy == "scratch":
        return [*command, "--no-pretrained", "--pretrained-path", "", "--initial-checkpoint", ""]
    return [*command, "--pretrained-path", file] if file else command


def _pictures(config: TrainConfig) -> str:
    """What identifies the pictures of all runs, their labels and sides. Raises DataError as training does."""
    split = layouts.read(config).split
    extra = [sample for folder in config.extra_data for sample in data.scan(Path(folder))]
    return splits.table(split).decode() + data.fingerprint([*split.train, *split.validation, *split.test, *extra])


def _folder(cell: Cell, seed: int, facts: Sequence[str]) -> str:
    """Other settings or pictures are another folder, so that no result of an earlier grid is taken for one of this."""
    digest = hashlib.sha256("\0".join(facts).encode()).hexdigest()[:8]
    return f"{cell.name.replace(' ', '-').replace('/', '-')}-seed{seed}-{digest}"


def _run(command: list[str], folder: Path) -> None:
    if (folder / "report.json").is_file():
        return
    last = folder / "last.pth.tar"
    where = ["--output", str(folder.parent), "--experiment", folder.name]
    train.train(parse([*command, *where, *(["--resume", str(last)] if last.is_file() else [])]))
    if not (folder / "report.json").is_file():
        raise DataError("The split keeps nothing for a test, so there is nothing to compare. Give --test-split above 0.")


def _row(cell: Cell, folders: Sequence[Path]) -> dict[str, Any]:
    reports = [json.loads((folder / "report.json").read_text(encoding="utf-8")) for folder in folders]
    losses = [_lowest(curves.read(folder / "summary.csv")["eval_loss"]) for folder in folders]
    is_several = several.is_report(reports[0])
    scores = {
        "accuracy": [report["exact" if is_several else "accuracy"]["value"] for report in reports],
        "macro_f1" if is_several else "balanced_accuracy": [
            report["macro_f1" if is_several else "balanced_accuracy"]["value"] for report in reports
        ],
        "eval_loss": losses,
    }
    row = {"model": cell.model, "strategy": cell.strategy, "augmentation": cell.augmentation, "n": reports[0]["n"]}
    most = {"eval_loss": math.inf}
    return {**row, **{name: {"runs": values, **interval(values, most=most.get(name, 1.0))} for name, values in scores.items()}}


def _lowest(values: Sequence[float]) -> float | None:
    """None where no picture chose the checkpoint."""
    known = [value for value in values if not math.isnan(value)]
    return min(known, default=None)


def interval(values: Sequence[float | None], *, most: float = math.inf) -> dict[str, float | None]:
    """Mean over the seeds and its 95 % interval by Student's t, from 0 to at most `most`.

    Without an interval for a single seed, without all for None.
    """
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return {"mean": None, "lo": None, "hi": None}
    mean = float(np.mean(known))
    if len(values) < 2:
        return {"mean": round(mean, 4), "lo": None, "hi": None}
    half = float(stats.t.ppf(0.975, len(values) - 1) * np.std(known, ddof=1) / len(values) ** 0.5)
    return {"mean": round(mean, 4), "lo": round(max(mean - half, 0.0), 4), "hi": round(min(mean + half, most), 4)}


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Markdown: a line per cell; intervals are over the seeds."""
    second = "macro_f1" if rows and "macro_f1" in rows[0] else "balanced_accuracy"
    lines = [
        f"| backbone | strategy | augmentation | images | seeds | accuracy, % | {second.replace('_', ' ')}, % | lowest loss |"
    ]
    lines.append("|---|---|---|---|---|---|---|---|")
    for row in rows:
        cells = [row["model"], row["strategy"], row["augmentation"], str(row["n"]), str(len(row["accuracy"]["runs"]))]
        cells += [_words(row["accuracy"], 100), _words(row[second], 100), _words(row["eval_loss"], 1)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _words(value: dict[str, Any], factor: float) -> str:
    if value["mean"] is None:
        return "–"
    digits = 1 if factor == 100 else 3
    text = f"{factor * value['mean']:.{digits}f}"
    return text if value["lo"] is None else f"{text} [{factor * value['lo']:.{digits}f}, {factor * value['hi']:.{digits}f}]"


def _write(out: Path, results: dict[str, Any]) -> None:
    try:
        (out / "results.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
        (out / "table.md").write_text(table(results["cells"]) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror}). Choose another place with --out.") from error


if __name__ == "__main__":
    sys.exit(main())
