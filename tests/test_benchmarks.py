"""Each benchmark runs and ends in one JSON document."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_frames_benchmark_ends_in_json_with_ratios(tiny_model: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.frames", "--model", str(tiny_model), "--crops", "5", "--rounds", "3"]
    done = subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    result = json.loads(done.stdout.splitlines()[-1])
    assert set(result["median_ms"]) == {"ours", "session", "one_by_one"}
    assert result["ratio_to_session"] > 0 and result["crops"] == 5
