"""Which weights learn: all, only the head, or all behind a layer; and how many these are."""

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from inference.errors import ModelError
from training.backbones import head_of
from training.heads import MaskedNetwork
from training.model import FrameModel
from training.techniques import StrategyConfig


def apply(model: FrameModel, config: StrategyConfig) -> None:
    """Freeze what the strategy keeps. Raises ModelError for a layer that is not there."""
    if config.strategy == "head":
        model.frozen = [*model.frozen, *freeze_body(model.network)]
    elif config.freeze_until:
        model.frozen = [*model.frozen, *freeze_until(model.network, config.freeze_until)]
    model.train(model.training)


def freeze_body(network: nn.Module) -> list[nn.Module]:
    """Stop the gradients of all but the last layer (and of masks over the feature map); returns what must not train."""
    learning = [head_of(network), *([network.masks] if isinstance(network, MaskedNetwork) else [])]
    kept = {id(part) for layer in learning for part in layer.modules()}
    network.requires_grad_(False)
    for layer in learning:
        layer.requires_grad_(True)
    # Dropout stays as it is: it belongs to the head's training, and torchvision's VGG16 has it between its last layers.
    return [part for part in network.modules() if _is_leaf(part) and id(part) not in kept and not isinstance(part, nn.Dropout)]


def freeze_until(network: nn.Module, layer: str) -> list[nn.Module]:
    """Stop the gradients of a layer and of all that were made before it; returns these layers.

    `layer` is a name as torch prints it, or how many layers with weights. Raises ModelError for one that is not there.
    """
    leaves = [(name, part) for name, part in network.named_modules() if _is_leaf(part)]
    weighted = [i for i, (_, part) in enumerate(leaves) if any(True for _ in part.parameters())]
    if layer.isdecimal():
        if not 1 <= int(layer) < len(weighted):
            raise ModelError(f"--freeze-until {layer}: this backbone has {len(weighted)} layers with weights; keep one to learn.")
        last = weighted[int(layer) - 1]
    else:
        inside = [i for i, (name, _) in enumerate(leaves) if name == layer or name.startswith(f"{layer}.")]
        if not inside:
            raise ModelError(f"--freeze-until {layer}: no such layer. There are: {', '.join(_outline(network))}.")
        last = inside[-1]
    frozen = [part for _, part in leaves[: last + 1]]
    if head_of(network) in frozen:
        raise ModelError(f"--freeze-until {layer} freezes the head as well, so nothing would learn. Choose an earlier layer.")
    for part in frozen:
        part.requires_grad_(False)
    _freeze_loose(network, frozen)
    return frozen


def counts(model: nn.Module) -> tuple[int, int]:
    """Numbers of parameters: those that learn, and all."""
    sizes = [(value.numel(), value.requires_grad) for value in model.parameters()]
    return sum(size for size, learns in sizes if learns), sum(size for size, _ in sizes)


class Probe:
    """The head alone learns until `release`: what did not learn before it still does not after it."""

    def __init__(self, model: FrameModel) -> None:
        self._model = model
        self._learning = [value for value in model.network.parameters() if value.requires_grad]
        self._frozen_before = list(model.frozen)
        model.frozen = [*model.frozen, *freeze_body(model.network)]
        model.train(model.training)

    def release(self) -> None:
        """Everything that may learn does."""
        for value in self._learning:
            value.requires_grad_(True)
        self._model.frozen = self._frozen_before
        self._model.train(self._model.training)


def _is_leaf(part: nn.Module) -> bool:
    # timm's norms have an activation inside, and are one layer all the same.
    return isinstance(part, _BatchNorm | nn.GroupNorm) or next(part.children(), None) is None


def _freeze_loose(network: nn.Module, frozen: list[nn.Module]) -> None:
    """Parameters outside the leaves: the network's own (class token, position embedding) come before all its layers."""
    inside = {id(part) for part in frozen}
    for part in network.modules():
        leaves = [leaf for leaf in part.modules() if _is_leaf(leaf)]
        if not _is_leaf(part) and (part is network or all(id(leaf) in inside for leaf in leaves)):
            for value in part.parameters(recurse=False):
                value.requires_grad_(False)


def _outline(network: nn.Module) -> list[str]:
    return [name for name, _ in network.named_modules() if name and name.count(".") <= 1][:40]
