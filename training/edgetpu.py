"""MobileNet-EdgeTPU as MLCommons published it, registered with timm under a name of its own.

    python -m training.train DATA --model mobilenet_edgetpu_mlperf --pretrained-path mobilenet_edgetpu_100.safetensors

timm's `mobilenet_edgetpu_100` comes without weights. The ones of MLCommons' mobile benchmark (Apache-2.0) fit it with two
differences: TensorFlow's padding, and no ReLU after the expansion of the very first block, which their network has not.
"""

from typing import Any

from timm.models import generate_default_cfgs, register_model
from timm.models.efficientnet import EfficientNet, mobilenet_edgetpu_100
from torch import nn

__all__ = ["default_cfgs"]

default_cfgs = generate_default_cfgs(
    {
        "mobilenet_edgetpu_mlperf.untrained": {
            "num_classes": 1000,
            "input_size": (3, 224, 224),
            "pool_size": (7, 7),
            "crop_pct": 0.875,
            "interpolation": "bicubic",
            "mean": (0.5, 0.5, 0.5),
            "std": (0.5, 0.5, 0.5),
            "first_conv": "conv_stem",
            "classifier": "classifier",
        }
    }
)


@register_model
def mobilenet_edgetpu_mlperf(pretrained: bool = False, **options: Any) -> EfficientNet:
    """Weights come from a file only (`--pretrained-path`); `options` are those of timm's `mobilenet_edgetpu_100`."""
    options["pretrained_cfg"] = options.get("pretrained_cfg") or default_cfgs["mobilenet_edgetpu_mlperf"].default
    network = mobilenet_edgetpu_100(pretrained=pretrained, pad_type="same", **options)
    network.blocks[0][0].bn1.act = nn.Identity()
    return network
