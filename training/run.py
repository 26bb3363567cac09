"""A run's folder, its epochs, its table and its checkpoints: the same for everything that is trained."""

import csv
import dataclasses
import json
import logging
import math
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from inference.errors import ModelError, OutputError
from inference.output import write_whole
from inference.spec import ModelSpec
from training import checkpoint, curves, distribution
from training.config import LoopConfig, run_folder
from training.engine import Loop, Source

logger = logging.getLogger("training")

FRAMES = ("base_model", "task", "activation", "input_size_hw", "fit", "mean_rgb", "std_rgb")
"""What a run that goes on cannot change of its network and of what that sees."""
Evaluate = Callable[[], Mapping[str, float | None]]


def make_folder(config: LoopConfig) -> Path:
    """The run's folder with `settings.json`; the old one when a run goes on.

    Raises OutputError when it cannot be written or holds an earlier run.
    """
    if config.resume:
        return Path(config.resume).parent
    folder = run_folder(config, datetime.now().strftime("%Y%m%d-%H%M%S"))
    if (folder / "last.pth.tar").exists():
        raise OutputError(
            f"{folder} holds an earlier run. Choose another --experiment, or go on with --resume {folder}/last.pth.tar."
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "settings.json").write_bytes(_settings(config))
    except OSError as error:
        raise OutputError(
            f"The run's folder {folder} cannot be written ({error.strerror}). Choose another with --output."
        ) from error
    return folder


def epochs(loop: Loop[Any, Any], draws: Callable[[int], Source], evaluate: Evaluate, folder: Path) -> None:
    """Train what is left; each epoch writes a row of `summary.csv`, `last.pth.tar` and, if it is best, `model_best.pth.tar`.

    The best epoch is the one of the lowest `eval_loss`, and the newest where that is None: rates of few pictures jump,
    the loss does not. At the end, and when it is stopped, `curves.png` is drawn.
    """
    config: LoopConfig = loop.config
    first, best = _resume(loop, Path(config.resume)) if config.resume else (0, -math.inf)
    if config.resume:
        distribution.from_main(lambda: write_whole(folder / "settings.json", _settings(dataclasses.replace(config, resume=""))))
    distribution.from_main(lambda: _tidy(folder, first))
    board = _board(folder, first) if config.tensorboard and distribution.is_main() else None
    try:
        for epoch in range(first, config.epochs):
            started = time.monotonic()
            train_loss = loop.train_epoch(draws(epoch), epoch)
            evaluated = evaluate()
            row = {"epoch": epoch, "train_loss": train_loss, **evaluated}
            row |= {"lr": max(group["lr"] for group in loop.optimizer.param_groups), "seconds": time.monotonic() - started}
            loss = evaluated.get("eval_loss")
            loop.after_epoch(loss)
            chosen = float(epoch) if loss is None else -loss
            best = max(best, chosen)
            keep = partial(_keep, loop, row, folder, best=best, is_best=chosen >= best, board=board)
            distribution.from_main(keep)
            logger.info(" ".join(f"{key} {value:.4g}" for key, value in row.items() if value is not None))
    finally:
        if board is not None:
            board.close()
        if distribution.is_main():
            curves.draw(folder / "summary.csv", folder / "curves.png")


def _keep(loop: Loop[Any, Any], row: Mapping[str, Any], folder: Path, *, best: float, is_best: bool, board: Any) -> None:
    epoch = int(row["epoch"])
    _write_row(folder / "summary.csv", row, restart=epoch == 0)
    if is_best:
        checkpoint.save(folder / "model_best.pth.tar", loop.served, loop.config, epoch=epoch, best=best)
    checkpoint.save(folder / "last.pth.tar", loop.served, loop.config, epoch=epoch, best=best, **loop.state())
    for name, value in row.items():
        if board is not None and value is not None and name != "epoch":
            board.add_scalar(name, value, epoch)


def _settings(config: LoopConfig) -> bytes:
    return json.dumps(dataclasses.asdict(config), indent=1).encode("utf-8")


def _resume(loop: Loop[Any, Any], path: Path) -> tuple[int, float]:
    content = checkpoint.read(path)
    if "optimizer" not in content["state"]:
        raise ModelError(f"{path} holds weights only. Go on from the last.pth.tar of the same run.")
    before = ModelSpec.from_json(content["spec"])
    if before.class_names != loop.model.spec.class_names or before.training_data != loop.model.spec.training_data:
        raise ModelError(
            f"The training pictures are not those that {path} was made with. Give the same ones, or start a new run."
        )
    now, other = loop.model.spec, [name for name in FRAMES if getattr(loop.model.spec, name) != getattr(before, name)]
    if other:
        values = ", ".join(f"{name} was {getattr(before, name)} and is {getattr(now, name)}" for name in other)
        raise ModelError(f"{path} cannot go on with other frames or another network: {values}. Start a new run.")
    places = ("output", "experiment")
    moved = any(getattr(loop.config, name) != content["config"].get(name) for name in places)
    if moved and run_folder(loop.config, "").resolve() != path.parent.resolve():
        raise ModelError(f"A run goes on in its own folder, {path.parent}: leave out --output and --experiment.")
    loop.restore(content["weights"], content["state"])
    return int(content["state"]["epoch"]) + 1, float(content["state"]["best"])


def _tidy(folder: Path, first: int) -> None:
    """Leave what a killed run left half done: temporary files, and rows of epochs that begin again."""
    for leftover in folder.glob(".*.pth.tar-*"):
        leftover.unlink(missing_ok=True)
    path = folder / "summary.csv"
    if not first or not path.is_file():
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    rows = [line for line in lines[1:] if line.split(",")[0].isdecimal() and int(line.split(",")[0]) < first]
    write_whole(path, "".join([*lines[:1], *rows]).encode("utf-8"))


def _write_row(path: Path, row: Mapping[str, Any], *, restart: bool) -> None:
    try:
        with path.open("w" if restart else "a", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            if restart:
                table.writerow(row)
            table.writerow(["" if value is None else value for value in row.values()])
    except OSError as error:
        raise OutputError(f"{path} could not be written ({error.strerror}). The checkpoint before is untouched.") from error


def _board(folder: Path, first: int) -> Any:
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(folder), purge_step=first or None)
