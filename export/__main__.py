"""Turn a checkpoint into one verified ONNX file.

    python -m export output/train/RUN/model_best.pth.tar --out models/attitude.onnx --verify DATA

    python -m export output/train/RUN/model_best.pth.tar --out models/students.onnx --verify FRAMES

The file appears under its name only after it has passed the gate: on every picture of DATA the serving class gives
the answers of the torch model, be it a classifier or a finder. With --measured (a JSON file that `python -m export.card` or
`export.finder_card` wrote) the scores travel in the file.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import onnx

from export import verify, verify_finder
from export.graph import to_onnx
from export.verify import Parity
from export.verify_finder import FinderParity
from inference.classifier import Classifier
from inference.errors import ModelError, OutputError, TaidoError
from training import checkpoint
from training.finder_model import FinderModel
from training.model import FrameModel


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m export", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="ONNX file to write")
    parser.add_argument("--verify", type=Path, required=True, metavar="DATA", help="pictures on which torch and ONNX must agree")
    parser.add_argument("--measured", type=Path, help="JSON with scores for the fact sheet")
    parser.add_argument("--licence", help="licence of the weights for the fact sheet")
    parser.add_argument(
        "--crop-margin", type=float, help="of a classifier: what is added around a student's box, share of a side"
    )
    parser.add_argument("--threshold", type=float, help="of a finder: score from which a box is a student, 0..1")
    parser.add_argument(
        "--nms-iou", type=float, help="of a finder: of two boxes that overlap more than this, the less sure one goes"
    )
    given = parser.parse_args(argv)
    try:
        facts = {
            "measured": given.measured and _measured(given.measured),
            "licence": given.licence,
            "crop_margin": given.crop_margin,
            "nms_iou": given.nms_iou,
            "thresholds": None if given.threshold is None else (given.threshold,),
        }
        parity = export(given.checkpoint, given.out, given.verify, **{k: v for k, v in facts.items() if v is not None})
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps({"model": str(given.out), "bytes": given.out.stat().st_size, **parity.as_dict()}))
    return 0


def export(source: Path, out: Path, pictures: Path, **facts: Any) -> Parity | FinderParity:
    """Write `out` if, and only if, it passes the gate; whatever was there before stays otherwise.

    `facts` change the fact sheet. Raises ModelError for an unusable checkpoint, a fact that cannot be or a failed gate,
    DataError for unusable pictures, OutputError when `out` cannot be written.
    """
    model = checkpoint.load(source)
    model.spec = model.spec.replace(**facts)
    graph = to_onnx(model)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".export-") as folder:
            candidate = Path(folder) / out.name
            onnx.save(graph, candidate)
            parity = _through_the_gate(model, candidate, pictures)
            candidate.replace(out)
    except OSError as error:
        raise OutputError(f"{out} could not be written ({error.strerror or error}). Choose another place with --out.") from error
    return parity


def _through_the_gate(model: FrameModel | FinderModel, candidate: Path, pictures: Path) -> Parity | FinderParity:
    if isinstance(model, FinderModel):
        found = verify_finder.compare(model, candidate, pictures)
        verify_finder.gate(found)
        return found
    parity = verify.compare(model, Classifier(candidate, provider="cpu"), pictures)
    verify.gate(parity)
    return parity


def _measured(path: Path) -> dict[str, object]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} is not a readable JSON file of scores ({error}).") from error
    if not isinstance(content, dict):
        raise ModelError(f"{path} must hold a JSON object, got {type(content).__name__}.")
    return content


if __name__ == "__main__":
    sys.exit(main())
