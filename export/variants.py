"""Smaller files beside the fp32 one: `attitude-fp16.onnx`, `attitude-int8.onnx`. Run as `python -m export ... --variants`.

A variant appears under its name only after its gate, see `export.decisions`, and says of which file it is one (`of`). One that
fails is kept out with the reason, and a file of that name from an earlier export is removed: it would be of another network.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx

from export import decisions, held_out
from export.held_out import Parts
from export.precision import half
from export.quantise import quantise
from inference.classifier import Classifier
from inference.digest import sha256_of
from inference.errors import ModelError, OutputError
from inference.spec import METADATA_KEY, ModelSpec
from training import checkpoint, data

PRECISIONS = ("fp32", "fp16", "int8")
BATCHES = (1, 8)
"""The gate asks the variant in batches of both; a picture whose answers differ between them counts as changed."""


@dataclass(frozen=True)
class Result:
    """A variant that was written, or why it was not."""

    precision: str
    file: Path
    refused: str | None
    """The reason, for a person; None when the file was written."""
    size: int
    """Bytes of the candidate, also of one that was kept out."""
    measured: dict[str, Any]
    """What the gate saw."""
    trials: tuple[dict[str, Any], ...] = ()
    """Of int8: every way of quantising that was tried, the one taken first."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "precision": self.precision,
            "model": None if self.refused else str(self.file),
            "bytes": self.size,
            "refused": self.refused,
            **self.measured,
            **({"trials": list(self.trials)} if self.trials else {}),
        }


def parts(source: Path, calibrate: Path | None, verify: Path, split: Path | None) -> Parts:
    """Who calibrates and who judges, see `export.held_out`. Raises ModelError for a source that is no classifier."""
    spec = Classifier(source, provider="cpu").spec if source.suffix == ".onnx" else checkpoint.load(source).spec
    if spec.task != "classify":
        raise ModelError(f"{source} is a finder; variants are made of classifiers. Export it without --variants.")
    return held_out.choose(calibrate, verify, spec.class_names, split)


def write(source: Path, out: Path, precision: str, chosen: Parts) -> Result:
    """Make one variant of the fp32 file `source` beside `out`, and let it through its gate or keep it out.

    Raises DataError for unusable pictures, ModelError where the variant cannot be made, OutputError where not be written.
    """
    target = out.with_name(f"{out.stem}-{precision}{out.suffix}")
    original = Classifier(source, provider="cpu")
    graph, trials = _graph(source, precision, chosen, original.spec)
    samples, frames = data.load_frames(chosen.verification, original.spec)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".variant-") as folder:
            candidate = Path(folder) / target.name
            onnx.save(graph, candidate)
            seen = decisions.compare(samples, original.spec.class_names, original.scores(frames), _asked(candidate, frames))
            measured = {
                "of": sha256_of(source),
                **seen.as_dict(),
                "images_that_trained": chosen.trained,
                "tolerance": vars(decisions.TOLERANCES[precision]),
            }
            onnx.save(_described(graph, original.spec, precision, measured), candidate)
            size = candidate.stat().st_size
            reason = decisions.refusal(seen, decisions.TOLERANCES[precision])
            if reason:
                target.unlink(missing_ok=True)
                return Result(precision, target, f"{target.name}: {reason}", size, measured, tuple(trials))
            candidate.replace(target)
    except OSError as error:
        raise OutputError(
            f"{target} could not be written ({error.strerror or error}). Choose another place with --out."
        ) from error
    return Result(precision, target, None, size, measured, tuple(trials))


def _graph(source: Path, precision: str, chosen: Parts, spec: ModelSpec) -> tuple[onnx.ModelProto, list[dict[str, Any]]]:
    model = onnx.load(source)
    if precision == "fp16":
        return half(model), []
    _, frames = data.load_frames(chosen.calibration, spec)
    return quantise(model, frames)


def _asked(candidate: Path, frames: np.ndarray) -> np.ndarray:
    """Scores in the larger batches; rows where batches of one give another answer are made to count as changed."""
    classifier = Classifier(candidate, provider="cpu")
    runs = [np.concatenate([classifier.scores(frames[i : i + n]) for i in range(0, len(frames), n)]) for n in BATCHES]
    scores = runs[-1].copy()
    unsteady = runs[0].argmax(1) != runs[-1].argmax(1)
    scores[unsteady] = runs[0][unsteady]
    return scores


def _described(graph: onnx.ModelProto, spec: ModelSpec, precision: str, measured: dict[str, Any]) -> onnx.ModelProto:
    """The fact sheet of the fp32 file, with what the gate saw under `measured`: the other scores there are of fp32."""
    sheet = spec.replace(measured={**spec.measured, "variant": {"precision": precision, **measured}})
    graph.producer_name = "taido"
    onnx.helper.set_model_props(graph, {METADATA_KEY: sheet.to_json()})
    onnx.checker.check_model(graph)
    return graph
