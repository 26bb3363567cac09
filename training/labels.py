"""What the network is asked for: one class, several labels at once, and further columns of the manifest.

With `--multi-label` the manifest says `file,labels` with labels joined by `;` (none is allowed), and folders mean nothing.
With `--tasks COLUMN:KIND[:WEIGHT]` the manifest has further columns; an empty cell means unknown and teaches nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from inference.errors import DataError
from inference.images import find_images
from training.data import Sample, read_manifest

Kind = Literal["ce", "bce", "kl"]
NONE = "none"
"""Label of a picture without one, for splits and tables."""


def scan_several(folder: Path) -> list[Sample]:
    """Pictures with several labels each, from the manifest. `label` joins them by `+`, for the split and the tables.

    Raises DataError when the manifest is missing, names pictures that are not there or misses some that are.
    """
    known = read_manifest(folder) if folder.is_dir() else {}
    if not known or "labels" not in next(iter(known.values())):
        raise DataError(f"--multi-label needs {folder}/manifest.csv with the columns file,labels (labels joined by `;`).")
    paths = dict(find_images(folder))
    missing, unnamed = sorted(set(known) - set(paths)), sorted(set(paths) - set(known))
    if missing or unnamed:
        example = (missing or unnamed)[0]
        raise DataError(
            f"{folder}/manifest.csv and the pictures differ: {len(missing)} of its files are not there, "
            f"{len(unnamed)} pictures are not in it, e.g. {example}."
        )
    samples = []
    for file, path in paths.items():
        row = known[file]
        label = "+".join(sorted(several(row["labels"]))) or NONE
        samples.append(Sample(file, path, label, row.get("person") or file, row.get("camera") or "", row))
    if len(several_names(samples)) < 2:
        raise DataError(f"{folder}/manifest.csv holds {len(several_names(samples))} different labels. At least two are needed.")
    return samples


def several(cell: str) -> list[str]:
    """The labels of one cell."""
    return [name.strip() for name in cell.split(";") if name.strip()]


def several_names(samples: Sequence[Sample]) -> tuple[str, ...]:
    """All labels, sorted: the order of the model's outputs."""
    return tuple(sorted({name for s in samples for name in several(s.row.get("labels", ""))}))


def targets(samples: Sequence[Sample], names: Sequence[str], *, multi_label: bool) -> np.ndarray:
    """`(N,) int64` classes, or `(N, C) float32` of 0 and 1 for several labels."""
    if not multi_label:
        return np.array([names.index(s.label) for s in samples], dtype=np.int64)
    table = np.zeros((len(samples), len(names)), np.float32)
    for row, sample in zip(table, samples, strict=True):
        row[[names.index(name) for name in several(sample.row.get("labels", ""))]] = 1
    return table


@dataclass(frozen=True)
class Task:
    """A further column that is learnt beside the class."""

    column: str
    kind: Kind
    weight: float
    values: tuple[str, ...]
    """Of `ce`, the names that the column holds."""
    size: int
    """Numbers that the network gives for it."""

    def target(self, sample: Sample) -> np.ndarray:
        """`(size,) float32`: shares per value, or the wanted answer; not a number where it is unknown. Raises DataError."""
        cell = sample.row.get(self.column, "").strip()
        if not cell:
            return np.full(self.size, np.nan, np.float32)
        if self.kind == "ce":
            return np.array([cell == value for value in self.values], np.float32)
        return _numbers(cell, self.kind, self.column, sample.file)


def tasks_of(wanted: Sequence[str], samples: Sequence[Sample]) -> tuple[Task, ...]:
    """Each `COLUMN:KIND[:WEIGHT]` with what the manifest holds. Raises DataError for one that is none or that nothing teaches."""
    tasks = tuple(_task(text, samples) for text in wanted)
    if len({task.column for task in tasks}) < len(tasks):
        raise DataError("--tasks names a column twice. Give each column once.")
    return tasks


def task_targets(tasks: Sequence[Task], samples: Sequence[Sample]) -> np.ndarray:
    """`(N, sum of sizes) float32`, not a number where unknown. Raises DataError for a cell that does not fit."""
    rows = [np.concatenate([task.target(sample) for task in tasks]) for sample in samples]
    return np.stack(rows) if rows else np.zeros((0, sum(task.size for task in tasks)), np.float32)


def _task(text: str, samples: Sequence[Sample]) -> Task:
    column, _, rest = text.partition(":")
    kind, _, weight = rest.partition(":")
    if kind not in get_args(Kind) or not column or not _is_weight(weight or "1"):
        raise DataError(f"--tasks {text!r} must be COLUMN:KIND[:WEIGHT] with the kind ce, bce or kl, e.g. posture:ce:0.5.")
    cells = [s.row[column].strip() for s in samples if s.row.get(column, "").strip()]
    if not cells:
        raise DataError(f"--tasks {text!r}: manifest.csv has no column {column!r}, or it is empty for every training picture.")
    values = tuple(sorted(set(cells))) if kind == "ce" else ()
    size = len(values) if kind == "ce" else len(_numbers(cells[0], kind, column, "the first picture"))
    if size < (1 if kind == "bce" else 2):
        raise DataError(f"--tasks {text!r}: the column holds one value only, so there is nothing to learn.")
    task = Task(column, kind, float(weight or 1), values, size)  # type: ignore[arg-type]  # checked above
    for sample in samples:
        if len(task.target(sample)) != size:
            raise DataError(f"--tasks {text!r}: {sample.file} has another number of values than {size}.")
    return task


def _is_weight(text: str) -> bool:
    try:
        return 0 < float(text) < math.inf
    except ValueError:
        return False


def _numbers(cell: str, kind: str, column: str, file: str) -> np.ndarray:
    try:
        values = np.array([float(part) for part in cell.split()], np.float32)
    except ValueError:
        values = np.array([], np.float32)
    inside = bool(((values >= 0) & (values <= 1)).all())
    if not len(values) or not inside or (kind == "bce" and len(values) != 1) or (kind == "kl" and abs(values.sum() - 1) > 0.02):
        wanted = "one number from 0 to 1" if kind == "bce" else "shares from 0 to 1 that add up to 1, with spaces between"
        raise DataError(f"The column {column!r} of {file} holds {cell!r}; for {kind} it must be {wanted}.")
    return values
