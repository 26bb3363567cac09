"""Turn a checkpoint into one verified ONNX file.

    python -m export output/train/RUN/model_best.pth.tar --out models/attitude.onnx --verify DATA

    python -m export output/train/RUN/model_best.pth.tar --out models/students.onnx --verify FRAMES

The file appears under its name only after it has passed the gate: on every picture of DATA the serving class gives
the answers of the torch model, be it a classifier or a finder. With --measured (a JSON file that `python -m export.card` or
`export.finder_scores` wrote) the scores travel in the file.

    python -m export CHECKPOINT --out models/attitude.onnx --variants fp32,fp16,int8 --calibrate DATA --verify DATA

also writes `attitude-fp16.onnx` and `attitude-int8.onnx`, each only if it passes its own gate on labelled DATA
(`export.decisions`; of a finder `export.found`, on frames with boxes). A file written by this command may stand in the place of
the checkpoint: its variants are made from it.

    python -m export tune MODEL... --data DATA    what is fastest on this machine, see `export.tune`
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import onnx

from export import comparing, variants, verify, verify_finder
from export.graph import to_onnx
from export.verify import Parity
from export.verify_finder import FinderParity
from inference.classifier import Classifier
from inference.errors import DataError, ModelError, OutputError, TaidoError
from inference.images import find_images
from training import checkpoint
from training.finder_model import FinderModel
from training.model import FrameModel

ALL_WRITTEN, SOME_KEPT_OUT, NOTHING = 0, 1, 2
"""Exit statuses."""


def main(argv: list[str] | None = None) -> int:
    """Command line; the exit status: 0 all files written, 1 a variant was kept out by its gate, 2 nothing could be done."""
    given = _parser().parse_args(argv)
    try:
        _check(given)
        facts = {
            "measured": given.measured and _measured(given.measured),
            "licence": given.licence,
            "crop_margin": given.crop_margin,
            "nms_iou": given.nms_iou,
            "thresholds": None if given.threshold is None else (given.threshold,),
        }
        facts = {key: value for key, value in facts.items() if value is not None}
        if given.variants:
            return _variants(given, facts)
        parity = export(given.checkpoint, given.out, given.verify, **facts)
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return NOTHING
    print(json.dumps({"model": str(given.out), "bytes": given.out.stat().st_size, **parity.as_dict()}))
    return ALL_WRITTEN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m export", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="ONNX file to write")
    parser.add_argument("--verify", type=Path, required=True, metavar="DATA", help="pictures on which torch and ONNX must agree")
    parser.add_argument("--measured", type=Path, help="JSON with scores for the fact sheet")
    parser.add_argument("--licence", help="licence of the weights for the fact sheet")
    parser.add_argument(
        "--crop-margin",
        type=float,
        help="of a classifier: what is added around a student's box, share of a side; below 0 taken away",
    )
    parser.add_argument("--threshold", type=float, help="of a finder: score from which a box is a student, 0..1")
    parser.add_argument(
        "--nms-iou", type=float, help="of a finder: of two boxes that overlap more than this, the less sure one goes"
    )
    parser.add_argument(
        "--variants",
        type=_precisions,
        default=(),
        metavar="LIST",
        help=f"files to write, of {', '.join(variants.PRECISIONS)}; --verify then holds labels",
    )
    parser.add_argument(
        "--calibrate",
        type=Path,
        metavar="DATA",
        help="labels for the ranges of int8, of persons (a finder: cameras) that do not judge it",
    )
    parser.add_argument(
        "--split", type=Path, metavar="CSV", help="which pictures trained (default: split.csv beside the checkpoint, where it is)"
    )
    return parser


def _check(given: argparse.Namespace) -> None:
    """Raises DataError for flags that would change nothing."""
    if given.calibrate is not None and "int8" not in given.variants:
        raise DataError("--calibrate is for int8: add it to --variants, or leave --calibrate out.")
    if given.split is not None and not given.variants:
        raise DataError("--split is for --variants: give the files to write, or leave --split out.")
    if given.variants and given.checkpoint.suffix == ".onnx":
        if "fp32" in given.variants:
            raise DataError(f"{given.checkpoint} is the fp32 file: leave fp32 out of --variants.")
        facts = ("measured", "licence", "crop_margin", "threshold", "nms_iou")
        unused = [f"--{name.replace('_', '-')}" for name in facts if getattr(given, name) is not None]
        if unused:
            raise DataError(
                f"{', '.join(unused)}: variants have the fact sheet of their file. Export the checkpoint with this first, then "
                "make the variants of that file."
            )


def _precisions(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    unknown = [name for name in names if name not in variants.PRECISIONS]
    if unknown:
        raise argparse.ArgumentTypeError(f"expected some of {','.join(variants.PRECISIONS)}, got {unknown[0]!r}")
    return names


def _variants(given: argparse.Namespace, facts: dict[str, Any]) -> int:
    if "int8" in given.variants and given.calibrate is None:
        raise DataError("int8 needs pictures that show the range of the values inside a network. Give a folder with --calibrate.")
    comparison = comparing.choose(given.checkpoint, given.calibrate, given.verify, _split(given))
    results, source = [], given.checkpoint
    with tempfile.TemporaryDirectory(prefix="taido-fp32-") as folder:
        if source.suffix != ".onnx":
            source = given.out if "fp32" in given.variants else Path(folder) / "fp32.onnx"
            parity = export(given.checkpoint, source, given.verify, **facts)
            if source == given.out:
                results.append(variants.Result("fp32", source, None, source.stat().st_size, parity.as_dict()))
        results += [variants.write(source, given.out, name, comparison) for name in given.variants if name != "fp32"]
    for result in results:
        if result.refused:
            print(f"kept out: {result.refused}", file=sys.stderr)
    print(json.dumps({"variants": [result.as_dict() for result in results]}))
    return SOME_KEPT_OUT if any(result.refused for result in results) else ALL_WRITTEN


def _split(given: argparse.Namespace) -> Path | None:
    beside: Path = given.checkpoint.parent / "split.csv"
    return given.split or (beside if beside.is_file() else None)


def export(source: Path, out: Path, pictures: Path, **facts: Any) -> Parity | FinderParity:
    """Write `out` if, and only if, it passes the gate; whatever was there before stays otherwise.

    `facts` change the fact sheet. Raises ModelError for an unusable checkpoint, a fact that cannot be or a failed gate,
    DataError for unusable pictures, OutputError when `out` cannot be written.
    """
    model = checkpoint.load(source)
    model.spec = model.spec.replace(**facts)
    next(find_images(pictures))  # without a picture, or with a folder as --out, the minute that the graph takes would be lost
    if out.is_dir():
        raise OutputError(f"--out {out} is a folder. Give the name of the ONNX file.")
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
        verify_finder.gate(found, model)
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
