"""Whether a file holds a frame: as a picture of any format, anywhere in it and also in base64, or as raw pixels.

pattern = Pattern(seed=1)
holds(Path("lessons.db").read_bytes(), pattern)

A pattern is a picture of eight by eight colours that no other picture has; it is known again after JPEG, scaling and boxes drawn
over it.
"""

import base64
import io
import re
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

SIZE_WH = (160, 120)
ALIKE = 0.7
"""Correlation from which two pictures count as the same."""
STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
MOST_STARTS = 200
"""Places in one file at which a picture is looked for."""


@dataclass(frozen=True)
class Pattern:
    """Frames that are known again."""

    seed: int

    @property
    def cells(self) -> np.ndarray:
        """`(8, 8, 3) uint8`."""
        return np.random.default_rng(self.seed).integers(0, 256, (8, 8, 3), dtype=np.uint8)

    @property
    def pixels(self) -> np.ndarray:
        """`(120, 160, 3) uint8 RGB`."""
        return cv2.resize(self.cells, SIZE_WH, interpolation=cv2.INTER_NEAREST)

    def encoded(self, kind: str = "JPEG") -> bytes:
        """As the file of a picture."""
        file = io.BytesIO()
        Image.fromarray(self.pixels).save(file, kind)
        return file.getvalue()

    def is_like(self, picture: np.ndarray) -> bool:
        """Whether it shows the pattern, whole."""
        small = cv2.resize(picture, (8, 8), interpolation=cv2.INTER_AREA).astype(float).ravel()
        if small.std() < 1:
            return False
        turned = [self.cells.astype(float).ravel(), self.cells[..., ::-1].astype(float).ravel()]
        return max(float(np.corrcoef(small, cells)[0, 1]) for cells in turned) > ALIKE


def holds(data: bytes, pattern: Pattern) -> bool:
    """Whether any of it shows the pattern."""
    return any(_holds_picture(part, pattern) or _holds_pixels(part, pattern) for part in (data, *_from_base64(data)))


def _from_base64(data: bytes) -> list[bytes]:
    found = re.findall(rb"[A-Za-z0-9+/\r\n]{200,}={0,2}", data)[:50]
    parts = []
    for text in found:
        clean = re.sub(rb"\s", b"", text)
        parts.append(base64.b64decode(clean[: len(clean) // 4 * 4]))
    return parts


def _holds_picture(data: bytes, pattern: Pattern) -> bool:
    starts = [match.start() for start in STARTS for match in re.finditer(re.escape(start), data)]
    for at in starts[:MOST_STARTS]:
        picture = cv2.imdecode(np.frombuffer(data[at:], np.uint8), cv2.IMREAD_COLOR)
        if picture is not None and pattern.is_like(picture):
            return True
    return False


def _holds_pixels(data: bytes, pattern: Pattern) -> bool:
    """A piece of a row, as colours in either order, or as numbers of four bytes."""
    row = pattern.pixels[60, 10:40]
    shapes = (row, row[:, ::-1], row.astype(np.float32), (row / 255).astype(np.float32), row[:, 0])
    return any(np.ascontiguousarray(shape).tobytes() in data for shape in shapes)
