"""`VideoWriter`: an MP4 that browsers play (H.264, 4:2:0, its index first), written by the program ffmpeg.

with VideoWriter(Path("marked.mp4"), (1280, 720), 12.5) as video:
    video.write(picture, seconds)

The file appears whole at the end or, after an error, not at all. OpenCV's wheels carry no H.264 encoder.
"""

import contextlib
import shutil
import subprocess
import uuid
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, Self

import numpy as np

from inference.errors import OutputError
from inference.output import check_writable

PROGRAM = "ffmpeg"
LONGEST_REPEAT = 10.0
"""Seconds for which a picture is held at most when time stamps jump."""


class VideoWriter:
    """One video of a constant frame rate. Raises OutputError where it cannot be written."""

    def __init__(self, path: Path, size_wh: tuple[int, int], frames_per_second: float) -> None:
        """`size_wh` in pixels; an odd side loses its last row or column, which H.264 cannot hold."""
        check_writable(path)
        program = shutil.which(PROGRAM)
        if program is None:
            raise OutputError(
                "Writing a video needs the program ffmpeg. Install it (on Debian: apt-get install ffmpeg).", code="video_ffmpeg"
            )
        self._path, self._size_wh, self._rate = path, size_wh, frames_per_second
        self._temporary = path.with_name(f".taido-{uuid.uuid4().hex}.mp4")
        self._said: IO[bytes] = TemporaryFile()  # noqa: SIM115  # closed in __exit__
        self._written = 0
        self._first: float | None = None
        self._last: bytes | None = None
        self._process = subprocess.Popen(  # noqa: S603  # no shell; the path is one argument
            self._command(program), stdin=subprocess.PIPE, stdout=self._said, stderr=self._said
        )
        self._into: IO[bytes] = self._process.stdin  # type: ignore[assignment]  # a pipe was asked for

    def _command(self, program: str) -> list[str]:
        width, height = self._size_wh
        into = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", f"{self._rate:.6f}", "-i", "pipe:0"]
        even = ["-vf", "crop=trunc(iw/2)*2:trunc(ih/2)*2:0:0"]
        out = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
        return [program, "-hide_banner", "-loglevel", "error", "-y", *into, *even, *out, str(self._temporary)]

    def write(self, picture: np.ndarray, seconds: float) -> None:
        """The next picture `(H, W, 3) uint8 RGB` of that size, shown from `seconds` on.

        It is repeated, or left out, so that pictures of a variable rate come at their times. What a jump of the time stamps has
        beyond LONGEST_REPEAT is left out of the film.
        """
        if picture.shape != (self._size_wh[1], self._size_wh[0], 3) or picture.dtype != np.uint8:
            raise ValueError(f"expected ({self._size_wh[1]}, {self._size_wh[0]}, 3) uint8, got {picture.shape} {picture.dtype}")
        if self._first is None:
            self._first = seconds
        due = round((seconds - self._first) * self._rate)
        beyond = due - self._written - round(LONGEST_REPEAT * self._rate)
        if beyond > 0:
            self._first += beyond / self._rate
            due -= beyond
        if self._last is not None:
            for _ in range(due - self._written):
                self._send(self._last)
        if due < self._written and self._last is not None:
            return
        self._last = np.ascontiguousarray(picture).tobytes()
        self._send(self._last)

    def _send(self, pixels: bytes) -> None:
        try:
            self._into.write(pixels)
        except OSError as error:
            raise OutputError(self._failed(), code="video_unwritten") from error
        self._written += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if kind is not None:
                self._process.kill()
            with contextlib.suppress(OSError):
                self._into.close()
            status = self._process.wait()
            if kind is None:
                self._finish(status)
        finally:
            self._said.close()
            with contextlib.suppress(OSError):
                self._temporary.unlink()

    def _finish(self, status: int) -> None:
        if status != 0 or not self._written:
            reason = self._failed() if self._written else f"No frame was written to {self._path}."
            raise OutputError(reason, code="video_unwritten")
        try:
            self._temporary.replace(self._path)
        except OSError as error:
            raise OutputError(
                f"Cannot write {self._path}: {error.strerror or error}. Choose another place, or make room.",
                code="output_failed",
                name=self._path.name,
            ) from error

    def _failed(self) -> str:
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        reason = lines[-1][:200] if lines else "ffmpeg ended early"
        return f"Cannot write {self._path}: {reason}. Choose another place, or make room."
