"""The picture with every student marked, as HTML that holds the picture itself, so that it becomes no file.

marked_html(picture, followed, class_names, text)
`Newest` makes it once for all who look at the same camera of the machine.
"""

import base64
import io
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from threading import Lock

import numpy as np
from PIL import Image

from inference.annotate import annotate_followed
from inference.following import Followed
from inference.snapshot import Snapshot

LONGEST_SIDE = 1280
"""Pixels of the picture that is sent; no page is wider."""
QUALITY = 82
"""Of the JPEG, 0..100."""


def jpeg_address(picture: np.ndarray) -> str:
    """`(H, W, 3) uint8 RGB` as a `data:` address."""
    image, packed = Image.fromarray(picture), io.BytesIO()
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    image.save(packed, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(packed.getvalue()).decode()


def marked_address(picture: np.ndarray, followed: Followed | None, class_names: Sequence[str]) -> str:
    """The picture with a box around everybody, or, where nobody was looked for, the picture alone."""
    return jpeg_address(picture if followed is None else annotate_followed(picture, followed, class_names))


def picture_html(address: str, description: str, *, since: str = "") -> str:
    """`since`: nothing newer comes at present, and since when; it is written into the picture, which is pale then."""
    image = f'<img class="taido-marked{" old" if since else ""}" src="{address}" alt="{escape(description)}">'
    return f'<figure class="taido-figure">{image}<figcaption>{escape(since)}</figcaption></figure>' if since else image


@dataclass(frozen=True)
class _Made:
    """A marked picture, and what it was made of."""

    version: int = -1
    address: str | None = None
    picture: weakref.ref[np.ndarray] | None = None


class Newest:
    """The marked picture of the newest snapshot, made once, however many browsers ask. From any thread.

    It goes when nobody holds the snapshot's picture any more, so that an idle program holds no picture here either.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._made = _Made()
        self.made = 0
        """Pictures that were encoded."""

    def address(self, snapshot: Snapshot) -> str | None:
        """None where the snapshot has no picture. One that is older than what was made gets the newer picture."""
        with self._lock:
            made = self._made
            if snapshot.version > made.version:
                made = self._made = self._encoded(snapshot)
            return made.address

    def _encoded(self, snapshot: Snapshot) -> _Made:
        if snapshot.picture is None:
            return _Made(snapshot.version)
        self.made += 1
        address = marked_address(snapshot.picture, snapshot.followed, snapshot.class_names)
        return _Made(snapshot.version, address, weakref.ref(snapshot.picture, self._forget))

    def _forget(self, picture: weakref.ref[np.ndarray]) -> None:
        """Without the lock, which the thread that lets go of the picture may hold; at worst a newer one is made twice."""
        if self._made.picture is picture:
            self._made = _Made()
