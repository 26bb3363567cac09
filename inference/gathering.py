"""`Gathering`: labelled photographs in the folders that `python -m training.train` reads, written so that nothing is lost.

gathering = Gathering(Path("data"), classifier.spec.class_names)
file = gathering.add(picture, "sleep", camera="room 2", person="person-3")
gathering.remove(file)
gathering.counts()
gathering.need()  # what training needs of every class, by a learning curve

Every picture is `<label>/<time>-<random>.jpg` and a row of `manifest.csv` (file,label,camera,person). A picture appears whole,
and before its row: whatever ends the program, what was kept is there. At worst one has no row, which training takes too.
"""

import contextlib
import csv
import io
import re
import secrets
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from inference.errors import DataError, OutputError
from inference.images import IMAGE_SUFFIXES, UNREADABLE
from inference.learning import FILE, LearningCurve
from inference.output import write_picture, write_whole

COLUMNS = ("file", "label", "camera", "person")
MANIFEST, INCOMING = "manifest.csv", ".incoming"
LONGEST_SIDE = 1024
"""Pixels of a picture that is kept; no model of ours takes a larger crop."""
NEARLY_SAME = 6
"""Of the 64 bits of two perceptual hashes. On 350 crops of seven cameras this caught all copies that were compressed again,
halved or brightened, and 96 % of those cut by 2 %; it refused none of 60,705 pairs of different persons and 0.3 % of 370 pairs
of one person."""
PERSONS_TO_START = 5
"""Per class, whatever a curve says: training keeps a fifth of the persons for the test and an eighth for choosing, so five leave
somebody of each class on every side."""
_NAME = re.compile(r"\w[\w -]{0,58}\w")


@dataclass(frozen=True)
class ClassCount:
    """What there is of one class."""

    name: str
    pictures: int
    persons: int
    """Different ones, as far as the manifest says; a picture without a person counts as one of its own."""

    def missing(self, need: "Need") -> tuple[int, int]:
        """Pictures and persons that are still needed to start training."""
        return max(0, need.pictures - self.pictures), max(0, need.persons - self.persons)


@dataclass(frozen=True)
class Need:
    """What training needs of every class of the folder."""

    curve: LearningCurve | None
    """What says so."""
    own: bool = False
    """Whether the curve was measured on pictures of this folder, and not on those of the bundled model."""
    persons: int = PERSONS_TO_START

    @property
    def pictures(self) -> int:
        """So many persons are as many pictures at least."""
        return max(self.persons, 0 if self.curve is None else self.curve.to_gather)


class Gathering:
    """One folder, for all browsers of this program. May be used from several threads."""

    def __init__(self, folder: Path, class_names: Sequence[str], curve: Path | None = None) -> None:
        """Makes the folder if there is none; `curve`: the one to go by until the folder has its own.

        Raises OutputError where that fails, DataError for a manifest or a curve that is none.
        """
        self.folder = folder
        self._bundled = None if curve is None or not curve.is_file() else LearningCurve.read(curve)
        self._lock = threading.RLock()
        self._suggested = tuple(class_names)
        self._hashes: dict[str, Any] | None = None
        self._persons = 0
        try:
            (folder / INCOMING).mkdir(parents=True, exist_ok=True)
            for leftover in (folder / INCOMING).iterdir():  # of a program that was ended while it wrote
                leftover.unlink()
        except OSError as error:
            raise OutputError(
                f"Cannot gather photographs in {folder}: {error.strerror or error}. Choose another folder with --teach.",
                code="output_failed",
                name=folder.name,
            ) from error
        self._rows()

    @property
    def class_names(self) -> tuple[str, ...]:
        """Those of the model, then those that only the folder has."""
        known = sorted(path.name for path in self.folder.iterdir() if path.is_dir() and not path.name.startswith("."))
        return (*self._suggested, *(name for name in known if name not in self._suggested))

    def add(self, picture: np.ndarray, label: str, *, camera: str = "", person: str = "") -> str:
        """Keep `(h, w, 3) uint8 RGB`; returns the file's name in the folder.

        Raises DataError for a near copy of what is there or a label that cannot be a folder, OutputError if it cannot be written.
        """
        checked_name(label)
        with self._lock:
            self.check_new(picture)
            file = f"{label}/{datetime.now().astimezone():%Y%m%d-%H%M%S}-{secrets.token_hex(4)}.jpg"
            self._write(file, small(picture))
            self._write_rows([*self._rows(), {"file": file, "label": label, "camera": camera, "person": person}])
            self._known()[file] = perceptual_hash(picture)
            return file

    def remove(self, file: str) -> None:
        """Take back what was added; the row goes first, since training refuses a row without its picture."""
        with self._lock:
            self._write_rows([row for row in self._rows() if row["file"] != file])
            with contextlib.suppress(OSError):
                (self.folder / file).unlink()
            self._known().pop(file, None)

    def check_new(self, picture: np.ndarray) -> None:
        """Raises DataError if a picture of the folder, under whatever label, is nearly the same."""
        mine = perceptual_hash(picture)
        with self._lock:
            known = self._known().items()
            double = next((file for file, other in known if mine - other <= NEARLY_SAME), None)
        if double is not None:
            raise DataError(
                f"Nearly the same picture is there as {double}. Take another one.", code="picture_double", file=double
            )

    def counts(self) -> list[ClassCount]:
        """Per class, in the order of `class_names`."""
        with self._lock:
            persons = {row["file"]: row.get("person") or row["file"] for row in self._rows()}
            files = self._files()
        counts = []
        for name in self.class_names:
            mine = [file for file in files if file.startswith(f"{name}/")]
            counts.append(ClassCount(name, len(mine), len({persons.get(file, file) for file in mine})))
        return counts

    def need(self) -> Need:
        """By the folder's own curve as soon as that reaches as far as the bundled one. Raises DataError for a damaged one."""
        path = self.folder / FILE
        own = LearningCurve.read(path) if path.is_file() else None
        if own is not None and (self._bundled is None or own.doubling.settled or own.enough >= self._bundled.enough):
            return Need(own, own=True)
        return Need(self._bundled)

    def next_person(self) -> str:
        """A number that nobody in the folder has, and that nobody was given before."""
        with self._lock:
            used = (re.fullmatch(r"person-(\d+)", row.get("person") or "") for row in self._rows())
            self._persons = max([self._persons, *(int(match[1]) for match in used if match)]) + 1
            return f"person-{self._persons}"

    def _write(self, file: str, picture: np.ndarray) -> None:
        incoming, target = self.folder / INCOMING / Path(file).name, self.folder / file
        try:
            target.parent.mkdir(exist_ok=True)
            write_picture(incoming, picture)
            incoming.replace(target)
        except OSError as error:
            raise OutputError(
                f"Cannot write {target}: {error.strerror or error}. Make room, or look at the rights of the folder.",
                code="output_failed",
                name=target.name,
            ) from error

    def _rows(self) -> list[dict[str, str]]:
        path = self.folder / MANIFEST
        if not path.is_file():
            return []
        try:
            with path.open(newline="", encoding="utf-8-sig") as file:
                rows = list(csv.DictReader(file))
        except (OSError, ValueError, csv.Error) as error:
            raise DataError(f"{path} cannot be read ({error}). Repair it or move it away.", code="manifest_wrong") from error
        if any(None in row or not row.get("file") for row in rows):
            raise DataError(f"{path} has no column 'file', or a row that does not fit. Correct it.", code="manifest_wrong")
        return rows

    def _write_rows(self, rows: Sequence[dict[str, str]]) -> None:
        """Columns that somebody added stay."""
        names = [*COLUMNS, *dict.fromkeys(name for row in rows for name in row if name not in COLUMNS)]
        table = io.StringIO()
        writer = csv.DictWriter(table, names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_whole(self.folder / MANIFEST, table.getvalue().encode())

    def _files(self) -> list[str]:
        """Of the class folders, as training finds them."""
        folders = (path for path in self.folder.iterdir() if path.is_dir() and not path.name.startswith("."))
        found = (path for folder in folders for path in folder.rglob("*") if path.suffix.lower() in IMAGE_SUFFIXES)
        return sorted(path.relative_to(self.folder).as_posix() for path in found)

    def _known(self) -> dict[str, Any]:
        """Hashes of all that is there, made when they are first needed."""
        if self._hashes is None:
            hashes = {}
            for file in self._files():
                with contextlib.suppress(*UNREADABLE), Image.open(self.folder / file) as picture:
                    picture.draft("RGB", (256, 256))
                    hashes[file] = perceptual_hash(np.asarray(ImageOps.exif_transpose(picture).convert("RGB")))
            self._hashes = hashes
        return self._hashes


def perceptual_hash(picture: np.ndarray) -> Any:
    """64 bits that change little when a picture is compressed, resized or brightened; the difference of two counts the bits."""
    import imagehash

    return imagehash.phash(Image.fromarray(picture))


def small(picture: np.ndarray) -> np.ndarray:
    """No larger than what is kept."""
    image = Image.fromarray(picture)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return np.asarray(image)


def checked_name(label: str) -> str:
    """A class name that can be a folder's; raises DataError for another one."""
    if not _NAME.fullmatch(label):
        raise DataError(
            f"Expected a class name of 2 to 60 letters, digits, spaces, _ or -, got {label!r}. Choose another one.",
            code="class_name",
        )
    return label
