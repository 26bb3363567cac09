"""`Limits`: how much of anything that comes from outside is taken, in one place; what is over is refused with a message.

    TAIDO_LIMITS="picture_pixels=24e6,photographs=50" python app.py

The environment sets them for the app, the command line and a container alike; an unknown name or a value out of range ends it.
"""

import dataclasses
import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass

from inference.errors import TaidoError

VARIABLE = "TAIDO_LIMITS"
LARGEST = 1e12


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Safe for a machine of 4 GB; smaller values for a machine that strangers reach."""

    picture_pixels: int = 89_000_000
    """Of a picture or a frame of a video; larger ones are refused before they are decoded (3 bytes a pixel, so 267 MB)."""
    picture_bytes: int = 200_000_000
    """Of a picture's file; larger ones are refused before they are read."""
    photographs: int = 200
    """Of one call or one drop on the Photos page."""
    photograph_bytes: int = 50_000_000
    """Of one of these photographs."""
    video_bytes: int = 2_000_000_000
    """Of an uploaded recording."""
    video_seconds: int = 3 * 3600
    """Of an uploaded recording."""
    video_frames: int = 1_000_000
    """Read from an uploaded recording, looked at or not, whatever its header says."""
    call_seconds: int = 3600
    """That one call of the API may work; what it has not done by then is refused."""
    request_bytes: int = 64_000_000
    """Of the body of a request that is no upload, a frame of a webcam among them."""
    waiting_calls: int = 100
    """Calls and pages that wait for their turn; a further one is told to come again later."""
    batch: int = 32
    """Students whose crops go through the network at once, so that memory stays bounded."""
    model_bytes: int = 2_000_000_000
    """Of a model file."""

    @classmethod
    def of(cls, written: str) -> "Limits":
        """From `name=number,name=number`; raises TaidoError for what is none of ours."""
        known = {field.name for field in dataclasses.fields(cls)}
        values = {}
        for part in filter(None, (part.strip() for part in written.split(","))):
            name, _, number = part.partition("=")
            if name.strip() not in known:
                raise TaidoError(f"Unknown limit {name.strip()[:60]!r} in {VARIABLE}; known are {', '.join(sorted(known))}.")
            values[name.strip()] = _whole(name.strip(), number)
        return cls(**values)

    @property
    def video_hours(self) -> float:
        """`video_seconds`, as messages say it."""
        return self.video_seconds / 3600


def _whole(name: str, number: str) -> int:
    try:
        value = float(number)
    except ValueError:
        value = 0.0
    if not 1 <= value <= LARGEST:
        raise TaidoError(f"Expected {name} in {VARIABLE} to be a number from 1 to {LARGEST:g}, got {number[:60]!r}.")
    return int(value)


@functools.cache
def limits() -> Limits:
    """Those of this process; it ends with a message where they are set wrongly."""
    try:
        return from_environment(os.environ)
    except TaidoError as error:
        raise SystemExit(f"taido: {error}") from error


def from_environment(environment: Mapping[str, str]) -> Limits:
    """The limits that the environment asks for."""
    return Limits.of(environment.get(VARIABLE, ""))
