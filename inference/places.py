"""`Places`: boxes that somebody fixed once for a camera that does not move, kept in a small JSON file.

    {"taido_seats": 1, "frame_size_wh": [1280, 720], "seats": [[410, 243.5, 477, 326.5], ...]}

The first key names the kind and holds the version of the format; a box is x0, y0, x1, y1 in pixels of a frame of that size,
upright. `inference.seats` and `inference.masks` are the two kinds.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from inference.errors import SeatsError
from inference.output import write_whole

logger = logging.getLogger(__name__)

FORMAT_VERSION = 1
SAME_PROPORTIONS = 0.01
"""Frames whose width by height differs from that of the file by at most this share get the boxes scaled."""
ROUNDING = 1.0
"""Pixels by which a box may reach out of the frame; it is cut there."""
MOST = 1000
"""Boxes of one camera."""
FARTHEST = 1e6
"""Pixels; no coordinate is larger."""


@dataclass(frozen=True)
class Places:
    """Boxes of one camera. Raises SeatsError for boxes that cannot be such of that frame."""

    frame_size_wh: tuple[int, int]
    """Width and height of the frames they were made for, pixels."""
    boxes: Sequence[Sequence[float]]
    """x0, y0, x1, y1 in pixels of such a frame; kept as tuples."""
    _said: set[tuple[int, int]] = field(default_factory=set, compare=False, repr=False)
    """Sizes of frames for which a warning has told of the scaling."""

    kind: ClassVar[str]
    """What one box is, as messages call it; in the plural it is also the key of the boxes."""
    remedy: ClassVar[str]
    """How such a file is made, one sentence of a message."""

    def __post_init__(self) -> None:
        size, boxes = _checked_size(self.frame_size_wh), self._checked(self.boxes)
        object.__setattr__(self, "frame_size_wh", size)
        object.__setattr__(self, "boxes", tuple(map(tuple, self._inside(boxes, size).tolist())))

    def scaled(self, frame_hw: tuple[int, int]) -> np.ndarray:
        """The boxes in pixels of a frame of that height and width, `(n, 4) float64`.

        For another size of the same proportions they are scaled, and a warning says so once for each size; raises
        SeatsError for other proportions.
        """
        height, width = frame_hw
        made_w, made_h = self.frame_size_wh
        if (width, height) != self.frame_size_wh:
            self._check_proportions(width, height)
            self._say_scaled(width, height)
        return np.array(self.boxes) * np.array([width / made_w, height / made_h] * 2)

    def _check_proportions(self, width: int, height: int) -> None:
        made_w, made_h = self.frame_size_wh
        if abs(width * made_h / (height * made_w) - 1) > SAME_PROPORTIONS:
            raise SeatsError(
                f"The {self.kind}s were made for frames of {made_w} x {made_h} pixels, got {width} x {height}, which has other "
                f"proportions. {self.remedy} Use a frame of this camera.",
                code="places_proportions",
                made=f"{made_w} × {made_h}",
                got=f"{width} × {height}",
            )

    def _say_scaled(self, width: int, height: int) -> None:
        """Once for each size, and not for each frame of a stream."""
        if (width, height) not in self._said:
            self._said.add((width, height))
            made_w, made_h = self.frame_size_wh
            logger.warning("The %ss were made for %d x %d pixels; scaled to %d x %d.", self.kind, made_w, made_h, width, height)

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """From a JSON file; raises SeatsError if there is none or if it is not one of this kind."""
        path = Path(path)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SeatsError(
                f"The {cls.kind}s {path} cannot be read: {error.strerror or error}. Give the path of a file of {cls.kind}s.",
                code="places_unreadable",
                name=path.name,
            ) from error
        except (ValueError, RecursionError) as error:
            raise SeatsError(f"{path} is not JSON ({error}). {cls.remedy}", code="places_foreign", name=path.name) from error
        try:
            return cls(*cls._fields(content))
        except SeatsError as error:
            raise SeatsError(f"{path}: {error}", code=error.code, **error.values) from error

    def write(self, path: str | Path) -> None:
        """As a JSON file that appears whole or, with an OutputError, not at all."""
        write_whole(Path(path), self.to_json().encode())

    def to_json(self) -> str:
        """What `write` writes."""
        content = {
            f"taido_{self.kind}s": FORMAT_VERSION,
            "frame_size_wh": list(self.frame_size_wh),
            f"{self.kind}s": [[round(side, 2) for side in box] for box in self.boxes],
        }
        return json.dumps(content) + "\n"

    @classmethod
    def _fields(cls, content: Any) -> tuple[Any, Any]:
        version_key = f"taido_{cls.kind}s"
        if not isinstance(content, dict) or version_key not in content:
            raise SeatsError(f"Expected a JSON object with the key {version_key!r}. {cls.remedy}", code="places_key")
        if content[version_key] != FORMAT_VERSION:
            raise SeatsError(
                f"Expected version {FORMAT_VERSION} of the format, got {_short(content[version_key])}. "
                f"Update Taido, or make the file again. {cls.remedy}",
                code="places_version",
                expected=FORMAT_VERSION,
                got=_short(content[version_key]),
            )
        missing = [key for key in ("frame_size_wh", f"{cls.kind}s") if key not in content]
        if missing:
            raise SeatsError(f"The file lacks {' and '.join(missing)}. {cls.remedy}", code="places_key")
        return content["frame_size_wh"], content[f"{cls.kind}s"]

    @classmethod
    def _checked(cls, boxes: Any) -> np.ndarray:
        """`(n, 4) float64`, every box with a width and a height."""
        if not isinstance(boxes, list | tuple) or not 1 <= len(boxes) <= MOST:
            raise SeatsError(f"Expected a list of 1 to {MOST} {cls.kind}s, got {_short(boxes)}.", code="places_number", most=MOST)
        for number, box in enumerate(boxes, 1):
            if not _four_numbers(box) or not (box[0] < box[2] and box[1] < box[3]):
                raise SeatsError(
                    f"{cls.kind.title()} {number} must be x0, y0, x1, y1 with x0 < x1 and y0 < y1, got {_short(box)}.",
                    code="places_box",
                    number=number,
                )
        return np.array(boxes, np.float64)

    @classmethod
    def _inside(cls, boxes: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
        limits = np.array([*size_wh, *size_wh])
        clipped = np.clip(boxes, 0, limits)
        outside = (np.abs(clipped - boxes) > ROUNDING).any(axis=1) | (clipped[:, :2] >= clipped[:, 2:]).any(axis=1)
        if outside.any():
            number = int(outside.argmax())
            raise SeatsError(
                f"{cls.kind.title()} {number + 1} {boxes[number].round(2).tolist()} reaches out of the frame of "
                f"{size_wh[0]} x {size_wh[1]} pixels. Correct it, or make the {cls.kind}s anew from a frame of this camera.",
                code="places_outside",
                number=number + 1,
            )
        return clipped


def _checked_size(size: Any) -> tuple[int, int]:
    if (
        not isinstance(size, list | tuple)
        or len(size) != 2
        or not all(type(side) is int and 0 < side < FARTHEST for side in size)
    ):
        raise SeatsError(
            f"Expected frame_size_wh to be two whole numbers above 0 and below {FARTHEST:.0f}, got {_short(size)}.",
            code="places_size",
        )
    return size[0], size[1]


def _four_numbers(box: Any) -> bool:
    """Anything can stand in a file: true and false, texts, NaN, infinity, whole numbers of a thousand digits."""
    if not isinstance(box, list | tuple) or len(box) != 4:
        return False
    return all(type(side) in (int, float) and abs(side) < FARTHEST for side in box)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
