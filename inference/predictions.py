"""Many picture files in, one row of scores per picture or per student out; a picture that fails costs no other.

predictions = classify_files(classifier, find_images(Path("lesson")))
write_csv(predictions, "predictions.csv")
"""

import csv
import io
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from inference.classifier import DEFAULT_BATCH, Classifier
from inference.decision import name_of
from inference.errors import ImageError, SeatsError, TaidoError
from inference.images import decode
from inference.output import write_whole
from inference.room import Room, observe
from inference.spec import SEPARATOR, ModelSpec
from inference.students import Students
from inference.summary import ClassSummary
from inference.tally import TALLY

T = TypeVar("T")

ENOUGH = 2
"""A picture of one student is read with sides of at least so many times the model's; what is finer goes in the resize anyway.
The scores may differ in the second decimal from those of the whole picture, which `training.evaluate` and the gates of the export
take."""
MAX_DECODERS = 4
"""Most pictures that lie decoded in memory at the same time, at full size."""


@dataclass(frozen=True)
class Place:
    """Where one of several students of a picture is."""

    student: int
    """1, 2, ... within the picture, best found first; with seats, the number of the seat."""
    box: tuple[float, float, float, float]
    """x0, y0, x1, y1 in pixels of the upright picture."""
    found: float
    """Score of the finding, 0..1."""


@dataclass(frozen=True)
class Prediction:
    """What the model says of one picture, or of one student in it."""

    file: str
    label: str
    """Class of the highest score, or `uncertain` where that is below the least score of the model; of a model of several labels
    at once, those that are present, joined by `;`."""
    scores: tuple[float, ...]
    """0..1, in the order of the class names."""
    place: Place | None = None
    """None when the picture as a whole is the student."""


@dataclass(frozen=True)
class Failure:
    """A picture that could not be read, or for which the seats were not made."""

    file: str
    message: str
    error: TaidoError | None = field(default=None, compare=False)
    """What the message tells, for whoever tells it in another language."""


@dataclass(frozen=True)
class Predictions:
    """Rows and failures, each in the order of the files."""

    class_names: tuple[str, ...]
    rows: tuple[Prediction, ...]
    failures: tuple[Failure, ...] = ()
    rooms: tuple[str, ...] | None = None
    """Pictures in which students were looked for, also those with nobody in them; None when each picture is one student."""

    @property
    def summary(self) -> ClassSummary:
        """Counts and shares over the rows, of several labels each; failures count nowhere."""
        labels = [self._labels(row) for row in self.rows]
        count = Counter(label for several in labels for label in several)
        counts, certain = tuple(count[name] for name in self.class_names), sum(map(bool, labels))
        return ClassSummary(self.class_names, counts, len(labels) - certain, again=sum(counts) - certain)

    def _labels(self, row: Prediction) -> list[str]:
        """Classes that the row shows; none where it is uncertain, or none of several labels is present."""
        labels = [row.label] if row.label in self.class_names else row.label.split(SEPARATOR)
        return [label for label in labels if label in self.class_names]

    def with_failures(self, failures: Iterable[Failure], names: Iterable[str]) -> "Predictions":
        """Also those of files that nobody tried to read; `names` are the names of all files, in their order."""
        place = {name: number for number, name in enumerate(names)}
        return replace(self, failures=tuple(sorted((*self.failures, *failures), key=lambda failure: place[failure.file])))

    def to_dict(self) -> dict[str, Any]:
        """Rows, failures and summary as plain lists, texts and numbers, ready for JSON; withheld shares are None."""
        summary = self.summary
        return {
            "rows": [self._row(row) for row in self.rows],
            **({} if self.rooms is None else {"students": self._students()}),
            "failures": [{"file": f.file, "message": f.message} for f in self.failures],
            "summary": {
                "students": summary.students,
                "counts": self._by_class(summary.counts),
                **({"uncertain": summary.uncertain} if summary.uncertain else {}),
                "shares": None if summary.shares is None else self._by_class(summary.shares),
            },
        }

    def _row(self, row: Prediction) -> dict[str, Any]:
        place = {} if row.place is None else {"student": row.place.student, "box": row.place.box, "found": row.place.found}
        return {"file": row.file, **place, "label": row.label, "scores": self._by_class(row.scores)}

    def _students(self) -> dict[str, int]:
        count = Counter(row.file for row in self.rows)
        return {name: count[name] for name in self.rooms or ()}

    def _by_class(self, values: Sequence[float]) -> dict[str, float]:
        return dict(zip(self.class_names, values, strict=True))


def classify_files(
    classifier: Classifier,
    files: Iterable[tuple[str, Path | bytes]],
    *,
    students: Students | None = None,
    progress: Callable[[int], object] | None = None,
) -> Predictions:
    """Classify pictures given as `(name to show, path or bytes)`; with `students`, everybody whom they find in each picture.

    Memory stays bounded for any number of files: threads decode at most `MAX_DECODERS` pictures at a time and keep the
    fitted frames only. `progress` is called with the number of files finished since its last call.
    """
    classifier = classifier.now
    predictions = (
        _classify_whole(classifier, files, progress)
        if students is None
        else _classify_rooms(classifier, files, students, progress)
    )
    read = predictions.rows if predictions.rooms is None else predictions.rooms
    TALLY.count("photos", len(read))
    TALLY.count("photos_failed", len(predictions.failures))
    return predictions


def _classify_whole(
    classifier: Classifier, files: Iterable[tuple[str, Path | bytes]], progress: Callable[[int], object] | None
) -> Predictions:
    rows: list[Prediction] = []
    failures: list[Failure] = []
    files = iter(files)
    with ThreadPoolExecutor(min(MAX_DECODERS, os.cpu_count() or 1)) as pool:
        coming = _start(pool, classifier, files)
        while coming:
            current, coming = coming, _start(pool, classifier, files)  # the next batch is decoded while this one is scored
            names, frames = _gather(current, failures)
            rows.extend(_predict(classifier, names, frames))
            if progress is not None:
                progress(len(current))
    return Predictions(classifier.spec.class_names, tuple(rows), tuple(failures))


def _classify_rooms(
    classifier: Classifier,
    files: Iterable[tuple[str, Path | bytes]],
    students: Students,
    progress: Callable[[int], object] | None,
) -> Predictions:
    rows: list[Prediction] = []
    failures: list[Failure] = []
    rooms: list[str] = []
    names = classifier.spec.class_names
    for name, room in each_frame(files, lambda frame: observe(frame, students, classifier)):
        if isinstance(room, Failure):
            failures.append(room)
        else:
            rooms.append(name)
            rows.extend(_rows_of(name, room, classifier.spec))
        if progress is not None:
            progress(1)
    return Predictions(names, tuple(rows), tuple(failures), tuple(rooms))


def _rows_of(name: str, room: Room, spec: ModelSpec) -> Iterator[Prediction]:
    for student, (box, scores) in enumerate(zip(room.boxes.tolist(), room.scores, strict=True), 1):
        yield _prediction(name, scores, spec, Place(student, (box[0], box[1], box[2], box[3]), box[4]))


def _prediction(name: str, scores: np.ndarray, spec: ModelSpec, place: Place | None = None) -> Prediction:
    return Prediction(name, name_of(scores, spec), tuple(scores.tolist()), place)


def each_frame(files: Iterable[tuple[str, Path | bytes]], work: Callable[[np.ndarray], T]) -> Iterator[tuple[str, T | Failure]]:
    """`(name, what work makes of the frame, or the failure)` for pictures given as `(name to show, path)`, in their order.

    Threads decode a few pictures ahead, while `work` runs here.
    """
    files, ahead = iter(files), min(MAX_DECODERS - 1, os.cpu_count() or 1)  # one more is worked on
    with ThreadPoolExecutor(ahead) as pool:
        coming = deque((name, pool.submit(decode, path, name=name)) for name, path in islice(files, ahead))
        while coming:
            name, decoding = coming.popleft()
            coming.extend((later, pool.submit(decode, path, name=later)) for later, path in islice(files, 1))
            yield name, _outcome(name, decoding, work)


def _outcome(name: str, decoding: Future[np.ndarray], work: Callable[[np.ndarray], T]) -> T | Failure:
    try:
        return work(decoding.result())
    except ImageError as error:
        return Failure(name, str(error), error)
    except SeatsError as error:  # it knows nothing of files
        return Failure(name, f"{name}: {error}", error)


_Decoding = list[tuple[str, Future[np.ndarray]]]


def _start(pool: ThreadPoolExecutor, classifier: Classifier, files: Iterator[tuple[str, Path | bytes]]) -> _Decoding:
    return [(name, pool.submit(_frame, classifier, name, path)) for name, path in islice(files, DEFAULT_BATCH)]


def _frame(classifier: Classifier, name: str, path: Path | bytes) -> np.ndarray:
    return classifier.prepare([decode(path, name=name, least_side=ENOUGH * max(classifier.spec.input_size_hw))])


def _gather(decoding: _Decoding, failures: list[Failure]) -> tuple[list[str], list[np.ndarray]]:
    names, frames = [], []
    for name, future in decoding:
        try:
            frames.append(future.result())
            names.append(name)
        except ImageError as error:
            failures.append(Failure(name, str(error), error))
    return names, frames


def _predict(classifier: Classifier, names: list[str], frames: list[np.ndarray]) -> Iterator[Prediction]:
    if not names:
        return
    scores = classifier.scores(np.concatenate(frames))
    for name, row in zip(names, scores, strict=True):
        yield _prediction(name, row, classifier.spec)


def write_csv(predictions: Predictions, path: str | Path) -> None:
    """Columns `file`, `label` and one per class; with students looked for `student,x0,y0,x1,y1,found` after `file`.

    UTF-8. The table appears whole or, with an OutputError, not at all.
    """
    write_whole(Path(path), csv_text(predictions).encode("utf-8", errors="backslashreplace"))


def csv_text(predictions: Predictions) -> str:
    """The table that `write_csv` writes, lines ending in a line feed."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    places = [] if predictions.rooms is None else ["student", "x0", "y0", "x1", "y1", "found"]
    writer.writerow(["file", *places, "label", *predictions.class_names])
    for row in predictions.rows:
        writer.writerow([row.file, *_place_cells(row.place), row.label, *(f"{score:.6f}" for score in row.scores)])
    return table.getvalue()


def _place_cells(place: Place | None) -> list[str]:
    return [] if place is None else [str(place.student), *(f"{side:.1f}" for side in place.box), f"{place.found:.4f}"]
