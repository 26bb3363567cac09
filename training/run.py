"""A run's folder, its epochs, its table and its checkpoints: the same for everything that is trained."""

import csv
import dataclasses
import json
import logging
import math
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from inference.errors import OutputError
from training import checkpoint
from training.config import LoopConfig, run_folder
from training.engine import Loop, Source

logger = logging.getLogger("training")

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
        (folder / "settings.json").write_text(json.dumps(dataclasses.asdict(config), indent=1), encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"The run's folder {folder} cannot be written ({error.strerror}). Choose another with --output."
        ) from error
    return folder


def epochs(loop: Loop[Any, Any], draws: Callable[[int], Source], evaluate: Evaluate, folder: Path) -> None:
    """Train what is left; each epoch writes a row of `summary.csv`, `last.pth.tar` and, if it is best, `model_best.pth.tar`.

    The best epoch is the one of the lowest `eval_loss`, and the newest where that is None: rates of few pictures jump,
    the loss does not.
    """
    config: LoopConfig = loop.config
    first, best = _resume(loop, Path(config.resume)) if config.resume else (0, -math.inf)
    for epoch in range(first, config.epochs):
        started = time.monotonic()
        train_loss = loop.train_epoch(draws(epoch), epoch)
        evaluated = evaluate()
        row = {"epoch": epoch, "train_loss": train_loss, **evaluated}
        row |= {"lr": loop.optimizer.param_groups[0]["lr"], "seconds": time.monotonic() - started}
        loss = evaluated.get("eval_loss")
        chosen = float(epoch) if loss is None else -loss
        _write_row(folder / "summary.csv", row, restart=epoch == 0)
        if chosen >= best:
            best = chosen
            checkpoint.save(folder / "model_best.pth.tar", loop.served, config, epoch=epoch, best=best)
        checkpoint.save(folder / "last.pth.tar", loop.served, config, epoch=epoch, best=best, **loop.state())
        logger.info(" ".join(f"{key} {value:.4g}" for key, value in row.items() if value is not None))


def _resume(loop: Loop[Any, Any], path: Path) -> tuple[int, float]:
    content = checkpoint.read(path)
    loop.restore(content["weights"], content["state"])
    return int(content["state"]["epoch"]) + 1, float(content["state"]["best"])


def _write_row(path: Path, row: Mapping[str, Any], *, restart: bool) -> None:
    with path.open("w" if restart else "a", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        if restart:
            table.writerow(row)
        table.writerow(["" if value is None else value for value in row.values()])
