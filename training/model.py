"""The network that eats pixels: `frames (N, H, W, 3) uint8 RGB -> scores (N, C) float32`, in torch as in ONNX."""

from collections.abc import Mapping
from typing import Any, Self

import torch
from torch import Tensor, nn

from inference.errors import ModelError
from inference.spec import ModelSpec
from training import backbones
from training.backbones import load_timm as load_backbone
from training.config import TrainConfig
from training.heads import MaskedNetwork

__all__ = ["FrameModel", "PixelModel", "create", "freeze", "load_backbone", "rebuild"]


class PixelModel(nn.Module):
    """A network with normalisation before it; part of it may be frozen."""

    mean: Tensor
    std: Tensor

    def __init__(self, network: nn.Module, spec: ModelSpec) -> None:
        super().__init__()
        self.network = network
        self.spec = spec
        self.frozen: list[nn.Module] = []
        self.register_buffer("mean", torch.tensor(spec.mean_rgb).view(1, 3, 1, 1) * 255, persistent=False)
        self.register_buffer("std", torch.tensor(spec.std_rgb).view(1, 3, 1, 1) * 255, persistent=False)

    def train(self, mode: bool = True) -> Self:
        """As in torch, but what is frozen stays in evaluation mode."""
        super().train(mode)
        for module in self.frozen:
            module.eval()
        return self


class FrameModel(PixelModel):
    """A timm backbone with temperature and softmax (or sigmoid) behind it."""

    def freeze(self, stages: int) -> None:
        """Keep weights and batch-norm statistics of the stem and the first `stages` stages as they are.

        Raises ModelError for a backbone without that many stages.
        """
        self.frozen = freeze(self.network, stages)
        self.train(self.training)

    def logits(self, frames: Tensor) -> Tensor:
        """`(N, H, W, 3) uint8` -> `(N, C)`, before temperature and softmax."""
        pixels = frames.permute(0, 3, 1, 2).float()
        return self.network((pixels - self.mean) / self.std)

    def forward(self, frames: Tensor) -> Tensor:
        """`(N, H, W, 3) uint8` -> scores `(N, C) float32`, 0..1."""
        return self.activate(self.logits(frames).float())

    def activate(self, logits: Tensor) -> Tensor:
        """`(N, C)` -> scores `(N, C)`, 0..1."""
        scaled = logits / self.spec.temperature
        return scaled.softmax(dim=1) if self.spec.activation == "softmax" else scaled.sigmoid()


def create(config: TrainConfig, class_names: tuple[str, ...], *, training_data: str = "") -> FrameModel:
    """A new model for these classes, its head drawn small.

    The head starts at N(0, 0.01) with no bias, so that the first loss is ln C and the first steps do not tear up
    the pretrained features. Raises ModelError for an unknown backbone or unusable weights.
    """
    network = backbones.load(
        config.model,
        pretrained=config.pretrained,
        path=config.pretrained_path,
        num_classes=len(class_names),
        drop=config.drop,
        size=config.img_size,
    )
    if config.served_size != config.img_size:
        backbones.check_other_size(config.model, network, len(class_names), config.served_size)
    mean, std = backbones.normalisation(config.model, network)
    if config.feature_masks:
        network = MaskedNetwork(_without_head(network), config.feature_masks, len(class_names), config.drop)
    _shrink_head(network)
    if config.mixstyle > 0:
        _add_mixstyle(network, config.mixstyle)
    spec = ModelSpec(
        class_names=class_names,
        input_size_hw=(config.served_size, config.served_size),
        fit=config.fit,
        mean_rgb=(mean[0], mean[1], mean[2]),
        std_rgb=(std[0], std[1], std[2]),
        base_model=config.model,
        activation="sigmoid" if config.multi_label else "softmax",
        training_data=training_data,
        licence=config.licence,
    )
    model = FrameModel(network, spec)
    if config.freeze_stages:
        model.freeze(config.freeze_stages)
    return model


def freeze(network: nn.Module, stages: int) -> list[nn.Module]:
    """Stop the gradients of the stem and the first `stages` stages of a timm network; returns these modules.

    Raises ModelError for a backbone without that many stages.
    """
    stem = [getattr(network, name) for name in ("conv_stem", "bn1") if hasattr(network, name)]
    blocks = list(getattr(network, "blocks", []))
    if not stem or stages > len(blocks):
        raise ModelError(f"This backbone has {len(blocks)} stages to freeze, --freeze-stages asks for {stages}.")
    frozen = [*stem, *blocks[:stages]]
    for module in frozen:
        module.requires_grad_(False)
    return frozen


def rebuild(spec: ModelSpec, settings: Mapping[str, Any] | None = None) -> FrameModel:
    """The same architecture without weights, to load a checkpoint with these `settings` of its run into.

    Raises ModelError for a backbone that this version does not know.
    """
    classes = len(spec.class_names)
    try:
        network = backbones.empty(spec.base_model, classes, spec.input_size_hw[0])
    except RuntimeError as error:
        raise ModelError(
            f"This version of timm has no backbone {spec.base_model!r}. Install the one it was trained with."
        ) from error
    masks = int((settings or {}).get("feature_masks", 0))
    return FrameModel(MaskedNetwork(_without_head(network), masks, classes, 0.0) if masks else network, spec)


def _without_head(network: nn.Module) -> nn.Module:
    if hasattr(network, "reset_classifier"):
        network.reset_classifier(0)  # type: ignore[operator]
    return network


def _shrink_head(network: nn.Module) -> None:
    head = backbones.head_of(network)
    if isinstance(head, nn.Linear):
        nn.init.normal_(head.weight, std=0.01)
        nn.init.zeros_(head.bias)


def _add_mixstyle(network: nn.Module, probability: float) -> None:
    """Exchange mean and spread of early feature maps between the pictures of a batch (MixStyle, Zhou et al. 2021, eq. 5)."""

    def exchange(module: nn.Module, _inputs: tuple[Tensor, ...], features: Tensor) -> Tensor | None:
        if not module.training or torch.rand(()) >= probability:
            return None
        mean = features.mean(dim=(2, 3), keepdim=True).detach()
        std = (features.var(dim=(2, 3), keepdim=True) + 1e-6).sqrt().detach()
        share = torch.distributions.Beta(0.1, 0.1).sample((len(features), 1, 1, 1)).to(features.device)
        other = torch.randperm(len(features), device=features.device)
        mixed_mean = share * mean + (1 - share) * mean[other]
        mixed_std = share * std + (1 - share) * std[other]
        return (features - mean) / std * mixed_std + mixed_mean

    stages = list(getattr(network, "blocks", []))[:3]
    if not stages:
        raise ModelError("MixStyle needs a backbone made of stages (`blocks` in timm). Leave out --mixstyle for this one.")
    for stage in stages:
        stage.register_forward_hook(exchange)
