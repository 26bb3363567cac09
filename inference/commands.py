"""The commands of `python -m inference`: what each does once its arguments are read."""

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from tqdm import tqdm

from inference import detections
from inference.annotate import annotate as draw
from inference.annotate import short_names
from inference.annotate_video import VIDEO_SUFFIXES, annotate_video
from inference.classifier import Classifier
from inference.decision import must_say_one
from inference.errors import DataError, ImageError, ModelError, OutputError, SeatsError, SourceError
from inference.faces import Faces
from inference.finder import Finder
from inference.heads import pixelate_heads
from inference.images import IMAGE_SUFFIXES, UNREAD_SUFFIXES, decode, find_images
from inference.masks import Masks
from inference.output import JPEG_SUFFIXES, check_no_input, check_writable, write_picture, write_whole
from inference.predictions import Failure, Predictions, classify_files, csv_text, each_frame, write_csv
from inference.room import observe
from inference.seats import Seats
from inference.session import Session
from inference.spec import ModelSpec
from inference.students import FINDER, WHOLE, Students, open_students
from inference.watching import Watcher

T = TypeVar("T")

ALL_READ, SOME_FAILED, NONE_READ = 0, 1, 2
"""Exit statuses; 2 is also for usage and for errors that stop the whole run."""
LOOKED_FOR = IMAGE_SUFFIXES | UNREAD_SUFFIXES
"""Endings of the files that are taken out of a folder."""


def classify(arguments: Namespace) -> int:
    """Classify the pictures below `arguments.paths`; exit status `ALL_READ`, `SOME_FAILED` or `NONE_READ`."""
    files = collect(arguments.paths)
    if arguments.out is not None:
        check_writable(arguments.out, inputs=_inputs(arguments, files))
    classifier = Classifier(arguments.model, provider=arguments.provider, threads=arguments.threads)
    students = chosen_students(arguments)
    with _bar(len(files)) as bar:
        each = None if arguments.students == WHOLE else students
        predictions = classify_files(classifier, files, students=each, progress=bar.update)
    if arguments.out is not None:
        write_csv(predictions, arguments.out)
    if arguments.json:
        print(json.dumps({**_facts(arguments.model, classifier.provider, classifier.spec), **predictions.to_dict()}))
    elif arguments.out is None:
        print(csv_text(predictions), end="")
    _report(predictions)
    return _status(len(files) - len(predictions.failures), len(files))


def find(arguments: Namespace) -> int:
    """Write where the students are in the pictures below `arguments.paths`; exit status as `classify`."""
    files = collect(arguments.paths)
    if arguments.out is not None:
        check_writable(arguments.out, inputs=_inputs(arguments, files))
    students = chosen_students(arguments)
    found = {name: detections.rounded(boxes) for name, boxes in _each(files, students.find)}
    text = detections.to_json(found)
    if arguments.out is None:
        print(text, end="")
    else:
        write_whole(arguments.out, text.encode("utf-8", errors="backslashreplace"))
    count = sum(map(len, found.values()))
    print(f"{count} students in {len(found)} pictures, {len(files) - len(found)} failed", file=sys.stderr)
    return _status(len(found), len(files))


def annotate(arguments: Namespace) -> int:
    """Draw every student with the attitude into copies of the pictures and videos; exit status as `classify`."""
    classifier = Classifier(arguments.model, provider=arguments.provider, threads=arguments.threads)
    students = chosen_students(arguments)
    masks = None if arguments.masks is None else Masks.read(arguments.masks)
    found = collect(arguments.paths, LOOKED_FOR | VIDEO_SUFFIXES)
    targets = _targets(arguments, found)
    files = [(name, path) for name, path in found if path.suffix.lower() not in VIDEO_SUFFIXES]
    must_say_one(classifier)
    videos = [(name, path) for name, path in found if path.suffix.lower() in VIDEO_SUFFIXES]
    names = classifier.spec.class_names

    def marked(frame: np.ndarray) -> np.ndarray:
        frame = frame if masks is None else masks.blank(frame)
        room = observe(frame, students, classifier)
        return draw(pixelate_heads(frame, room.boxes) if arguments.pixelate else frame, room, names)

    written = 0
    for name, picture in _each(files, marked):
        _make_folder(targets[name].parent)
        write_picture(targets[name], picture)
        written += 1
    for name, path in videos:
        _make_folder(targets[name].parent)
        pace = {"find_every": arguments.find_every, "classify_every": arguments.classify_every}
        watcher = Watcher(classifier, students, masks=masks, **pace)
        written += _annotate_video(name, path, targets[name], watcher, arguments, names)
    short = short_names(names)
    if short[0] == "1":  # the classes are numbered
        print("In the pictures: " + ", ".join(f"{n} = {name}" for n, name in zip(short, names, strict=True)), file=sys.stderr)
    kind = "files" if videos else "pictures"
    print(f"{written} {kind} written to {arguments.out}, {len(found) - written} failed", file=sys.stderr)
    return _status(written, len(found))


def seats(arguments: Namespace) -> int:
    """Write a file of seats for the camera that `arguments.frame` comes from."""
    check_writable(arguments.out, inputs=filter(None, (arguments.frame, arguments.boxes)))
    height, width = decode(arguments.frame).shape[:2]
    if arguments.grid is not None:
        rows, columns = arguments.grid
        made = Seats.grid((width, height), rows, columns, arguments.area)
    elif arguments.area is not None:
        raise SeatsError("--area is the part of the frame that a grid fills. Give it with --grid, or leave it out.")
    else:
        names = [arguments.name] if arguments.name else [arguments.frame.name, arguments.frame.as_posix()]
        made = Seats((width, height), detections.boxes_of(arguments.boxes, names))
    made.write(arguments.out)
    print(f"{len(made.boxes)} seats for frames of {width} x {height} pixels written to {arguments.out}", file=sys.stderr)
    return ALL_READ


def info(arguments: Namespace) -> int:
    """Print the model's fact sheet and where it runs, as one JSON document."""
    session = Session(arguments.model, None, provider=arguments.provider, threads=0)
    print(json.dumps(_facts(arguments.model, session.provider, session.spec), indent=2))
    return ALL_READ


def collect(places: Iterable[Path], suffixes: frozenset[str] = LOOKED_FOR) -> list[tuple[str, Path]]:
    """Files of all `places` with those endings as `(name, path)`; raises DataError if two would get the same name."""
    paths: dict[str, Path] = {}
    for place in places:
        for name, path in find_images(place, suffixes):
            if paths.setdefault(name, path) != path:
                raise DataError(
                    f"Two files would both be called {name}: {paths[name]} and {path}. "
                    "Give the folder that holds both, or take them one after the other."
                )
    return list(paths.items())


def chosen_students(arguments: Namespace) -> Students:
    """What the options --students, --finder, --threshold, --provider and --threads ask for."""
    students = open_students(arguments.students, finder=arguments.finder, provider=arguments.provider, threads=arguments.threads)
    if arguments.threshold is not None:
        if not isinstance(students, Finder | Faces):
            raise ModelError(f"--threshold is for a detector; --students {arguments.students} finds by no score. Leave it out.")
        students.threshold = arguments.threshold
    return students


def _status(done: int, count: int) -> int:
    if done == count:
        return ALL_READ
    return SOME_FAILED if done else NONE_READ


def _each(files: list[tuple[str, Path]], work: Callable[[np.ndarray], T]) -> Iterator[tuple[str, T]]:
    """What `work` makes of each picture; failures are told on stderr and left out."""
    failures = []
    with _bar(len(files)) as bar:
        for name, result in each_frame(files, work):
            bar.update(1)
            if isinstance(result, Failure):
                failures.append(result)
            else:
                yield name, result
    _tell(failures)


def _annotate_video(
    name: str, path: Path, target: Path, watcher: Watcher, arguments: Namespace, class_names: Sequence[str]
) -> bool:
    """Whether it was written; a failure is told on stderr."""
    shown = "warning: faces can be recognised. Show it to nobody who was not there."
    told = "heads of students who are found are pixelated, and no others. Look through it before you show it."
    print(f"{target}: {shown if arguments.show_faces else told}", file=sys.stderr)
    try:
        annotate_video(path, target, watcher, class_names, every=arguments.every, show_faces=arguments.show_faces)
    except (SourceError, SeatsError, ImageError, OutputError) as error:
        _tell([Failure(name, f"{name}: {error}")])
        return False
    return True


def _inputs(arguments: Namespace, files: list[tuple[str, Path]]) -> list[Path]:
    """All that the command reads: the `files`, and what its options name."""
    students = None if arguments.students in (WHOLE, FINDER) else Path(arguments.students)
    named = (students, *(getattr(arguments, option, None) for option in ("model", "finder", "masks")))
    return [*(path for _, path in files), *filter(None, named)]


def _targets(arguments: Namespace, files: list[tuple[str, Path]]) -> dict[str, Path]:
    """Where each picture's annotated copy goes; raises OutputError if that is a file that is read, or the same place twice."""
    folder = arguments.out
    targets = {name: folder / _target_name(name) for name, _ in files}
    check_no_input(targets.values(), _inputs(arguments, files))
    if len(set(targets.values())) < len(files):
        raise OutputError(f"Two files would get the same name in {folder}. Annotate them one after the other.")
    _make_folder(folder)
    return targets


def _target_name(name: str) -> str:
    suffix = Path(name).suffix.lower()
    if suffix in VIDEO_SUFFIXES:
        return name if suffix == ".mp4" else f"{name}.mp4"
    return name if suffix in {*JPEG_SUFFIXES, ".png"} else f"{name}.png"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"Cannot make the folder {folder}: {error.strerror or error}. Choose another place.") from error


def _bar(total: int) -> "tqdm[Any]":
    return tqdm(total=total, unit="picture", file=sys.stderr, disable=None)


def _facts(path: Path, provider: str, spec: ModelSpec) -> dict[str, object]:
    return {"model": str(path), "provider": provider, "spec": json.loads(spec.to_json())}


def _report(predictions: Predictions) -> None:
    _tell(predictions.failures)
    summary = predictions.summary
    shares = [""] * len(summary.counts) if summary.shares is None else [f" ({share:.0%})" for share in summary.shares]
    counts = ", ".join(
        f"{name} {count}{share}" for name, count, share in zip(summary.class_names, summary.counts, shares, strict=True)
    )
    if summary.uncertain:
        counts += f", uncertain {summary.uncertain}"
    seen = f"{len(predictions.rows)} classified"
    if predictions.rooms is not None:
        seen = f"{len(predictions.rows)} students in {len(predictions.rooms)} pictures classified"
    print(f"{seen}, {len(predictions.failures)} failed: {counts}", file=sys.stderr)


def _tell(failures: Iterable[Failure]) -> None:
    unread: list[Failure] = []
    others: list[Failure] = []
    for failure in failures:
        (unread if _is_unread(failure) else others).append(failure)
    for failure in others if len(unread) > 1 else [*others, *unread]:
        print(f"failed: {failure.message}", file=sys.stderr)
    if len(unread) > 1:
        formats = "HEIC, HEIF, AVIF and JPEG XL are not read"
        print(f"failed: {len(unread)} pictures, the first is {unread[0].file}: {formats}. Save them as JPEG.", file=sys.stderr)


def _is_unread(failure: Failure) -> bool:
    """Whether it is the format of the file that is not read."""
    code = "" if failure.error is None else failure.error.code
    return code == "image_unknown" and Path(failure.file).suffix.lower() in UNREAD_SUFFIXES
