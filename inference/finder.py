"""`Finder`: a detector of ours finds every student in a frame of a room.

finder = Finder("models/students.onnx")
boxes = finder.find(decode("class.jpg"))  # (n, 5) float32: x0, y0, x1, y1, score

The graph leaves overlapping boxes in; `inference.boxes` thins them out and maps them back to the picture.
"""

from pathlib import Path

import numpy as np

from inference.boxes import boxes_in, unsuppressed
from inference.errors import ModelError
from inference.images import framed
from inference.session import Session

TILED_FROM = 2.5
"""A frame whose proportions differ from the finder's by this factor or more is also looked at in tiles: as one padded frame
it would use less than this share (1 / 2.5) of the finder's pixels. A 3:4 photograph before a 16:9 finder stays below it."""
OVERLAP = 0.25
"""Share of a tile that it has in common with the next, so that a student whom one tile cuts is whole in the other."""
MOST_TILES = 12
"""Of one frame; beyond that the tiles become longer."""
CUT = 0.01
"""A box that ends this close to a cut, as a share of the tile, is taken for a part of a student."""


class Finder:
    """One finder on one device. Raises ModelError or ProviderError when it cannot be what was asked for."""

    name = "finder"

    def __init__(self, model: str | Path, *, provider: str = "auto", threads: int = 0) -> None:
        """`threads`: of one `session.run`; 0 lets ONNX Runtime use every core."""
        self.path = Path(model)
        self._session = Session(self.path, "find", provider=provider, threads=threads)
        self.spec = self._session.spec
        if self.spec.thresholds is None or self.spec.fit != "pad":
            raise ModelError(
                f"The fact sheet of {self.path} must have a threshold and the resize rule 'pad', "
                f"got {self.spec.thresholds} and {self.spec.fit!r}. Export the finder again."
            )
        self.threshold = self.spec.thresholds[0]
        """Least score of a box that is given out, 0..1; may be set to another value."""

    @property
    def provider(self) -> str:
        """What computes, `cpu` for one; another than at the start when the device was lost meanwhile."""
        return self._session.provider

    def find(self, frame: np.ndarray) -> np.ndarray:
        """`(H, W, 3) uint8 RGB` of any size -> `(n, 5) float32`: x0, y0, x1, y1 in pixels of the frame, score; best first.

        A very elongated frame is looked at whole and in tiles of the finder's own proportions. Raises ImageError if `frame`
        is no such array.
        """
        found = self._look(frame)
        places = tiles((frame.shape[0], frame.shape[1]), self.spec.input_size_hw)
        if not places:
            return found
        every = np.concatenate([found, *(self._look_at_tile(frame, place) for place in places)])
        every = every[np.argsort(-every[:, 4], kind="stable")]
        return every[unsuppressed(every[:, :4], self.spec.nms_iou)]

    def _look(self, frame: np.ndarray) -> np.ndarray:
        boxes, scores = self._session.run(framed(frame, self.spec)[None])
        return boxes_in(boxes[0], scores[0], (frame.shape[0], frame.shape[1]), self.spec, threshold=self.threshold)

    def _look_at_tile(self, frame: np.ndarray, place: tuple[int, int, int, int]) -> np.ndarray:
        x0, y0, x1, y1 = place
        found = self._look(frame[y0:y1, x0:x1]) + np.array([x0, y0, x0, y0, 0], np.float32)
        return found[~cut(found, place, (frame.shape[0], frame.shape[1]))]


def tiles(size_hw: tuple[int, int], finder_hw: tuple[int, int]) -> list[tuple[int, int, int, int]]:
    """x0, y0, x1, y1 of the parts in which a frame of `size_hw` is looked at; none unless it is very elongated."""
    height, width = size_hw
    proportion = (width / height) / (finder_hw[1] / finder_hw[0])
    if 1 / TILED_FROM < proportion < TILED_FROM:
        return []
    if proportion > 1:
        return [(low, 0, high, height) for low, high in _spans(width, height * finder_hw[1] / finder_hw[0])]
    return [(0, low, width, high) for low, high in _spans(height, width * finder_hw[0] / finder_hw[1])]


def _spans(length: int, tile: float) -> list[tuple[int, int]]:
    """Where tiles of one length begin and end so that they cover `length` and overlap by at least `OVERLAP`."""
    count = min(MOST_TILES, int(np.ceil((length / tile - OVERLAP) / (1 - OVERLAP))))
    tile = min(length, max(2.0, tile, length / (count - (count - 1) * OVERLAP)))  # from 2 pixels on none is rounded away
    starts = np.linspace(0, length - tile, count)
    return [(round(start), min(length, round(start + tile))) for start in starts.tolist()]


def cut(boxes: np.ndarray, place: tuple[int, int, int, int], size_hw: tuple[int, int]) -> np.ndarray:
    """Which boxes `(n, 5)` end where their tile ends and the frame goes on, `(n,) bool`: another tile shows all of them."""
    x0, y0, x1, y1 = place
    near_x, near_y = CUT * (x1 - x0), CUT * (y1 - y0)
    return (
        ((boxes[:, 0] <= x0 + near_x) & (x0 > 0))
        | ((boxes[:, 1] <= y0 + near_y) & (y0 > 0))
        | ((boxes[:, 2] >= x1 - near_x) & (x1 < size_hw[1]))
        | ((boxes[:, 3] >= y1 - near_y) & (y1 < size_hw[0]))
    )
