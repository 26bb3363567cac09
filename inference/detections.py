"""Where students were found in many pictures, as one JSON document.

    {"row/a.jpg": [[410.0, 243.5, 477.0, 326.5, 0.91], ...], "empty.jpg": []}

Per picture, named relative to the folder given: x0, y0, x1, y1 in pixels of the upright picture and the score, best first.
"""

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from inference.errors import DataError

Detections = dict[str, list[list[float]]]


def rounded(boxes: np.ndarray) -> list[list[float]]:
    """`(n, 5)` -> plain numbers: a hundredth of a pixel, a hundred-thousandth of the score."""
    return [[*(round(side, 2) for side in row[:4]), round(row[4], 5)] for row in boxes.astype(float).tolist()]


def to_json(detections: Detections) -> str:
    """One line per picture, so that two documents can be compared by eye."""
    lines = (f"{json.dumps(name)}: {json.dumps(boxes)}" for name, boxes in detections.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def boxes_of(path: Path, names: Iterable[str]) -> list[list[float]]:
    """Boxes without scores of the first of `names` that the document `path` knows; raises DataError if it knows none."""
    names = list(names)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(
            f"{path} cannot be read: {error.strerror or error}. Give a file written by python -m inference find."
        ) from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is not JSON ({error}). Give a file written by python -m inference find.") from error
    found = next((content[name] for name in names if name in content), None) if isinstance(content, dict) else None
    if not isinstance(found, list) or not all(isinstance(box, list) for box in found):
        raise DataError(
            f"{path} has no boxes of {' or '.join(map(repr, names))}. Say with --name which picture of it is meant, or give "
            "a file written by python -m inference find."
        )
    return [box[:4] for box in found]
