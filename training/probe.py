"""A probe: features of a network that nobody fine-tunes, and a logistic regression on them; minutes on a CPU.

    features = extract(samples, ProbeConfig(pretrained_path="mobilenetv2_100.safetensors"))
    logits = fit_predict(features.values[train], labels[train], features.values[test], classes=4)

It scores lower than fine-tuning does. What it is for: a first look at a data set, out-of-sample scores of every picture for
`training.review`, and the learning curve, all of which need dozens of fits (Alain and Bengio 2016, arXiv:1610.01644).
"""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Self

import numpy as np
import timm
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from tqdm import tqdm

from inference.errors import ImageError
from inference.images import decode, fit
from inference.spec import FitRule
from training import linear
from training.conditions import Conditions, measure
from training.config import TrainConfig
from training.data import Sample
from training.model import load_backbone

BATCH = 32
CELLS = 2
"""The features are averaged over so many rows and columns of the frame: whether a head is up or down is a matter of place."""
STRENGTH = 1e-3
"""Inverse of the L2 penalty of the regression on standardised features. Of 1e-5, 1e-4 and 1e-3 it had the highest out-of-fold
accuracy on the development pictures of students (67, 72 and 73 %), so a probe's score on these flatters a little."""


@dataclass(frozen=True, kw_only=True)
class ProbeConfig:
    """Which network looks, and at what."""

    model: str = "mobilenetv2_100"
    pretrained: bool = False
    pretrained_path: str = ""
    img_size: int = 192
    """Side of the square frame, pixels."""
    fit: FitRule = "pad"

    @classmethod
    def of(cls, recipe: TrainConfig) -> Self:
        """The network and the frames of a recipe of fine-tuning."""
        return cls(**{field.name: getattr(recipe, field.name) for field in dataclasses.fields(cls)})


@dataclass(frozen=True)
class Features:
    """One row per picture that could be read."""

    samples: tuple[Sample, ...]
    values: np.ndarray
    """`(N, F) float32`."""
    conditions: tuple[Conditions, ...]
    unreadable: tuple[tuple[str, str], ...]
    """File and why."""


def extract(samples: Sequence[Sample], config: ProbeConfig) -> Features:
    """Decode, fit as serving does, and run through the network without its head. Raises ModelError for unusable weights."""
    network = load_backbone(
        config.model, pretrained=config.pretrained, path=config.pretrained_path, size=config.img_size, num_classes=0
    ).eval()
    cfg = timm.data.resolve_model_data_config(network)
    mean, std = (torch.tensor(cfg[name]).view(1, 3, 1, 1) * 255 for name in ("mean", "std"))
    kept: list[Sample] = []
    conditions: list[Conditions] = []
    unreadable: list[tuple[str, str]] = []
    rows: list[np.ndarray] = []
    progress = tqdm(total=len(samples), desc="features", unit="picture", mininterval=1, disable=None)
    for group in _grouped(samples, BATCH):
        frames = []
        for sample in group:
            try:
                picture = decode(sample.path, name=sample.file)
            except ImageError as error:
                unreadable.append((sample.file, str(error)))
                continue
            frames.append(fit(picture, (config.img_size, config.img_size), config.fit))
            conditions.append(measure(picture))
            kept.append(sample)
        if frames:
            pixels = torch.from_numpy(np.stack(frames)).permute(0, 3, 1, 2).float()
            rows.append(_pooled(network, (pixels - mean) / std).numpy())
        progress.update(len(group))
    progress.close()
    values = np.concatenate(rows) if rows else np.empty((0, 0), np.float32)
    return Features(tuple(kept), values.astype(np.float32), tuple(conditions), tuple(unreadable))


def _grouped(samples: Sequence[Sample], size: int) -> Iterator[list[Sample]]:
    rest = iter(samples)
    while group := list(islice(rest, size)):
        yield group


@torch.inference_mode()
def _pooled(network: nn.Module, pixels: Tensor) -> Tensor:
    """`(N, F)`: feature maps averaged over a grid of CELLS x CELLS; of networks without maps what stands before the head."""
    maps: Tensor = network.forward_features(pixels)  # type: ignore[operator]  # every timm model has it
    if maps.ndim == 4 and maps.shape[1] == network.num_features:
        return F.adaptive_avg_pool2d(maps, CELLS).flatten(1)
    return network.forward_head(maps, pre_logits=True)  # type: ignore[operator]


def fit_predict(values: np.ndarray, labels: np.ndarray, others: np.ndarray, *, classes: int, seed: int = 0) -> np.ndarray:
    """Logits `(M, C) float32` for `others (M, F)`, by a regression on `values (N, F)` and `labels (N,) int`.

    A class without a picture among `labels` gets `linear.ABSENT`. Every class weighs the same, however many pictures it has.
    """
    counts = np.bincount(labels, minlength=classes)
    evenly = len(labels) / (np.count_nonzero(counts) * counts[labels])
    weight, bias = linear.fit(values, labels, evenly, classes=classes, strength=STRENGTH, seed=seed)
    logits: np.ndarray = others @ weight.T + bias
    return logits
