"""The pace of the last seconds, also while another thread adds to it."""

import threading
from collections.abc import Iterator, Mapping

import pytest

from inference.pace import LATELY, Pace


def test_pace_is_that_of_the_last_seconds() -> None:
    pace = Pace()
    for i in range(100):
        pace.add(i / 4, {"find": 40.0 if i < 50 else 20.0})
    assert pace.frames_per_second(99 / 4) == 4
    assert pace.milliseconds == {"find": 20.0}
    assert pace.frames_per_second(99 / 4 + 2 * LATELY) == 0
    assert pace.milliseconds == {}


def test_frame_that_comes_while_the_mean_is_reckoned_breaks_nothing() -> None:
    pace = Pace()
    adding = threading.Thread(target=lambda: pace.add(0.3, {"find": 60.0}))

    class Slow(Mapping[str, float]):
        """Another frame is added, or waits to be, while this one is read."""

        def __getitem__(self, stage: str) -> float:
            if adding.ident is None:
                adding.start()
                adding.join(0.1)
            return 30.0

        def __iter__(self) -> Iterator[str]:
            return iter(("find",))

        def __len__(self) -> int:
            return 1

    for now in (0.0, 0.1, 0.2):
        pace.add(now, Slow())
    assert pace.milliseconds == {"find": 30.0}
    adding.join(10)
    assert pace.milliseconds == {"find": pytest.approx((3 * 30 + 60) / 4)}
