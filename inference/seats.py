"""`Seats`: where the students of a camera that does not move sit, fixed once and kept in a small JSON file.

    {"taido_seats": 1, "frame_size_wh": [1280, 720], "seats": [[410, 243.5, 477, 326.5], ...]}

`python -m inference seats` writes such a file; `Seats.read` opens it. The format is that of `inference.places`.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from inference.boxes import unsuppressed
from inference.errors import SeatsError
from inference.places import MOST, Places

SAME_PLACE = 0.5
"""Two seats with a larger intersection over union would count one student twice."""


@dataclass(frozen=True)
class Seats(Places):
    """Seats of one camera. Raises SeatsError for boxes that cannot be seats of that frame."""

    kind: ClassVar[str] = "seat"
    remedy: ClassVar[str] = "Make the seats with python -m inference seats."
    name: ClassVar[str] = "seats"

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_apart(np.array(self.boxes))

    def find(self, frame: np.ndarray) -> np.ndarray:
        """The seats, in their order, as `(n, 5) float32` in pixels of the frame `(H, W, 3)`, each with score 1.

        For a frame of another size but the same proportions they are scaled, and a warning says so; raises SeatsError
        for other proportions.
        """
        found = np.ones((len(self.boxes), 5), np.float32)
        found[:, :4] = self.scaled((frame.shape[0], frame.shape[1]))
        return found

    @classmethod
    def grid(cls, frame_size_wh: tuple[int, int], rows: int, columns: int, area: tuple[float, ...] | None = None) -> Self:
        """Equal seats side by side, row by row, that fill `area` (x0, y0, x1, y1; the whole frame without it)."""
        if rows < 1 or columns < 1 or rows * columns > MOST:
            raise SeatsError(
                f"Expected a grid of 1 to {MOST} seats, got {rows} x {columns}. Choose fewer rows or columns.",
                code="seats_grid",
                most=MOST,
                rows=rows,
                columns=columns,
            )
        x0, y0, x1, y1 = area or (0, 0, *frame_size_wh)
        across, down = np.linspace(x0, x1, columns + 1).tolist(), np.linspace(y0, y1, rows + 1).tolist()
        boxes = [(across[c], down[r], across[c + 1], down[r + 1]) for r in range(rows) for c in range(columns)]
        return cls(frame_size_wh, tuple(boxes))


def _check_apart(boxes: np.ndarray) -> None:
    """Rows behind one another overlap a little in any picture; two seats at one place are a mistake."""
    kept = set(unsuppressed(boxes, SAME_PLACE).tolist())
    double = next((number for number in range(len(boxes)) if number not in kept), None)
    if double is not None:
        raise SeatsError(
            f"Seat {double + 1} {boxes[double].round(2).tolist()} covers the place of a seat before it; one student would count "
            "twice. Take one of them out.",
            code="seats_double",
            number=double + 1,
        )
