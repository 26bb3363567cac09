"""Seconds of a lesson: of a camera by the clock, of a file by its frames."""

import numpy as np
import pytest

from inference.lesson_time import LessonTime
from inference.sources import Frame


def frame(seconds: float) -> Frame:
    return Frame(np.zeros((1, 1, 3), np.uint8), seconds, 0)


def test_camera_goes_by_the_clock_since_the_lesson_began() -> None:
    time = LessonTime(lambda: 100.0, live=True)
    time.begin()
    assert time.of(frame(7.0), 103.5) == time.of(None, 103.5) == 3.5
    assert LessonTime(lambda: 100.0, live=True).after(7.0) == 100.0


def test_last_frame_of_a_file_lasts_as_long_as_the_one_before_it() -> None:
    time = LessonTime(lambda: 100.0, live=False)
    time.begin()
    assert time.after(0.0) == 1.0, "a single picture lasts a second"
    assert [time.of(frame(seconds), 500.0) for seconds in (0.0, 0.04, 0.08, 0.08)] == [0.0, 0.04, 0.08, 0.08]
    assert time.after(0.08) == pytest.approx(0.12)
