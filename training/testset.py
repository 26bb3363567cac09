"""The pictures that an evaluation is made on: read more tolerantly than for training, and nothing is left out silently.

    found = read(Path("data"), model.spec.class_names)

A picture's label is its class folder, or the column `label` of `manifest.csv`. Below
`train`, `validation` and `test` it is the folder in them. A picture with neither is counted and named. A
class of the model without a picture is no error: its recall is then "no images". A class that the model does not have is one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.errors import DataError
from inference.images import find_images
from training import layouts
from training.data import Sample, read_manifest


@dataclass(frozen=True)
class TestSet:
    """Labelled pictures, and those that lack a label."""

    __test__ = False  # it is no test of pytest's

    samples: tuple[Sample, ...]
    unlabelled: tuple[str, ...]
    """Files."""
    rows: Mapping[str, Mapping[str, str]]
    """What `manifest.csv` says of each file; empty without one."""

    def only(self, files: set[str], source: Path) -> "TestSet":
        """The part that `source` names. Raises DataError when it names files that are not there."""
        missing = files - {s.file for s in self.samples}
        if missing:
            raise DataError(f"{source} names {len(missing)} pictures that are not in the folder, e.g. {min(missing)}.")
        return TestSet(tuple(s for s in self.samples if s.file in files), (), self.rows)


def read(folder: Path, class_names: Sequence[str]) -> TestSet:
    """Raises DataError for a folder without labelled pictures, other classes than the model's, or a contradicting manifest."""
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder. Give one that holds a folder of pictures per class.")
    rows, depth = read_manifest(folder), 1 if layouts.sides_of(folder) else 0
    samples: list[Sample] = []
    unlabelled: list[str] = []
    for file, path in find_images(folder):
        row = rows.get(file, {})
        label = _label(file, row, class_names, folder, depth)
        if label:
            samples.append(Sample(file, path, label, row.get("person") or file, row.get("camera") or ""))
        else:
            unlabelled.append(file)
    absent = set(rows) - {s.file for s in samples} - set(unlabelled)
    if absent:
        raise DataError(f"manifest.csv of {folder} names {len(absent)} pictures that are not there, e.g. {min(absent)}.")
    if not samples:
        raise DataError(
            f"None of the {len(unlabelled)} pictures in {folder} has a label. Put them into a folder per class "
            f"({', '.join(class_names)}), or write a manifest.csv with the columns file,label."
        )
    _check_classes(samples, class_names, folder)
    return TestSet(tuple(samples), tuple(unlabelled), rows)


def _label(file: str, row: Mapping[str, str], class_names: Sequence[str], folder: Path, depth: int) -> str:
    """Empty where there is none; `depth`: how many folders lie above those of the classes."""
    folders = file.split("/")[:-1]
    place = folders[depth] if len(folders) > depth else ""
    written = row.get("label") or ""
    if written and place in class_names and written != place:
        raise DataError(f"manifest.csv of {folder} labels {file} as {written!r}, but it lies in {place!r}. Correct one of them.")
    return written or place


def _check_classes(samples: Sequence[Sample], class_names: Sequence[str], folder: Path) -> None:
    labels = sorted({s.label for s in samples})
    other = [label for label in labels if label not in class_names]
    if other:
        raise DataError(
            f"The classes differ. The model has: {', '.join(class_names)}. {folder} has: {', '.join(labels)}. "
            f"Not known to the model: {', '.join(other)}. Rename or move these folders, or evaluate a model trained on them."
        )
