"""Which pixels a score depends on, laid over the frame that the model saw; by captum (BSD-3-Clause).

    heat = explain(model, frame, class_index, "gradcam")      # (H, W) float32, 0..1
    picture = overlay(frame, heat)

smoothgrad  gradients of the score, averaged over noisy copies (Smilkov et al. 2017, arXiv:1706.03825)
gradcam     the last feature maps, weighted by their gradients (Selvaraju et al. 2017); of a transformer the tokens that enter the
            last block, times their gradients, laid out as the grid of patches that they are
occlusion   how much the score falls when a part is covered (Zeiler and Fergus 2014); needs no gradients, so it works for ONNX too

Such a map shows what a score is sensitive to. It is no reason, and it can look convincing for a model that is wrong.
"""

from typing import Any, Literal

import cv2
import matplotlib as mpl
import numpy as np
import torch
from captum.attr import LayerGradCam, LayerGradientXActivation, NoiseTunnel, Occlusion, Saliency
from torch import Tensor, nn

from inference.errors import ModelError
from inference.images import PAD_VALUE
from training.model import FrameModel
from training.serving import Scorer, TorchScorer

Method = Literal["smoothgrad", "gradcam", "occlusion"]
NOISY_COPIES = 16
NOISE = 0.15 * 255
"""Standard deviation of the noise of SmoothGrad, grey levels; the source recommends 10 to 20 % of the range."""
PATCHES = 8
"""The covered part is 1/PATCHES of each side, and moves by half of that."""
BRIGHTEST = 99.0
"""Percentile of a map that is drawn as its maximum: a single pixel must not darken all others."""


def explain(model: Scorer, frame: np.ndarray, class_index: int, method: Method) -> np.ndarray:
    """`(H, W, 3) uint8 RGB` of the model's size -> `(H, W) float32`, 0..1: how much each place matters for that class.

    Raises ModelError for a method that needs gradients where there are none, or a network whose maps are not known.
    """
    if method == "occlusion":
        return _scaled(_occlusion(model, frame, class_index), frame)
    if not isinstance(model, TorchScorer):
        raise ModelError(f"{method} needs the gradients of a checkpoint; an ONNX file has none. Use --explain occlusion.")
    pixels = torch.from_numpy(frame[None]).float().requires_grad_()
    raw = (_smoothgrad if method == "smoothgrad" else _gradcam)(model.model, pixels, class_index)
    return _scaled(raw, frame)


def overlay(frame: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """The frame in grey with the map in colours over it, `(H, W, 3) uint8 RGB`."""
    grey = np.repeat(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2).astype(np.float32)
    colours = mpl.colormaps["inferno"](heat)[..., :3].astype(np.float32) * 255
    share = (0.2 + 0.6 * heat)[..., None]
    mixed: np.ndarray = ((1 - share) * grey + share * colours).round().astype(np.uint8)
    return mixed


def _smoothgrad(model: FrameModel, pixels: Tensor, class_index: int) -> np.ndarray:
    torch.manual_seed(0)
    tunnel = NoiseTunnel(Saliency(model.logits))
    found = tunnel.attribute(pixels, nt_type="smoothgrad", nt_samples=NOISY_COPIES, stdevs=NOISE, target=class_index)
    heat: np.ndarray = found[0].abs().sum(dim=-1).detach().numpy()
    return cv2.GaussianBlur(heat, (0, 0), max(1.0, heat.shape[0] / 64))


def _gradcam(model: FrameModel, pixels: Tensor, class_index: int) -> np.ndarray:
    network = model.network
    layer, tokens = _last_layer(network)
    if not tokens:
        maps = LayerGradCam(model.logits, layer).attribute(pixels, target=class_index, relu_attributions=True)
        found: np.ndarray = maps[0, 0].detach().numpy()
        return found
    each: Tensor = LayerGradientXActivation(model.logits, layer).attribute(pixels, target=class_index)
    places = each.sum(dim=-1).relu()[0]
    if places.ndim == 1:
        places = places[int(getattr(network, "num_prefix_tokens", 0)) :]
        rows, columns = _grid(network, len(places))
        places = places.reshape(rows, columns)
    result: np.ndarray = places.detach().numpy()
    return result


def _last_layer(network: nn.Module) -> tuple[nn.Module, bool]:
    """The module whose output is explained, and whether its channels stand last."""
    info: Any = getattr(network, "feature_info", None)
    if not info:
        raise ModelError("Grad-CAM does not know the feature maps of this backbone. Use --explain smoothgrad or occlusion.")
    last = network.get_submodule(list(info)[-1]["module"])
    if hasattr(last, "norm1"):  # behind the last block only the class token still matters for the answer
        return last.norm1, True  # type: ignore[return-value]
    blocks = getattr(last, "blocks", None)
    if blocks is not None and len(blocks) and hasattr(blocks[-1], "norm1"):
        return blocks[-1].norm1, True
    return last, False


def _grid(network: nn.Module, count: int) -> tuple[int, int]:
    size: Any = getattr(getattr(network, "patch_embed", None), "grid_size", None)
    if size is not None and size[0] * size[1] == count:
        return int(size[0]), int(size[1])
    side = round(count**0.5)
    if side * side != count:
        raise ModelError(f"{count} tokens make no square grid. Use --explain smoothgrad or occlusion.")
    return side, side


def _occlusion(model: Scorer, frame: np.ndarray, class_index: int) -> np.ndarray:
    def scores(pixels: Tensor) -> Tensor:
        covered = pixels.detach().round().to(torch.uint8).numpy()
        return torch.from_numpy(model.scores_of(list(covered)))

    height, width = (max(2, side // PATCHES) for side in frame.shape[:2])
    found = Occlusion(scores).attribute(
        torch.from_numpy(frame[None]).float(),
        sliding_window_shapes=(height, width, 3),
        strides=(max(1, height // 2), max(1, width // 2), 3),
        baselines=float(PAD_VALUE),
        target=class_index,
        perturbations_per_eval=16,
    )
    heat: np.ndarray = found[0].mean(dim=-1).clamp(min=0).numpy().astype(np.float32)
    return heat


def _scaled(heat: np.ndarray, frame: np.ndarray) -> np.ndarray:
    grown = cv2.resize(heat.astype(np.float32), (frame.shape[1], frame.shape[0]), interpolation=cv2.INTER_LINEAR)
    top = float(np.percentile(grown, BRIGHTEST)) or float(grown.max())
    scaled: np.ndarray = np.clip(grown / top, 0, 1) if top > 0 else np.zeros_like(grown)
    return scaled
