"""How a picture was taken, measured on its pixels, so that scores can be told apart by it.

    measured = measure(picture)          # size, sharpness, brightness
    parts = {"size": size_part(measured.size), ...}

What cannot be measured honestly is not: whether a student is seen from the front or from the side is a column that somebody
fills in (`--by view`), because a face detector that sees no face says as much about the picture's size as about the side.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

SIZES = (32, 64, 128, 256)
"""Edges of the parts by size, pixels of the shorter side."""
BRIGHTNESS = (64, 96, 128, 160)
"""Edges of the parts by brightness, mean grey 0..255."""
SHARPNESS_SIDE = 96
"""Longest side at which sharpness is measured, pixels: pictures of different sizes are compared by the detail a model can see."""


@dataclass(frozen=True)
class Conditions:
    """Of one picture."""

    size: int
    """Shorter side, pixels."""
    sharpness: float
    """Standard deviation of the Laplacian of the grey picture (after Pech-Pacheco et al. 2000), divided by that of the grey
    values, so that a low contrast alone does not count as blur."""
    brightness: float
    """Mean grey, 0..255."""


def measure(picture: np.ndarray) -> Conditions:
    """Of `(h, w, 3) uint8 RGB`."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    scale = SHARPNESS_SIDE / max(grey.shape)
    size_wh = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    small = cv2.resize(grey, size_wh, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    contrast = float(small.std())
    sharpness = float(cv2.Laplacian(small, cv2.CV_64F).std()) / contrast if contrast > 0 else 0.0
    return Conditions(min(picture.shape[:2]), sharpness, float(grey.mean()))


def parts(conditions: Sequence[Conditions]) -> dict[str, list[str]]:
    """For each condition the part that every picture belongs to; the names of parts sort from small to large."""
    sharpness = np.array([c.sharpness for c in conditions])
    edges = [float(edge) for edge in np.round(np.quantile(sharpness, (1 / 3, 2 / 3)), 2)] if len(sharpness) else []
    return {
        "size": [_between(c.size, SIZES) for c in conditions],
        "sharpness": [_between(c.sharpness, edges) for c in conditions],
        "brightness": [_between(c.brightness, BRIGHTNESS) for c in conditions],
    }


def _between(value: float, edges: Sequence[float]) -> str:
    """`0-31`, `32-63`, ... `256+` for whole edges; the number before the name makes names sort."""
    at = sum(value >= edge for edge in edges)
    low = "" if at == 0 else f"{edges[at - 1]:g}"
    high = "" if at == len(edges) else f"{edges[at]:g}"
    return f"{at + 1}: " + (f"{low} – {high}" if low and high else f"< {high}" if high else f"≥ {low}" if low else "–")
