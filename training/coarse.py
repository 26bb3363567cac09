"""What does not learn, computed in bfloat16 while the rest trains in float32.

    python -m training.train DATA --freeze-stages 3 --frozen-dtype bfloat16

On processors with bfloat16 instructions (AVX512-BF16, AMX) the first stages of a network take less than half of the time; their
output carries three digits instead of seven, which is less than any augmentation changes. Scoring always runs in float32. The
stages behind, whose gradients need the digits, are not touched (and gain nothing: their depthwise layers are slower in bfloat16).
"""

from typing import Any

import torch
from torch import Tensor, nn

from inference.errors import ModelError


def in_bfloat16(frozen: list[nn.Module], *, amp: bool = False) -> None:
    """Let this chain of frozen layers, first to last, compute in bfloat16 on the CPU whenever gradients are recorded.

    Raises ModelError when nothing is frozen, or when `amp` has chosen a format for everything already.
    """
    if amp:
        raise ModelError("--amp chooses the number format of everything: leave out --frozen-dtype.")
    if not frozen:
        raise ModelError("--frozen-dtype bfloat16 needs --freeze-stages: nothing is frozen. Leave it out.")
    frozen[0].register_forward_pre_hook(_begin)
    frozen[-1].register_forward_hook(_end)


def _begin(_layer: nn.Module, inputs: tuple[Any, ...]) -> None:
    if torch.is_grad_enabled() and inputs[0].device.type == "cpu":
        torch.set_autocast_dtype("cpu", torch.bfloat16)
        torch.set_autocast_enabled("cpu", True)


def _end(_layer: nn.Module, _inputs: tuple[Any, ...], output: Tensor) -> Tensor | None:
    if not torch.is_autocast_enabled("cpu"):
        return None
    torch.set_autocast_enabled("cpu", False)
    return output.float()
