"""What happens to a training picture before it becomes a frame; everything on `uint8` pixels with OpenCV and numpy.

`Augmenter` does three things. It moves and mirrors the crop, as a finder's boxes would. It gives the picture another
camera's style: the size in pixels, the colours and the compression of some other training picture, so that neither
sharpness nor colour says which class a picture is of (Reinhard et al. 2001, "Color Transfer between Images", for the
colours). And it may erase a part (Zhong et al. 2020, "Random Erasing").
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from inference.images import fit
from inference.spec import FitRule
from training import policies


@dataclass(frozen=True)
class Augmentation:
    """How much of each; probabilities 0..1."""

    hflip: float = 0.5
    """Probability of a mirror image."""
    shift: float = 0.08
    """Each side of the crop moves by up to this share of the side's length, inwards or outwards."""
    rotate: float = 8.0
    """Turned by up to this many degrees."""
    stretch: float = 0.15
    """Width against height changes by up to this share."""
    style: float = 0.7
    """Probability of the style of another camera."""
    colour: float = 0.25
    """Brightness, contrast and saturation change by up to this share."""
    reprob: float = 0.2
    """Probability of an erased rectangle."""
    least_part: float = 1.0
    """A random part of at least this share of the area is shown; 1: always the whole."""
    policy: str = ""
    """Name of a policy that frames go through, see `training.policies`; empty: none."""


@dataclass(frozen=True)
class Style:
    """What makes a camera: size of a head in pixels, and mean and spread per channel."""

    longest_side: int
    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def of(cls, picture: np.ndarray) -> "Style":
        """Measured on `(h, w, 3) uint8`."""
        small = picture[::4, ::4].reshape(-1, 3).astype(np.float32)
        return cls(max(picture.shape[:2]), small.mean(0), small.std(0))


class Augmenter:
    """Pictures of any size -> frames `(H, W, 3) uint8 RGB`, at random but for the generator handed in."""

    def __init__(
        self, settings: Augmentation, size_hw: tuple[int, int], rule: FitRule, styles: Callable[[np.random.Generator], Style]
    ) -> None:
        """`styles` draws the style that a picture is to take on."""
        self._settings = settings
        self._size_hw = size_hw
        self._rule = rule
        self._styles = styles
        self._policy = policies.named(settings.policy) if settings.policy else None

    def __call__(self, picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """One augmented frame."""
        s = self._settings
        if s.least_part < 1:
            picture = part(picture, rng, s.least_part)
        picture = move(picture, rng, shift=s.shift, rotate=s.rotate, stretch=s.stretch, mirror=rng.random() < s.hflip)
        if rng.random() < s.style:
            picture = restyle(picture, self._styles(rng), rng)
        picture = recolour(picture, rng, s.colour)
        frame = fit(picture, self._size_hw, self._rule)
        if self._policy is not None:
            frame = self._policy(frame, rng)
        if rng.random() < s.reprob:
            erase(frame, rng)
        return frame


def part(picture: np.ndarray, rng: np.random.Generator, least: float) -> np.ndarray:
    """A random part of about the same proportions, of `least` to all of the area (after Szegedy et al. 2015, section 6)."""
    h, w = picture.shape[:2]
    side = rng.uniform(least, 1.0) ** 0.5
    ratio = np.exp(rng.uniform(-0.15, 0.15))
    part_h, part_w = max(8, min(h, round(h * side * ratio))), max(8, min(w, round(w * side / ratio)))
    top, left = int(rng.integers(0, max(1, h - part_h + 1))), int(rng.integers(0, max(1, w - part_w + 1)))
    return picture[top : top + part_h, left : left + part_w]


def move(
    picture: np.ndarray, rng: np.random.Generator, *, shift: float, rotate: float, stretch: float, mirror: bool
) -> np.ndarray:
    """Another box around the same person: sides moved, slightly turned and stretched, maybe mirrored."""
    h, w = picture.shape[:2]
    left, top, right, bottom = rng.uniform(-shift, shift, size=4) * (w, h, w, h)
    new_w, new_h = w - left + right, h - top + bottom
    ratio = np.exp(rng.uniform(-stretch, stretch) / 2)
    out_w, out_h = max(8, round(new_w * ratio)), max(8, round(new_h / ratio))
    matrix = cv2.getRotationMatrix2D((w / 2, h / 2), float(rng.uniform(-rotate, rotate)), 1.0)
    matrix[:, 2] -= (left, top)
    scale = np.array([[out_w / new_w], [out_h / new_h]])
    matrix = matrix * scale
    if mirror:
        matrix[0] = -matrix[0]
        matrix[0, 2] += out_w - 1
    return cv2.warpAffine(picture, matrix, (out_w, out_h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def restyle(picture: np.ndarray, style: Style, rng: np.random.Generator) -> np.ndarray:
    """Take on the size, the colours and the compression of another camera."""
    longest = max(24, min(max(picture.shape[:2]), round(style.longest_side * rng.uniform(0.5, 1.1))))
    scale = longest / max(picture.shape[:2])
    size_wh = (max(8, round(picture.shape[1] * scale)), max(8, round(picture.shape[0] * scale)))
    small = cv2.resize(picture, size_wh, interpolation=cv2.INTER_AREA)
    if rng.random() < 0.7:
        small = towards(small, style, float(rng.uniform(0.3, 1.0)))
    return degrade(small, rng)


def degrade(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Blur, noise and JPEG compression of a poor camera, each at random."""
    if rng.random() < 0.3:
        picture = cv2.GaussianBlur(picture, (0, 0), float(rng.uniform(0.4, 1.1)))
    if rng.random() < 0.4:
        noise = rng.standard_normal(picture.shape, dtype=np.float32) * rng.uniform(2, 10)
        picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        _, packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))])
        picture = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR))
    return picture


def towards(picture: np.ndarray, style: Style, amount: float) -> np.ndarray:
    """The colours of another camera, `amount` of the way (0..1)."""
    own = Style.of(picture)
    gain = np.clip(style.std / np.maximum(own.std, 4), 0.5, 2.0)
    slope = (1 - amount) + amount * gain
    offset = amount * (style.mean - own.mean * gain)
    return np.clip(picture * slope.astype(np.float32) + offset.astype(np.float32), 0, 255).astype(np.uint8)


def recolour(picture: np.ndarray, rng: np.random.Generator, amount: float) -> np.ndarray:
    """Brightness, contrast, saturation and a colour cast, each by up to `amount`."""
    values = picture.astype(np.float32)
    brightness, contrast, saturation = 1 + rng.uniform(-amount, amount, size=3)
    cast = 1 + rng.uniform(-amount, amount, size=3) / 4
    mean = values.mean()
    values = (values - mean) * contrast + mean * brightness
    grey = values.mean(axis=2, keepdims=True)
    values = ((values - grey) * saturation + grey) * cast.astype(np.float32)
    return np.clip(values, 0, 255).astype(np.uint8)


def erase(frame: np.ndarray, rng: np.random.Generator) -> None:
    """Fill a rectangle of 2 to 20 % of the frame with noise, in place."""
    h, w = frame.shape[:2]
    area, ratio = rng.uniform(0.02, 0.2) * h * w, np.exp(rng.uniform(-1, 1))
    box_h, box_w = min(h, max(1, round((area * ratio) ** 0.5))), min(w, max(1, round((area / ratio) ** 0.5)))
    top, left = rng.integers(0, h - box_h + 1), rng.integers(0, w - box_w + 1)
    frame[top : top + box_h, left : left + box_w] = rng.integers(0, 256, (box_h, box_w, 3), dtype=np.uint8)
