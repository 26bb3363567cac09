"""Classify pictures without the app, on this machine only.

python -m inference classify PATH... --model models/attitude.onnx --out predictions.csv
python -m inference info models/attitude.onnx
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from inference import commands
from inference.errors import TaidoError
from inference.providers import Provider

DEFAULT_MODEL = Path(__file__).parents[1] / "models" / "attitude.onnx"
STOPPED, INTERRUPTED = 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 all fine, 1 some pictures failed and the others are done, 2 nothing could be done."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s", stream=sys.stderr)
    arguments = _parser().parse_args(argv)
    try:
        status: int = arguments.run(arguments)
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return STOPPED
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=sys.stderr)
        return INTERRUPTED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m inference",
        description="Attitudes of students in photographs, computed on this machine.",
        epilog="Exit status: 0 all fine, 1 some pictures could not be read (the others are done), 2 nothing could be done.",
    )
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_classify(subparsers.add_parser("classify", help="pictures or folders of pictures -> a table of scores"))
    _add_info(subparsers.add_parser("info", help="show what a model file says of itself, and where it runs"))
    return parser


def _add_classify(parser: argparse.ArgumentParser) -> None:
    parser.description = "Classify pictures. Without --out and --json the table is printed."
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="a picture, or a folder that is searched deep")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="ONNX file (default: models/attitude.onnx)")
    parser.add_argument("--out", type=Path, metavar="CSV", help="write columns file, label and one score per class there")
    parser.add_argument("--json", action="store_true", help="print rows, failures and the summary as one JSON document")
    parser.add_argument("--threads", type=_threads, default=0, metavar="N", help="CPU threads of the model; 0 for all (default)")
    _add_provider(parser)
    parser.set_defaults(run=commands.classify)


def _add_info(parser: argparse.ArgumentParser) -> None:
    parser.description = "Print the fact sheet of a model and its provider as one JSON document."
    parser.add_argument("model", metavar="MODEL", nargs="?", type=Path, default=DEFAULT_MODEL, help="ONNX file")
    _add_provider(parser)
    parser.set_defaults(run=commands.info)


def _add_provider(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--provider",
        choices=get_args(Provider),
        default="auto",
        help="what computes: auto is an NVIDIA GPU where one works, else the CPU; any other must start or it is an error",
    )


def _threads(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number from 0, got {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
