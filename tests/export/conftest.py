"""A small finder that nobody trained."""

from typing import Any

import pytest
import torch

from inference.spec import ModelSpec
from training.finder_model import FinderModel, create


@pytest.fixture(scope="module")
def finder_model() -> FinderModel:
    facts: dict[str, Any] = {"mean_rgb": (0, 0, 0), "std_rgb": (1, 1, 1), "task": "find", "thresholds": (0.05,)}
    spec = ModelSpec(class_names=("student",), input_size_hw=(96, 160), fit="pad", base_model="test_efficientnet", **facts)
    torch.manual_seed(0)
    made = create(spec, pretrained=False, pretrained_path="", missing_weight=1.0, freeze_stages=0)
    with torch.no_grad():  # a head that was never trained predicts empty boxes
        made.network.head.regression_head.bbox_reg.bias.copy_(torch.tensor([1.0, 1.2, 1.4, 1.1]))
    return made.eval()
