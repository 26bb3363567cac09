"""Augmentation policies by name, each from a frame to a frame.

rand-m9-mstd0.5     timm's RandAugment (Cubuk et al. 2020)
v0, original, 3a    timm's AutoAugment (Cubuk et al. 2019)
augmix-m3-w3        timm's AugMix (Hendrycks et al. 2020)
pspnet              random mirror, resize 0.5 to 2, rotation within 10 degrees, Gaussian blur (Zhao et al. 2017, section 4)
"""

import random
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image
from timm.data.auto_augment import augment_and_mix_transform, auto_augment_transform, rand_augment_transform

from inference.errors import DataError
from inference.images import PAD_VALUE

Policy = Callable[[np.ndarray, np.random.Generator], np.ndarray]
"""`(H, W, 3) uint8 RGB` to the same shape, at random but for the generator handed in."""


def named(name: str) -> Policy:
    """Raises DataError for an unknown one."""
    return pspnet if name == "pspnet" else _timm(name)


def pspnet(frame: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Mirrored, smaller or larger, turned and blurred; what leaves the frame is cut off, what is lacking is grey."""
    h, w = frame.shape[:2]
    matrix = cv2.getRotationMatrix2D(((w - 1) / 2, (h - 1) / 2), float(rng.uniform(-10, 10)), float(np.exp2(rng.uniform(-1, 1))))
    if rng.random() < 0.5:
        matrix = matrix @ np.array([[-1, 0, w - 1], [0, 1, 0], [0, 0, 1]], np.float64)
    grey = (PAD_VALUE,) * 3
    turned = cv2.warpAffine(frame, matrix, (w, h), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=grey)
    return cv2.GaussianBlur(turned, (5, 5), 0) if rng.random() < 0.5 else turned


def _timm(name: str) -> Policy:
    kinds = {"rand": rand_augment_transform, "augmix": augment_and_mix_transform}
    make = kinds.get(name.split("-", maxsplit=1)[0], auto_augment_transform)
    try:
        policy: Callable[[Image.Image], Image.Image] = make(name, {"img_mean": (PAD_VALUE,) * 3, "translate_const": 40})
    except (AssertionError, ValueError, KeyError) as error:
        raise DataError(f"timm knows no augmentation {name!r} ({error}). Use for example --aa rand-m9-mstd0.5.") from error

    def apply(frame: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        random.seed(int(rng.integers(2**31)))  # timm draws from Python's and numpy's global generators
        np.random.seed(int(rng.integers(2**31)))  # noqa: NPY002
        return np.array(policy(Image.fromarray(frame)))

    return apply
