"""Fine-tune on labelled folders.

    python -m training.train DATA --model mobilenetv2_100 --pretrained --epochs 10

Writes `output/train/<date>-<time>-<model>-<size>/` with `model_best.pth.tar`, `last.pth.tar`, `summary.csv` (a row per
epoch), `split.csv` (who was on which side), `settings.json`, and `report.json` with `predictions.csv`: the scores of the best
checkpoint on the test persons, whom neither training nor the choice of the checkpoint saw.
"""

import csv
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from inference.errors import DataError, TaidoError
from training import checkpoint, data, metrics, run, splits
from training.batches import Draws
from training.config import TrainConfig, parse
from training.data import Sample
from training.engine import Engine, pick_device
from training.model import create

logger = logging.getLogger("training")


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        train(parse(argv))
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. Go on with --resume and the run's last.pth.tar.", file=sys.stderr)
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
    if config.threads:
        torch.set_num_threads(config.threads)
    if config.resume:
        checkpoint.read(Path(config.resume))  # a wrong one is refused before the pictures are read
    samples = data.scan(Path(config.data))
    names = data.class_names(samples)
    split = make_split(config, samples)
    extra = _extra(config, split, names)

    torch.manual_seed(config.seed)
    model = create(config, names, training_data=data.fingerprint([*split.train, *extra]))
    if config.initial_checkpoint:
        checkpoint.load_body(Path(config.initial_checkpoint), model)
    engine = Engine(model, config, pick_device(config.device))
    material = Material(
        *data.load([*split.train, *extra], longest_side=max(192, round(1.6 * config.img_size))),
        validation=data.load_frames(split.validation, model.spec),
        test=data.load_frames(split.test, model.spec),
    )
    folder = run.make_folder(config)
    splits.write_split(split, folder / "split.csv")
    sizes = (len(material.train), len(material.validation[0]), len(material.test[0]))
    logger.info("%d pictures train, %d choose, %d test; %d parameters; %s", *sizes, _parameters(model), folder)

    run.epochs(
        engine,
        lambda epoch: Draws(material.train, material.pictures, names, config, epoch),
        lambda: _evaluate(engine, *material.validation),
        folder,
    )
    best = checkpoint.read(folder / "model_best.pth.tar")
    engine.served.network.load_state_dict(best["weights"])
    write_report(engine, *material.test, folder)
    logger.info("Next: python -m export %s --out models/attitude.onnx --verify %s", folder / "model_best.pth.tar", config.data)
    return folder


def _parameters(model: torch.nn.Module) -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def make_split(config: TrainConfig, samples: Sequence[Sample]) -> splits.Split:
    """By person, or one camera against the others."""
    seed = config.seed if config.split_seed < 0 else config.split_seed
    common: dict[str, Any] = {"validation": config.val_split, "seed": seed, "train_only": config.train_only_cameras}
    if config.leave_camera_out:
        return splits.without_camera(samples, config.leave_camera_out, **common)
    return splits.by_person(samples, test=config.test_split, **common)


def _extra(config: TrainConfig, split: splits.Split, names: tuple[str, ...]) -> list[Sample]:
    extra = [sample for folder in config.extra_data for sample in data.scan(Path(folder))]
    unknown = {s.label for s in extra} - set(names)
    if unknown:
        raise DataError(f"--extra-data has classes that {config.data} lacks: {', '.join(sorted(unknown))}.")
    return splits.without_held_out(extra, split, left_out_camera=config.leave_camera_out or None)


def _evaluate(engine: Engine, samples: list[Sample], frames: np.ndarray) -> dict[str, float | None]:
    if not samples:
        return {"eval_loss": None, "eval_top1": None, "eval_balanced": None}
    logits, scores = engine.score(frames)
    names = engine.model.spec.class_names
    truth = np.array([names.index(s.label) for s in samples])
    table = metrics.confusion(truth, scores.argmax(1), len(names))
    loss = F.cross_entropy(torch.from_numpy(logits), torch.from_numpy(truth)).item()
    return {
        "eval_loss": loss,
        "eval_top1": 100 * float(np.trace(table) / table.sum()),
        "eval_balanced": metrics.balanced_accuracy(table),
    }


def write_report(engine: Engine, samples: list[Sample], frames: np.ndarray, folder: Path) -> None:
    """`report.json` and `predictions.csv` of the model as it stands on `frames (N, H, W, 3) uint8 RGB`; none without samples."""
    if not samples:
        return
    _, scores = engine.score(frames)
    names = engine.model.spec.class_names
    result = metrics.report(samples, scores, names)
    (folder / "report.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    with (folder / "predictions.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["file", "label_predicted", *names])
        for sample, row in zip(samples, scores, strict=True):
            table.writerow([sample.file, names[int(row.argmax())], *(f"{v:.6f}" for v in row)])
    accuracy = result["accuracy"]
    logger.info(
        "test: %.1f %% of %d [%.1f, %.1f], balanced %.1f %%",
        *(
            100 * accuracy["value"],
            accuracy["n"],
            100 * accuracy["lo"],
            100 * accuracy["hi"],
            100 * result["balanced_accuracy"]["value"],
        ),
    )


if __name__ == "__main__":
    sys.exit(main())
