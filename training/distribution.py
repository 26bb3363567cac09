"""Devices and processes, carried by Hugging Face accelerate.

    python -m training.train DATA ...                                                         # one process
    accelerate launch --num_processes 2 -m training.train DATA ...                            # two GPUs of a machine
    accelerate launch --cpu --num_processes 2 -m training.train DATA --device cpu ...         # two CPU processes
    accelerate launch --num_machines 2 --num_processes 8 --machine_rank 0 --main_process_ip HOST --main_process_port 29500 \\
        -m training.train DATA ...                                                            # on each machine, with its rank

`--batch-size` is that of all processes together, so that the same settings give the same run however many there are.
"""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState, GradientState, PartialState
from accelerate.utils import broadcast_object_list, gather_object

from inference.errors import TaidoError

Result = TypeVar("Result")


class TrainingError(TaidoError):
    """Training cannot go on; the last good checkpoint is untouched."""


def launched() -> bool:
    """Whether several processes were started together."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def start(device: str) -> None:
    """Let the processes find one another; nothing for a single one."""
    if launched():
        PartialState(cpu=device == "cpu")


def place() -> tuple[int, int]:
    """Number of this process, and how many there are."""
    if not launched():
        return 0, 1
    state = PartialState()
    return state.process_index, state.num_processes


def is_main() -> bool:
    """Whether this process writes and speaks."""
    return place()[0] == 0


def accelerator(device: torch.device, mixed_precision: str) -> Accelerator:
    """For one run on this device; `mixed_precision` is no, bf16 or fp16."""
    AcceleratorState._reset_state()  # noqa: SLF001  # accelerate allows one precision per program; runs come one after another
    GradientState._reset_state()  # noqa: SLF001
    if not launched():
        PartialState._reset_state()  # noqa: SLF001
        if str(device) != device.type:  # cuda:1
            os.environ["ACCELERATE_TORCH_DEVICE"] = str(device)
        else:
            os.environ.pop("ACCELERATE_TORCH_DEVICE", None)
    return Accelerator(cpu=device.type == "cpu", mixed_precision=mixed_precision)


def from_main(make: Callable[[], Result]) -> Result:
    """Run in the main process only; all get its result, or its error."""
    if not launched():
        return make()
    box: list[Any] = [None, None]
    if is_main():
        try:
            box[0] = make()
        except TaidoError as error:
            box[1] = error
    broadcast_object_list(box, from_process=0)
    if box[1] is not None:
        raise box[1]
    return box[0]


def gathered(part: Any) -> list[Any]:
    """The parts of all processes, in their order."""
    return gather_object([part]) if launched() else [part]


def pick_device(name: str) -> torch.device:
    """`auto` is CUDA where there is one. Raises TrainingError for a device that is not there."""
    if name == "auto":
        if not torch.cuda.is_available() or os.environ.get("ACCELERATE_USE_CPU", "").lower() in ("1", "true", "yes"):
            return torch.device("cpu")
        return torch.device("cuda", place()[0] % torch.cuda.device_count()) if launched() else torch.device("cuda")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        raise TrainingError(f"The device {name!r} cannot be used ({str(error).splitlines()[0]}). Use --device cpu.") from error
    return device
