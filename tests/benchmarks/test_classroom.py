"""The benchmark of a whole lesson runs, counts what it says it counts, and ends in one JSON document."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks import classroom, long_lesson

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def result(tiny_finder: Path, tiny_model: Path) -> dict[str, Any]:
    """Made-up frames, every option."""
    return run(
        *("--finder", str(tiny_finder), "--model", str(tiny_model), "--count", "3", "--groups", "3", "--threads", "1"),
        *("--students-count", "7", "--pace", "2x3", "--lesson-minutes", "0.25", "--stand-in"),
    )


def run(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.classroom", *arguments]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, env=environment)
    return json.loads(done.stdout.splitlines()[-1])


def test_every_stage_is_measured_for_every_pace(result: dict[str, Any]) -> None:
    paces = [(measured["find_every"], measured["classify_every"]) for measured in result["paces"]]
    assert paces == [*classroom.PACES, (2, 3)]
    for measured in result["paces"]:
        assert set(measured["ms_per_frame"]) == {*classroom.STAGES, "session", "total", "cpu"}
        assert all(ms > 0 for ms in measured["ms_per_frame"].values())
        assert 0 < measured["share_outside_session"] < 1
        assert measured["frames_per_second"] > 0


def test_stages_are_no_more_than_the_total(result: dict[str, Any]) -> None:
    for measured in result["paces"]:
        ms = measured["ms_per_frame"]
        assert ms["session"] < ms["find"] + ms["classify"] < ms["total"]


def test_frames_and_students_are_named(result: dict[str, Any]) -> None:
    assert result["frame_size_wh"] == [1280, 720] and result["frames"] == 3 and not result["real_frames"]
    assert result["students"] == 7


def test_long_run_tells_what_it_leaves_behind(result: dict[str, Any]) -> None:
    soak = result["soak"]
    assert soak["frames"] == 0.25 * 60 * 8 and soak["lesson_minutes"] == 0.2
    assert soak["recorded_intervals"] == 2 and soak["problem"] is None
    assert soak["start"]["threads"] == soak["end"]["threads"] > 0
    assert soak["start"]["memory_mb"] > 10 and len(soak["memory_mb"]) > 5
    if Path("/proc/self/fd").is_dir():
        assert soak["start"]["handles"] == soak["end"]["handles"] > 2


def test_real_frames_are_those_of_the_name_and_of_one_size(
    tiny_finder: Path, tiny_model: Path, make_room: Callable[..., Path], tmp_path: Path
) -> None:
    for name in ("a1", "a2", "a3", "b1"):
        make_room(f"rooms/{name}.png", {(8, 16, 16, 24): "red", (64, 40, 72, 48): "blue"})
    make_room("rooms/a4.png", {}, (100, 100))
    result = run(
        *("--finder", str(tiny_finder), "--model", str(tiny_model), "--frames", str(tmp_path / "rooms"), "--names", "a*"),
        *("--groups", "2", "--students-count", "4", "--threads", "1", "--soak", "0.2"),
    )
    assert result["frames"] == 3 and result["real_frames"] and result["frame_size_wh"] == [96, 64]
    assert result["students_found"] == 2 and result["students"] == 4
    assert result["soak"]["wall_seconds"] >= 0.2 and not result["soak"]["stand_in"]


def test_resources_see_a_new_thread_and_file(tmp_path: Path) -> None:
    import threading

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("this machine does not tell open files without psutil")
    stop = threading.Event()
    before = long_lesson.resources()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    with (tmp_path / "open").open("w"):
        during = long_lesson.resources()
    stop.set()
    thread.join()
    assert during["threads"] == before["threads"] + 1
    assert during["handles"] == before["handles"] + 1
