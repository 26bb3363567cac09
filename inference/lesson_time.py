"""`LessonTime`: seconds of a lesson. A camera's go by a steady clock, which is handed in, a file's by the time stamps of its
frames, so that a video gives the same timeline however fast it is processed.

time.begin()
time.of(frame, taken_at), time.after(lesson.seconds)
"""

from collections.abc import Callable

from inference.sources import Frame


class LessonTime:
    """Of one source. Used from one thread at a time."""

    def __init__(self, clock: Callable[[], float], *, live: bool) -> None:
        self._clock, self._live, self._began_at = clock, live, 0.0
        self._frame_at, self._frame_step = 0.0, 1.0

    def begin(self) -> None:
        """A lesson begins."""
        self._began_at = self._clock()

    def of(self, frame: Frame | None, taken_at: float) -> float:
        """Of a frame taken at that time of the clock, or of that time where none came."""
        if frame is None or self._live:
            return taken_at - self._began_at
        if frame.seconds > self._frame_at:
            self._frame_at, self._frame_step = frame.seconds, frame.seconds - self._frame_at
        return frame.seconds

    def after(self, seconds: float) -> float:
        """Now; of a file whose lesson has come to `seconds`, the end of its last frame, as long as the one before it."""
        return self._clock() - self._began_at if self._live else round(seconds + self._frame_step, 6)  # microseconds
