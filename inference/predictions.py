"""Many picture files in, one row of scores each out; a picture that cannot be read becomes a failure and costs no other.

predictions = classify_files(classifier, find_images(Path("lesson")))
write_csv(predictions, "predictions.csv")
"""

import contextlib
import csv
import io
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from inference.classifier import DEFAULT_BATCH, Classifier
from inference.errors import ImageError, OutputError
from inference.images import decode
from inference.summary import ClassSummary, summarise

MAX_DECODERS = 4
"""Most pictures that lie decoded in memory at the same time, at full size."""


@dataclass(frozen=True)
class Prediction:
    """What the model says of one picture."""

    file: str
    label: str
    """Class of the highest score."""
    scores: tuple[float, ...]
    """0..1, in the order of the class names."""


@dataclass(frozen=True)
class Failure:
    """A picture that could not be read."""

    file: str
    message: str


@dataclass(frozen=True)
class Predictions:
    """Rows and failures, both in the order of the files."""

    class_names: tuple[str, ...]
    rows: tuple[Prediction, ...]
    failures: tuple[Failure, ...] = ()

    @property
    def summary(self) -> ClassSummary:
        """Counts and shares over the rows; failures count nowhere."""
        scores = np.array([row.scores for row in self.rows], np.float32).reshape(-1, len(self.class_names))
        return summarise(scores, self.class_names)

    def to_dict(self) -> dict[str, Any]:
        """Rows, failures and summary as plain lists, texts and numbers, ready for JSON."""
        summary = self.summary
        return {
            "rows": [{"file": r.file, "label": r.label, "scores": self._by_class(r.scores)} for r in self.rows],
            "failures": [{"file": f.file, "message": f.message} for f in self.failures],
            "summary": {
                "students": summary.students,
                "counts": self._by_class(summary.counts),
                "shares": self._by_class(summary.shares),
            },
        }

    def _by_class(self, values: Sequence[float]) -> dict[str, float]:
        return dict(zip(self.class_names, values, strict=True))


def classify_files(
    classifier: Classifier,
    files: Iterable[tuple[str, Path]],
    *,
    progress: Callable[[int], object] | None = None,
) -> Predictions:
    """Classify pictures given as `(name to show, path)`.

    Memory stays bounded for any number of files: threads decode at most `MAX_DECODERS` pictures at a time and keep the
    fitted frames only. `progress` is called with the number of files finished since its last call.
    """
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


_Decoding = list[tuple[str, Future[np.ndarray]]]


def _start(pool: ThreadPoolExecutor, classifier: Classifier, files: Iterator[tuple[str, Path]]) -> _Decoding:
    return [(name, pool.submit(_frame, classifier, name, path)) for name, path in islice(files, DEFAULT_BATCH)]


def _frame(classifier: Classifier, name: str, path: Path) -> np.ndarray:
    return classifier.prepare([decode(path, name=name)])


def _gather(decoding: _Decoding, failures: list[Failure]) -> tuple[list[str], list[np.ndarray]]:
    names, frames = [], []
    for name, future in decoding:
        try:
            frames.append(future.result())
            names.append(name)
        except ImageError as error:
            failures.append(Failure(name, str(error)))
    return names, frames


def _predict(classifier: Classifier, names: list[str], frames: list[np.ndarray]) -> Iterator[Prediction]:
    if not names:
        return
    scores = classifier.scores(np.concatenate(frames))
    for name, row in zip(names, scores, strict=True):
        yield Prediction(name, classifier.spec.class_names[int(row.argmax())], tuple(float(score) for score in row))


def write_csv(predictions: Predictions, path: str | Path) -> None:
    """Columns `file`, `label` and one per class; UTF-8. The table appears whole or, with an OutputError, not at all."""
    path = Path(path)
    check_writable(path)
    temporary = path.with_name(f".taido-{uuid.uuid4().hex}.csv")
    try:
        with temporary.open("x", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.write(csv_text(predictions))
        temporary.replace(path)
    except OSError as error:
        raise OutputError(f"Cannot write {path}: {error.strerror or error}. Choose another place, or make room.") from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def csv_text(predictions: Predictions) -> str:
    """The table that `write_csv` writes, lines ending in a line feed."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["file", "label", *predictions.class_names])
    for row in predictions.rows:
        writer.writerow([row.file, row.label, *(f"{score:.6f}" for score in row.scores)])
    return table.getvalue()


def check_writable(path: Path) -> None:
    """Raises OutputError if `path` cannot become a file, so that one knows before the work and not after it."""
    if not path.parent.is_dir():
        raise OutputError(f"Cannot write {path}: there is no folder {path.parent}. Create it, or choose another place.")
    if path.exists() and not path.is_file():
        raise OutputError(f"Cannot write {path}: it is a folder or a device. Give the name of a file.")
