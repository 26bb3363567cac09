"""int8 by ONNX Runtime's static quantisation, searched: format, calibration, and what is better left in float.

Weights are quantised per channel and to 7 bits: on a CPU without VNNI the sums of 8-bit products overflow silently, and a gate
on a newer machine would not see it. The first layer stays in float, where three channels are faster so, and what follows the last
layers does too: the pixels of a box do not fit into 8 bits. The search looks at the calibrating pictures only; those that judge
are not touched.
"""

import contextlib
import logging
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from inference.errors import ModelError
from inference.spec import INPUT_NAME, OUTPUT_NAME

CHOOSING = 4
"""Every so-many-th picture is not calibrated on but chooses among the trials."""
LAYERS = ("Conv", "Gemm", "MatMul")
GROUPS = 6
"""Into so many runs of neighbouring layers a network is cut to find those that quantisation hurts."""
ENOUGH = 0.02
"""Share of the choosing pictures whose answer may change before layers are left in float."""
MOST_EXCLUDED = 3
"""Groups left in float at most; with more there is little left to gain."""
OPERATORS = (
    "Conv",
    "Gemm",
    "MatMul",
    "Add",
    "Mul",
    "Clip",
    "Relu",
    "AveragePool",
    "GlobalAveragePool",
    "MaxPool",
    "Concat",
    "Resize",
)
METHODS: dict[str, tuple[CalibrationMethod, dict[str, float], int]] = {
    "minmax": (CalibrationMethod.MinMax, {}, 1000),
    "percentile": (CalibrationMethod.Percentile, {"CalibPercentile": 99.99}, 48),
}
"""How the ranges of values are found, with what option, and from how many pictures at most: histograms are slow."""
FORMATS = {"QDQ": QuantFormat.QDQ, "QOperator": QuantFormat.QOperator}
Outputs = Sequence[np.ndarray]


@dataclass(frozen=True)
class Kind:
    """What a network answers, and what counts as harm to that."""

    outputs: tuple[str, ...]
    harm: Callable[[Outputs, Outputs], tuple[int, float]]
    """Of the outputs of the float graph and of a trial: how many answers differ, and the mean difference of a score."""
    answers: Callable[[Outputs], int]
    """How many answers there are in outputs."""
    methods: tuple[str, ...]
    """Of `METHODS`."""
    batch: int


def _changed(before: Outputs, after: Outputs) -> tuple[int, float]:
    return int((before[0].argmax(1) != after[0].argmax(1)).sum()), float(np.abs(before[0] - after[0]).mean())


CLASSIFIER = Kind((OUTPUT_NAME,), _changed, lambda outputs: len(outputs[0]), tuple(METHODS), batch=8)


@dataclass(frozen=True)
class Trial:
    """One way of quantising, and what it did to the choosing pictures."""

    form: str
    calibration: str
    excluded: tuple[str, ...]
    """First nodes of the groups of layers left in float."""
    changed: int
    """Answers that differ from the float graph's."""
    mean_difference: float
    """Of a score, absolute."""

    @property
    def harm(self) -> tuple[float, float]:
        """What is made small."""
        return (float(self.changed) if np.isfinite(self.mean_difference) else np.inf, self.mean_difference)


class _Reader(CalibrationDataReader):
    """Frames in batches; ONNX Runtime asks for a range at a time, so that the values inside the network fit into memory."""

    def __init__(self, frames: np.ndarray, batch: int) -> None:
        self._batches = [frames[i : i + batch] for i in range(0, len(frames), batch)]
        self._range = iter(self._batches)

    def __len__(self) -> int:
        return len(self._batches)

    def set_range(self, start_index: int, end_index: int) -> None:
        self._range = iter(self._batches[start_index:end_index])

    def get_next(self) -> dict[str, np.ndarray] | None:
        batch = next(self._range, None)
        return None if batch is None else {INPUT_NAME: batch}


class _Search:
    """Trials on one float graph; calibration runs once per method."""

    def __init__(self, source: Path, frames: np.ndarray, folder: Path, kind: Kind) -> None:
        chosen = np.arange(len(frames)) % CHOOSING == CHOOSING - 1
        self.kind, self._folder, self._calibrating, self._choosing = kind, folder, frames[~chosen], frames[chosen]
        self._prepared = folder / "prepared.onnx"
        quant_pre_process(str(source), str(self._prepared), skip_symbolic_shape=True)
        self._float = _outputs(self._prepared, self._choosing, kind)
        self.choosing = kind.answers(self._float)
        graph = onnx.load(self._prepared).graph
        self._always_float = always_float(graph)
        layers = [n.name for n in graph.node if n.op_type in LAYERS and n.name not in self._always_float]
        self.groups = [tuple(part.tolist()) for part in np.array_split(np.array(layers), min(GROUPS, len(layers)))]
        self.trials: list[Trial] = []
        self.best: tuple[Trial, bytes] | None = None

    def attempt(self, form: str, calibration: str, groups: Sequence[tuple[str, ...]]) -> Trial:
        """Quantise and look; keeps the least harmful result."""
        out = self._folder / "trial.onnx"
        method, options, most = METHODS[calibration]
        quantize_static(
            str(self._prepared),
            str(out),
            _Reader(self._calibrating[:most], self.kind.batch),
            quant_format=FORMATS[form],
            op_types_to_quantize=list(OPERATORS),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=[*self._always_float, *(name for group in groups for name in group)],
            calibrate_method=method,
            extra_options={**options, "CalibStridedMinMax": 1},
            calibration_cache_path=self._folder / f"{calibration}.json",
        )
        trial = Trial(
            form, calibration, tuple(g[0] for g in groups), *self.kind.harm(self._float, _outputs(out, self._choosing, self.kind))
        )
        self.trials.append(trial)
        if self.best is None or trial.harm < self.best[0].harm:
            self.best = (trial, out.read_bytes())
        return trial


def quantise(model: onnx.ModelProto, frames: np.ndarray, kind: Kind = CLASSIFIER) -> tuple[onnx.ModelProto, list[dict[str, Any]]]:
    """`frames (N, H, W, 3) uint8` calibrate; the int8 graph and every trial, the one taken first.

    Raises ModelError when no way of quantising gives a graph that runs.
    """
    quiet = logging.getLogger().level
    logging.getLogger().setLevel(logging.ERROR)  # it advises, per call, what is done here already
    try:
        # It tells of its progress on stdout, which is for results.
        with tempfile.TemporaryDirectory(prefix="taido-int8-") as name, contextlib.redirect_stdout(sys.stderr):
            source = Path(name) / "float.onnx"
            onnx.save(model, source)
            search = _Search(source, frames, Path(name), kind)
            _look(search)
    finally:
        logging.getLogger().setLevel(quiet)
    if search.best is None:
        raise ModelError("ONNX Runtime could not quantise this network in any format. Leave int8 out of --variants.")
    taken, content = search.best
    others = sorted((t for t in search.trials if t is not taken), key=lambda t: t.harm)
    return onnx.load_from_string(content), [asdict(trial) for trial in (taken, *others)]


def _look(search: _Search) -> None:
    """All formats and calibrations first; then, of the best of these, one more group of layers in float at a time."""
    plain = [_tried(search, form, calibration, []) for calibration in search.kind.methods for form in FORMATS]
    start = min((trial for trial in plain if trial is not None), key=lambda t: t.harm, default=None)
    if start is None:
        return
    left_out: list[tuple[str, ...]] = []
    harm = start.harm
    while harm[0] > ENOUGH * search.choosing and len(left_out) < min(MOST_EXCLUDED, len(search.groups) - 1):
        rest = [group for group in search.groups if group not in left_out]
        tried = {group: _tried(search, start.form, start.calibration, [*left_out, group]) for group in rest}
        group, trial = min(((g, t) for g, t in tried.items() if t), key=lambda pair: pair[1].harm, default=(None, None))
        if group is None or trial is None or trial.harm >= harm:
            return
        left_out.append(group)
        harm = trial.harm


def _tried(search: _Search, form: str, calibration: str, groups: Sequence[tuple[str, ...]]) -> Trial | None:
    """None where ONNX Runtime cannot quantise this way, or cannot run what it made."""
    try:
        return search.attempt(form, calibration, groups)
    except Exception as error:  # ONNX Runtime raises its own undocumented exception types
        logging.getLogger(__name__).info("%s with %s calibration does not work: %s", form, calibration, error)
        return None


def always_float(graph: onnx.GraphProto) -> list[str]:
    """Names of the first layer and of every node that comes after the last layers."""
    readers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    leads_to_layer: dict[str, bool] = {}
    for node in reversed(graph.node):  # a graph is in the order in which it is computed
        after = [reader for output in node.output for reader in readers.get(output, [])]
        leads_to_layer[node.name] = any(reader.op_type in LAYERS or leads_to_layer[reader.name] for reader in after)
    layers = [node.name for node in graph.node if node.op_type in LAYERS]
    first = layers[:1] if len(layers) > 1 else []
    return [*first, *(node.name for node in graph.node if node.op_type not in LAYERS and not leads_to_layer[node.name])]


def _outputs(path: Path, frames: np.ndarray, kind: Kind) -> list[np.ndarray]:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    size = kind.batch
    parts = [session.run(list(kind.outputs), {INPUT_NAME: frames[i : i + size]}) for i in range(0, len(frames), size)]
    return [np.concatenate(part) for part in zip(*parts, strict=True)]
