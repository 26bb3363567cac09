"""The command line of `python -m inference`: commands, options, and what each may be."""

import argparse
from pathlib import Path
from typing import get_args

from inference import commands, doctor, report, watch
from inference.providers import Provider
from inference.students import FINDER, WHOLE
from inference.watching import CLASSIFY_EVERY, FIND_EVERY, SCORED_SECONDS

MODELS = Path(__file__).parents[1] / "models"
DEFAULT_MODEL, DEFAULT_FINDER = MODELS / "attitude.onnx", MODELS / "students.onnx"


def parser() -> argparse.ArgumentParser:
    """What it reads has `run`, which takes it and returns the exit status."""
    made = argparse.ArgumentParser(
        prog="python -m inference",
        description="Attitudes of students in photographs, computed on this machine.",
        epilog="Exit status: 0 all fine, 1 some files failed (the others are done), 2 nothing could be done.",
    )
    subparsers = made.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_classify(subparsers.add_parser("classify", help="pictures or folders of pictures -> a table of scores"))
    _add_find(subparsers.add_parser("find", help="pictures or folders of pictures -> where the students are"))
    _add_annotate(subparsers.add_parser("annotate", help="draw every student and the attitude into copies of pictures or videos"))
    _add_watch(subparsers.add_parser("watch", help="a camera, stream, video or pictures -> the attitudes of a class over time"))
    report.add_arguments(subparsers.add_parser("report", help="what happened in the lessons that `watch --record` kept"))
    _add_seats(subparsers.add_parser("seats", help="fix the places of the students for a camera that does not move"))
    _add_info(subparsers.add_parser("info", help="show what a model file says of itself, and where it runs"))
    doctor.add_arguments(
        subparsers.add_parser("doctor", help="what is installed and works here, and what to do"), DEFAULT_MODEL, DEFAULT_FINDER
    )
    return made


def _add_classify(parser: argparse.ArgumentParser) -> None:
    parser.description = "Classify pictures. Without --out and --json the table is printed."
    _add_paths(parser)
    _add_model(parser)
    parser.add_argument("--out", type=Path, metavar="CSV", help="write columns file, label and one score per class there")
    parser.add_argument("--json", action="store_true", help="print rows, failures and the summary as one JSON document")
    _add_students(parser, WHOLE)
    _add_provider(parser)
    parser.set_defaults(run=commands.classify)


def _add_find(parser: argparse.ArgumentParser) -> None:
    parser.description = "Find students. Without --out the JSON document is printed."
    _add_paths(parser)
    parser.add_argument(
        "--out", type=Path, metavar="JSON", help="per picture a list of x0, y0, x1, y1 in pixels and the score, best first"
    )
    _add_students(parser, FINDER)
    _add_provider(parser)
    parser.set_defaults(run=commands.find)


def _add_annotate(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Draw a box per student with attitude and score into copies. JPEG stays JPEG, other pictures become PNG, videos MP4."
    )
    _add_paths(parser, "a picture or a video")
    parser.add_argument("--out", type=Path, metavar="FOLDER", required=True, help="the copies go there, by their names")
    _add_model(parser)
    _add_students(parser, FINDER)
    _add_looking(parser)
    faces = parser.add_mutually_exclusive_group()
    faces.add_argument("--show-faces", action="store_true", help="leave the heads in videos as they are")
    faces.add_argument("--pixelate", action="store_true", help="pixelate the heads in pictures too, as in videos")
    _add_provider(parser)
    parser.set_defaults(run=commands.annotate)


def _add_watch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model", type=Path, help="ONNX file (default: models/attitude.onnx, or its variant that is fastest here)"
    )
    _add_students(parser, FINDER)
    parser.set_defaults(bundled=DEFAULT_MODEL, finder=None, bundled_finder=DEFAULT_FINDER)
    _add_looking(parser)
    _add_provider(parser)
    watch.add_arguments(parser)


def _add_seats(parser: argparse.ArgumentParser) -> None:
    parser.description = "Write a file of seats for --students, in pixels of a frame of the camera."
    parser.add_argument("frame", metavar="FRAME", type=Path, help="a picture from that camera")
    seats = parser.add_mutually_exclusive_group(required=True)
    seats.add_argument("--grid", type=_grid, metavar="ROWSxCOLUMNS", help="equal seats side by side")
    seats.add_argument("--boxes", type=Path, metavar="JSON", help="seats where `find` found students")
    parser.add_argument("--area", type=_area, metavar="X0,Y0,X1,Y1", help="what the grid fills, pixels (default: the frame)")
    parser.add_argument("--name", help="which picture of --boxes it is (default: the name of FRAME)")
    parser.add_argument("--out", type=Path, metavar="JSON", required=True)
    parser.set_defaults(run=commands.seats)


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


def _add_paths(parser: argparse.ArgumentParser, files: str = "a picture") -> None:
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help=f"{files}, or a folder that is searched deep")


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="ONNX file (default: models/attitude.onnx)")


def _add_students(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument(
        "--students",
        default=default,
        metavar="WHERE",
        help="whole: each picture is one student; finder: a room, its students are found; or the path of a file of seats "
        f"(.json) or of another detector (.onnx) (default: {default})",
    )
    parser.add_argument("--finder", type=Path, default=DEFAULT_FINDER, help="ONNX file (default: models/students.onnx)")
    parser.add_argument("--threshold", type=_share, metavar="T", help="least score of a find, 0 to 1 (default: the finder's own)")
    parser.add_argument(
        "--threads", type=from_zero, default=0, metavar="N", help="CPU threads of each model; 0 for all (default)"
    )


def _add_looking(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--masks", type=Path, metavar="JSON", help="regions of the frame that nothing looks at")
    parser.add_argument(
        "--find-every",
        type=from_one,
        default=FIND_EVERY,
        metavar="K",
        help=f"of a video or camera: find students in each K-th frame, and at least once a second ({FIND_EVERY})",
    )
    parser.add_argument(
        "--classify-every",
        type=from_one,
        default=CLASSIFY_EVERY,
        metavar="K",
        help="of a video or camera: score the K-th part of the students in each frame, in turn, and everybody at least "
        f"{1 / SCORED_SECONDS:.0f} times a second ({CLASSIFY_EVERY})",
    )
    parser.add_argument("--every", type=from_one, default=1, metavar="K", help="of a video: take each K-th frame only")


def from_one(text: str) -> int:
    """Of a flag that takes a whole number from 1; raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return int(text)


def from_zero(text: str) -> int:
    """Of a flag that takes a whole number from 0; raises ArgumentTypeError."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number from 0, got {text!r}")
    return int(text)


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise argparse.ArgumentTypeError(f"expected a number from 0 to 1, got {text!r}")
    return share


def _grid(text: str) -> tuple[int, int]:
    rows, _, columns = text.lower().partition("x")
    if not (rows.isdecimal() and columns.isdecimal()):
        raise argparse.ArgumentTypeError(f"expected rows x columns such as 4x6, got {text!r}")
    return int(rows), int(columns)


def _area(text: str) -> tuple[float, ...]:
    try:
        sides = tuple(float(part) for part in text.split(","))
    except ValueError:
        sides = ()
    if len(sides) != 4 or not (sides[0] < sides[2] and sides[1] < sides[3]):
        raise argparse.ArgumentTypeError(f"expected x0,y0,x1,y1 with x0 < x1 and y0 < y1, got {text!r}")
    return sides
