"""The network that finds students: `frames (N, H, W, 3) uint8 RGB -> boxes (N, K, 4), scores (N, K)`, in torch as in ONNX.

A timm backbone, torchvision's feature pyramid and the head and matching of torchvision's FCOS (Tian et al. 2019). Two things
are ours: the loss forgives what looks like a student where nobody drew a box, and the decoding stands inside the graph.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import timm
import torch
from torch import Tensor, nn
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.fcos import FCOS, FCOSHead
from torchvision.models.detection.image_list import ImageList
from torchvision.ops import FeaturePyramidNetwork, generalized_box_iou_loss, sigmoid_focal_loss

from inference.errors import ModelError
from inference.spec import ModelSpec
from training.model import PixelModel, freeze, load_backbone

STRIDES = (8, 16, 32)
"""Pixels of the frame between two places of a feature map, per level."""
LEVELS = (2, 3, 4)
"""Feature maps of the backbone with those strides."""
CHANNELS, CONVS = 64, 2
"""Width of the pyramid, and 3 x 3 convolutions of each branch of the head."""
CANDIDATES = 1000
"""Boxes that leave the graph, best first. A student is seen from a dozen places; fewer would leave some of a full room out."""
SURE = 0.5
"""A score above this where nobody drew a box may be a student whom the labels lack."""


class Body(nn.Module):
    """Backbone and feature pyramid, as torchvision's detectors expect them."""

    def __init__(self, backbone: nn.Module, channels: Sequence[int]) -> None:
        super().__init__()
        self.features = backbone
        self.pyramid = FeaturePyramidNetwork(list(channels), CHANNELS, norm_layer=nn.BatchNorm2d)
        self.out_channels = CHANNELS

    def forward(self, pixels: Tensor) -> "OrderedDict[str, Tensor]":
        """Normalised pixels `(N, 3, H, W)` -> one map `(N, CHANNELS, H / stride, W / stride)` per level."""
        maps: list[Tensor] = self.features(pixels)
        result: OrderedDict[str, Tensor] = self.pyramid(OrderedDict((str(i), m) for i, m in enumerate(maps)))
        return result


class Head(FCOSHead):
    """FCOS's head without normalisation layers, which fold into nothing at run time, and with a forgiving loss."""

    def __init__(self, missing_weight: float) -> None:
        super().__init__(CHANNELS, num_anchors=1, num_classes=1, num_convs=CONVS)
        self._missing_weight = missing_weight
        for branch in (self.classification_head, self.regression_head):
            layers = [layer for layer in branch.conv if not isinstance(layer, nn.GroupNorm)]
            for layer in layers:
                if isinstance(layer, nn.Conv2d):
                    nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            branch.conv = nn.Sequential(*layers)

    def compute_loss(
        self,
        targets: list[dict[str, Tensor]],
        head_outputs: dict[str, Tensor],
        anchors: list[Tensor],
        matched_idxs: list[Tensor],
    ) -> dict[str, Tensor]:
        """Focal loss of the score, GIoU loss of the box and cross-entropy of the centredness (FCOS, section 3)."""
        logits = head_outputs["cls_logits"].squeeze(2)
        matched, places = torch.stack(matched_idxs), torch.stack(anchors)
        found = matched >= 0
        count = max(1, int(found.sum()))
        focal = sigmoid_focal_loss(logits, found.float(), reduction="none")
        weight = torch.stack(
            [
                _weight_of_background(place, target, row, self._missing_weight)
                for place, target, row in zip(places, targets, logits.detach().sigmoid(), strict=True)
            ]
        )
        losses = {"score": (focal * torch.where(found, 1.0, weight)).sum() / count}
        wanted = torch.cat([t["boxes"][m[m >= 0]] for t, m in zip(targets, matched, strict=True)])
        here = places[found]
        boxes = self.box_coder.decode(head_outputs["bbox_regression"][found], here)
        losses["box"] = generalized_box_iou_loss(boxes, wanted, reduction="sum") / count
        sides = self.box_coder.encode(here, wanted)
        across, down = sides[:, [0, 2]], sides[:, [1, 3]]
        centred = (across.amin(1) / across.amax(1) * (down.amin(1) / down.amax(1))).clamp(min=0).sqrt()
        centredness = head_outputs["bbox_ctrness"].squeeze(2)[found]
        entropy = nn.functional.binary_cross_entropy_with_logits(centredness, centred, reduction="sum")
        losses["centredness"] = entropy / count
        return losses


def _weight_of_background(places: Tensor, target: dict[str, Tensor], scores: Tensor, missing_weight: float) -> Tensor:
    """Per place: 0 in an ignored box, 1 in a student's box; elsewhere `missing_weight` where the score is above SURE, else 1.

    Idea of the lowered weight: Zhang et al. 2020, "Solving Missing-Annotation Object Detection with Background
    Recalibration Loss", simplified.
    """
    centres = (places[:, :2] + places[:, 2:]) / 2
    weight = torch.where((scores > SURE) & ~_inside(centres, target["boxes"]), missing_weight, 1.0)
    return weight.masked_fill(_inside(centres, target["ignored"]), 0.0)


def _inside(points: Tensor, boxes: Tensor) -> Tensor:
    """`(P, 2)`, `(B, 4)` -> `(P,)`: whether a point lies in any of the boxes."""
    above = points[:, None] > boxes[None, :, :2]
    below = points[:, None] < boxes[None, :, 2:]
    return (above & below).all(2).any(1)


class FinderModel(PixelModel):
    """FCOS with decoding behind it."""

    network: FCOS
    anchors: Tensor

    def __init__(self, backbone: nn.Module, spec: ModelSpec, *, missing_weight: float = 1.0) -> None:
        channels = backbone.feature_info.channels()  # type: ignore[operator, union-attr]  # timm's feature extractors have it
        sizes = tuple((stride,) for stride in STRIDES)
        places = AnchorGenerator(sizes, ((1.0,),) * len(STRIDES))
        network = FCOS(Body(backbone, channels), num_classes=1, anchor_generator=places, head=Head(missing_weight))
        super().__init__(network, spec)
        self.register_buffer("anchors", self._places(spec.input_size_hw), persistent=False)

    def freeze(self, stages: int) -> None:
        """Keep the stem and the first `stages` stages of the backbone as they are; raises ModelError for too many."""
        self.frozen = freeze(self.network.backbone.features, stages)
        self.train(self.training)

    def losses(self, frames: Tensor, targets: list[dict[str, Tensor]]) -> dict[str, Tensor]:
        """`(N, H, W, 3) uint8` of any size with `boxes (n, 4)` and `ignored (m, 4)` per frame -> the parts of the loss."""
        size_hw = (int(frames.shape[1]), int(frames.shape[2]))
        outputs, per_level = self._outputs(frames)
        anchors = [self._places(size_hw).to(frames.device)] * len(frames)
        losses: dict[str, Tensor] = self.network.compute_loss(targets, outputs, anchors, per_level)
        return losses

    def _outputs(self, frames: Tensor) -> tuple[dict[str, Tensor], list[int]]:
        pixels = (frames.permute(0, 3, 1, 2).float() - self.mean) / self.std
        maps = list(self.network.backbone(pixels.contiguous(memory_format=torch.channels_last)).values())
        outputs: dict[str, Tensor] = {name: value.float() for name, value in self.network.head(maps).items()}
        return outputs, [int(m.shape[2] * m.shape[3]) for m in maps]

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor]:
        """`(N, H, W, 3) uint8` of the size of the fact sheet -> boxes `(N, K, 4)` in pixels and scores `(N, K)`, best first."""
        outputs, _ = self._outputs(frames)
        every = (outputs["cls_logits"].sigmoid() * outputs["bbox_ctrness"].sigmoid()).sqrt().squeeze(2)
        scores, order = every.topk(min(CANDIDATES, every.shape[1]), dim=1)
        sides = outputs["bbox_regression"].gather(1, order[:, :, None].expand(-1, -1, 4))
        anchors = self.anchors[order]
        centres = (anchors[..., :2] + anchors[..., 2:]) / 2
        size = (anchors[..., 2:] - anchors[..., :2]).repeat(1, 1, 2)
        sides = sides * size
        return torch.cat([centres - sides[..., :2], centres + sides[..., 2:]], dim=2), scores

    def _places(self, size_hw: tuple[int, int]) -> Tensor:
        """Where boxes are predicted from: `(A, 4)` squares of the stride's size, all levels one after the other."""
        maps = [torch.empty(1, 1, -(-size_hw[0] // s), -(-size_hw[1] // s)) for s in STRIDES]
        places: list[Tensor] = self.network.anchor_generator(ImageList(torch.empty(1, 3, *size_hw), [size_hw]), maps)
        return places[0]


def create(spec: ModelSpec, *, pretrained: bool, pretrained_path: str, missing_weight: float, freeze_stages: int) -> FinderModel:
    """A new finder on a pretrained backbone. Raises ModelError as `training.model.create` does."""
    if any(side % STRIDES[-1] for side in spec.input_size_hw):
        raise ModelError(f"The sides of a finder's frame must be multiples of {STRIDES[-1]}, got {spec.input_size_hw}.")
    backbone = load_backbone(spec.base_model, pretrained=pretrained, path=pretrained_path, **_features())
    cfg: dict[str, Any] = backbone.pretrained_cfg  # type: ignore[assignment]
    model = FinderModel(
        backbone, spec.replace(mean_rgb=tuple(cfg["mean"]), std_rgb=tuple(cfg["std"])), missing_weight=missing_weight
    )
    if freeze_stages:
        model.freeze(freeze_stages)
    return model


def rebuild(spec: ModelSpec) -> FinderModel:
    """The same architecture without weights, to load a checkpoint into."""
    return FinderModel(timm.create_model(spec.base_model, pretrained=False, **_features()), spec)


def _features() -> dict[str, Any]:
    return {"features_only": True, "out_indices": LEVELS}
