"""The clock of lessons never falls and goes on while the machine sleeps."""

import inspect
import sys
import time

import pytest

from inference.camera import Camera
from inference.clock import steady
from inference.monitor import Monitor


@pytest.mark.skipif(sys.platform != "linux", reason="of Linux it is known which clock goes on while the machine sleeps")
def test_clock_goes_on_while_the_machine_sleeps() -> None:
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    assert before <= steady() <= time.clock_gettime(time.CLOCK_BOOTTIME)


@pytest.mark.parametrize("timed", [Camera, Monitor])
def test_cameras_and_lessons_go_by_it(timed: type) -> None:
    assert inspect.signature(timed).parameters["clock"].default is steady
