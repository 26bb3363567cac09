"""`Looking`: what frame after frame shows, how fast that goes, and what went wrong. The clock is handed in.

seen = looking.look(watcher, class_names, frame)  # None for a frame that could not be looked at
looking.problem, looking.pace
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from inference.errors import Message, TaidoError
from inference.following import Followed
from inference.pace import Pace
from inference.sources import Frame
from inference.summary import ClassSummary, summarise_states
from inference.watching import Watcher

logger = logging.getLogger(__name__)

LOG_AGAIN = 60.0
"""Seconds between two lines of the log about frames that could not be looked at; `problem` tells of each."""


@dataclass(frozen=True)
class Seen:
    """A frame that was looked at."""

    watcher: Watcher
    picture: np.ndarray
    """`(h, w, 3) uint8 RGB`, read only."""
    followed: Followed
    summary: ClassSummary


class Looking:
    """`look` is called from one thread; the rest may be read from any."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.problem: Message | None = None
        self.pace = Pace()
        self._clock = clock
        self._logged_at: float | None = None

    def look(self, watcher: Watcher, class_names: Sequence[str], frame: Frame) -> Seen | None:
        """None, and a problem, for a frame that could not be looked at."""
        try:
            look = watcher.look(frame.picture, frame.seconds)
            summary = summarise_states(look.followed.states, class_names)
        except Exception as error:  # ONNX Runtime raises undocumented types, and no single frame may end a lesson
            self._tell(error)
            return None
        self.problem = None
        self.pace.add(self._clock(), look.milliseconds)
        picture = look.picture.view()
        picture.flags.writeable = False
        return Seen(watcher, picture, look.followed, summary)

    def rest(self) -> None:
        """Nothing is looked at for a while: the pace begins anew."""
        self.pace = Pace()

    def _tell(self, error: Exception) -> None:
        """In `problem` each time, in the log now and then."""
        if isinstance(error, TaidoError):
            self.problem = error.message
        else:
            self.problem = Message(f"A frame could not be looked at: {error!r}.", code="frame_failed", reason=repr(error))
        now = self._clock()
        if self._logged_at is None or now - self._logged_at >= LOG_AGAIN:
            self._logged_at = now
            logger.warning("%s", self.problem, exc_info=None if isinstance(error, TaidoError) else error)
