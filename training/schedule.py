"""How the learning rate goes: a rise and a cosine, or a fall when the loss on the pictures kept apart no longer falls."""

import math
from typing import Any

import torch
from torch import nn
from torch.optim import SGD, Optimizer
from torch.optim.lr_scheduler import ReduceLROnPlateau

from training.config import LoopConfig


class Plateau:
    """A factor of the learning rate, 1 at first, by torch's own ReduceLROnPlateau."""

    def __init__(self, config: LoopConfig) -> None:
        self._carrier = SGD([torch.zeros(1)], lr=1.0)
        self._rule = ReduceLROnPlateau(self._carrier, factor=config.decay_rate, patience=config.patience_epochs)

    @property
    def factor(self) -> float:
        """Of the learning rate, 0..1."""
        return float(self._carrier.param_groups[0]["lr"])

    def step(self, loss: float) -> None:
        """An epoch ended with this loss."""
        self._rule.step(loss)

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {"factor": self.factor, "best": float(self._rule.best), "bad_epochs": int(self._rule.num_bad_epochs)}

    def restore(self, state: dict[str, Any]) -> None:
        """From a checkpoint."""
        self._carrier.param_groups[0]["lr"] = state["factor"]
        self._rule.best, self._rule.num_bad_epochs = state["best"], state["bad_epochs"]


def learning_rate_share(config: LoopConfig, epoch: float, epochs: int | None = None) -> float:
    """Share of the highest learning rate: a linear rise, then half a cosine (Loshchilov and Hutter 2017) or level."""
    epochs = config.epochs if epochs is None else epochs
    if epoch < config.warmup_epochs:
        return max(epoch, 1e-3) / config.warmup_epochs
    if config.sched != "cosine":
        return 1.0
    done = (epoch - config.warmup_epochs) / max(epochs - config.warmup_epochs, 1e-9)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def slow_down(optimizer: Optimizer, part: nn.Module | None, share: float) -> None:
    """Let what is inside `part` learn at a share of the learning rate: its groups carry it as `lr_scale`, as timm's do."""
    if part is None or share == 1:
        return
    slow = {id(parameter) for parameter in part.parameters()}
    groups = []
    for group in optimizer.param_groups:
        settings = {name: value for name, value in group.items() if name != "params"}
        scale = settings.get("lr_scale", 1.0)
        for inside in (True, False):
            parameters = [parameter for parameter in group["params"] if (id(parameter) in slow) is inside]
            if parameters:
                groups.append({**settings, "params": parameters, "lr_scale": scale * (share if inside else 1.0)})
    optimizer.param_groups[:] = groups
