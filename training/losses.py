"""What training makes smaller: the loss of the class, robust to wrong labels where wanted, and losses beside it.

`Beside` holds what only training needs: heads for further columns of the manifest, and the centres of the classes. It sees the
features that enter the network's last layer, and is left out of what is exported.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from pytorch_metric_learning.losses import TripletMarginLoss
from torch import Tensor, nn

from training.backbones import head_of
from training.labels import Task
from training.techniques import LossConfig

Q = 0.7
"""Of generalized cross-entropy (Zhang and Sabuncu 2018, section 4)."""
SYMMETRIC = (0.1, 1.0)
"""Weights of cross-entropy and reverse cross-entropy (Wang et al. 2019, section 4.1, CIFAR-10)."""
LOG_ZERO = -4.0
"""What stands for log 0 in reverse cross-entropy (the same, section 3)."""


def classification(kind: str, logits: Tensor, target: Tensor, smoothing: float) -> Tensor:
    """Mean loss of `logits (N, C)`; `target` is `(N,) int64`, or `(N, C)` shares."""
    if kind == "cross-entropy":
        return F.cross_entropy(logits, target, label_smoothing=smoothing)
    shares = target if target.ndim == 2 else F.one_hot(target, logits.shape[1]).to(logits.dtype)
    shares = shares * (1 - smoothing) + smoothing / logits.shape[1]
    scores = logits.softmax(dim=1)
    if kind == "generalized":
        return (shares * (1 - scores.clamp_min(1e-7) ** Q) / Q).sum(dim=1).mean()
    reverse = -(scores * shares.log().clamp_min(LOG_ZERO)).sum(dim=1).mean()
    return SYMMETRIC[0] * F.cross_entropy(logits, shares) + SYMMETRIC[1] * reverse


def several(logits: Tensor, target: Tensor, smoothing: float) -> Tensor:
    """Mean binary cross-entropy of `logits (N, C)` against 0 and 1, each label by itself."""
    return F.binary_cross_entropy_with_logits(logits, target * (1 - smoothing) + smoothing / 2)


class Beside(nn.Module):
    """Losses of the features beside the class, each with its weight."""

    def __init__(self, network: nn.Module, classes: int, tasks: Sequence[Task], config: LossConfig) -> None:
        super().__init__()
        head = head_of(network)
        width = int(getattr(head, "in_features", 0) or getattr(head, "in_channels", 0))
        self._config = config
        self._tasks = tuple(tasks)
        self._triplet = TripletMarginLoss(margin=config.triplet_margin)
        self.heads = nn.ModuleList(nn.Linear(width, task.size) for task in tasks)
        self.centers = nn.Parameter(torch.zeros(classes, width)) if config.center_loss > 0 else None
        self._features = torch.empty(0)
        head.register_forward_pre_hook(self._keep)

    def _keep(self, layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        if layer.training and torch.is_grad_enabled():
            self._features = inputs[0].flatten(2).mean(2) if inputs[0].ndim == 4 else inputs[0]

    def forward(self, target: Tensor, columns: Tensor | None) -> Tensor:
        """Of the batch that the network has just seen; `columns` as `labels.task_targets` gives them."""
        features, self._features = self._features.float(), torch.empty(0)
        total = features.new_zeros(())
        if self._config.triplet > 0:
            total = total + self._config.triplet * self._triplet(features, target)
        if self.centers is not None:
            apart = (features - self.centers[target]).square().sum(dim=1)
            total = total + self._config.center_loss * apart.mean() / 2
        parts = [] if columns is None else columns.split([task.size for task in self._tasks], dim=1)
        for task, head, part in zip(self._tasks, self.heads, parts, strict=True):
            total = total + task.weight * _column(task, head(features), part)
        return total


def _column(task: Task, answer: Tensor, wanted: Tensor) -> Tensor:
    known = ~wanted.isnan().any(dim=1)
    answer, wanted = answer[known], wanted[known]
    if not len(wanted):
        return answer.sum() * 0  # the head still takes part in the graph, which distributed training relies on
    if task.kind == "bce":
        return F.binary_cross_entropy_with_logits(answer, wanted)
    if task.kind == "ce":
        return F.cross_entropy(answer, wanted)
    return F.kl_div(answer.log_softmax(dim=1), wanted, reduction="batchmean")
