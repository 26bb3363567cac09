"""Backbones by name: timm's, and torchvision's classifiers as `torchvision/vgg16`.

A backbone is a network with a classifying last layer of ours. Its weights come from a file, from the hub, or are drawn anew;
a file may hold ImageNet's last layer as well, which is left out.
"""

from pathlib import Path
from typing import Any

import timm
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn
from torchvision import models as zoo

from inference.errors import ModelError
from training import edgetpu  # noqa: F401  # timm learns a name from it

TORCHVISION = "torchvision/"
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""What every classifier of torchvision expects."""


def load(name: str, *, pretrained: bool, path: str, num_classes: int, drop: float = 0.0) -> nn.Module:
    """A network of `num_classes` outputs. Raises ModelError for an unknown name or unusable weights."""
    if name.startswith(TORCHVISION):
        return _load_torchvision(name, pretrained=pretrained, path=path, num_classes=num_classes)
    return load_timm(name, pretrained=pretrained, path=path, num_classes=num_classes, drop_rate=drop)


def load_timm(name: str, *, pretrained: bool, path: str, **options: Any) -> nn.Module:
    """A timm network, its weights from a file, from the hub or drawn anew; `options` go to `timm.create_model`.

    Raises ModelError for an unknown name or unusable weights.
    """
    if name not in timm.list_models():
        near = ", ".join(timm.list_models(f"*{name.split('_', maxsplit=1)[0]}*")[:5])
        raise ModelError(f"timm has no model {name!r}. Near it: {near or 'none'}. torchvision's are called torchvision/NAME.")
    _check_file(path)
    overlay = {"file": path} if path else None
    try:
        return timm.create_model(name, pretrained=pretrained or bool(path), pretrained_cfg_overlay=overlay, **options)
    except (RuntimeError, OSError, ValueError, KeyError, SafetensorError) as error:
        reason = str(error).strip().splitlines()[0][:200]
        raise ModelError(f"The pretrained weights of {name} cannot be loaded ({reason}).") from error


def empty(name: str, num_classes: int) -> nn.Module:
    """The architecture of a known backbone with weights that mean nothing, to load a checkpoint into."""
    if name.startswith(TORCHVISION):
        return _torchvision(name, num_classes)
    return timm.create_model(name, pretrained=False, num_classes=num_classes)


def normalisation(name: str, network: nn.Module) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and spread per channel, 0..1, of the pixels that the network was made for."""
    if name.startswith(TORCHVISION):
        return IMAGENET_MEAN, IMAGENET_STD
    cfg: dict[str, Any] = vars(network)["pretrained_cfg"]
    return tuple(cfg["mean"]), tuple(cfg["std"])


def head_of(network: nn.Module) -> nn.Module:
    """The last layer, from features to logits."""
    if hasattr(network, "get_classifier"):
        head: nn.Module = network.get_classifier()  # type: ignore[operator]  # timm's and our own networks have it
        return head
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    return layers[-1]


def head_names(network: nn.Module) -> set[str]:
    """Names of the parameters of the last layer in the state of the network."""
    head = {id(value) for value in head_of(network).parameters()}
    return {name for name, value in network.named_parameters() if id(value) in head}


def _load_torchvision(name: str, *, pretrained: bool, path: str, num_classes: int) -> nn.Module:
    _check_file(path)
    network = _torchvision(name, num_classes)
    if not (pretrained or path):
        return network
    try:
        weights = _read(path) if path else _fetch(name)
        lacking = network.load_state_dict({k: v for k, v in weights.items() if k not in head_names(network)}, strict=False)
    except (RuntimeError, OSError, ValueError, KeyError, SafetensorError) as error:
        reason = str(error).strip().splitlines()[0][:200]
        raise ModelError(f"The pretrained weights of {name} cannot be loaded ({reason}).") from error
    missing = [key for key in lacking.missing_keys if key not in head_names(network) and "AuxLogits" not in key]
    if missing:
        raise ModelError(f"{path or 'The file of the hub'} lacks {len(missing)} weights of {name}, e.g. {missing[0]}.")
    return network


def _torchvision(name: str, num_classes: int) -> nn.Module:
    known = zoo.list_models(module=zoo)
    short = name.removeprefix(TORCHVISION)
    if short not in known:
        near = [other for other in known if other.startswith(short[:4])][:5]
        raise ModelError(f"torchvision has no classifier {short!r}. Near it: {', '.join(near) or 'none'}.")
    options: dict[str, Any] = {"num_classes": num_classes}
    if short in ("googlenet", "inception_v3"):
        options |= {"aux_logits": False, "init_weights": True}
    return zoo.get_model(short, weights=None, **options)


def _fetch(name: str) -> dict[str, torch.Tensor]:
    weights = zoo.get_model_weights(name.removeprefix(TORCHVISION))
    return weights.DEFAULT.get_state_dict(progress=False, check_hash=True)


def _read(path: str) -> dict[str, torch.Tensor]:
    if path.endswith(".safetensors"):
        return load_file(path)
    try:
        return dict(torch.load(path, map_location="cpu", weights_only=True))
    except Exception as error:  # torch raises whatever the bytes lead it to
        raise ModelError(f"{path} is damaged or holds more than weights, so it is not loaded.") from error


def _check_file(path: str) -> None:
    if path and not Path(path).is_file():
        raise ModelError(f"There is no file of pretrained weights {path}.")
