"""Backbones by name: timm's, and torchvision's classifiers as `torchvision/vgg16`.

A backbone is a network with a classifying last layer of ours. Its weights come from a file, from the hub, or are drawn anew;
a file may hold ImageNet's last layer as well, which is left out.
"""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import timm
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn
from torchvision import models as zoo
from torchvision.models.vision_transformer import interpolate_embeddings

from inference.errors import ModelError
from training import (
    edgetpu,  # noqa: F401  # timm learns a name from it
    weights,
)

TORCHVISION = "torchvision/"
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""What every classifier of torchvision expects."""


def load(name: str, *, pretrained: bool, path: str, num_classes: int, drop: float = 0.0, size: int = 0) -> nn.Module:
    """A network of `num_classes` outputs for frames of `size` x `size` pixels (0: of the size that it was made for).

    Raises ModelError for an unknown name, unusable weights, or a size that the network cannot take.
    """
    if name.startswith(TORCHVISION):
        network = _load_torchvision(name, pretrained=pretrained, path=path, num_classes=num_classes, size=size)
    else:
        network = load_timm(name, pretrained=pretrained, path=path, size=size, num_classes=num_classes, drop_rate=drop)
    _try_out(network, name, size)
    return network


def load_timm(name: str, *, pretrained: bool, path: str, size: int = 0, **options: Any) -> nn.Module:
    """A timm network, its weights from a file, from the hub or drawn anew; `options` go to `timm.create_model`.

    A transformer's position embedding is stretched to frames of `size` x `size` pixels.
    Raises ModelError for an unknown name or unusable weights.
    """
    if name not in timm.list_models():
        if name.startswith(TORCHVISION):
            raise ModelError(f"{name} is torchvision's, and here a backbone must be timm's. Give a timm name with --model.")
        near = ", ".join(timm.list_models(f"*{name.split('_', maxsplit=1)[0]}*")[:5])
        raise ModelError(f"timm has no model {name!r}. Near it: {near or 'none'}. torchvision's are called torchvision/NAME.")
    _check_file(path)
    if pretrained and not path:
        path = str(weights.fetched(name))
    try:
        if not path:
            return _sized(name, size, pretrained=False, **options)
        with torch.random.fork_rng(devices=[]):
            drawn = _sized(name, size, pretrained=False, **options)
        network = _sized(name, size, pretrained=True, pretrained_cfg_overlay={"file": path}, **options)
    except (RuntimeError, OSError, ValueError, KeyError, SafetensorError) as error:
        raise ModelError(f"The pretrained weights of {name} cannot be loaded ({_reason(error)}).") from error
    _check_whole(_left_as_drawn(network, drawn), name, path)
    return network


def _left_as_drawn(network: nn.Module, drawn: nn.Module) -> list[str]:
    """Names of the weights beside the head that no file replaced: timm renames what a file holds and does not say what it lacks.

    `drawn` is the same network, its weights drawn from the same random numbers. Weights that begin as one number say nothing.
    """
    head, before = head_names(network), dict(drawn.named_parameters())
    learnt = {name: value for name, value in network.named_parameters() if value.requires_grad and name not in head}
    random = {name for name, value in before.items() if value.numel() > 1 and value.std() > 0}
    return [name for name, value in learnt.items() if name in random and torch.equal(value, before[name])]


def _check_whole(missing: Sequence[str], name: str, path: str) -> None:
    if missing:
        raise ModelError(
            f"{path or 'The file of the hub'} lacks {len(missing)} weights of {name}, e.g. {missing[0]}. "
            "Give the file of this backbone with --pretrained-path."
        )


def _reason(error: Exception) -> str:
    """In one line: torch writes the reason into the lines after the first."""
    return " ".join(str(error).split())[:200]


def empty(name: str, num_classes: int, size: int = 0) -> nn.Module:
    """The architecture of a known backbone with weights that mean nothing, to load a checkpoint into."""
    if name.startswith(TORCHVISION):
        return _torchvision(name, num_classes, size)
    return _sized(name, size, pretrained=False, num_classes=num_classes)


def _sized(name: str, size: int, **options: Any) -> nn.Module:
    """timm's network; a transformer that takes frames of one size only is made for this one."""
    network: nn.Module = timm.create_model(name, **options)
    patches = getattr(network, "patch_embed", None)
    own = getattr(patches, "img_size", None)
    if not size or own is None or tuple(own) == (size, size) or not getattr(patches, "strict_img_size", True):
        return network
    return timm.create_model(name, img_size=size, **options)


def _try_out(network: nn.Module, name: str, size: int, flag: str = "--img-size") -> None:
    """Raises ModelError if one frame cannot go through, before any picture is decoded."""
    if not size:
        return
    training = network.training
    try:
        with torch.inference_mode():
            network.eval()(torch.zeros(1, 3, size, size))
    except (RuntimeError, AssertionError, ValueError) as error:
        reason = str(error).strip().splitlines()[0][:200]
        raise ModelError(f"{name} cannot take frames of {size} x {size} pixels ({reason}). Give another {flag}.") from error
    finally:
        network.train(training)


def check_other_size(name: str, network: nn.Module, num_classes: int, size: int) -> None:
    """Raises ModelError unless the same weights take frames of `size` x `size` pixels as well: a transformer's may not."""
    with torch.device("meta"):  # shapes alone, and no random number is drawn
        other = empty(name, num_classes, size).state_dict()
    if {k: v.shape for k, v in other.items()} != {k: v.shape for k, v in network.state_dict().items()}:
        raise ModelError(f"The weights of {name} fit frames of one size only. Leave out --test-img-size.")
    _try_out(network, name, size, "--test-img-size")


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


def _load_torchvision(name: str, *, pretrained: bool, path: str, num_classes: int, size: int) -> nn.Module:
    _check_file(path)
    network = _torchvision(name, num_classes, size)
    if not (pretrained or path):
        return network
    try:
        state = _read(path) if path else _fetch(name)
        if isinstance(network, zoo.VisionTransformer):
            state = dict(interpolate_embeddings(network.image_size, network.patch_size, OrderedDict(state)))
        lacking = network.load_state_dict({k: v for k, v in state.items() if k not in head_names(network)}, strict=False)
    except (RuntimeError, OSError, ValueError, KeyError, SafetensorError) as error:
        raise ModelError(f"The pretrained weights of {name} cannot be loaded ({_reason(error)}).") from error
    missing = [key for key in lacking.missing_keys if key not in head_names(network) and "AuxLogits" not in key]
    _check_whole(missing, name, path)
    return network


def _torchvision(name: str, num_classes: int, size: int = 0) -> nn.Module:
    known = zoo.list_models(module=zoo)
    short = name.removeprefix(TORCHVISION)
    if short not in known:
        near = [other for other in known if other.startswith(short[:4])][:5]
        raise ModelError(f"torchvision has no classifier {short!r}. Near it: {', '.join(near) or 'none'}.")
    options: dict[str, Any] = {"num_classes": num_classes}
    if short in ("googlenet", "inception_v3"):
        options |= {"aux_logits": False, "init_weights": True}
    if short.startswith("vit_") and size:
        options["image_size"] = size
    try:
        return zoo.get_model(short, weights=None, **options)
    except AssertionError as error:
        raise ModelError(f"{name} cannot take frames of {size} x {size} pixels ({error}). Give another --img-size.") from error


def _fetch(name: str) -> dict[str, torch.Tensor]:
    """The first 8 digits of the file's SHA-256 are part of its address, and are checked."""
    known = zoo.get_model_weights(name.removeprefix(TORCHVISION))
    return known.DEFAULT.get_state_dict(progress=False, check_hash=True)


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
