"""`Classifier`: owns the ONNX Runtime session; frames in, scores out.

classifier = Classifier("models/attitude.onnx")
scores = classifier.scores_of([decode("photo.jpg")])  # (1, C) float32
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort

from inference import providers
from inference.errors import ModelError, ProviderError
from inference.images import fit
from inference.spec import INPUT_NAME, METADATA_KEY, OUTPUT_NAME, ModelSpec

logger = logging.getLogger(__name__)

DEFAULT_BATCH = 32
"""Most frames that go through one `session.run`, so that memory stays bounded."""


class Classifier:
    """One model on one device. Raises ModelError or ProviderError when it cannot be what was asked for."""

    def __init__(self, model: str | Path, *, provider: str = "auto", threads: int = 0) -> None:
        """`threads`: of one `session.run`; 0 lets ONNX Runtime use every core."""
        self.path = Path(model)
        self._session = _open(self.path, provider, threads)
        self.spec = _read_spec(self._session, self.path)
        _check_graph(self._session, self.spec, self.path)
        self.provider = providers.short_name(self._session.get_providers()[0])

    def prepare(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Crops of any size, `(h, w, 3) uint8 RGB` each -> frames `(N, H, W, 3) uint8 RGB`."""
        frames = np.empty((len(images), *self.spec.input_size_hw, 3), np.uint8)
        for i, image in enumerate(images):
            frames[i] = fit(image, self.spec.input_size_hw, self.spec.fit)
        return frames

    def scores(self, frames: np.ndarray) -> np.ndarray:
        """Frames `(N, H, W, 3) uint8 RGB` -> scores `(N, C) float32`, columns as in `spec.class_names`."""
        expected = (*self.spec.input_size_hw, 3)
        if frames.ndim != 4 or frames.shape[1:] != expected or frames.dtype != np.uint8:
            raise ModelError(
                f"Expected frames of shape (N, {', '.join(map(str, expected))}) uint8, got {frames.shape} {frames.dtype}."
            )
        if len(frames) == 0:
            return np.empty((0, len(self.spec.class_names)), np.float32)
        parts = [
            self._session.run([OUTPUT_NAME], {INPUT_NAME: frames[i : i + DEFAULT_BATCH]})[0]
            for i in range(0, len(frames), DEFAULT_BATCH)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def scores_of(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Crops of any size, `(h, w, 3) uint8 RGB` each -> scores `(N, C) float32`."""
        return self.scores(self.prepare(images))


def _open(path: Path, provider: str, threads: int) -> ort.InferenceSession:
    if not path.is_file():
        raise ModelError(f"There is no model file {path}. Train and export one (see README.md), or give its path with --model.")
    names = providers.wanted(provider)
    if names == [providers.CPU]:
        return _start_on_cpu(path, threads)
    session, reason = _start_on_device(path, names, threads)
    if session is not None:
        return session
    session = _start_on_cpu(path, threads)  # a damaged file is reported as such, not as a fault of the device
    device = providers.short_name(names[0])
    if provider != "auto":
        raise ProviderError(f"Provider {device!r} does not start{reason}. {providers.advice(device)}, or ask for 'cpu'.")
    logger.warning("%s does not start%s; running on the CPU. %s.", device, reason, providers.advice(device))
    return session


def _start_on_device(path: Path, names: list[str], threads: int) -> tuple[ort.InferenceSession | None, str]:
    """The session, or None and why it does not run on the first of `names`."""
    providers.load_libraries(names[0])
    try:
        session = _start(path, names, threads)
    except Exception as error:  # ONNX Runtime raises its own undocumented exception types
        return None, f" ({_first_line(error)})"
    return (session, "") if session.get_providers()[0] == names[0] else (None, "")


def _start_on_cpu(path: Path, threads: int) -> ort.InferenceSession:
    try:
        return _start(path, [providers.CPU], threads)
    except Exception as error:  # see above
        raise ModelError(
            f"{path} is not an ONNX model that can be loaded ({_first_line(error)}). Copy or export it again."
        ) from error


def _start(path: Path, names: list[str], threads: int) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return ort.InferenceSession(str(path), options, providers=names, enable_fallback=0)


def _read_spec(session: ort.InferenceSession, path: Path) -> ModelSpec:
    text = session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
    if text is None:
        raise ModelError(f"{path} has no Taido fact sheet (metadata {METADATA_KEY!r}). Use a file written by `python -m export`.")
    try:
        return ModelSpec.from_json(text)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error


def _check_graph(session: ort.InferenceSession, spec: ModelSpec, path: Path) -> None:
    inputs, outputs = session.get_inputs(), session.get_outputs()
    expected_in = (INPUT_NAME, "tensor(uint8)", [*spec.input_size_hw, 3])
    expected_out = (OUTPUT_NAME, "tensor(float)", [len(spec.class_names)])
    found_in = [(i.name, i.type, list(i.shape[1:])) for i in inputs]
    found_out = [(o.name, o.type, list(o.shape[1:])) for o in outputs]
    if found_in != [expected_in] or found_out != [expected_out]:
        raise ModelError(
            f"{path} disagrees with its own fact sheet: expected input {expected_in} and output {expected_out} "
            f"after the batch dimension, found {found_in} and {found_out}. Export the model again."
        )
    if isinstance(inputs[0].shape[0], int):
        raise ModelError(
            f"{path} takes batches of exactly {inputs[0].shape[0]}; a dynamic batch is needed. Export the model again."
        )


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
