"""Explanations point to where the evidence is, for networks of every kind, and with no gradients as well."""

from pathlib import Path

import numpy as np
import pytest
import torch

from inference.classifier import Classifier
from inference.errors import ModelError
from training.config import TrainConfig
from training.explain import Method, explain, overlay
from training.model import create
from training.serving import TorchScorer


def scorer(model: str) -> TorchScorer:
    torch.manual_seed(0)
    return TorchScorer(create(TrainConfig(model=model, img_size=160 if "vit" in model else 64), ("a", "b")))


@pytest.mark.parametrize("model", ["test_efficientnet", "test_vit"])
@pytest.mark.parametrize("method", ["gradcam", "smoothgrad"])
def test_map_has_the_shape_of_the_frame_and_is_no_blank(model: str, method: Method) -> None:
    one = scorer(model)
    frame = np.random.default_rng(0).integers(0, 255, (*one.spec.input_size_hw, 3), np.uint8)
    maps = [explain(one, frame, index, method) for index in (0, 1)]
    for heat in maps:
        assert heat.shape == frame.shape[:2] and heat.min() >= 0 and heat.max() <= 1
    assert max(heat.max() for heat in maps) == pytest.approx(1)
    assert overlay(frame, maps[0]).shape == frame.shape and overlay(frame, maps[0]).dtype == np.uint8


def test_occlusion_finds_the_part_that_decides(tiny_model: Path) -> None:
    frame = np.full((32, 32, 3), 114, np.uint8)
    frame[16:, 16:] = (255, 0, 0)
    classifier = Classifier(tiny_model, provider="cpu")
    heat = explain(classifier, frame, 0, "occlusion")
    assert heat[20:30, 20:30].mean() > 10 * heat[:12, :12].mean()
    with pytest.raises(ModelError, match="an ONNX file has none"):
        explain(classifier, frame, 0, "gradcam")
