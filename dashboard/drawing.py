"""`Drawing`: what one browser draws on the Seats page, in memory: a still of a camera, seats and masks in its pixels.

drawing = Drawing()
drawing.take(still); drawing.find(finder)
drawing.seats().to_json()
choice.add_drawn(drawing.students(choice.finder))
"""

import contextlib
from collections.abc import Callable

import numpy as np

from dashboard.box_editor import Kind
from inference.drawing import Box, boxes_on, in_rows
from inference.errors import SeatsError
from inference.images import MAX_PIXELS, PAD_VALUE
from inference.masked import Masked
from inference.masks import Masks
from inference.seats import Seats
from inference.students import Students


class Drawing:
    """What one browser draws: a still, and the boxes of both kinds in its pixels."""

    def __init__(self) -> None:
        self.still: np.ndarray | None = None
        self.boxes: dict[Kind, list[Box]] = {"seat": [], "mask": []}
        self.kind: Kind = "seat"

    @property
    def size_wh(self) -> tuple[int, int]:
        """Of the still; without one a size for which there are no boxes."""
        return (1, 1) if self.still is None else (self.still.shape[1], self.still.shape[0])

    def seats(self) -> Seats | None:
        """None where none are drawn. Raises SeatsError for two at one place."""
        return Seats(self.size_wh, self.boxes["seat"]) if self.boxes["seat"] else None

    def masks(self) -> Masks | None:
        """None where none are drawn."""
        return Masks(self.size_wh, self.boxes["mask"]) if self.boxes["mask"] else None

    def visible(self) -> np.ndarray:
        """The still as the students are looked for in it; while masks are drawn, all of it. Raises SeatsError without one."""
        if self.kind == "seat":
            return self._needed()
        return self._all()

    def take(self, still: np.ndarray) -> None:
        """Another still: boxes stay, scaled, where it has the same proportions. Where not, they would lie elsewhere, and go."""
        frame_hw = still.shape[0], still.shape[1]
        drawn: list[tuple[Kind, Callable[[], Seats | Masks | None]]] = [("seat", self.seats), ("mask", self.masks)]
        kept: dict[Kind, list[Box]] = {"seat": [], "mask": []}
        for kind, places_of in drawn:
            with contextlib.suppress(SeatsError):
                places = places_of()
                kept[kind] = [] if places is None else boxes_on(places, frame_hw)
        self.still, self.boxes = still, kept

    def students(self, finder: Students | None) -> Students:
        """What is drawn as a way of saying where the students are; masks alone leave that to the finder.

        Raises SeatsError where nothing says it.
        """
        students: Students | None = self.seats()
        masks = self.masks()
        if students is None and masks is not None:
            students = finder
        if students is None:
            raise SeatsError("Expected a seat, got none. Draw at least one seat first.", code="seats_needed")
        return students if masks is None else Masked(students, masks)

    def turn_to(self, kind: Kind) -> None:
        """Go on with the seats or with the masks."""
        self.kind = kind

    def find(self, finder: Students | None) -> None:
        """Seats where students are found, outside of the masks. Raises SeatsError where there is nobody."""
        self.kind = "seat"
        found = [] if finder is None else finder.find(self._needed()).tolist()
        if not found:
            raise SeatsError("Nobody was found in this still. Draw the seats, or fill it with a grid.", code="seats_none")
        self.boxes["seat"] = in_rows([tuple(box[:4]) for box in found])

    def fill(self, rows: float | None, columns: float | None) -> None:
        """Equal seats side by side."""
        height, width = self._needed().shape[:2]
        self.boxes["seat"] = [tuple(box) for box in Seats.grid((width, height), int(rows or 0), int(columns or 0)).boxes]
        self.kind = "seat"

    def number(self) -> None:
        """Seat 1 is the first of the first row."""
        self._needed()
        self.boxes[self.kind] = in_rows(self.boxes[self.kind])

    def remove(self) -> None:
        """All boxes of the kind that is drawn."""
        self._needed()
        self.boxes[self.kind] = []

    def _all(self) -> np.ndarray:
        if self.still is None:
            raise SeatsError("Expected a still, got none. Choose a still first.", code="still_needed")
        return self.still

    def _needed(self) -> np.ndarray:
        """The still without what the masks hide."""
        masks = self.masks()
        return self._all() if masks is None else masks.blank(self._all())

    def load(self, places: Seats | Masks) -> None:
        """The boxes of a file, on the still or, without one, on grey.

        Raises SeatsError for a still of other proportions, and without one for frames that are larger than any that is read.
        """
        if self.still is None:
            self.still = _grey(places.frame_size_wh)
        kind: Kind = "mask" if isinstance(places, Masks) else "seat"
        self.boxes[kind] = boxes_on(places, (self.still.shape[0], self.still.shape[1]))
        self.kind = kind


def _grey(size_wh: tuple[int, int]) -> np.ndarray:
    """In the place of a still; a few bytes of a file must not ask for any memory."""
    width, height = size_wh
    if width * height > MAX_PIXELS:
        raise SeatsError(
            f"The file is for frames of {width} x {height} pixels, too many to draw on without a still. Choose a still first.",
            code="still_large",
            width=width,
            height=height,
        )
    return np.full((height, width, 3), PAD_VALUE, np.uint8)
