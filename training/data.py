"""Labelled folders become a checked list of samples and an array of pixels in memory.

DATA/<attitude>/*.jpg        the folder's name is the label
DATA/manifest.csv            optional: file,label,camera,person; `person` and `camera` group the splits
"""

import csv
import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from inference.errors import DataError, ImageError
from inference.images import decode, find_images, framed
from inference.spec import ModelSpec

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sample:
    """One labelled picture."""

    file: str
    """Relative to the data folder."""
    path: Path
    label: str
    person: str
    """Pictures of one person stay on one side of a split; the file's own name where nothing is known."""
    camera: str
    """All cameras that the picture shows, joined by `+`; empty where nothing is known."""
    row: Mapping[str, str] = field(default_factory=dict, compare=False)
    """The picture's row of the manifest, for further labels."""

    @property
    def cameras(self) -> frozenset[str]:
        """The single cameras of `camera`."""
        return cameras_in(self.camera)


def cameras_in(camera: str) -> frozenset[str]:
    """The single cameras of a picture's `camera`: `a+b` shows both."""
    return frozenset(camera.split("+")) if camera else frozenset()


def scan(folder: Path) -> list[Sample]:
    """All labelled pictures of a folder, sorted by file name.

    Raises DataError for a missing or empty folder, a class folder without pictures, fewer than two classes, and a
    manifest that contradicts the folders or misses pictures.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder. Give one that holds a folder of pictures per attitude.")
    class_folders = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
    if not class_folders:
        raise DataError(f"Found 0 class folders in {folder}. Make one folder per attitude and put its pictures there.")
    known = read_manifest(folder)
    samples: list[Sample] = []
    for class_folder in class_folders:
        samples += [_sample(folder, path, class_folder.name, known) for _, path in find_images(class_folder)]
    if len(class_folders) < 2:
        raise DataError(f"Found one class only in {folder} ({class_folders[0].name}). At least two are needed.")
    missing = set(known) - {s.file for s in samples}
    if missing:
        raise DataError(f"manifest.csv of {folder} names {len(missing)} pictures that are not there, e.g. {min(missing)}.")
    return samples


def _sample(folder: Path, path: Path, label: str, known: dict[str, dict[str, str]]) -> Sample:
    file = path.relative_to(folder).as_posix()
    if not path.is_file():
        raise DataError(f"{file} in {folder} cannot be opened: a link that leads nowhere, or a folder that nobody may list.")
    row = known.get(file, {})
    if not file.isprintable():
        raise DataError(f"The name of {file!r} in {folder} is no text that a table can hold. Rename the file.")
    if (row.get("label") or label) != label:
        raise DataError(
            f"manifest.csv of {folder} labels {file} as {row['label']!r}, but it lies in {label!r}. Correct one of them."
        )
    return Sample(file, path, label, row.get("person") or file, row.get("camera") or "", row)


def read_manifest(folder: Path) -> dict[str, dict[str, str]]:
    """What `manifest.csv` says of each file; nothing without one. Raises DataError for a damaged one."""
    path = folder / "manifest.csv"
    if not path.is_file():
        return {}
    rows, _ = read_table(path)
    repeated = [name for name, n in Counter(row["file"] for row in rows).items() if n > 1]
    if repeated:
        raise DataError(f"{path} names {len(repeated)} pictures twice, e.g. {repeated[0]}.")
    return {row["file"]: row for row in rows}


def read_table(path: Path, renamed: Callable[[list[str]], list[str]] = list) -> tuple[list[dict[str, str]], list[str]]:
    """Rows and columns of a CSV about files, its columns under the names that `renamed` gives them.

    Raises DataError for one that is not UTF-8 or has no column `file`.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, restval="")  # a row that ends early has empty cells
            columns = list(reader.fieldnames or [])
            if "file" not in columns:
                raise DataError(f"{path} has no column 'file' (found {columns}).")
            reader.fieldnames = columns = renamed(columns)
            return list(reader), columns
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path} cannot be read as a CSV file in UTF-8 ({error}). Save it as one.") from error


def class_names(samples: Sequence[Sample]) -> tuple[str, ...]:
    """Sorted labels: the order of the model's outputs."""
    return tuple(sorted({s.label for s in samples}))


def fingerprint(samples: Sequence[Sample]) -> str:
    """SHA-256 over file names, labels and contents, so that a model can say what it was trained on."""
    digest = hashlib.sha256()
    for sample in sorted(samples, key=lambda s: s.file):
        digest.update(f"{sample.file}\0{sample.label}\0".encode())
        digest.update(hashlib.sha256(sample.path.read_bytes()).digest())
    return f"sha256:{digest.hexdigest()}"


def load(samples: Sequence[Sample], *, longest_side: int) -> tuple[list[Sample], list[np.ndarray]]:
    """Decode training pictures once: the readable samples and their `(h, w, 3) uint8 RGB`, shrunk to `longest_side` pixels.

    Unreadable pictures are named in the log and left out; raises DataError when a class has none left.
    """
    return _decoded(samples, lambda picture: _shrink(picture, longest_side))


def load_frames(samples: Sequence[Sample], spec: ModelSpec) -> tuple[list[Sample], np.ndarray]:
    """Decode pictures for scoring, each fitted as the serving path fits it: samples and `(N, H, W, 3) uint8 RGB`.

    Unreadable pictures are treated as by `load`.
    """
    kept, frames = _decoded(samples, lambda picture: framed(picture, spec))
    return kept, np.stack(frames) if frames else np.empty((0, *spec.input_size_hw, 3), np.uint8)


def _decoded(samples: Sequence[Sample], change: Callable[[np.ndarray], np.ndarray]) -> tuple[list[Sample], list[np.ndarray]]:
    kept: list[Sample] = []
    pictures: list[np.ndarray] = []
    for sample in samples:
        try:
            pictures.append(change(decode(sample.path)))
        except ImageError as error:
            logger.warning("Left out: %s", error)
            continue
        kept.append(sample)
    lost = sorted({s.label for s in samples} - {s.label for s in kept})
    if lost:
        raise DataError(f"No picture of {', '.join(lost)} can be read.")
    return kept, pictures


def _shrink(picture: np.ndarray, longest_side: int) -> np.ndarray:
    scale = longest_side / max(picture.shape[:2])
    if scale >= 1:
        return picture
    size_wh = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return cv2.resize(picture, size_wh, interpolation=cv2.INTER_AREA)
