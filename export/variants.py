"""Smaller files beside the fp32 one: `attitude-fp16.onnx`, `attitude-int8.onnx`. Run as `python -m export ... --variants`.

A variant appears under its name only after its gate, see `export.comparing`, and says of which file it is one (`of`). One that
fails is kept out with the reason, and a file of that name from an earlier export is removed: it would be of another network.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx

from export.comparing import Comparison
from export.precision import half
from export.quantise import quantise
from inference.digest import sha256_of
from inference.errors import OutputError
from inference.session import Session
from inference.spec import METADATA_KEY, ModelSpec

PRECISIONS = ("fp32", "fp16", "int8")


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


def write(source: Path, out: Path, precision: str, comparison: Comparison) -> Result:
    """Make one variant of the fp32 file `source` beside `out`, and let it through its gate or keep it out.

    Raises DataError for unusable pictures, ModelError where the variant cannot be made, OutputError where not be written.
    """
    target = out.with_name(f"{out.stem}-{precision}{out.suffix}")
    spec = Session(source, None, provider="cpu", threads=0).spec
    graph, trials = _graph(source, precision, comparison)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".variant-") as folder:
            candidate = Path(folder) / target.name
            onnx.save(graph, candidate)
            measured, reason = comparison.compare(source, candidate, precision)
            measured = {"of": sha256_of(source), **measured}
            onnx.save(_described(graph, spec, precision, measured), candidate)
            size = candidate.stat().st_size
            if reason:
                target.unlink(missing_ok=True)
                return Result(precision, target, f"{target.name}: {reason}", size, measured, tuple(trials))
            candidate.replace(target)
    except OSError as error:
        raise OutputError(
            f"{target} could not be written ({error.strerror or error}). Choose another place with --out."
        ) from error
    return Result(precision, target, None, size, measured, tuple(trials))


def _graph(source: Path, precision: str, comparison: Comparison) -> tuple[onnx.ModelProto, list[dict[str, Any]]]:
    model = onnx.load(source)
    if precision == "fp16":
        return half(model), []
    return quantise(model, comparison.calibrating(), comparison.kind)


def _described(graph: onnx.ModelProto, spec: ModelSpec, precision: str, measured: dict[str, Any]) -> onnx.ModelProto:
    """The fact sheet of the fp32 file, with what the gate saw under `measured`: the other scores there are of fp32."""
    sheet = spec.replace(measured={**spec.measured, "variant": {"precision": precision, **measured}})
    graph.producer_name = "taido"
    onnx.helper.set_model_props(graph, {METADATA_KEY: sheet.to_json()})
    onnx.checker.check_model(graph)
    return graph
