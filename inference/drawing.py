"""Boxes that somebody draws on a still of a camera: their order, and the files of seats or masks that they come from and go to.

places = read_places("seats.json")  # Seats or Masks, whichever the file holds
boxes_on(places, (720, 1280))  # in pixels of that still
Seats((1280, 720), in_rows(boxes)).to_json()  # number 1 is the first of the first row

The number of a seat is its place in the list, as everywhere else.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from inference.errors import SeatsError
from inference.masks import Masks
from inference.seats import Seats

Box = tuple[float, ...]
"""x0, y0, x1, y1 in pixels of the still."""
LARGEST_FILE = 1_000_000
"""Bytes; a file with the most boxes that there may be is smaller."""
SAME_ROW = 0.5
"""Share of a box's height by which the middles of neighbours of one row differ at most."""


def read_places(path: str | Path) -> Seats | Masks:
    """The seats or the masks of a JSON file; raises SeatsError if it holds neither."""
    path = Path(path)
    if path.is_file() and path.stat().st_size > LARGEST_FILE:
        raise SeatsError(
            f"{path.name} has more than {LARGEST_FILE // 1000} kB, too much for a file of seats or masks. Choose such a file.",
            code="places_large",
            name=path.name,
        )
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        content = None
    if isinstance(content, dict) and "taido_masks" in content:
        return Masks.read(path)
    if isinstance(content, dict) and "taido_seats" in content:
        return Seats.read(path)
    raise SeatsError(
        f"{path.name} is not a file of seats or masks: expected a JSON object with the key 'taido_seats' or 'taido_masks'. "
        "Choose a file that this page or python -m inference seats has written.",
        code="places_foreign",
        name=path.name,
    )


def boxes_on(places: Seats | Masks, frame_hw: tuple[int, int]) -> list[Box]:
    """The boxes in pixels of a still of that height and width; raises SeatsError for one of other proportions."""
    return [tuple(box) for box in places.scaled(frame_hw).tolist()]


def in_rows(boxes: Sequence[Box]) -> list[Box]:
    """The boxes row by row from the top, each row from the left, as one reads."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=_middle):
        if rows and _middle(box) - np.mean([_middle(other) for other in rows[-1]]) <= SAME_ROW * (box[3] - box[1]):
            rows[-1].append(box)
        else:
            rows.append([box])
    return [box for row in rows for box in sorted(row, key=lambda box: box[0] + box[2])]


def _middle(box: Box) -> float:
    """Its height in the picture."""
    return (box[1] + box[3]) / 2
