"""What happens to a frame before the finder trains on it: a part of it at another scale, mirrored, in other colours.

Boxes go with the pixels. A student of whom less than `VISIBLE` is left in the part counts neither way.
"""

from collections.abc import Callable

import cv2
import numpy as np

from inference.images import PAD_VALUE
from training.augment import Style, degrade, recolour, towards

VISIBLE = 0.4
"""Least share of a box that must lie inside the part for it to be looked for."""

CROSSING = (0.3, 0.7)
"""Where the four pictures of a mosaic meet, as a share of its side."""

Part = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Pixels `(H, W, 3) uint8`, students `(n, 4)` and ignored boxes `(m, 4)`, both float32 in these pixels."""


def mosaic(draw: Callable[[int], Part], rng: np.random.Generator, *, size: int) -> Part:
    """A picture of `size` x `size` pixels from four parts that meet in one point (Bochkovskiy et al. 2020, YOLOv4, section 3.3).

    `draw(side)` gives a square part of another frame. A student of whom less than `VISIBLE` is left counts neither way.
    """
    across, down = (round(float(at) * size) for at in rng.uniform(*CROSSING, size=2))
    pixels = np.empty((size, size, 3), np.uint8)
    students, ignored = [], []
    for left, right in ((0, across), (across, size)):
        for top, bottom in ((0, down), (down, size)):
            width, height = right - left, bottom - top
            piece, inside, others = draw(max(width, height))
            pixels[top:bottom, left:right] = piece[:height, :width]
            kept, rest = _clip(inside, others, (width, height))
            corner = np.array([left, top, left, top], np.float32)
            students.append(kept + corner)
            ignored.append(rest + corner)
    return pixels, np.concatenate(students), np.concatenate(ignored)


def part(
    picture: np.ndarray,
    students: np.ndarray,
    ignored: np.ndarray,
    rng: np.random.Generator,
    *,
    size: int,
    zoom: tuple[float, float],
    colour: float,
    style: Style | None = None,
) -> Part:
    """A random part of a frame: pixels `(size, size, 3) uint8`, students `(n, 4)` and ignored boxes `(m, 4) float32`.

    `zoom` bounds the factor from pixels of the frame to pixels of the part. Where the part reaches beyond the frame it
    is grey, as in the frames that serving fits. `style` is that of the camera whose colours the part takes on.
    """
    height, width = picture.shape[:2]
    scale = float(np.exp(rng.uniform(np.log(zoom[0]), np.log(zoom[1]))))
    stretch = float(np.exp(rng.uniform(-0.12, 0.12)))
    scale_xy = np.array([scale * stretch, scale / stretch])
    corner = _corner(rng, np.array([width, height]) * scale_xy, students * np.tile(scale_xy, 2), size)
    mirror = rng.random() < 0.5
    matrix = np.array([[scale_xy[0], 0, -corner[0]], [0, scale_xy[1], -corner[1]]])
    if mirror:
        matrix[0] = [-scale_xy[0], 0, size - 1 + corner[0]]
    shrinks = scale < 0.7
    if shrinks:  # average areas first: a warp alone would skip pixels and make other edges than serving does
        target = (max(1, round(width * scale_xy[0])), max(1, round(height * scale_xy[1])))
        picture = cv2.resize(picture, target, interpolation=cv2.INTER_AREA)
        matrix[:, :2] /= scale_xy
    fill = (PAD_VALUE,) * 3
    pixels = cv2.warpAffine(picture, matrix, (size, size), flags=cv2.INTER_LINEAR, borderValue=fill)
    if style is not None:
        pixels = towards(pixels, style, float(rng.uniform(0.3, 1.0)))
    pixels = recolour(pixels, rng, colour)
    if rng.random() < 0.15:
        pixels = cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    if rng.random() < 0.4:
        pixels = degrade(pixels, rng)

    def moved(boxes: np.ndarray) -> np.ndarray:
        result = boxes * np.tile(scale_xy, 2) - np.tile(corner, 2)
        return np.stack([size - result[:, 2], result[:, 1], size - result[:, 0], result[:, 3]], axis=1) if mirror else result

    return pixels, *_clip(moved(students), moved(ignored), (size, size))


def _corner(rng: np.random.Generator, extent_xy: np.ndarray, boxes: np.ndarray, size: int) -> np.ndarray:
    """Top left corner of the part, in pixels after scaling: near a student nine times in ten, anywhere else."""
    slack = extent_xy - size
    if len(boxes) and rng.random() < 0.9:
        box = boxes[rng.integers(len(boxes))]
        corner = (box[:2] + box[2:]) / 2 - rng.uniform(0.15, 0.85, size=2) * size
    else:
        corner = rng.uniform(0, 1, size=2) * slack
    beyond = 0.1 * size
    low = np.where(slack > 0, -beyond, slack - beyond)
    high = np.where(slack > 0, slack + beyond, beyond)
    return np.clip(corner, low, high)


def _clip(students: np.ndarray, ignored: np.ndarray, size_wh: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    area = np.prod(np.clip(students[:, 2:] - students[:, :2], 1e-6, None), axis=1)
    within = np.tile(size_wh, 2)
    inside = np.clip(students, 0, within)
    left = np.prod(inside[:, 2:] - inside[:, :2], axis=1) / area
    large = ((inside[:, 2:] - inside[:, :2]) >= 4).all(axis=1)
    kept = (left >= VISIBLE) & large
    rest = np.concatenate([inside[~kept & (left > 0)], np.clip(ignored, 0, within)])
    return inside[kept].astype(np.float32), rest.astype(np.float32)
