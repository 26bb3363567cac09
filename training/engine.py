"""The loop: one epoch of training, and scoring through the serving path."""

import logging
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from timm.optim import create_optimizer_v2
from torch import nn
from tqdm import tqdm

from inference.errors import TaidoError
from training.batches import Draws
from training.config import TrainConfig
from training.model import FrameModel

logger = logging.getLogger(__name__)


class TrainingError(TaidoError):
    """Training cannot go on; the last good checkpoint is untouched."""


@dataclass
class Engine:
    """Model, optimiser and schedule of one run on one device."""

    model: FrameModel
    config: TrainConfig
    device: torch.device

    def __post_init__(self) -> None:
        self.model.to(self.device).to(memory_format=torch.channels_last)
        self.optimizer = create_optimizer_v2(
            self.model.network,
            opt=self.config.opt,
            lr=self.config.lr,
            weight_decay=self.config.weight_decay,
            layer_decay=self.config.layer_decay or None,
        )
        self._base_lr = [group["lr"] for group in self.optimizer.param_groups]

    def train_epoch(self, draws: Draws, epoch: int) -> float:
        """One pass; returns the mean loss. Raises TrainingError when the loss is no longer a number."""
        self.model.train()
        torch.manual_seed(self.config.seed * 100_003 + epoch)
        batches = draws.batches(self.config.batch_size, self.config.workers)
        if not len(batches):
            raise TrainingError(f"{len(draws)} samples make no batch. Add pictures.")
        loss_sum = count = 0.0
        progress = tqdm(batches, desc=f"epoch {epoch + 1}/{self.config.epochs}", unit="batch", mininterval=1, disable=None)
        for step, (frames, labels) in enumerate(progress):
            self._set_lr(epoch + step / len(batches))
            loss = self._step(frames.to(self.device), labels.to(self.device))
            loss_sum += loss * len(frames)
            count += len(frames)
            progress.set_postfix(loss=f"{loss_sum / count:.3f}")
        return loss_sum / count

    def _step(self, frames: torch.Tensor, labels: torch.Tensor) -> float:
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.config.amp):
            logits = self.model.logits(frames)
        loss = F.cross_entropy(logits.float(), labels, label_smoothing=self.config.smoothing)
        value = loss.item()
        if not math.isfinite(value):
            raise TrainingError(f"The loss became {value}. Lower --lr (now {self.config.lr}) and go on from the last checkpoint.")
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if self.config.clip_grad > 0:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip_grad)
        self.optimizer.step()
        return value

    def _set_lr(self, epoch: float) -> None:
        share = learning_rate_share(self.config, epoch)
        for group, base in zip(self.optimizer.param_groups, self._base_lr, strict=True):
            group["lr"] = base * share

    def score(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Frames `(N, H, W, 3) uint8 RGB` -> logits and scores, `(N, C) float32` both."""
        self.model.eval()
        batches = (torch.from_numpy(frames[i : i + 64]).to(self.device) for i in range(0, len(frames), 64))
        with torch.inference_mode():
            logits = torch.cat([self.model.logits(batch).float().cpu() for batch in batches])
        return logits.numpy(), self.model.activate(logits).numpy()

    def state(self) -> dict[str, Any]:
        """What `last.pth.tar` needs besides the weights."""
        return {"optimizer": self.optimizer.state_dict()}


def learning_rate_share(config: TrainConfig, epoch: float) -> float:
    """Share of the highest learning rate: a linear rise, then half a cosine (Loshchilov and Hutter 2017) or level."""
    if epoch < config.warmup_epochs:
        return max(epoch, 1e-3) / config.warmup_epochs
    if config.sched == "none":
        return 1.0
    done = (epoch - config.warmup_epochs) / max(config.epochs - config.warmup_epochs, 1e-9)
    return 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def pick_device(name: str) -> torch.device:
    """`auto` is CUDA where there is one. Raises TrainingError for a device that is not there."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise TrainingError(f"The device {name!r} cannot be used ({str(error).splitlines()[0]}). Use --device cpu.") from error
    return device
