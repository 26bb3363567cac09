"""`Seats`: boxes that somebody fixed once for a camera that does not move, kept in a small JSON file.

    {"taido_seats": 1, "frame_size_wh": [1280, 720], "seats": [[410, 243.5, 477, 326.5], ...]}

`taido_seats` is the version of the format; a seat is x0, y0, x1, y1 in pixels of a frame of that size, upright.
`python -m inference seats` writes such a file; `Seats.read` opens it.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np

from inference.boxes import unsuppressed
from inference.errors import SeatsError
from inference.output import write_whole

logger = logging.getLogger(__name__)

FORMAT_VERSION = 1
_VERSION_KEY = "taido_seats"
SAME_PROPORTIONS = 0.01
"""Frames whose width by height differs from that of the file by at most this share get the seats scaled."""
SAME_PLACE = 0.5
"""Two seats with a larger intersection over union would count one student twice."""
ROUNDING = 1.0
"""Pixels by which a seat may reach out of the frame; it is cut there."""
MOST_SEATS = 1000
FARTHEST = 1e6
"""Pixels; no coordinate is larger."""


@dataclass(frozen=True)
class Seats:
    """Seats of one camera. Raises SeatsError for boxes that cannot be seats of that frame."""

    frame_size_wh: tuple[int, int]
    """Width and height of the frames they were made for, pixels."""
    boxes: Sequence[Sequence[float]]
    """x0, y0, x1, y1 in pixels of such a frame; kept as tuples."""
    name: ClassVar[str] = "seats"
    _said: set[tuple[int, int]] = field(default_factory=set, compare=False, repr=False)
    """Sizes of frames for which a warning has told of the scaling."""

    def __post_init__(self) -> None:
        size, boxes = _checked_size(self.frame_size_wh), _checked_boxes(self.boxes)
        object.__setattr__(self, "frame_size_wh", size)
        object.__setattr__(self, "boxes", tuple(map(tuple, _inside(boxes, size).tolist())))
        _check_apart(boxes)

    def find(self, frame: np.ndarray) -> np.ndarray:
        """The seats, in their order, as `(n, 5) float32` in pixels of the frame `(H, W, 3)`, each with score 1.

        For a frame of another size but the same proportions they are scaled, and a warning says so; raises SeatsError
        for other proportions.
        """
        height, width = frame.shape[:2]
        made_w, made_h = self.frame_size_wh
        if (width, height) != self.frame_size_wh:
            self._check_proportions(width, height)
            self._say_scaled(width, height)
        found = np.ones((len(self.boxes), 5), np.float32)
        found[:, :4] = np.array(self.boxes) * np.array([width / made_w, height / made_h] * 2)
        return found

    def _check_proportions(self, width: int, height: int) -> None:
        made_w, made_h = self.frame_size_wh
        if abs(width * made_h / (height * made_w) - 1) > SAME_PROPORTIONS:
            raise SeatsError(
                f"The seats were made for frames of {made_w} x {made_h} pixels, got {width} x {height}, which has other "
                "proportions. Make the seats anew from a frame of this camera (python -m inference seats)."
            )

    def _say_scaled(self, width: int, height: int) -> None:
        """Once for each size, and not for each frame of a stream."""
        if (width, height) not in self._said:
            self._said.add((width, height))
            logger.warning("The seats were made for %d x %d pixels; scaled to %d x %d.", *self.frame_size_wh, width, height)

    @classmethod
    def grid(cls, frame_size_wh: tuple[int, int], rows: int, columns: int, area: tuple[float, ...] | None = None) -> Self:
        """Equal seats side by side, row by row, that fill `area` (x0, y0, x1, y1; the whole frame without it)."""
        if rows < 1 or columns < 1 or rows * columns > MOST_SEATS:
            raise SeatsError(f"Expected a grid of 1 to {MOST_SEATS} seats, got {rows} x {columns}. Choose fewer rows or columns.")
        x0, y0, x1, y1 = area or (0, 0, *frame_size_wh)
        across, down = np.linspace(x0, x1, columns + 1).tolist(), np.linspace(y0, y1, rows + 1).tolist()
        boxes = [(across[c], down[r], across[c + 1], down[r + 1]) for r in range(rows) for c in range(columns)]
        return cls(frame_size_wh, tuple(boxes))

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """From a JSON file; raises SeatsError if there is none or if it is not one of seats."""
        path = Path(path)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise SeatsError(
                f"Seats {path} cannot be read: {error.strerror or error}. Give the path of a file of seats."
            ) from error
        except (ValueError, RecursionError) as error:
            raise SeatsError(f"{path} is not JSON ({error}). Make it again with python -m inference seats.") from error
        try:
            return cls(*_fields(content))
        except SeatsError as error:
            raise SeatsError(f"{path}: {error}") from error

    def write(self, path: str | Path) -> None:
        """As a JSON file that appears whole or, with an OutputError, not at all."""
        content = {
            _VERSION_KEY: FORMAT_VERSION,
            "frame_size_wh": list(self.frame_size_wh),
            "seats": [[round(side, 2) for side in box] for box in self.boxes],
        }
        write_whole(Path(path), (json.dumps(content) + "\n").encode())


def _fields(content: Any) -> tuple[Any, Any]:
    if not isinstance(content, dict) or _VERSION_KEY not in content:
        raise SeatsError(f"Expected a JSON object with the key {_VERSION_KEY!r}. Make the file with python -m inference seats.")
    if content[_VERSION_KEY] != FORMAT_VERSION:
        raise SeatsError(
            f"Expected version {FORMAT_VERSION} of the format, got {_short(content[_VERSION_KEY])}. "
            "Update Taido, or make the file again."
        )
    missing = [key for key in ("frame_size_wh", "seats") if key not in content]
    if missing:
        raise SeatsError(f"The file lacks {' and '.join(missing)}. Make it again with python -m inference seats.")
    return content["frame_size_wh"], content["seats"]


def _checked_size(size: Any) -> tuple[int, int]:
    if not isinstance(size, list | tuple) or len(size) != 2 or not all(type(side) is int and side > 0 for side in size):
        raise SeatsError(f"Expected frame_size_wh to be two whole numbers above 0, got {size!r}.")
    return size[0], size[1]


def _checked_boxes(boxes: Any) -> np.ndarray:
    """`(n, 4) float64`, every box with a width and a height."""
    if not isinstance(boxes, list | tuple) or not 1 <= len(boxes) <= MOST_SEATS:
        raise SeatsError(f"Expected a list of 1 to {MOST_SEATS} seats, got {_short(boxes)}.")
    for number, box in enumerate(boxes, 1):
        if not _four_numbers(box) or not (box[0] < box[2] and box[1] < box[3]):
            raise SeatsError(f"Seat {number} must be x0, y0, x1, y1 with x0 < x1 and y0 < y1, got {_short(box)}.")
    return np.array(boxes, np.float64)


def _four_numbers(box: Any) -> bool:
    """Anything can stand in a file: true and false, texts, NaN, infinity, whole numbers of a thousand digits."""
    if not isinstance(box, list | tuple) or len(box) != 4:
        return False
    return all(type(side) in (int, float) and abs(side) < FARTHEST for side in box)


def _inside(boxes: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    limits = np.array([*size_wh, *size_wh])
    clipped = np.clip(boxes, 0, limits)
    outside = (np.abs(clipped - boxes) > ROUNDING).any(axis=1) | (clipped[:, :2] >= clipped[:, 2:]).any(axis=1)
    if outside.any():
        number = int(outside.argmax())
        raise SeatsError(
            f"Seat {number + 1} {boxes[number].round(2).tolist()} reaches out of the frame of {size_wh[0]} x {size_wh[1]} "
            "pixels. Correct it, or make the seats anew from a frame of this camera."
        )
    return clipped


def _check_apart(boxes: np.ndarray) -> None:
    """Rows behind one another overlap a little in any picture; two seats at one place are a mistake."""
    kept = set(unsuppressed(boxes, SAME_PLACE).tolist())
    double = next((number for number in range(len(boxes)) if number not in kept), None)
    if double is not None:
        raise SeatsError(
            f"Seat {double + 1} {boxes[double].round(2).tolist()} covers the place of a seat before it; one student would count "
            "twice. Take one of them out."
        )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
