"""Heads other than the mean of the feature map: learnt masks over it, each pooled by itself.

A mask weighs the places of the map; the weighted mean of the features under each mask goes to the last layer, so several masks
can look at several places (a head, a desk, a hand). With masks that are level everywhere this is the usual mean.
"""

import torch
from torch import Tensor, nn

from inference.errors import ModelError


class MaskedNetwork(nn.Module):
    """A timm backbone without its head, masks over its feature map, and a last layer."""

    def __init__(self, body: nn.Module, masks: int, num_classes: int, drop: float) -> None:
        """Raises ModelError when the backbone gives no feature map."""
        super().__init__()
        self.body = body
        width = _width(body)
        self.masks = nn.Conv2d(width, masks, kernel_size=1)
        nn.init.normal_(self.masks.weight, std=0.01)
        nn.init.zeros_(self.masks.bias)  # type: ignore[arg-type]  # the layer has a bias
        self.drop = nn.Dropout(drop)
        self.head = nn.Linear(width * masks, num_classes)

    def get_classifier(self) -> nn.Module:
        """The last layer."""
        return self.head

    def forward(self, pixels: Tensor) -> Tensor:
        """Normalised `(N, 3, H, W)` -> logits `(N, C)`."""
        features: Tensor = self.body.forward_features(pixels)  # type: ignore[operator]  # every timm model has it
        return self.head(self.drop(self.pooled(features)))

    def pooled(self, features: Tensor) -> Tensor:
        """`(N, F, h, w)` -> `(N, masks * F)`: the mean of the features under each mask."""
        weight = self.masks(features).sigmoid().flatten(2)
        weight = weight / weight.sum(dim=2, keepdim=True)
        return torch.einsum("nmp,nfp->nmf", weight, features.flatten(2)).flatten(1)


def _width(body: nn.Module) -> int:
    was_training = body.training
    body.eval()
    try:
        with torch.inference_mode():
            features = body.forward_features(torch.zeros(1, 3, 64, 64))  # type: ignore[operator]
    except (AttributeError, RuntimeError, AssertionError) as error:
        raise ModelError("--feature-masks needs a timm backbone with a feature map, e.g. resnet34.") from error
    finally:
        body.train(was_training)
    if features.ndim != 4 or features.shape[2] != features.shape[3]:
        shape = tuple(features.shape)
        raise ModelError(f"--feature-masks needs a feature map (N, F, h, w); this backbone gives {shape}. Use e.g. resnet34.")
    return int(features.shape[1])
