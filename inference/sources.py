"""Where frames come from: a picture, a folder of pictures, a video, a camera of this machine or a stream, all asked in one way.

with open_source("lesson.mp4", every=2) as source:
    for frame in source.frames():
        ...

Files give every frame, in order, as fast as they are taken. What is live (`inference.camera`) gives the newest frame each time
and None while nothing new comes.
"""

import logging
import math
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import SplitResult, urlsplit

os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
# Read when OpenCV is loaded; FFmpeg would write to stderr by itself, addresses with passwords among it.

import cv2
import numpy as np

from inference.errors import DataError, ImageError, Message, SourceError
from inference.images import IMAGE_SUFFIXES, MAX_PIXELS, UNREAD_SUFFIXES, decode, find_images

logger = logging.getLogger(__name__)

STREAM_SCHEMES = ("rtsp", "rtsps", "http", "https")
PICTURE_SECONDS = 1.0
"""How long a picture of a folder stands for."""
CUT_SHORT = 0.9
"""A video that ends before this share of its length is said to be cut short."""


@dataclass(frozen=True)
class Frame:
    """One picture of a source."""

    picture: np.ndarray
    """`(H, W, 3) uint8 RGB`, upright."""
    seconds: float
    """On the source's own clock, never falling: time stamps of a video; since a camera was opened; a second a picture."""
    number: int
    """How many frames the source gave before it, those that were skipped with them."""


@dataclass(frozen=True)
class SourceStatus:
    """How a source is doing."""

    grabbed: int = 0
    """Frames that came from the device or file."""
    taken: int = 0
    """Frames that were handed on."""
    skipped: int = 0
    """Frames that a newer one replaced, that `every` passed over, or that could not be read."""
    age_seconds: float | None = None
    """How old the newest frame is that was handed on; live sources only."""
    gone_seconds: float | None = None
    """For how long a live source has given nothing; None while it does."""
    reconnections: int = 0
    message: str = ""
    """Why it is gone, or that a file broke off; empty while all is well."""


class Source(Protocol):
    """Gives frames, to one taker. `status` and `close` may be called from other threads, `close` twice."""

    name: str
    """To show and to record; user, password and query of an address are left out of it."""
    live: bool
    length: int | None
    """How many frames will be handed on, where that is known."""

    def frames(self) -> Iterator[Frame | None]:
        """Frames until the file ends or the source is closed; a live one gives None once a second or sooner while none comes."""
        ...

    def status(self) -> SourceStatus:
        """At this moment."""
        ...

    def close(self) -> None:
        """Let go of the device or file."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


def open_source(place: str, *, every: int = 1) -> Source:
    """`0`, `1` ...: a camera of this machine; rtsp://, http:// ...: a stream; else a picture, a folder of pictures or a video.

    `every`: of files, each so-many-th frame is handed on. Raises SourceError if it cannot be opened.
    """
    if every < 1:
        raise SourceError(f"Expected every to be from 1, got {every}.")
    from inference.camera import Camera

    if place.isdecimal():
        return Camera(int(place))
    if "://" in place:
        scheme = parts_of(place).scheme.lower()
        if scheme not in STREAM_SCHEMES:
            raise SourceError(f"Streams are read by {', '.join(STREAM_SCHEMES)}, got {scheme}://. Use one of these.")
        return Camera(place)
    path = Path(place)
    if not path.exists():
        raise SourceError(
            f"There is no file or folder {place}. Give a picture, a folder of pictures, a video, the number of a camera (0) or "
            "the address of a stream (rtsp://...)."
        )
    if path.is_dir() or path.suffix.lower() in IMAGE_SUFFIXES:
        return Pictures(path, every=every)
    return Video(path, every=every)


def parts_of(address: str) -> SplitResult:
    """Scheme, host and so on of the address of a stream. Raises SourceError, which does not repeat it: it may hold a password."""
    try:
        return urlsplit(address)
    except ValueError:
        raise SourceError("The address of the stream is none. Write it as rtsp://HOST:PORT/PATH, IPv6 in brackets.") from None


class _File:
    """What pictures and videos have in common."""

    live = False

    def __init__(self, path: Path, every: int) -> None:
        self.name, self._path, self.every = path.name or str(path), path, every
        self.length: int | None = None
        self._grabbed = self._taken = 0
        self._closed = False
        self._message = Message("")

    def status(self) -> SourceStatus:
        """At this moment."""
        return SourceStatus(self._grabbed, self._taken, self._grabbed - self._taken, message=self._message)

    def close(self) -> None:
        """The next frame is the last."""
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class Pictures(_File):
    """A picture, or all pictures of a folder by their names. Raises SourceError if there is none."""

    def __init__(self, path: Path, *, every: int = 1) -> None:
        super().__init__(path, every)
        try:
            self._pictures = [place for _, place in find_images(path, IMAGE_SUFFIXES | UNREAD_SUFFIXES)]
        except DataError as error:
            raise SourceError(str(error)) from error
        self.length = math.ceil(len(self._pictures) / every)

    def frames(self) -> Iterator[Frame | None]:
        """Each picture once; one that cannot be read is named in the log. Raises SourceError if none can be."""
        problem: ImageError | None = None
        for number, path in enumerate(self._pictures):
            if self._closed:
                return
            self._grabbed += 1
            if number % self.every:
                continue
            try:
                picture = decode(path)
            except ImageError as error:
                logger.warning("Left out: %s", error)
                problem = error
                continue
            self._taken += 1
            yield Frame(picture, number * PICTURE_SECONDS, number)
        if problem is not None and not self._taken:
            raise SourceError(
                f"No picture of {self.name} can be read. {problem}", code="pictures_unreadable", name=self.name
            ) from problem


class Video(_File):
    """A video file. Raises SourceError if it is none, or has no frame."""

    def __init__(self, path: Path, *, every: int = 1) -> None:
        super().__init__(path, every)
        self._capture, self._using = open_capture(str(path)), threading.Lock()
        if not self._capture.isOpened():
            self._capture.release()
            raise SourceError(
                f"{path} is not a video that can be read, or it is damaged. Use MP4, WebM, MKV, MOV or AVI.",
                code="video_unknown",
                name=path.name,
            )
        self._check_size()
        self._named = max(0, int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT)))
        self._rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.length = math.ceil(self._named / every) or None

    def _check_size(self) -> None:
        width, height = (int(self._capture.get(side)) for side in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        if width * height > MAX_PIXELS:
            self._capture.release()
            raise SourceError(
                f"The frames of {self.name} have {width} x {height} pixels; at most {MAX_PIXELS:,} pixels are read. "
                "Make the video smaller.",
                code="video_large",
                width=width,
                height=height,
            )

    @property
    def frames_per_second(self) -> float:
        """Of the video, as its header says; 25 where it says nothing."""
        return self._rate if 0 < self._rate < 1000 else 25.0

    def frames(self) -> Iterator[Frame | None]:
        """Every `every`-th frame, upright. Raises SourceError if there is none."""
        seconds = 0.0
        try:
            while (grabbed := self._grab()) is not None:
                number, stamp, picture = grabbed
                seconds = max(seconds, stamp)
                if picture is not None:
                    self._taken += 1
                    yield Frame(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), seconds, number)
        finally:
            self._release()
        self._tell_end(seconds)

    def close(self) -> None:
        """The next frame is the last, and the file is let go of."""
        super().close()
        self._release()

    def _release(self) -> None:
        with self._using:
            self._capture.release()

    def _grab(self) -> tuple[int, float, np.ndarray | None] | None:
        """Number and time of the next frame, and its BGR pixels where it is handed on; None at the end."""
        with self._using:  # `close` may come from another thread
            if self._closed or not self._capture.grab():
                return None
            number, self._grabbed = self._grabbed, self._grabbed + 1
            stamp = self._time(number)
            good, picture = (False, None) if number % self.every else self._capture.retrieve()
            return number, stamp, picture if good else None

    def _time(self, number: int) -> float:
        """The frame's own time stamp; by the frame rate where the file has none."""
        stamp = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        return stamp if math.isfinite(stamp) and (stamp > 0 or number == 0) else number / self.frames_per_second

    def _tell_end(self, seconds: float) -> None:
        """`seconds`: the time of the last frame."""
        if self._closed:
            return
        if not self._taken:
            raise SourceError(
                f"{self.name} has no frame that can be read. Copy it again, or use another file.", code="video_empty"
            )
        length = self._named / self.frames_per_second  # by the frames alone a video of variable rate would seem to lack some
        if self._grabbed < CUT_SHORT * self._named and seconds < CUT_SHORT * length:
            self._message = Message(
                f"{self.name} is cut short or damaged: it says that it has {length:.0f} seconds, {seconds:.0f} could be read.",
                code="video_cut_short",
                length=f"{length:.0f}",
                seconds=f"{seconds:.0f}",
            )


def open_capture(place: str) -> cv2.VideoCapture:
    """OpenCV's capture of a file; whether it is open is for the caller to ask."""
    with quiet():
        return cv2.VideoCapture(place, cv2.CAP_FFMPEG)


@contextmanager
def quiet() -> Iterator[None]:
    """OpenCV says nothing on stderr meanwhile."""
    level = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(level)
