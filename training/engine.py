"""The loop: one epoch of training whatever the network, and a classifier's scoring through the serving path."""

import contextlib
import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
import torch
from timm.data.mixup import Mixup
from timm.optim import create_optimizer_v2
from timm.utils import ModelEmaV3
from torch import nn
from tqdm import tqdm

from inference.errors import DataError
from training import coarse, distribution, losses, strategies
from training.config import LoopConfig, TrainConfig
from training.distribution import TrainingError, pick_device
from training.labels import Task
from training.losses import Beside
from training.model import FrameModel, PixelModel
from training.schedule import Plateau, learning_rate_share, slow_down

__all__ = ["Engine", "Loop", "Source", "TrainingError", "learning_rate_share", "pick_device"]


class Batches(Protocol):
    """The batches of one epoch."""

    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator[Any]: ...


class Source(Protocol):
    """The draws of one epoch."""

    def __len__(self) -> int: ...
    def batches(self, size: int, workers: int, part: tuple[int, int] = (0, 1)) -> Batches:
        """In a fixed order; the first part of a batch holds its samples. `part` is a process, and how many share each batch."""
        ...


Model = TypeVar("Model", bound=PixelModel)
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
        c = self.config
        precision = {"bfloat16": "bf16", "float16": "fp16"}[c.amp_dtype] if c.amp else "no"
        self.accelerator = distribution.accelerator(self.device, precision)
        self.model.to(self.device).to(memory_format=torch.channels_last)
        if c.frozen_dtype == "bfloat16":
            coarse.in_bfloat16(self.model.frozen, amp=c.amp)
        options: dict[str, Any] = {"layer_decay": c.layer_decay or None, "momentum": c.momentum}
        try:
            optimizer = create_optimizer_v2(_network(self.model), opt=c.opt, lr=c.lr, weight_decay=c.weight_decay, **options)
        except (ValueError, TypeError) as error:
            raise DataError(f"--opt {c.opt} cannot be used: {error}.") from error
        slow_down(optimizer, *self.slower)
        if self.beside is not None and any(True for _ in self.beside.parameters()):
            self.beside.to(self.device)
            group = {"params": list(self.beside.parameters()), "lr": c.lr, "weight_decay": 0.0}
            if "lr_scale" in optimizer.param_groups[0]:
                group["lr_scale"] = 1.0
            optimizer.add_param_group(group)
        # timm only notes what layer decay makes of the learning rate; its schedulers, which we do not use, apply it.
        self._base_lr = [group["lr"] * group.get("lr_scale", 1.0) for group in optimizer.param_groups]
        self.optimizer: Any = self.accelerator.prepare_optimizer(optimizer)
        self._plateau = Plateau(c) if c.sched == "plateau" else None
        self._average = ModelEmaV3(self.model, decay=c.model_ema_decay, use_warmup=True, foreach=False) if c.model_ema else None
        self._steps = 0
        self._objective: nn.Module | None = None

    @property
    def beside(self) -> nn.Module | None:
        """What learns beside the model and is not served."""
        return None

    @property
    def slower(self) -> tuple[nn.Module | None, float]:
        """A part of the model that learns at a share of the learning rate, 0..1, and that share."""
        return None, 1.0

    @property
    def served(self) -> Model:
        """The model that is scored and kept: the moving average of the weights, or the weights themselves."""
        if self._average is None:
            return self.model
        average: Model = self._average.module
        return average

    def train_epoch(self, draws: Source, epoch: int) -> float:
        """One pass; returns the mean loss. Raises TrainingError when the loss is no longer a number."""
        c = self.config
        self.model.train()
        seed = (c.seed * 100_003 + epoch) % 2**32  # NumPy takes no larger one
        torch.manual_seed(seed)
        np.random.seed(seed)  # noqa: NPY002  # timm's mixup draws from the global generator
        rank, world = distribution.place()
        batches = draws.batches(c.batch_size, c.workers, (rank, world))
        if not len(batches):
            raise TrainingError(f"{len(draws)} samples make no batch of {world} processes. Add pictures.")
        loss_sum = count = 0.0
        hidden = None if rank == 0 else True
        progress = tqdm(batches, desc=f"epoch {epoch + 1}/{c.epochs}", unit="batch", mininterval=1, disable=hidden)
        for step, batch in enumerate(progress):
            self._set_lr(epoch + step / len(batches))
            # Each process has its part of the batch, which may be smaller at the end: its mean counts by its share.
            whole = min(c.batch_size, len(draws) - step * c.batch_size) / world
            loss_sum += self._step(batch, len(batch[0]) / whole, step, len(batches)) * len(batch[0])
            count += len(batch[0])
            progress.set_postfix(loss=f"{loss_sum / count:.3f}")
        parts = distribution.gathered((loss_sum, count))
        return sum(part[0] for part in parts) / sum(part[1] for part in parts)

    def _step(self, batch: Any, share: float, step: int, steps: int) -> float:
        every = self.config.grad_accum_steps
        first, last = step - step % every, (step + 1) % every == 0 or step + 1 == steps
        if self._objective is None:
            self._objective = self.accelerator.prepare_model(_Objective(self))
        with contextlib.nullcontext() if last else self.accelerator.no_sync(self._objective):
            loss: torch.Tensor = self._objective(batch)
            value = loss.item()
            if not math.isfinite(value):
                raise TrainingError(
                    f"The loss became {value}. Lower --lr (now {self.config.lr}) and go on from the last checkpoint."
                )
            if step == first:
                self.optimizer.zero_grad(set_to_none=True)
            self.accelerator.backward(loss * (share / min(every, steps - first)))
        if last:
            self._update()
        return value

    def _update(self) -> None:
        if self.config.clip_grad > 0:
            self.accelerator.unscale_gradients()
            nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip_grad)
        self.optimizer.step()
        if self._average is not None:
            self._steps += 1
            self._average.update(self.model, self._steps)

    def _set_lr(self, epoch: float) -> None:
        share = self.learning_rate_share(epoch) * (self._plateau.factor if self._plateau is not None else 1.0)
        for group, base in zip(self.optimizer.param_groups, self._base_lr, strict=True):
            group["lr"] = base * share

    def learning_rate_share(self, epoch: float) -> float:
        """Share of the highest learning rate, 0..1."""
        return learning_rate_share(self.config, epoch)

    def after_epoch(self, eval_loss: float | None) -> None:
        """Tell the schedule how the epoch went."""
        if self._plateau is not None and eval_loss is not None:
            self._plateau.step(eval_loss)

    def state(self) -> dict[str, Any]:
        """What `last.pth.tar` needs besides the weights of `served`."""
        state: dict[str, Any] = {"optimizer": self.optimizer.state_dict()}
        if self._average is not None:
            state |= {"steps": self._steps, "raw_weights": _network(self.model).state_dict()}
        if self.beside is not None:
            state["beside"] = self.beside.state_dict()
        if self._plateau is not None:
            state["plateau"] = self._plateau.state()
        return state

    def restore(self, weights: dict[str, Any], state: dict[str, Any]) -> None:
        """Go on where a checkpoint stopped: the weights of `served`, and what `state` gave.

        Raises TrainingError when it was made with other settings than those given.
        """
        try:
            _network(self.served).load_state_dict(weights)
            _network(self.model).load_state_dict(state.get("raw_weights", weights))
            self.optimizer.load_state_dict(state["optimizer"])
            if self.beside is not None:
                self.beside.load_state_dict(state["beside"])
            if self._plateau is not None:
                self._plateau.restore(state["plateau"])
        except (RuntimeError, ValueError, KeyError) as error:
            reason = str(error).splitlines()[0][:200]
            raise TrainingError(f"The run to go on with was made with other settings ({reason}). Give the same ones.") from error
        self._steps = int(state.get("steps", 0))


class _Objective(nn.Module):
    """From a batch to its loss, as one module, which is what distributed training wraps."""

    def __init__(self, loop: Loop[Any, Any]) -> None:
        super().__init__()
        self.model = loop.model
        self.beside = loop.beside
        self._loss = loop.loss

    def forward(self, batch: Any) -> torch.Tensor:
        """The loss."""
        return self._loss(batch)


class Engine(Loop[FrameModel, TrainConfig]):
    """The loop of a classifier."""

    def __init__(self, model: FrameModel, config: TrainConfig, device: torch.device, tasks: Sequence[Task] = ()) -> None:
        """`tasks` are the further columns of the manifest that are learnt."""
        needed = bool(tasks) or config.triplet > 0 or config.center_loss > 0
        classes = len(model.spec.class_names)
        self._beside = Beside(model.network, classes, tasks, config) if needed else None
        super().__init__(model, config, device)
        self._probe = strategies.Probe(model) if config.probe_epochs else None
        self._mixup = None
        if config.mixup > 0 or config.cutmix > 0:
            self._mixup = Mixup(config.mixup, config.cutmix, label_smoothing=config.smoothing, num_classes=classes)

    @property
    def beside(self) -> Beside | None:
        """Heads for further columns, and centres of the classes."""
        return self._beside

    def train_epoch(self, draws: Source, epoch: int) -> float:
        """As the loop does; after the epochs of the probe everything learns."""
        if self._probe is not None and epoch >= self.config.probe_epochs:
            self._probe.release()
            self._probe = self._objective = None
        return super().train_epoch(draws, epoch)

    def learning_rate_share(self, epoch: float) -> float:
        """Level for the probe, then the schedule over the epochs that are left."""
        probe = self.config.probe_epochs
        if epoch < probe:
            return 1.0
        return learning_rate_share(self.config, epoch - probe, self.config.epochs - probe)

    def loss(self, batch: Any) -> torch.Tensor:
        """Of `frames (N, H, W, 3) uint8`, their labels (`training.labels.targets`) and, with --tasks, further columns."""
        frames, labels, *columns = (part.to(self.device) for part in batch)
        smoothing = self.config.smoothing
        if self._mixup is not None and len(frames) % 2 == 0:  # timm mixes one half with the other
            channels_first, labels = self._mixup(frames.permute(0, 3, 1, 2).float(), labels)
            frames, smoothing = channels_first.permute(0, 2, 3, 1), 0.0  # the mixed labels are smoothed already
        logits = self.model.logits(frames)
        with torch.autocast(self.device.type, enabled=False):
            if self.config.multi_label:
                loss = losses.several(logits.float(), labels, smoothing)
            else:
                loss = losses.classification(self.config.loss, logits.float(), labels, smoothing)
            if self._beside is not None:
                loss = loss + self._beside(labels, columns[0] if columns else None)
        return loss

    def score(self, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Frames `(N, H, W, 3) uint8 RGB` -> logits and scores, `(N, C) float32` both; the processes share the work."""
        model = self.served.eval()
        rank, world = distribution.place()
        mine = frames[rank::world]
        batches = (torch.from_numpy(mine[i : i + 64]).to(self.device) for i in range(0, len(mine), 64))
        with torch.inference_mode():
            parts = [model.logits(batch).float().cpu() for batch in batches]
        logits = torch.zeros(len(frames), len(model.spec.class_names))
        for start, part in enumerate(distribution.gathered(torch.cat(parts) if parts else logits[:0])):
            logits[start::world] = part
        return logits.numpy(), model.activate(logits).numpy()


def _network(model: nn.Module) -> nn.Module:
    """What is trained and kept of a model of ours: all but the constants around it."""
    network: nn.Module = model.network  # type: ignore[assignment]
    return network
