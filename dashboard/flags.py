"""The command line of the app: every flag with its default and its help, and what cannot be given together.

options = parse()  # of sys.argv
"""

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from dashboard.access import PASSWORD_VARIABLE, SPACE_VARIABLE
from inference.providers import Provider
from inference.summary import LEAST_FOR_SHARES

NO_MASKS = "-"
"""Stands in the place of a file of masks for a camera that has none."""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """A Space hands host and port through the environment. `arguments` None: those of the process."""
    environment = os.environ
    space_host = "0.0.0.0" if environment.get(SPACE_VARIABLE) else "127.0.0.1"
    parser = argparse.ArgumentParser(prog="app.py", description="Shows the attitudes of a class in the browser, on this machine.")
    parser.add_argument("--host", default=environment.get("GRADIO_SERVER_NAME", space_host), help="address (%(default)s)")
    parser.add_argument("--port", type=int, default=environment.get("GRADIO_SERVER_PORT", "7860"), help="port (%(default)s)")
    parser.add_argument("--model", type=Path, help="file of `python -m export` (the bundled one that is fastest here)")
    parser.add_argument("--provider", default="auto", choices=get_args(Provider), help="what computes (%(default)s)")
    parser.add_argument(
        "--students",
        metavar="whole|finder|FILE",
        help="what stands chosen at the start: a photograph is one student, a class in which every student is found, or a class "
        "whose students sit where a .json file of seats says (default: finder, where its file is there, else whole); before a "
        "browser's webcam one student stands chosen instead of the finder",
    )
    parser.add_argument("--finder", type=Path, metavar="FILE", help="finder written by `python -m export` (the bundled one)")
    parser.add_argument(
        "--source",
        action="append",
        default=[],
        metavar="SOURCE",
        help="a camera of this machine for the Live page, by its number (0, 1 ...), or rtsp://..., http://..., a video, a "
        "folder. It may be given several times; pages choose among these and reach no others",
    )
    parser.add_argument(
        "--masks",
        action="append",
        default=[],
        type=lambda file: None if file == NO_MASKS else Path(file),
        metavar="JSON",
        help="with --source: regions of its picture that nothing looks at; with several sources one for each, in their order, "
        f"and {NO_MASKS} for a source without",
    )
    parser.add_argument(
        "--record",
        type=Path,
        metavar="FILE",
        help="show the lessons of this file; with --source keep the counts of new ones there, no pictures",
    )
    parser.add_argument(
        "--record-few",
        action="store_true",
        help=f"with --record: also counts of fewer than {LEAST_FOR_SHARES} students in view, which can speak of one of them",
    )
    parser.add_argument(
        "--teach",
        type=Path,
        metavar="DIR",
        help="add a page that gathers labelled photographs of consenting people for training, and stores them in this folder",
    )
    parser.add_argument(
        "--auth",
        type=Path,
        metavar="FILE",
        help=f"ask for a password: lines NAME:PASSWORD of a file that only you can read; or set {PASSWORD_VARIABLE}",
    )
    parser.add_argument("--certificate", type=Path, metavar="PEM", help="speak https with this certificate (with --key)")
    parser.add_argument("--key", type=Path, metavar="PEM", help="the key of the certificate")
    parser.add_argument(
        "--webcams", type=_at_least_one, metavar="N", help="webcams of browsers at the same time (12; in a Space 4)"
    )
    parser.add_argument("--metrics", action="store_true", help="answer /metrics for Prometheus")
    parser.add_argument(
        "--mcp", action="store_true", help="be tools of the Model Context Protocol too, for programs of this machine"
    )
    parser.add_argument("--log-format", choices=("text", "json"), default="text", help="of the log on stderr (%(default)s)")
    options = parser.parse_args(arguments)
    if options.masks and len(options.masks) != len(options.source):
        parser.error(
            "--masks is for a camera of this machine: give one with each --source, in their order "
            f"({NO_MASKS} for a camera without), or none at all"
        )
    if options.record_few and not (options.record and options.source):
        parser.error("--record-few says what is recorded of a camera of this machine: give it with --source and --record")
    if len(set(options.source)) < len(options.source):
        parser.error("a source can be given once only")
    return options


def _at_least_one(written: str) -> int:
    """A whole number from 1, for argparse."""
    if (number := int(written)) < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1, got {written}")
    return number
