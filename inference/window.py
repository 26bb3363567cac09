"""`Window`: what the last seconds of a stream showed. Immutable and pure: the clock is handed in, frames are never kept.

window = Window(seconds=10).add(now_seconds, scores)
summarise(window.scores, class_names), window.frames_per_second
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from inference.errors import ModelError


@dataclass(frozen=True, kw_only=True)
class Window:
    """Scores of the frames of the last `seconds`."""

    seconds: float = 10.0
    """How long a frame's scores are remembered."""
    times: tuple[float, ...] = ()
    """When each frame came, seconds on any steady clock, rising."""
    rows: tuple[tuple[float, ...], ...] = ()
    """Scores of each frame, 0..1, one per class."""

    def __post_init__(self) -> None:
        if self.seconds <= 0:
            raise ValueError(f"seconds must be above 0, got {self.seconds}")
        if len(self.times) != len(self.rows):
            raise ValueError(f"{len(self.times)} times for {len(self.rows)} rows of scores")

    def add(self, now: float, scores: np.ndarray) -> Self:
        """A window with one more frame and without those older than `seconds`; `scores` is `(C,) float`.

        Raises ModelError if the number of classes differs from the frames before.
        """
        row = tuple(float(score) for score in scores)
        if self.rows and len(row) != len(self.rows[-1]):
            raise ModelError(f"Expected {len(self.rows[-1])} scores like the frames before, got {len(row)}.")
        kept = [i for i, time in enumerate(self.times) if now - self.seconds < time <= now]
        return replace(
            self,
            times=(*(self.times[i] for i in kept), now),
            rows=(*(self.rows[i] for i in kept), row),
        )

    @property
    def scores(self) -> np.ndarray:
        """`(N, C) float32`, oldest first; `(0, 0)` before the first frame."""
        return np.array(self.rows, np.float32).reshape(len(self.rows), len(self.rows[0]) if self.rows else 0)

    @property
    def frames_per_second(self) -> float:
        """Frames over the time between the first and the last of them; 0 with fewer than two."""
        elapsed = self.times[-1] - self.times[0] if len(self.times) > 1 else 0.0
        return (len(self.times) - 1) / elapsed if elapsed > 0 else 0.0
