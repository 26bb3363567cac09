"""`Snapshot`: all that a page or a terminal shows of a lesson at one moment. Immutable, so any number of readers may hold it.

snapshot = monitor.snapshot  # `inference.monitor`
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np

from inference.errors import Message
from inference.following import Followed
from inference.lesson import Change, Interval
from inference.sources import SourceStatus
from inference.summary import ClassSummary

State = Literal["waiting", "running", "paused", "ended"]
"""`waiting`: before the lesson; a camera is looked at while somebody looks on, but nothing counts. `running`: every frame
counts. `paused` and `ended`: nothing is looked at. A file is read only while the lesson runs."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What is known of a lesson at one moment."""

    version: int
    """Rises with every snapshot."""
    state: State
    class_names: tuple[str, ...]
    source: SourceStatus
    picture: np.ndarray | None = None
    """`(H, W, 3) uint8 RGB`, not to be written to: the newest frame that was looked at, with the masks blanked. It stays while
    the camera is gone. None when there is none, or when nothing is looked at."""
    followed: Followed | None = None
    """The students in that picture; None when nothing is looked at, or the camera is gone."""
    summary: ClassSummary | None = None
    """Of these students."""
    started_at: datetime | None = None
    """The wall clock when the lesson began, only for showing times of day."""
    recorded_as: int | None = None
    """The lesson's number in its record; None where nothing is recorded."""
    of_day: bool = True
    """Whether times are told as times of the day; else as those of a film, from its beginning."""
    seconds: float = 0.0
    """How old the lesson is: steady seconds of a camera, the video's own of a file."""
    last_seconds: Interval
    """The last 10 seconds of the lesson."""
    last_minute: Interval
    """The last 60 seconds of it."""
    whole: Interval
    """All of it."""
    interval_seconds: float
    intervals: tuple[Interval, ...] = ()
    """Those that are complete, oldest first."""
    changes: tuple[Change, ...] = ()
    """Oldest first."""
    frames_per_second: float = 0.0
    """Frames looked at, over the last seconds."""
    milliseconds: Mapping[str, float] = field(default_factory=dict)
    """What `mask`, `find`, `crop`, `classify` and `follow` took in these frames, on average."""
    failed: int = 0
    """Frames that could not be looked at."""
    problems: tuple[Message, ...] = ()
    """What is wrong at present: with the last frame, the source or the record. The lesson goes on."""
    finished: bool = False
    """The source has come to its end, or was closed."""
    ran_out: bool = False
    """The source gave its last frame, and nobody stopped it before."""

    @property
    def problem(self) -> str | None:
        """All of them in English; None while all is well."""
        return " ".join(self.problems) or None
