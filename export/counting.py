"""How much labelled material there is, for a card: pictures of single students, or frames of rooms with boxes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training import coco, data
from training.coco import ANNOTATIONS, Frame
from training.data import Sample


def count(folder: Path) -> dict[str, Any]:
    """Of a folder of frames (one with boxes in COCO's form) or of a folder of pictures by class. Raises DataError for neither."""
    return frames(coco.read(folder)) if (folder / ANNOTATIONS).is_file() else pictures(data.scan(folder))


def frames(found: Sequence[Frame]) -> dict[str, Any]:
    """Frames, students, those of them whose attitude is labelled, and boxes that are neither right nor wrong; by camera, too."""

    def numbers(part: Sequence[Frame]) -> dict[str, int]:
        return {
            "frames": len(part),
            "students": sum(len(frame.students) for frame in part),
            "attitudes": sum(bool(attitude) for frame in part for attitude in frame.attitudes),
            "ignored": sum(len(frame.ignored) for frame in part),
        }

    cameras = sorted({frame.camera for frame in found})
    return {**numbers(found), "camera": {camera: numbers([f for f in found if f.camera == camera]) for camera in cameras}}


def pictures(samples: Sequence[Sample]) -> dict[str, Any]:
    """How many pictures and persons, by label, by camera, and by both."""

    def numbers(part: Sequence[Sample]) -> dict[str, Any]:
        labels = sorted({s.label for s in part})
        return {**_both(part), "label": {label: _both([s for s in part if s.label == label]) for label in labels}}

    cameras = sorted({s.camera for s in samples})
    return {**numbers(samples), "camera": {camera: numbers([s for s in samples if s.camera == camera]) for camera in cameras}}


def _both(part: Sequence[Sample]) -> dict[str, int]:
    return {"pictures": len(part), "persons": len({s.person for s in part})}
