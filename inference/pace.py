"""`Pace`: how fast frames were looked at lately, and what that took. The clock is handed in.

pace.add(now_seconds, look.milliseconds)
pace.frames_per_second(now_seconds), pace.milliseconds
"""

import threading
from collections import deque
from collections.abc import Mapping

LATELY = 5.0
"""Seconds that are looked back."""


class Pace:
    """Frames of the last seconds. May be used from several threads."""

    def __init__(self) -> None:
        self._frames: deque[tuple[float, Mapping[str, float]]] = deque()
        self._lock = threading.Lock()

    def add(self, now: float, milliseconds: Mapping[str, float]) -> None:
        """A frame was looked at, which took so long in each of its stages."""
        with self._lock:
            self._frames.append((now, milliseconds))
            self._forget(now)

    def frames_per_second(self, now: float) -> float:
        """0 with fewer than two frames."""
        with self._lock:
            self._forget(now)
            elapsed = now - self._frames[0][0] if len(self._frames) > 1 else 0.0
            return (len(self._frames) - 1) / elapsed if elapsed > 0 else 0.0

    @property
    def milliseconds(self) -> dict[str, float]:
        """Of each stage, the mean of these frames."""
        with self._lock:
            stages = self._frames[-1][1] if self._frames else {}
            return {stage: sum(took.get(stage, 0.0) for _, took in self._frames) / len(self._frames) for stage in stages}

    def _forget(self, now: float) -> None:
        """With the lock held."""
        while self._frames and self._frames[0][0] < now - LATELY:
            self._frames.popleft()
