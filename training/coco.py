"""Frames of rooms with the students' boxes, read from COCO's JSON.

FRAMES/images/*.jpg
FRAMES/annotations.json     boxes in pixels; the category whose name holds "student" (or the only one) is to be found,
                            boxes of any other category are neither right nor wrong; images may name their `camera`,
                            boxes their `attitude`
"""

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from inference.errors import DataError, ImageError
from inference.images import decode

logger = logging.getLogger(__name__)

ANNOTATIONS = "annotations.json"
"""Name of the file with the boxes."""


@dataclass(frozen=True)
class Frame:
    """One labelled frame."""

    file: str
    """Relative to FRAMES/images."""
    path: Path
    camera: str
    """Empty where the file does not say."""
    size_wh: tuple[int, int]
    """Pixels that the boxes refer to."""
    students: np.ndarray
    """`(n, 4) float32`: x0, y0, x1, y1 in pixels."""
    attitudes: tuple[str, ...]
    """One per student; empty where nothing is known."""
    ignored: np.ndarray
    """`(m, 4) float32`: boxes of other people, neither right nor wrong."""


def read(folder: Path) -> list[Frame]:
    """All frames of a folder, sorted by file name.

    Raises DataError for a missing or unusable annotation file, a picture that is not there, and boxes without students.
    """
    path = folder / ANNOTATIONS
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        student = _student(content["categories"])
        boxes: dict[tuple[int, bool], list[list[float]]] = defaultdict(list)
        attitudes: dict[int, list[str]] = defaultdict(list)
        for annotation in content["annotations"]:
            x, y, width, height = annotation["bbox"]
            found = annotation["category_id"] == student and not annotation.get("iscrowd", 0)
            boxes[annotation["image_id"], found].append([x, y, x + width, y + height])
            if found:
                attitudes[annotation["image_id"]].append(annotation.get("attitude") or "")
        frames = [
            Frame(
                file=image["file_name"],
                path=folder / "images" / image["file_name"],
                camera=image.get("camera", ""),
                size_wh=(image["width"], image["height"]),
                students=_array(boxes[image["id"], True]),
                attitudes=tuple(attitudes[image["id"]]),
                ignored=_array(boxes[image["id"], False]),
            )
            for image in content["images"]
        ]
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}). Give a folder with images/ and annotations.json.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path} is not a COCO file of boxes ({type(error).__name__}: {error}).") from error
    missing = [frame.file for frame in frames if not frame.path.is_file()]
    if missing:
        raise DataError(f"{path} names {len(missing)} pictures that are not in {folder / 'images'}, e.g. {missing[0]}.")
    if not sum(len(frame.students) for frame in frames):
        raise DataError(f"{path} holds no box of a student.")
    return sorted(frames, key=lambda frame: frame.file)


def _student(categories: Sequence[dict[str, Any]]) -> int:
    named = [c["id"] for c in categories if "student" in str(c["name"]).lower()]
    if len(named) != 1 and len(categories) != 1:
        raise ValueError(f"one category must be called 'student', found {[c['name'] for c in categories]}")
    return int(named[0] if named else categories[0]["id"])


def _array(boxes: list[list[float]]) -> np.ndarray:
    return np.array(boxes, np.float32).reshape(-1, 4)


def load(frames: Sequence[Frame]) -> tuple[list[Frame], list[np.ndarray]]:
    """Decode once: the readable frames and their pictures `(h, w, 3) uint8 RGB`; unreadable ones are named in the log.

    Raises DataError when a picture has another size than its boxes refer to, or none can be read.
    """
    kept, pictures = [], []
    for frame in frames:
        try:
            picture = decode(frame.path)
        except ImageError as error:
            logger.warning("Left out: %s", error)
            continue
        if (picture.shape[1], picture.shape[0]) != tuple(frame.size_wh):
            size = f"{picture.shape[1]} x {picture.shape[0]}"
            raise DataError(f"{frame.path} has {size} pixels, its boxes were drawn on {frame.size_wh[0]} x {frame.size_wh[1]}.")
        kept.append(frame)
        pictures.append(picture)
    if frames and not kept:
        raise DataError(f"None of the {len(frames)} frames can be read.")
    return kept, pictures


def fingerprint(frames: Sequence[Frame]) -> str:
    """SHA-256 over file names, boxes and contents, so that a finder can say what it was trained on."""
    digest = hashlib.sha256()
    for frame in sorted(frames, key=lambda f: f.file):
        digest.update(f"{frame.file}\0{frame.students.tolist()}\0{frame.ignored.tolist()}\0".encode())
        digest.update(hashlib.sha256(frame.path.read_bytes()).digest())
    return f"sha256:{digest.hexdigest()}"
