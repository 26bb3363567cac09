"""`Masked`: students who are looked for only outside of privacy masks, wherever `Students` are asked for.

students = Masked(open_students("seats.json", ...), Masks.read("masks.json"))
picture = unmasked(frame, students)  # what may be looked at and shown

Whoever looks at a frame blanks it first, so that the crops and the picture on the page have the regions blanked as well.
"""

from dataclasses import dataclass

import numpy as np

from inference.masks import Masks
from inference.students import Found, Students


@dataclass(frozen=True)
class Masked:
    """A way of finding students, and the masks of the same camera."""

    students: Students
    masks: Masks

    @property
    def name(self) -> str:
        """That of the way of finding them."""
        return self.students.name

    def find(self, frame: np.ndarray) -> Found:
        """Where they are in a frame `(H, W, 3) uint8 RGB`, of which the regions are not seen. Raises as both parts do."""
        return self.students.find(self.masks.blank(frame))


def masks_of(students: Students) -> Masks | None:
    """None where the whole frame may be looked at."""
    return students.masks if isinstance(students, Masked) else None


def unmasked(frame: np.ndarray, students: Students) -> np.ndarray:
    """The frame with the regions blanked; without masks the frame itself."""
    masks = masks_of(students)
    return frame if masks is None else masks.blank(frame)
