"""`Camera`: what is live. One thread grabs, one slot holds the newest frame, and who comes back finds no queue.

camera = Camera(0)  # or Camera("rtsp://...")
for frame in camera.frames():  # None while nothing new comes

A camera that gives nothing for STALLED seconds, or whose read fails, is opened again: at once, then after half a second, then
after twice as long each time, up to LONGEST_WAIT.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Protocol, Self

import cv2
import numpy as np

from inference.clock import steady
from inference.errors import Message, SourceError
from inference.sources import Frame, SourceStatus, parts_of

logger = logging.getLogger(__name__)

STALLED = 5.0
"""Seconds without a frame after which a stream that has not closed counts as gone."""
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds between two attempts to open a camera that is gone."""
NOTHING_NEW = 0.5
"""Seconds after which the taker is told that nothing has come."""
CLOSE_WITHIN = 1.0
"""Seconds for which `close` waits for the threads. One that came back from OpenCV while Python ends would abort the program."""
WISHES = {cv2.CAP_PROP_FRAME_WIDTH: 1280, cv2.CAP_PROP_FRAME_HEIGHT: 720, cv2.CAP_PROP_BUFFERSIZE: 1}
"""What a camera of this machine is asked for, and gives as nearly as it can. Many would give 640 x 480, in which the students at
the back are a few pixels."""
TIMEOUT_MS = 5000
"""For which FFmpeg waits for a stream to open or to go on."""


class Capture(Protocol):
    """The part of `cv2.VideoCapture` that is used."""

    def isOpened(self) -> bool: ...  # noqa: N802  # OpenCV's name
    def read(self) -> tuple[bool, Any]: ...
    def release(self) -> None: ...


def open_live(place: int | str) -> Capture:
    """A camera by its number, or a stream with time-outs.

    OpenCV's own warnings are left out from now on, ours say more: a read that fails much later would tear a page in a terminal.
    """
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    if isinstance(place, int):
        capture = cv2.VideoCapture(place)
        for name, value in WISHES.items():
            capture.set(name, value)
        return capture
    timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, TIMEOUT_MS]
    return cv2.VideoCapture(place, cv2.CAP_FFMPEG, timeouts)


def shown_name(place: int | str) -> str:
    """`camera 0`, or the address without user, password and query, which may hold secrets. Raises SourceError for no address."""
    if isinstance(place, int):
        return f"camera {place}"
    parts = parts_of(place)
    host = parts.hostname or ""
    with contextlib.suppress(ValueError):
        host += f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{parts.path}"


class Camera:
    """A live source. Raises SourceError if it does not open at the start; later it is waited for."""

    live: bool = True
    length: int | None = None

    def __init__(
        self,
        place: int | str,
        *,
        opens: Callable[[int | str], Capture] = open_live,
        clock: Callable[[], float] = steady,
        stalled: float = STALLED,
        first_wait: float = FIRST_WAIT,
    ) -> None:
        """`opens` and `clock` (steady seconds) can stand in for a camera; `stalled` and `first_wait` in seconds."""
        self.name = shown_name(place)
        self._place, self._opens, self._clock = place, opens, clock
        self._stalled, self._first_wait = stalled, first_wait
        self._arrived = threading.Condition()
        self._closed = threading.Event()
        self._slot: tuple[np.ndarray, float, int] | None = None
        self._grabbed = self._taken = self._reconnections = 0
        self._shown_at: float | None = None
        self._message = Message("")
        self._opened_at = self._alive_at = clock()
        self._session = 0
        self._gone = False
        capture = self._open()
        if capture is None:
            raise SourceError(self._cannot_open())
        self._guarding = threading.Thread(target=self._guard, name="camera-guard", daemon=True)
        self._grabbing = self._start_grabber(capture)
        self._guarding.start()

    def frames(self) -> Iterator[Frame | None]:
        """The newest frame each time, None while nothing new comes; until `close`."""
        while not self._closed.is_set():
            with self._arrived:
                self._arrived.wait_for(lambda: self._slot is not None or self._closed.is_set(), NOTHING_NEW)
                if self._closed.is_set():
                    return
                slot, self._slot = self._slot, None
                if slot is not None:
                    self._taken += 1
                    self._shown_at = slot[1]
            if slot is None:
                yield None
            else:
                picture, at, number = slot
                del slot
                yield Frame(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), at - self._opened_at, number)

    def status(self) -> SourceStatus:
        """At this moment."""
        with self._arrived:
            now = self._clock()
            waiting = self._slot is not None
            return SourceStatus(
                grabbed=self._grabbed,
                taken=self._taken,
                skipped=self._grabbed - self._taken - waiting,
                age_seconds=None if self._shown_at is None else max(0.0, now - self._shown_at),
                gone_seconds=max(0.0, now - self._alive_at) if self._gone else None,
                reconnections=self._reconnections,
                message=self._message if self._gone else "",
            )

    def close(self) -> None:
        """The threads end; one that hangs in a read of the device is not waited for longer than CLOSE_WITHIN."""
        self._closed.set()
        with self._arrived:
            self._slot = None
            self._arrived.notify_all()
        until = time.monotonic() + CLOSE_WITHIN
        for thread in (self._guarding, self._grabbing):
            thread.join(max(0.0, until - time.monotonic()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _open(self) -> Capture | None:
        try:
            capture = self._opens(self._place)
        except (cv2.error, MemoryError, OSError):
            logger.debug("%s does not open", self.name, exc_info=True)
            return None
        if capture.isOpened():
            return capture
        capture.release()
        return None

    def _cannot_open(self) -> str:
        if isinstance(self._place, int):
            return (
                f"There is no camera {self._place}, or another program uses it. Plug it in, close the other program, or give "
                "another number (0 is the first camera)."
            )
        return f"The stream {self.name} does not open. Check the address, user and password, and that the camera is on."

    def _start_grabber(self, capture: Capture) -> threading.Thread:
        with self._arrived:
            self._session += 1
            self._alive_at = self._clock()
            session = self._session
        thread = threading.Thread(target=self._grab, args=(capture, session), name="camera-grabber", daemon=True)
        thread.start()
        return thread

    def _grab(self, capture: Capture, session: int) -> None:
        """Frames into the slot until the read fails, the guard has begun another session, or the camera is closed."""
        try:
            while not self._closed.is_set():
                good, picture = _read(capture)
                with self._arrived:
                    if session != self._session or self._closed.is_set():
                        return
                    if not good:
                        self._lose(
                            Message(f"{self.name} is gone: it gives no more frames.", code="camera_silent", name=self.name)
                        )
                        return
                    self._grabbed += 1
                    self._alive_at, self._gone = self._clock(), False
                    self._slot = (picture, self._alive_at, self._grabbed - 1)
                    self._arrived.notify_all()
        finally:
            capture.release()

    def _lose(self, message: Message) -> None:
        """With the lock held: what was being grabbed is over."""
        self._session += 1
        if not self._gone:
            self._gone, self._message = True, message
            logger.warning("%s It is opened again as soon as it is back.", self._message)

    def _guard(self) -> None:
        """Tells a camera that has stalled, and opens one that is gone."""
        wait = 0.0
        step = min(0.25, self._stalled / 4)
        while not self._closed.wait(step):
            with self._arrived:
                if not self._gone and self._clock() - self._alive_at > self._stalled:
                    seconds = f"{self._stalled:.0f}"
                    line = f"{self.name} is gone: nothing has come for {seconds} seconds."
                    self._lose(Message(line, code="camera_stalled", name=self.name, seconds=seconds))
                gone = self._gone
            if not gone:
                wait = 0.0
                continue
            if self._closed.wait(wait):
                return
            wait = min(max(2 * wait, self._first_wait), LONGEST_WAIT)
            self._reconnect()

    def _reconnect(self) -> None:
        capture = self._open()
        if capture is None:
            return
        good, picture = _read(capture)  # only a camera that gives a picture is back
        del picture
        if not good or self._closed.is_set():
            capture.release()
            return
        with self._arrived:
            self._reconnections += 1
            self._gone = False
        logger.warning("%s is back.", self.name)
        self._grabbing = self._start_grabber(capture)


def _read(capture: Capture) -> tuple[bool, Any]:
    """The next frame; an exception of OpenCV is a read that failed, and no end of the thread."""
    try:
        return capture.read()
    except (cv2.error, MemoryError):
        logger.debug("A read failed", exc_info=True)
        return False, None
