"""`Session`: one ONNX file of ours on one device, opened, checked and read back; `Classifier` and `Finder` stand on it."""

import logging
import threading
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnxruntime as ort

from inference import providers
from inference.digest import sha256_of
from inference.errors import ModelError, ProviderError
from inference.limits import limits
from inference.spec import BOXES_NAME, INPUT_NAME, METADATA_KEY, OUTPUT_NAME, ModelSpec, Task
from inference.tuning import Spinning

logger = logging.getLogger(__name__)

PIECE = 1 << 20
"""Bytes of a file that are searched at a time; a file that is no model can have any size."""
_OPTION = {"classify": "--model", "find": "--finder"}
_NOUN = {"classify": "a classifier", "find": "a finder of students"}
_SPINNING: dict[str, dict[str, str]] = {
    # Else the threads of one network wait in a busy loop while those of the other want the cores.
    "until_done": {"session.force_spinning_stop": "1"},
    "never": {"session.intra_op.allow_spinning": "0"},
    "always": {},
}
_OUTPUTS = {"classify": (OUTPUT_NAME,), "find": (BOXES_NAME, OUTPUT_NAME)}


class Session:
    """Raises ModelError or ProviderError when the file cannot be what was asked for."""

    def __init__(
        self,
        path: Path,
        task: Task | None,
        *,
        provider: str,
        threads: int,
        spinning: Spinning = "until_done",
        may_fall_back: bool = False,
    ) -> None:
        """`task`: what the model must be for, None if any will do; `threads`: of one `run`, 0 for every core.

        `auto`, and any provider with `may_fall_back`, goes on on the CPU when its device is lost later.
        """
        if not path.is_file():
            raise ModelError(_no_file(path, task), code="model_missing", name=path.name)
        if path.stat().st_size > limits().model_bytes:
            raise ModelError(
                f"{path} has more than {limits().model_bytes / 1e9:g} GB. Give a smaller model, or raise model_bytes.",
                code="model_large",
                name=path.name,
                most=f"{limits().model_bytes / 1e9:g}",
            )
        self.path, self.sha256 = path, sha256_of(path)
        """The file and its hash as it was opened; another may take its place while this one computes."""
        self._threads, self._spinning = threads, spinning
        self._may_fall_back = may_fall_back or provider == "auto"
        self._session = _open(path, provider, threads, spinning)
        self._exchanging = threading.Lock()
        self.spec = _read_spec(self._session, path)
        if task is not None:
            _check_task(self.spec, task, path)
        _check_graph(self._session, self.spec, path)
        self._outputs = list(_OUTPUTS[self.spec.task])
        self.provider = providers.short_name(self._session.get_providers()[0])

    def check(self, frames: np.ndarray) -> None:
        """Raises ModelError unless `frames` is `(N, H, W, 3) uint8` of the size of the fact sheet."""
        expected = (*self.spec.input_size_hw, 3)
        if frames.ndim != 4 or frames.shape[1:] != expected or frames.dtype != np.uint8:
            raise ModelError(
                f"Expected frames of shape (N, {', '.join(map(str, expected))}) uint8, got {frames.shape} {frames.dtype}."
            )

    def run(self, frames: np.ndarray) -> list[np.ndarray]:
        """Frames `(N, H, W, 3) uint8 RGB`, N from 1 -> the outputs of the task, boxes before scores.

        Raises ModelError for a file that opens and then does not do what it says, ProviderError for a device that is lost.
        """
        used = self._session
        try:
            outputs = self._run(used, frames)
        except Exception as error:  # ONNX Runtime raises its own undocumented exception types
            outputs = self._run_again(frames, used, error)
        self._check_outputs(outputs, len(frames))
        return outputs

    def _run_again(self, frames: np.ndarray, used: ort.InferenceSession, error: Exception) -> list[np.ndarray]:
        """On the CPU, where the device of `used` was lost; another thread may have seen that first."""
        with self._exchanging:
            if self._session is used:
                if self.provider == providers.short_name(providers.CPU):
                    raise self._stopped(error) from error
                self._lose_device(error)
        try:
            return self._run(self._session, frames)
        except Exception as again:  # see above
            raise self._stopped(again) from again

    def _stopped(self, error: Exception) -> ModelError:
        return ModelError(
            f"{self.path} does not run ({_first_line(error)}). Copy or export it again.",
            code="model_stopped",
            name=self.path.name,
        )

    def _check_outputs(self, outputs: list[np.ndarray], count: int) -> None:
        """What a graph declares it need not keep."""
        for name, output in zip(self._outputs, outputs, strict=True):
            if len(output) != count or not np.isfinite(output).all():
                raise ModelError(
                    f"{self.path} gives {name} of shape {output.shape} for {count} frames, or numbers that are not finite. "
                    "Copy or export it again.",
                    code="model_stopped",
                    name=self.path.name,
                )

    def _run(self, session: ort.InferenceSession, frames: np.ndarray) -> list[np.ndarray]:
        outputs: list[np.ndarray] = session.run(self._outputs, {INPUT_NAME: frames})
        return outputs

    def _lose_device(self, error: Exception) -> None:
        lost, reason = self.provider, _first_line(error)
        if not self._may_fall_back:
            raise ProviderError(
                f"Provider {lost!r} stopped working ({reason}). Check the device and start again, or ask for 'auto' or 'cpu'.",
                code="provider_lost",
                name=lost,
            ) from error
        logger.warning("%s stopped working (%s); going on on the CPU.", lost, reason)
        self._session = _start_on_cpu(self.path, self._threads, self._spinning)
        self.provider = providers.short_name(self._session.get_providers()[0])


def is_ours(path: Path) -> bool:
    """Whether the file carries the name of our fact sheet; False for a file that cannot be read."""
    try:
        return _holds(path, METADATA_KEY.encode())
    except OSError:
        return False


def finds_students(path: Path) -> bool:
    """Whether the file says of itself that it is a finder, without being opened; False for a file that cannot be read."""
    try:
        return _names_find(path, path.stat().st_mtime_ns)
    except OSError:
        return False


@lru_cache(maxsize=64)
def _names_find(path: Path, _changed: int) -> bool:
    return _holds(path, b'"task": "find"')


def _holds(path: Path, needle: bytes) -> bool:
    """Whether the bytes are in the file, of which a piece at a time is in memory. Raises OSError."""
    before = b""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            piece = before + piece
            if needle in piece:
                return True
            before = piece[-len(needle) :]
    return False


def _no_file(path: Path, task: Task | None) -> str:
    if task == "find":
        return (
            f"There is no finder file {path}. Train and export one (see README.md), give its path with --finder, "
            "or say otherwise where the students are with --students."
        )
    return f"There is no model file {path}. Train and export one (see README.md), or give its path with --model."


def _open(path: Path, provider: str, threads: int, spinning: Spinning) -> ort.InferenceSession:
    names = providers.wanted(provider)
    if names == [providers.CPU]:
        return _start_on_cpu(path, threads, spinning)
    session, reason = _start_on_device(path, names, threads, spinning)
    if session is not None:
        return session
    session = _start_on_cpu(path, threads, spinning)  # a damaged file is reported as such, not as a fault of the device
    device = providers.short_name(names[0])
    if provider != "auto":
        raise ProviderError(
            f"Provider {device!r} does not start{reason}. {providers.advice(device)}, or ask for 'cpu'.",
            code="provider_stopped",
            name=device,
        )
    logger.warning("%s does not start%s; running on the CPU. %s.", device, reason, providers.advice(device))
    return session


def _start_on_device(path: Path, names: list[str], threads: int, spinning: Spinning) -> tuple[ort.InferenceSession | None, str]:
    """The session, or None and why it does not run on the first of `names`."""
    providers.load_libraries(names[0])
    try:
        session = _start(path, names, threads, spinning)
    except Exception as error:  # ONNX Runtime raises its own undocumented exception types
        return None, f" ({_first_line(error)})"
    return (session, "") if session.get_providers()[0] == names[0] else (None, "")


def _start_on_cpu(path: Path, threads: int, spinning: Spinning) -> ort.InferenceSession:
    try:
        return _start(path, [providers.CPU], threads, spinning)
    except Exception as error:  # see above
        reason = _first_line(error)
        advice = "Copy or export it again"
        if any(word in reason.lower() for word in ("opset", "ir version", "ir_version")):
            advice = f"It was made for a newer ONNX Runtime than {ort.__version__}: update onnxruntime, or export it again"
        raise ModelError(
            f"{path} is not an ONNX model that can be loaded ({reason}). {advice}.", code="model_damaged", name=path.name
        ) from error


def _start(path: Path, names: list[str], threads: int, spinning: Spinning) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    for key, value in _SPINNING[spinning].items():
        options.add_session_config_entry(key, value)
    return ort.InferenceSession(str(path), options, providers=names, enable_fallback=0)


def _read_spec(session: ort.InferenceSession, path: Path) -> ModelSpec:
    try:
        text = session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
    except UnicodeDecodeError as error:
        raise ModelError(
            f"The metadata of {path} are damaged ({error}). Copy or export it again.", code="model_damaged", name=path.name
        ) from error
    if text is None:
        raise ModelError(
            f"{path} has no Taido fact sheet (metadata {METADATA_KEY!r}). Use a file written by `python -m export`.",
            code="model_foreign",
            name=path.name,
        )
    try:
        return ModelSpec.from_json(text)
    except ModelError as error:
        raise ModelError(f"{path}: {error}", code="model_sheet", name=path.name) from error


def _check_task(spec: ModelSpec, task: Task, path: Path) -> None:
    if spec.task != task:
        raise ModelError(
            f"{path} is {_NOUN[spec.task]}, expected {_NOUN[task]}. "
            f"Give it with {_OPTION[spec.task]}, and {_NOUN[task]} with {_OPTION[task]}.",
            code=f"model_is_{spec.task}",
            name=path.name,
        )


def _check_graph(session: ort.InferenceSession, spec: ModelSpec, path: Path) -> None:
    try:
        inputs, outputs = session.get_inputs(), session.get_outputs()
    except UnicodeDecodeError as error:
        raise ModelError(
            f"The names in {path} are damaged ({error}). Copy or export it again.", code="model_damaged", name=path.name
        ) from error
    expected_in = [(INPUT_NAME, "tensor(uint8)", [*spec.input_size_hw, 3])]
    found_in = [(i.name, i.type, list(i.shape[1:])) for i in inputs]
    found_out = [(o.name, o.type, list(o.shape[1:])) for o in outputs]
    expected_out = _expected_outputs(spec, found_out)
    if found_in != expected_in or found_out != expected_out:
        raise ModelError(
            f"{path} disagrees with its own fact sheet: expected input {expected_in} and output {expected_out} "
            f"after the batch dimension, found {found_in} and {found_out}. Export the model again.",
            code="model_sheet",
            name=path.name,
        )
    if isinstance(inputs[0].shape[0], int):
        raise ModelError(
            f"{path} takes batches of exactly {inputs[0].shape[0]}; a dynamic batch is needed. Export the model again.",
            code="model_sheet",
            name=path.name,
        )


def _expected_outputs(spec: ModelSpec, found: list[tuple[str, str, list]]) -> list[tuple[str, str, list]]:
    """The outputs after the batch dimension; how many boxes a finder gives is up to its graph, the same in both outputs."""
    if spec.task == "classify":
        return [(OUTPUT_NAME, "tensor(float)", [len(spec.class_names)])]
    count = found[0][2][0] if found and found[0][2] else "K"
    return [(BOXES_NAME, "tensor(float)", [count, 4]), (OUTPUT_NAME, "tensor(float)", [count])]


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
