"""The loop: one epoch of training whatever the network, and a classifier's scoring through the serving path."""

import logging
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import torch
import torch.nn.functional as F
from timm.data.mixup import Mixup
from timm.optim import create_optimizer_v2
from timm.utils import ModelEmaV3
from torch import nn
from tqdm import tqdm

from inference.errors import TaidoError
from training.config import LoopConfig, TrainConfig
from training.model import FrameModel

logger = logging.getLogger(__name__)


class TrainingError(TaidoError):
    """Training cannot go on; the last good checkpoint is untouched."""


class Batches(Protocol):
    """The batches of one epoch."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...


class Source(Protocol):
    """The draws of one epoch."""

    def __len__(self) -> int: ...
    def batches(self, size: int, workers: int) -> Batches:
        """In a fixed order; the first part of a batch holds its samples."""
        ...


Model = TypeVar("Model", bound=nn.Module)
Config = TypeVar("Config", bound=LoopConfig)


@dataclass
class Loop(ABC, Generic[Model, Config]):
    """Model, optimiser and schedule of one run on one device."""

    model: Model
    config: Config
    device: torch.device

    @abstractmethod
    def loss(self, batch: Any) -> torch.Tensor:
        """Of one batch as it comes from the source, on the CPU; the value that is made smaller."""

    def __post_init__(self) -> None:
        self.model.to(self.device).to(memory_format=torch.channels_last)
        self.optimizer = create_optimizer_v2(
            _network(self.model),
            opt=self.config.opt,
            lr=self.config.lr,
            weight_decay=self.config.weight_decay,
            layer_decay=self.config.layer_decay or None,
        )
        self._base_lr = [group["lr"] for group in self.optimizer.param_groups]
        self._average = (
            ModelEmaV3(self.model, decay=self.config.model_ema_decay, use_warmup=True, foreach=False)
            if self.config.model_ema
            else None
        )
        self._steps = 0

    @property
    def served(self) -> Model:
        """The model that is scored and kept: the moving average of the weights, or the weights themselves."""
        if self._average is None:
            return self.model
        average: Model = self._average.module
        return average

    def train_epoch(self, draws: Source, epoch: int) -> float:
        """One pass; returns the mean loss. Raises TrainingError when the loss is no longer a number."""
        self.model.train()
        torch.manual_seed(self.config.seed * 100_003 + epoch)
        np.random.seed(self.config.seed * 100_003 + epoch)  # noqa: NPY002  # timm's mixup draws from the global generator
        batches = draws.batches(self.config.batch_size, self.config.workers)
        if not len(batches):
            raise TrainingError(f"{len(draws)} samples make no batch. Add pictures.")
        loss_sum = count = 0.0
        progress = tqdm(batches, desc=f"epoch {epoch + 1}/{self.config.epochs}", unit="batch", mininterval=1, disable=None)
        for step, batch in enumerate(progress):
            self._set_lr(epoch + step / len(batches))
            loss_sum += self._step(batch) * len(batch[0])
            count += len(batch[0])
            progress.set_postfix(loss=f"{loss_sum / count:.3f}")
        return loss_sum / count

    def _step(self, batch: Any) -> float:
        loss = self.loss(batch)
        value = loss.item()
        if not math.isfinite(value):
            raise TrainingError(f"The loss became {value}. Lower --lr (now {self.config.lr}) and go on from the last checkpoint.")
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if self.config.clip_grad > 0:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip_grad)
        self.optimizer.step()
        if self._average is not None:
            self._steps += 1
            self._average.update(self.model, self._steps)
        return value

    def _set_lr(self, epoch: float) -> None:
        share = learning_rate_share(self.config, epoch)
        for group, base in zip(self.optimizer.param_groups, self._base_lr, strict=True):
            group["lr"] = base * share

    def state(self) -> dict[str, Any]:
        """What `last.pth.tar` needs besides the weights of `served`."""
        state: dict[str, Any] = {"optimizer": self.optimizer.state_dict()}
        if self._average is not None:
            state |= {"steps": self._steps, "raw_weights": _network(self.model).state_dict()}
        return state

    def restore(self, weights: dict[str, Any], state: dict[str, Any]) -> None:
        """Go on where a checkpoint stopped: the weights of `served`, and what `state` gave."""
        _network(self.served).load_state_dict(weights)
        _network(self.model).load_state_dict(state.get("raw_weights", weights))
        self.optimizer.load_state_dict(state["optimizer"])
        self._steps = int(state.get("steps", 0))


class Engine(Loop[FrameModel, TrainConfig]):
    """The loop of a classifier."""

    def __post_init__(self) -> None:
        super().__post_init__()
        c = self.config
        self._mixup = None
        if c.mixup > 0 or c.cutmix > 0:
            classes = len(self.model.spec.class_names)
            self._mixup = Mixup(c.mixup, c.cutmix, label_smoothing=c.smoothing, num_classes=classes)

    def loss(self, batch: Any) -> torch.Tensor:
        """Cross-entropy of `frames (N, H, W, 3) uint8` and `labels (N,) int64`."""
        frames, labels = (part.to(self.device) for part in batch)
        smoothing = self.config.smoothing
        if self._mixup is not None and len(frames) % 2 == 0:  # timm mixes one half with the other
            channels_first, labels = self._mixup(frames.permute(0, 3, 1, 2).float(), labels)
            frames, smoothing = channels_first.permute(0, 2, 3, 1), 0.0  # the mixed labels are smoothed already
        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.config.amp):
            logits = self.model.logits(frames)
        return F.cross_entropy(logits.float(), labels, label_smoothing=smoothing)

    def score(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Frames `(N, H, W, 3) uint8 RGB` -> logits and scores, `(N, C) float32` both."""
        model = self.served.eval()
        batches = (torch.from_numpy(frames[i : i + 64]).to(self.device) for i in range(0, len(frames), 64))
        with torch.inference_mode():
            logits = torch.cat([model.logits(batch).float().cpu() for batch in batches])
        return logits.numpy(), model.activate(logits).numpy()


def _network(model: nn.Module) -> nn.Module:
    """What is trained and kept of a model of ours: all but the constants around it."""
    network: nn.Module = model.network  # type: ignore[assignment]
    return network


def learning_rate_share(config: LoopConfig, epoch: float) -> float:
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
