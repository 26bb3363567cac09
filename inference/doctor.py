"""`python -m inference doctor`: what is installed, what works, and what to do about what does not.

    python -m inference doctor
    python -m inference doctor --provider cuda --camera 0 --host 0.0.0.0 --json

Nothing is switched on that was not asked for: a camera is opened only with --camera, and what it shows is looked at for one frame
and dropped.
"""

import argparse
import ctypes
import io
import json
import platform
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout, suppress
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import onnxruntime as ort

from inference import providers, tuning
from inference.camera import Capture, open_live, shown_name
from inference.errors import TaidoError
from inference.loopback import is_loopback
from inference.providers import Provider
from inference.quickest import quickest
from inference.session import Session
from inference.sources import quiet

State = Literal["ok", "hint", "wrong"]
ALL_FINE, SOMETHING_WRONG = 0, 1
PACKAGES = ("numpy", "pillow", "opencv-python", "onnxruntime", "onnxruntime-gpu", "gradio", "supervision", "trackers")
SHARED_MODULES = {"onnxruntime": "ONNX Runtime", "cv2": "OpenCV"}
"""Modules that several packages install, one over the files of the other."""
CAMERA_SECONDS = 8.0
"""For which a first frame is waited for."""
CUDNN = "cudnn64_9.dll" if sys.platform == "win32" else "libcudnn.so.9"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    about: str
    state: State
    text: str
    """What was found and, where it is not well, what to do."""


def add_arguments(parser: argparse.ArgumentParser, model: Path, finder: Path) -> None:
    """The options; `model` and `finder` are the files looked at unless others are given."""
    parser.description = (
        "Say what is installed and what works here. Exit status 1 when something is broken, or asked for and not there."
    )
    parser.add_argument("--provider", choices=get_args(Provider), default="auto", help="what must be able to compute")
    parser.add_argument("--model", type=Path, default=model, help="ONNX file that must open and run")
    parser.add_argument("--finder", type=Path, default=finder, help="ONNX file of the finder that must open and run")
    parser.add_argument("--camera", metavar="SOURCE", help="a camera (0, 1 ...) or stream that must give a frame")
    parser.add_argument("--host", default="127.0.0.1", help="where the app is to listen, as for app.py")
    parser.add_argument("--json", action="store_true", help="print the findings as one JSON document")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the findings; the exit status."""
    findings = list(examine(arguments))
    wrong = [finding for finding in findings if finding.state == "wrong"]
    if arguments.json:
        print(json.dumps({"findings": [asdict(finding) for finding in findings], "wrong": len(wrong)}))
    else:
        for finding in findings:
            print(f"[{finding.state:5}] {finding.about}: {finding.text}")
    return SOMETHING_WRONG if wrong else ALL_FINE


def examine(arguments: argparse.Namespace) -> Iterator[Finding]:
    """Everything, in the order in which one would look."""
    yield Finding("Python", "ok", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield Finding("packages", "ok", ", ".join(installed(PACKAGES)))
    yield from conflicts(packages_by_module())
    yield from devices(arguments.provider)
    yield _opens("classifier", arguments.model, "classify", arguments.provider)
    yield _opens("finder", arguments.finder, "find", arguments.provider)
    yield advice(arguments.model)
    if arguments.camera is not None:
        yield camera(arguments.camera)
    yield page(arguments.host)


def installed(names: tuple[str, ...]) -> list[str]:
    """`name version` of each package that is there."""
    found = []
    for name in names:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return found


def packages_by_module() -> dict[str, set[str]]:
    """Which packages install each of `SHARED_MODULES`."""
    result: dict[str, set[str]] = defaultdict(set)
    for module, names in metadata.packages_distributions().items():
        if module in SHARED_MODULES:
            result[module] |= set(names)
    return result


def conflicts(packages: dict[str, set[str]]) -> Iterator[Finding]:
    """Packages that overwrite one another: whichever was installed last works, until one of them is updated."""
    for module, title in SHARED_MODULES.items():
        names = sorted(packages.get(module, ()))
        if len(names) > 1:
            again = "onnxruntime-gpu" if "onnxruntime-gpu" in names else names[0]
            text = f"{' and '.join(names)} overwrite one another. Run: pip uninstall {' '.join(names)}; pip install {again}"
            yield Finding(title, "wrong", text)


def devices(provider: str) -> Iterator[Finding]:
    """What can compute, and whether `provider`, which was asked for, can."""
    names = providers.startable()
    built_in = [providers.short_name(name) for name in ort.get_available_providers()]
    idle = [name for name in built_in if name not in names]
    without = f"; built in, without a device for it: {', '.join(idle)}" if idle else ""
    yield Finding("providers", "ok", f"ONNX Runtime {ort.__version__}: {', '.join(names)}{without}")
    if provider not in ("auto", *names):
        try:
            providers.wanted(provider)
        except TaidoError as error:
            yield Finding(provider, "wrong", str(error))
    gpus = providers.cuda_devices()
    if gpus or provider in ("cuda", "tensorrt"):
        yield from cuda_libraries(gpus, needed=provider in ("cuda", "tensorrt"))


def cuda_libraries(gpus: int, *, needed: bool) -> Iterator[Finding]:
    """Which of NVIDIA's libraries ONNX Runtime would miss."""
    yield Finding("NVIDIA driver", "ok" if gpus else "wrong" if needed else "hint", f"{gpus} GPUs")
    said = io.StringIO()
    with redirect_stdout(said):  # it prints what it misses
        ort.preload_dlls()
    missing = [
        line.partition("Failed to load ")[2].partition(":")[0] for line in said.getvalue().splitlines() if "Failed" in line
    ]
    try:
        ctypes.CDLL(CUDNN)
    except OSError:
        missing.append(CUDNN)
    if missing:
        text = f"{', '.join(Path(name).name for name in missing)} not found. Run: pip install -r requirements-gpu.txt"
        yield Finding("CUDA and cuDNN", "wrong" if needed else "hint", text)
    else:
        yield Finding("CUDA and cuDNN", "ok", "all libraries are found")


def _opens(title: str, path: Path, task: Literal["classify", "find"], provider: str) -> Finding:
    try:
        session = Session(path, task, provider=provider, threads=0)
        start = time.perf_counter()
        session.run(np.zeros((1, *session.spec.input_size_hw, 3), np.uint8))
        milliseconds = 1000 * (time.perf_counter() - start)
    except TaidoError as error:
        return Finding(title, "wrong", str(error))
    return Finding(title, "ok", f"{path} runs on {session.provider}, first frame in {milliseconds:.0f} ms")


def advice(model: Path) -> Finding:
    """Whether `python -m export tune` was run for this machine."""
    tuned = tuning.read(model)
    if tuned is None:
        if tuning.place_of(model).is_file():
            return Finding("way of running", "hint", "the advice file does not fit, see above")
        return Finding("way of running", "ok", f"{_usual(model)}; `python -m export tune` may find a faster way")
    threads = tuned.threads or "all"
    return Finding(
        "way of running", "ok", f"as measured: {tuned.file}, {tuned.provider}, {threads} threads, batches of {tuned.batch}"
    )


def _usual(model: Path) -> str:
    """What the app does where nothing was measured by a person."""
    with suppress(TaidoError):  # a model that does not open is a finding of its own
        told = quickest(model, "--model").told
        return told.rstrip(".") or "default"
    return "default"


def camera(place: str, *, opens: Callable[[int | str], Capture] = open_live, seconds: float = CAMERA_SECONDS) -> Finding:
    """Whether it gives a frame; the frame is dropped."""
    source = int(place) if place.isdecimal() else place
    name = shown_name(source)
    capture = opens(source)
    try:
        if not capture.isOpened():
            hint = f"there are {', '.join(_video_devices())}" if _video_devices() else "the system shows no camera"
            return Finding(
                "camera", "wrong", f"{name} does not open ({hint}). Is it plugged in, allowed, and not used elsewhere?"
            )
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with quiet():
                read, frame = capture.read()
            if read:
                return Finding("camera", "ok", f"{name} gives frames of {frame.shape[1]} x {frame.shape[0]} pixels")
            time.sleep(0.1)
    finally:
        capture.release()
    return Finding(
        "camera", "wrong", f"{name} opens and gives no frame within {seconds:.0f} seconds. Close other programs that use it."
    )


def _video_devices() -> list[str]:
    return sorted(str(path) for path in Path("/dev").glob("video*"))


def page(host: str) -> Finding:
    """Browsers give a webcam to pages of this machine and to https pages only."""
    if is_loopback(host):
        return Finding("webcam on the page", "ok", f"a browser on this machine gives it to http://{host}")
    return Finding(
        "webcam on the page",
        "hint",
        f"a browser on another machine gives no webcam to a page without https, so http://{host} has photographs and videos "
        "only. Put a proxy with a certificate in front, or tunnel: ssh -L 7860:127.0.0.1:7860 HERE, then http://127.0.0.1:7860. "
        "A camera of this machine (app.py --source) needs neither.",
    )
