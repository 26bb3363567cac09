"""Which device computes: names for ONNX Runtime's execution providers, asked for explicitly and read back.

The GPU wheel of ONNX Runtime lists CUDA on every machine, also where no GPU is. So the driver is asked first.
"""

import contextlib
import ctypes
import functools
import io
import logging
import sys
from typing import Literal, get_args

import onnxruntime as ort

from inference.errors import ProviderError

logger = logging.getLogger(__name__)

Provider = Literal["auto", "cpu", "cuda", "tensorrt", "openvino", "coreml", "directml"]

CPU = "CPUExecutionProvider"
"""ONNX Runtime's name of the provider that is always there."""

_ORT_NAMES: dict[str, str] = {
    "cpu": CPU,
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "openvino": "OpenVINOExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "directml": "DmlExecutionProvider",
}
_NEED_CUDA = ("cuda", "tensorrt")


def short_name(ort_name: str) -> str:
    """`CUDAExecutionProvider` -> `cuda`; unknown names come back as they are."""
    return next((short for short, full in _ORT_NAMES.items() if full == ort_name), ort_name)


def wanted(provider: str) -> list[str]:
    """ONNX Runtime's names for `provider`, most wanted first; `auto` is CUDA where it can run, else the CPU.

    Raises ProviderError for an unknown name, or a provider that this installation or this machine lacks.
    """
    if provider not in get_args(Provider):
        raise ProviderError(f"Unknown provider {provider!r}; choose one of {', '.join(get_args(Provider))}.")
    available = ort.get_available_providers()
    if provider == "auto":
        cuda = [_ORT_NAMES["cuda"]] if _ORT_NAMES["cuda"] in available and cuda_devices() else []
        return [*cuda, CPU]
    name = _ORT_NAMES[provider]
    if name not in available:
        raise ProviderError(
            f"Provider {provider!r} is not in this ONNX Runtime (it has {', '.join(map(short_name, available))}). "
            "Install the matching onnxruntime package, or ask for 'cpu'."
        )
    if provider in _NEED_CUDA and not cuda_devices():
        raise ProviderError(
            f"Provider {provider!r} needs an NVIDIA GPU, and the NVIDIA driver shows none on this machine. "
            "Install the driver (check with nvidia-smi), or ask for 'auto' or 'cpu'."
        )
    return [name, _ORT_NAMES["cuda"]] if provider == "tensorrt" else [name]


@functools.cache
def cuda_devices() -> int:
    """NVIDIA GPUs that the driver of this machine offers; 0 without a driver. Asks the driver itself, once."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value


def load_libraries(ort_name: str) -> None:
    """Load cuBLAS, cuDNN and so on from pip's `nvidia-*` packages, where ONNX Runtime would not look by itself."""
    if short_name(ort_name) not in _NEED_CUDA:
        return
    messages = io.StringIO()
    with contextlib.redirect_stdout(messages):  # it prints what it misses, and stdout is for results
        ort.preload_dlls()
    for line in messages.getvalue().splitlines():
        logger.info(line)


def startable() -> list[str]:
    """Short names of the providers that this installation and this machine seem to have, the CPU last."""
    known = [short for short in get_args(Provider) if short not in ("auto", "cpu")]
    return [short for short in known if _is_there(short)] + ["cpu"]


def _is_there(provider: str) -> bool:
    try:
        return bool(wanted(provider))
    except ProviderError:
        return False


def advice(provider: str) -> str:
    """What to do when a provider that is installed does not start."""
    if provider in _NEED_CUDA:
        return "Install NVIDIA's libraries with: pip install -r requirements-gpu.txt (`python -m inference doctor` says which)"
    return f"Check the drivers of {provider!r}"
