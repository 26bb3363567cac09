"""Pictures in: bytes or a file become upright RGB pixels, and any crop becomes a frame of the model's size.

`framed` is the only way of a picture to a network; training's validation calls it too. `fit` is the resize within it.
"""

import io
import os
import struct
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from inference.errors import DataError, ImageError
from inference.limits import limits
from inference.spec import FitRule, ModelSpec

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
UNREAD_SUFFIXES = frozenset({".avif", ".heic", ".heif", ".hif", ".jxl"})
"""Pictures, too, in formats that `decode` does not know. Where they lie in a folder they are told of, not passed over."""
_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
"""Only these decoders of Pillow see a file from outside; others call further programs (EPS) or are rarely tested."""
MAX_PIXELS = limits().picture_pixels
"""Larger pictures are refused before they are decoded (3 bytes a pixel, so 267 MB). Pillow warns from a little above it."""
MAX_BYTES = limits().picture_bytes
"""Larger files are refused before they are read."""
PAD_VALUE = 114
"""Grey level of the border that the rule `pad` adds, 0..255."""
HALVED_FROM = 3
"""A picture so many times too large in both directions is halved first, see `fit`."""
HALVED_FROM_QUICKLY = 2
"""The same for a quick resize."""

_DAMAGED = (OSError, ValueError, SyntaxError, LookupError, TypeError, EOFError, OverflowError, RuntimeError, struct.error)
"""What Pillow's decoders raise on damaged files."""
UNREADABLE = (*_DAMAGED, MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning)
"""All that Pillow raises where it gives no picture, for those who do not use `decode`."""
_SIXTEEN_BIT_MODES = ("I;16", "I;16L", "I;16B", "I;16N", "I")


def decode(
    source: bytes | str | Path, *, name: str = "", max_pixels: int = MAX_PIXELS, least_side: int | None = None
) -> np.ndarray:
    """Read one picture: `(H, W, 3) uint8 RGB`, upright (EXIF orientation applied), first frame of an animation.

    16-bit pictures are scaled to 8 bits and transparent ones are laid on white. `name` is what messages call the picture.
    `least_side`: a JPEG may come smaller by a whole factor, with no side below that; it is read in a fraction of the time.
    Raises ImageError for anything that is not a whole picture of at most `max_pixels` pixels.
    """
    name = name or ("The picture" if isinstance(source, bytes) else str(source))
    data = source if isinstance(source, bytes) else _read(Path(source), name)
    if not data:
        raise ImageError(f"{name} is empty (0 bytes). Copy or upload it again.", code="image_empty", name=name)
    if len(data) > MAX_BYTES:
        raise ImageError(
            f"{name} has {len(data) / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read. Make it smaller.",
            code="image_heavy",
            name=name,
            most=f"{MAX_BYTES / 1e6:.0f}",
        )
    try:
        picture = Image.open(io.BytesIO(data), formats=_FORMATS)
        width, height = picture.size
        if width * height > max_pixels:
            raise ImageError(
                f"{name} has {width} x {height} pixels; at most {max_pixels / 1e6:.0f} million are read. Make it smaller.",
                code="image_large",
                name=name,
                width=width,
                height=height,
            )
        if least_side is not None and picture.format == "JPEG" and picture.mode in ("RGB", "L"):
            picture.draft(picture.mode, (least_side, least_side))
        return np.ascontiguousarray(_rgb(picture))
    except UnidentifiedImageError as error:
        raise ImageError(
            f"{name} is not a picture that can be read. Use JPEG, PNG, WebP, BMP, GIF or TIFF.", code="image_unknown", name=name
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(f"{name} has too many pixels. Make it smaller.", code="image_pixels", name=name) from error
    except MemoryError as error:
        raise ImageError(f"{name} does not fit into memory. Make it smaller.", code="image_memory", name=name) from error
    except _DAMAGED as error:
        raise ImageError(
            f"{name} is damaged or cut short ({error}). Copy or upload it again.", code="image_damaged", name=name
        ) from error


def _read(path: Path, name: str) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            most = f"{MAX_BYTES / 1e6:.0f}"
            raise ImageError(f"{name} has more than {most} MB. Make it smaller.", code="image_heavy", name=name, most=most)
        return path.read_bytes()
    except OSError as error:
        raise ImageError(f"{name} cannot be read: {error.strerror or error}.", code="image_unreadable", name=name) from error


def _rgb(picture: Image.Image) -> np.ndarray:
    picture = ImageOps.exif_transpose(picture)
    if picture.mode in _SIXTEEN_BIT_MODES:
        return cv2.cvtColor(_eight_bits(np.asarray(picture).astype(np.float64)), cv2.COLOR_GRAY2RGB)
    if picture.mode == "F":
        raise ImageError("The picture has floating-point pixels. Save it as an 8-bit JPEG or PNG.", code="image_float")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        background = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(background, picture)
    return np.asarray(picture.convert("RGB"))


def _eight_bits(grey: np.ndarray) -> np.ndarray:
    return np.clip(grey / 257.0, 0, 255).round().astype(np.uint8)


def framed(picture: np.ndarray, spec: ModelSpec) -> np.ndarray:
    """A picture `(h, w, 3) uint8 RGB` as the network of that fact sheet takes it, `(H, W, 3) uint8 RGB`.

    A finder's frames are resized quickly: the whole frame of a room is large. Raises ImageError if `picture` is no such array.
    """
    return fit(picture, spec.input_size_hw, spec.fit, quick=spec.task == "find")


def fit(image: np.ndarray, size_hw: tuple[int, int], rule: FitRule, *, quick: bool = False) -> np.ndarray:
    """Bring a crop to the model's size: `(h, w, 3) uint8` -> `(H, W, 3) uint8`, same channel order.

    `pad`: whole crop, proportions kept, centred on grey; `squash`: whole crop, proportions changed;
    `crop`: the largest centred part with the right proportions. Shrinking averages areas, enlarging is bilinear; a picture
    that is far too large is halved first, which costs a fifth (`benchmarks.resize`). `quick` takes the means of 2 x 2
    pixels of a bilinear resize to twice the size instead of areas, at little more than half the cost of areas.
    Raises ImageError if `image` is no such array.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or 0 in image.shape:
        raise ImageError(f"Expected pixels of shape (h, w, 3) uint8, got {image.shape} {image.dtype}.")
    height, width = size_hw
    if rule == "crop":
        image = _centre_crop(image, height / width)
    if rule != "pad":
        return _resize(image, height, width, quick=quick)
    top, left, inner_h, inner_w = padding((image.shape[0], image.shape[1]), size_hw)
    frame = np.full((height, width, 3), PAD_VALUE, np.uint8)
    place = frame[top : top + inner_h, left : left + inner_w]
    resized = _resize(image, inner_h, inner_w, quick=quick, into=place)
    if resized is not place:
        place[:] = resized
    return frame


def padding(image_hw: tuple[int, int], size_hw: tuple[int, int]) -> tuple[int, int, int, int]:
    """Where `fit` by `pad` puts a crop in its frame: top, left, height and width, pixels of the frame."""
    scale = min(size_hw[0] / image_hw[0], size_hw[1] / image_hw[1])
    inner_h, inner_w = max(1, round(image_hw[0] * scale)), max(1, round(image_hw[1] * scale))
    return (size_hw[0] - inner_h) // 2, (size_hw[1] - inner_w) // 2, inner_h, inner_w


def _centre_crop(image: np.ndarray, height_per_width: float) -> np.ndarray:
    h, w = image.shape[:2]
    new_h, new_w = max(1, min(h, round(w * height_per_width))), max(1, min(w, round(h / height_per_width)))
    top, left = (h - new_h) // 2, (w - new_w) // 2
    return image[top : top + new_h, left : left + new_w]


def _resize(image: np.ndarray, height: int, width: int, *, quick: bool, into: np.ndarray | None = None) -> np.ndarray:
    """The picture at another size, written to `into` where OpenCV can."""
    image = _halved(image, height, width, HALVED_FROM_QUICKLY if quick else HALVED_FROM)
    if image.shape[:2] == (height, width):
        return image
    if height >= image.shape[0] and width >= image.shape[1]:
        return cv2.resize(image, (width, height), dst=into, interpolation=cv2.INTER_LINEAR)
    if quick:
        image = cv2.resize(image, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    return cv2.resize(image, (width, height), dst=into, interpolation=cv2.INTER_AREA)


def _halved(image: np.ndarray, height: int, width: int, least: int) -> np.ndarray:
    """Means of 2 x 2 pixels, again and again while both sides are at least `least` times too long; an odd last row goes."""
    while image.shape[0] >= least * height and image.shape[1] >= least * width:
        half_h, half_w = image.shape[0] // 2, image.shape[1] // 2
        image = cv2.resize(image[: 2 * half_h, : 2 * half_w], (half_w, half_h), interpolation=cv2.INTER_AREA)
    return image


def find_images(place: Path, suffixes: frozenset[str] = IMAGE_SUFFIXES) -> Iterator[tuple[str, Path]]:
    """Pictures of a folder, searched deep, as `(name relative to it, path)` in sorted order; a file gives itself.

    `suffixes`, in small letters, are the endings looked for. Hidden files and folders are passed over. Links are followed, and no
    folder is searched twice. Links that lead nowhere and folders that cannot be listed are given, too, for the reader to name.
    Raises DataError if there is no such place or no picture in it.
    """
    if place.is_file():
        yield place.name, place
        return
    if not place.is_dir():
        raise DataError(f"{place} does not exist. Give a picture or a folder of pictures.")
    paths = sorted(_below(place, suffixes))
    if paths == [place]:
        raise DataError(f"The folder {place} cannot be opened. Allow yourself to read it, or give another one.")
    if not paths:
        looked_for = ", ".join(sorted(suffixes - UNREAD_SUFFIXES))
        raise DataError(f"Found 0 pictures in {place} (looked for {looked_for}, also in folders below).")
    for path in paths:
        yield path.relative_to(place).as_posix(), path


def _below(folder: Path, suffixes: frozenset[str]) -> Iterator[Path]:
    """What `find_images` gives. Links to folders come last, so that a folder which is here itself keeps its own name."""
    waiting, searched = deque([folder]), set[str]()
    while waiting:
        parent = waiting.popleft()
        real = os.path.realpath(parent)
        if real in searched:
            continue
        searched.add(real)
        try:
            paths = sorted(path for path in parent.iterdir() if not path.name.startswith("."))
        except OSError:
            yield parent
            continue
        for path in paths:
            if os.path.isdir(path):  # noqa: PTH112  # Path's own raises where nobody may look
                waiting.append(path) if path.is_symlink() else waiting.appendleft(path)
            elif _is_picture(path, suffixes):
                yield path


def _is_picture(path: Path, suffixes: frozenset[str]) -> bool:
    """By its name; a link that leads nowhere and has no ending may have led to a folder of pictures."""
    if os.path.isfile(path):  # noqa: PTH113
        return path.suffix.lower() in suffixes
    return not os.path.exists(path) and path.suffix.lower() in {*suffixes, ""}  # noqa: PTH110
