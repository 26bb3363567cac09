"""`Masks`: regions of a camera's picture that nothing may look at, blanked before anything does; kept in a small JSON file.

    {"taido_masks": 1, "frame_size_wh": [1280, 720], "masks": [[0, 0, 320, 720], ...]}

A mask is x0, y0, x1, y1 in pixels of an upright frame of that size: a door, a window, a student whose parents said no.
The file is written by hand or by `Masks.write`, and read by `Masks.read`; the format is that of `inference.places`.

picture = Masks.read("masks.json").blank(frame)
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from inference.images import PAD_VALUE
from inference.places import Places


@dataclass(frozen=True)
class Masks(Places):
    """Regions of one camera, which may overlap. Raises SeatsError for boxes that cannot be regions of that frame."""

    kind: ClassVar[str] = "mask"
    remedy: ClassVar[str] = (
        'Write the file as {"taido_masks": 1, "frame_size_wh": [width, height], "masks": [[x0, y0, x1, y1], ...]}.'
    )

    def blank(self, picture: np.ndarray) -> np.ndarray:
        """A copy of `(H, W, 3) uint8` with every pixel that a region touches in one grey.

        For a picture of another size but the same proportions the regions are scaled, and a warning says so; raises
        SeatsError for other proportions.
        """
        boxes = self.scaled((picture.shape[0], picture.shape[1]))
        blanked = picture.copy()
        low, high = np.floor(boxes[:, :2]).astype(int), np.ceil(boxes[:, 2:]).astype(int)
        for (x0, y0), (x1, y1) in zip(low.tolist(), high.tolist(), strict=True):
            blanked[y0:y1, x0:x1] = PAD_VALUE
        return blanked
