"""Each benchmark runs and ends in one JSON document."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def test_frames_benchmark_ends_in_json_with_ratios(tiny_model: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.frames", "--model", str(tiny_model), "--crops", "5", "--rounds", "3"]
    done = subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    result = json.loads(done.stdout.splitlines()[-1])
    assert set(result["median_ms"]) == {"ours", "session", "one_by_one"}
    assert result["ratio_to_session"] > 0 and result["crops"] == 5


def test_find_benchmark_ends_in_json_with_shares_and_one_run_for_25_students(tiny_finder: Path, tiny_model: Path) -> None:
    result = run_find("--finder", str(tiny_finder), "--model", str(tiny_model), "--peer", str(tiny_finder))
    assert result["frames"] == 3 and not result["real_frames"]
    assert result["frame_sizes_wh"] == [[1280, 720]]
    assert 0 < result["share_outside_session"] < 1
    assert result["peer_ms"] > 0 and result["ratio_to_peer"] > 0
    assert result["median_ms"]["find"] > result["median_ms"]["session"] > 0
    assert result["classify"]["students"] == 25 and result["classify"]["session_runs"] == 1


def test_find_benchmark_takes_the_frames_of_a_folder(
    tiny_finder: Path, tiny_model: Path, make_room: Callable[..., Path], tmp_path: Path
) -> None:
    for name in "abcde":
        make_room(f"rooms/{name}.png", {(8, 16, 16, 24): "red", (64, 40, 72, 48): "blue"})
    result = run_find("--finder", str(tiny_finder), "--model", str(tiny_model), "--frames", str(tmp_path / "rooms"))
    assert result["frames"] == 3 and result["real_frames"]
    assert result["frame_sizes_wh"] == [[96, 64]]
    assert result["students_per_frame"] == 2


def run_find(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.find", "--count", "3", "--rounds", "2", "--threads", "1", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])
