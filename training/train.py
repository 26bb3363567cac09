"""Fine-tune on labelled folders.

    python -m training.train DATA --model mobilenetv2_100 --pretrained --epochs 10

    python -m training.train DATA --preset yoshitake2023
    python -m training.train --resume output/train/RUN/last.pth.tar

Every technique, with its command: `training/README.md`. DATA's layouts: `training/layouts.py`.
Writes `output/train/<date>-<time>-<model>-<size>/` with `model_best.pth.tar`, `last.pth.tar`, `summary.csv` (a row per
epoch), `split.csv` (who was on which side), `settings.json`, and `report.json` with `predictions.csv`: the scores of the best
checkpoint on the test persons, whom neither training nor the choice of the checkpoint saw.
"""

import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from inference.errors import DataError, TaidoError
from training import checkpoint, data, distribution, duplicates, labels, layouts, run, sanity, scoring, splits, strategies
from training.batches import Draws
from training.config import TrainConfig, parse
from training.data import Sample
from training.engine import Engine, pick_device
from training.model import create
from training.pseudo import Pseudo

__all__ = ["Material", "main", "train"]

logger = logging.getLogger("training")


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    level = logging.INFO if os.environ.get("RANK", "0") == "0" else logging.WARNING
    logging.basicConfig(level=level, format="%(message)s", stream=sys.stderr)
    try:
        train(parse(argv))
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. Go on with: python -m training.train --resume RUN/last.pth.tar", file=sys.stderr)
        return 130
    return 0


@dataclass(frozen=True)
class Material:
    """Everything that a run works on, decoded."""

    train: list[Sample]
    pictures: list[np.ndarray]
    """Of `train`, any size, `(h, w, 3) uint8 RGB`."""
    validation: tuple[list[Sample], np.ndarray]
    """Samples and frames `(N, H, W, 3) uint8 RGB`."""
    test: tuple[list[Sample], np.ndarray]
    """Samples and frames `(N, H, W, 3) uint8 RGB`."""


def train(config: TrainConfig) -> Path:
    """Run everything; returns the run's folder."""
    if config.resume:
        checkpoint.read(Path(config.resume))  # a wrong one is refused before the pictures are read
    sanity.check(config)
    distribution.start(config.device)
    if config.threads:
        torch.set_num_threads(config.threads)
    labelled = distribution.from_main(lambda: layouts.read(config))
    names, split = labelled.names, labelled.split
    extra = _extra(config, split, names)
    tasks = labels.tasks_of(config.tasks, [*split.train, *extra])

    torch.manual_seed(config.seed)
    model = create(config, names, training_data=data.fingerprint([*split.train, *extra]))
    if config.initial_checkpoint:
        checkpoint.load_body(Path(config.initial_checkpoint), model)
    strategies.apply(model, config)
    engine = Engine(model, config, pick_device(config.device), tasks)
    material = Material(
        *data.load([*split.train, *extra], longest_side=max(192, round(1.6 * config.img_size))),
        validation=data.load_frames(split.validation, model.spec),
        test=data.load_frames(split.test, model.spec),
    )
    folder = distribution.from_main(lambda: run.make_folder(config))
    if distribution.is_main():
        _keep_split(config, split, folder / "split.csv")
    sizes = (len(material.train), len(material.validation[0]), len(material.test[0]))
    logger.info("%d pictures train, %d choose, %d test; %s", *sizes, folder)
    logger.info("%s of %s parameters learn (%s)", *(f"{n:,}" for n in strategies.counts(model)), _how(config))

    pseudo = Pseudo(config, engine, split) if config.pseudo_labels else None

    def draws(epoch: int) -> Draws:
        samples, pictures = (
            pseudo.beside(material.train, material.pictures, epoch) if pseudo else (material.train, material.pictures)
        )
        return Draws(samples, pictures, names, config, epoch, tasks)

    run.epochs(engine, draws, lambda: scoring.evaluate(engine, *material.validation), folder)
    scoring.finish(engine, material.validation, material.test, folder)
    logger.info("Everything is in %s (curves.png, summary.csv%s).", folder, ", report.json" if material.test[0] else "")
    logger.info("Next: python -m export %s --out models/mine.onnx --verify %s", folder / "model_best.pth.tar", labelled.folder)
    return folder


def _how(config: TrainConfig) -> str:
    how = f"strategy {config.strategy}"
    if config.freeze_until:
        how += f", frozen until {config.freeze_until}"
    return how + (f", only the head for {config.probe_epochs} epochs" if config.probe_epochs else "")


def _extra(config: TrainConfig, split: splits.Split, names: tuple[str, ...]) -> list[Sample]:
    if config.multi_label and config.extra_data:
        raise DataError("--extra-data has a class per picture, and --multi-label several labels: put the pictures into DATA.")
    extra = [sample for folder in config.extra_data for sample in data.scan(Path(folder))]
    unknown = {s.label for s in extra} - set(names)
    if unknown:
        raise DataError(f"--extra-data has classes that {config.data} lacks: {', '.join(sorted(unknown))}.")
    extra = splits.without_held_out(extra, split)
    if config.same_picture == "ignore":
        return extra
    scored = {file for file, _ in duplicates.across([extra, (*split.validation, *split.test)])}
    if scored:
        logger.info("%d extra pictures look like one that is scored, e.g. %s, and are left out.", len(scored), min(scored))
    return [sample for sample in extra if sample.file not in scored]


def _keep_split(config: TrainConfig, split: splits.Split, table: Path) -> None:
    """Who is on which side, written once. Raises DataError where a run that goes on would split the pictures otherwise."""
    if not config.resume:
        splits.write_split(split, table)
    elif table.is_file() and splits.sides(split) != splits.read_sides(table):
        raise DataError(
            f"The run of {config.resume} goes on with its own split, and these pictures and settings give another one. Give the "
            "same ones, or start a new run."
        )


if __name__ == "__main__":
    sys.exit(main())
