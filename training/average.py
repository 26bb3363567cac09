"""One model from several runs: the mean of their weights, a "model soup" (Wortsman et al. 2022).

    python -m training.average RUN_A/model_best.pth.tar RUN_B/model_best.pth.tar --out output/soup/model_best.pth.tar
    python -m training.average RUN_*/model_best.pth.tar --out output/soup/model_best.pth.tar --greedy
    python -m training.average RUN_*/model_best.pth.tar --out output/soup/model_best.pth.tar --test

The runs must start from the same pretrained weights and differ in seed or settings only; runs that began without are refused.
Finders (`training.finder`) average as well, with one `--seed`, because their heads begin at random.
`--greedy` adds the runs in the order of their own `eval_loss`, each only if the loss on the pictures that chose the checkpoint of
every run falls; the thresholds of several labels are chosen on the same pictures. Train with one `--split-seed`: where
`split.csv` lies beside the checkpoints and one run trained on what another keeps apart, the average is refused, because no score
of it would be honest. `--test` scores the mean on the pictures that all of them kept for their test; `report.json` and
`predictions.csv` beside it are those of a run, so the mean needs a folder of its own.
"""

import argparse
import dataclasses
import logging
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import torch

from inference.errors import DataError, ModelError, OutputError, TaidoError
from inference.spec import ModelSpec
from training import checkpoint, data, finder, layouts, scoring, splits
from training.config import FinderConfig, TrainConfig, start
from training.engine import Engine, pick_device
from training.finder_model import FinderModel
from training.model import FrameModel

logger = logging.getLogger("training")

ALIKE = ("class_names", "input_size_hw", "fit", "mean_rgb", "std_rgb", "base_model", "task", "activation")
"""Facts that runs must share for the mean of their weights to mean something."""
Weights = dict[str, torch.Tensor]
Config = TypeVar("Config", TrainConfig, FinderConfig)


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    parser = argparse.ArgumentParser(
        prog="python -m training.average", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoints", type=Path, nargs="+", metavar="CHECKPOINT")
    parser.add_argument("--out", type=Path, required=True, help="checkpoint to write")
    parser.add_argument("--greedy", action="store_true", help="leave out runs that make the average worse")
    parser.add_argument("--data", type=Path, help="folder that the runs were trained on, where it has moved since")
    parser.add_argument("--test", action="store_true", help="score the average on the test pictures of the runs")
    given = parser.parse_args(argv)
    try:
        if given.test:
            _check_place(given.out, "report.json")
        used = average(given.checkpoints, given.out, given.data, greedy=given.greedy)
        if given.test:
            score(given.out, given.checkpoints, given.data)
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{given.out}: the mean of {len(used)} of {len(given.checkpoints)} runs")
    print(f"Next: python -m export {given.out} --out models/mine.onnx --verify DATA")
    return 0


def average(paths: Sequence[Path], out: Path, folder: Path | None = None, *, greedy: bool = False) -> list[Path]:
    """Write the mean; returns the checkpoints in it. `folder`: the runs' pictures, where they have moved since.

    Raises ModelError for runs that do not go together, OutputError where `out` would lie beside the split of another model.
    """
    if len(paths) < 2:
        raise ModelError("An average needs two checkpoints or more.")
    if out.exists() and out.resolve() in {path.resolve() for path in paths}:
        raise ModelError(f"--out {out} is one of the checkpoints. Choose another name.")
    contents = [checkpoint.read(path) for path in paths]
    _check(paths, contents)
    sides = [splits.read_sides(path.parent / "split.csv") for path in paths]
    _check_sides(paths, sides)
    split = sides[0] if all(other == sides[0] for other in sides) else {}
    keeps_split = bool(split) and splits.read_sides(out.parent / "split.csv") != split
    if keeps_split:
        _check_place(out, "split.csv")
    model = checkpoint.load(paths[0])
    chosen = list(range(len(paths)))
    if greedy:
        if isinstance(model, FinderModel):
            raise ModelError(f"{paths[0]} finds students; --greedy needs pictures that chose a checkpoint, which finders lack.")
        order = sorted(chosen, key=lambda i: -float(contents[i]["state"].get("best", 0)))
        engine, choosing = _choosing(model, paths, contents[0]["config"], sides, folder)
        chosen = _greedy(engine, [contents[i]["weights"] for i in order], order, choosing)
    model.network.load_state_dict(mean([contents[i]["weights"] for i in chosen]))
    model.spec = model.spec.replace(measured={}, temperature=1.0, least_score=None)  # these were of another model
    used = [paths[i] for i in chosen]
    config = (FinderConfig if isinstance(model, FinderModel) else TrainConfig)(**contents[0]["config"])
    if isinstance(model, FrameModel) and isinstance(config, TrainConfig) and config.multi_label:
        engine, choosing = _choosing(model, paths, contents[0]["config"], sides, folder)
        model.spec = model.spec.replace(thresholds=scoring.thresholds(engine, *choosing))
    checkpoint.save(out, model, config, averaged=[str(path) for path in used])
    if keeps_split:  # the mean is a run's folder too, for training.wise and reports
        shutil.copy(paths[0].parent / "split.csv", out.parent / "split.csv")
    return used


def score(path: Path, runs: Sequence[Path], folder: Path | None = None) -> None:
    """Score an average on the test of its runs, in its folder. Raises DataError where they kept none, or not the same."""
    model, content = checkpoint.load(path), checkpoint.read(path)["config"]
    if isinstance(model, FinderModel):
        found = _moved(FinderConfig(**content), folder)
        if not found.leave_camera_out:
            raise DataError("--test has nothing to score: the runs left no camera out. The average itself is written.")
        device = pick_device(found.device)
        finder.report(model.to(device), finder.test_frames(found), path.parent, found, device)
        return
    sides, *others = (splits.read_sides(run.parent / "split.csv") for run in runs)
    if "test" not in sides.values() or any(other != sides for other in others):
        raise DataError(
            f"The runs behind {path} have no test in common, so --test has nothing to score; the average itself is written. "
            "Train the runs with one --split-seed and a test."
        )
    config = _moved(settings(content), folder)
    test = layouts.again(config, runs[0].parent / "split.csv").test
    engine = Engine(model, config, pick_device(config.device))
    scoring.report(engine, data.load_frames(test, model.spec), path.parent)


def settings(content: dict[str, Any]) -> TrainConfig:
    """Those of a run, from its checkpoint, for weights that train no more: no moving average, nothing in bfloat16."""
    known = {field.name for field in dataclasses.fields(TrainConfig)}
    config = TrainConfig(**{key: value for key, value in content.items() if key in known})
    return dataclasses.replace(config, model_ema=False, frozen_dtype="float32")


def mean(weights: Sequence[Weights], shares: Sequence[float] | None = None) -> Weights:
    """Of each tensor, by equal shares unless others are given, which sum to 1; counters are those of the first."""
    shares = shares or [1 / len(weights)] * len(weights)

    def mixed(name: str, value: torch.Tensor) -> torch.Tensor:
        total = torch.stack([share * other[name].double() for share, other in zip(shares, weights, strict=True)]).sum(0)
        return total.to(value.dtype)

    return {name: mixed(name, value) if value.is_floating_point() else value for name, value in weights[0].items()}


def _check(paths: Sequence[Path], contents: Sequence[dict[str, Any]]) -> None:
    specs = [ModelSpec.from_json(content["spec"]) for content in contents]
    for path, spec, content in zip(paths[1:], specs[1:], contents[1:], strict=True):
        different = [name for name in ALIKE if getattr(spec, name) != getattr(specs[0], name)]
        if different:
            raise ModelError(f"{path} and {paths[0]} differ in {', '.join(different)}: their weights have no mean.")
        if {k: v.shape for k, v in content["weights"].items()} != {k: v.shape for k, v in contents[0]["weights"].items()}:
            raise ModelError(f"{path} and {paths[0]} have different layers: their weights have no mean.")
    if specs[0].task == "find":
        for name, reason in (
            ("seed", "pyramid and head of a finder begin at random"),
            ("leave_camera_out", "no score would be honest"),
        ):
            if len({content["config"].get(name) for content in contents}) > 1:
                raise ModelError(f"The finders differ in --{name.replace('_', '-')}, and {reason}: give runs of the same.")
    scratch = [path for path, content in zip(paths, contents, strict=True) if not start(content["config"])]
    if scratch:
        raise ModelError(
            f"{scratch[0]} was trained from scratch. The mean of runs with different beginnings is noise: "
            "train the runs with --pretrained or --pretrained-path."
        )


def _check_sides(paths: Sequence[Path], sides: Sequence[dict[str, str]]) -> None:
    for path, split in zip(paths, sides, strict=True):
        for other_path, other in zip(paths, sides, strict=True):
            leaked = [file for file, side in split.items() if side == "train" and other.get(file) in ("test", "validation")]
            if leaked:
                raise ModelError(
                    f"{path} trained on {len(leaked)} pictures that {other_path} keeps apart, e.g. {leaked[0]}: no score of the "
                    "average would be honest. Train the runs with one --split-seed."
                )


def _check_place(out: Path, name: str) -> None:
    """Raises OutputError where `name` lies beside `out` and may be of another model."""
    beside = out.parent / name
    if beside.exists() and {path.name for path in out.parent.glob("*.pth*")} != {out.name}:
        raise OutputError(f"{beside} is of another model and would be replaced. Give --out a folder of its own.")


def _choosing(
    model: FrameModel, paths: Sequence[Path], content: dict[str, Any], sides: Sequence[dict[str, str]], folder: Path | None
) -> tuple[Engine, scoring.Loaded]:
    """An engine of the model, and the pictures that chose the checkpoint of every run, none where there are none."""
    config = _moved(settings(content), folder)
    shared = {file for file in sides[0] if all(other.get(file) == "validation" for other in sides)}
    samples = layouts.again(config, paths[0].parent / "split.csv").validation if shared else ()
    frames = data.load_frames([sample for sample in samples if sample.file in shared], model.spec)
    return Engine(model, config, pick_device(config.device)), frames


def _moved(config: Config, folder: Path | None) -> Config:
    return config if folder is None else dataclasses.replace(config, data=str(folder))


def _greedy(engine: Engine, weights: Sequence[Weights], order: list[int], choosing: scoring.Loaded) -> list[int]:
    if not choosing[0]:
        raise DataError(
            "--greedy needs pictures that chose the checkpoint of every run (split.csv beside the checkpoints), and there are "
            "none. Train the runs with one --split-seed and a --val-split."
        )
    chosen, least = [0], _loss(engine, weights[0], choosing)
    for candidate in range(1, len(weights)):
        loss = _loss(engine, mean([weights[i] for i in [*chosen, candidate]]), choosing)
        logger.info("with run %d: loss %.4f (before %.4f)", order[candidate] + 1, loss, least)
        if loss <= least:
            chosen, least = [*chosen, candidate], loss
    return [order[i] for i in chosen]


def _loss(engine: Engine, weights: Weights, choosing: scoring.Loaded) -> float:
    engine.served.network.load_state_dict(weights)
    return scoring.evaluate(engine, *choosing)["eval_loss"] or 0.0


if __name__ == "__main__":
    sys.exit(main())
