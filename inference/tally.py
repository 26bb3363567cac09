"""`TALLY`: what this process has looked at since it started, and how long each stage took; numbers only.

TALLY.add("frames", {"find": 12.0, "classify": 8.5})
TALLY.count("frames_failed")
TALLY.read()

`Watcher` and `classify_files` write to it and the status page and the metrics of the app read it.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

Counted = Literal["frames", "frames_failed", "photos", "photos_failed"]
COUNTED: tuple[Counted, ...] = ("frames", "frames_failed", "photos", "photos_failed")
BUCKETS_MS = (1.0, 2.5, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0)
"""Upper bounds of the histogram of each stage, milliseconds; one bucket more takes the rest."""


@dataclass
class Took:
    """How long a stage took."""

    milliseconds: float = 0.0
    """All times together."""
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS_MS) + 1))
    """How many took at most the bound of BUCKETS_MS, each counted once."""

    @property
    def times(self) -> int:
        """How often."""
        return sum(self.buckets)


@dataclass(frozen=True)
class Reading:
    """A copy, at one moment."""

    counts: Mapping[Counted, int]
    took: Mapping[str, Took]


class Tally:
    """From any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[Counted, int] = dict.fromkeys(COUNTED, 0)
        self._took: dict[str, Took] = {}

    def count(self, what: Counted, number: int = 1) -> None:
        """So many more."""
        with self._lock:
            self._counts[what] += number

    def add(self, what: Counted, took: Mapping[str, float]) -> None:
        """One more, and what its stages took, milliseconds."""
        with self._lock:
            self._counts[what] += 1
            for stage, milliseconds in took.items():
                known = self._took.setdefault(stage, Took())
                known.milliseconds += milliseconds
                known.buckets[bisect_left(BUCKETS_MS, milliseconds)] += 1

    def read(self) -> Reading:
        """What is known now."""
        with self._lock:
            took = {stage: Took(known.milliseconds, list(known.buckets)) for stage, known in self._took.items()}
            return Reading(dict(self._counts), took)


TALLY = Tally()
"""Of this process."""
