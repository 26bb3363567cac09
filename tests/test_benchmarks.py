"""Each benchmark runs and ends in one JSON document."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def run(module: str, *arguments: str) -> tuple[str, dict[str, Any]]:
    """What it printed, and its JSON."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    return done.stdout, json.loads(done.stdout.splitlines()[-1])


def test_frames_benchmark_asks_every_way_in_turn_and_leaves_out_what_does_not_know_the_network(tiny_model: Path) -> None:
    ways = ["--ways", "ours", "session", "onnx_pillow"]
    told, result = run("benchmarks.frames", "--model", str(tiny_model), "--crops", "5", "--rounds", "2", "--threads", "1", *ways)
    assert set(result["crops"]["ms"]) == set(result["photo"]["ms"]) == {"ours", "session"}
    assert result["peers"] == tiny_model.name
    assert result["crops"]["count"] == 5 and result["crops"]["times_ours"]["ours"] == 1
    assert set(result["crops"]["targets"]) == {"within 10 % of session"}
    assert "onnx_pillow" in result["left_out"] and "left out: (d)" in told
    assert "onnxruntime" in " ".join(result["machine"]["versions"])


def test_startup_benchmark_times_a_fresh_process_and_its_memory(tiny_model: Path) -> None:
    _, result = run("benchmarks.startup", "--model", str(tiny_model), "--rounds", "1", "--threads", "1", "--ways", "ours")
    assert result["ms"]["ours"]["median"] > 50 and result["peak_mb"]["ours"] > 10


def test_scale_benchmark_draws_its_curves(tiny_model: Path, tiny_finder: Path, tmp_path: Path) -> None:
    counts = ["--students", "1", "30", "--cameras", "1", "2", "--seconds", "0.5", "--rounds", "1"]
    plot = tmp_path / "plots" / "scale.png"
    models = ["--model", str(tiny_model), "--finder", str(tiny_finder)]
    _, result = run("benchmarks.scale", *models, *counts, "--plot", str(plot))
    assert [row["students"] for row in result["students"]] == [1, 30]
    assert [row["cameras"] for row in result["cameras"]] == [1, 2]
    assert all(row["frames_per_second"] > 0 and row["ms_p95"] >= row["ms_median"] for row in result["cameras"])
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_size_benchmark_says_whether_the_accuracy_is_of_unseen_pictures(
    tiny_model: Path, make_photo: Callable[..., Path], tmp_path: Path
) -> None:
    for i in range(3):
        for label, colour in (("red", "red"), ("green", "lime"), ("blue", "blue")):
            make_photo(f"data/{label}/{i}.png", colour)
    common = [str(tiny_model), "--data", str(tmp_path / "data"), "--rounds", "1"]
    told, result = run("benchmarks.size", *common)
    assert "do not quote" in told and not result["unseen"]
    assert result["models"]["tiny.onnx"]["balanced_accuracy"]["value"] == 1 and result["models"]["tiny.onnx"]["n"] == 9
    split = tmp_path / "split.csv"
    split.write_text("file,side\n" + "".join(f"{label}/0.png,train\n" for label in ("red", "green", "blue")))
    _, result = run("benchmarks.size", *common, "--split", str(split))
    assert result["unseen"] and result["models"]["tiny.onnx"]["n"] == 6


def test_one_command_fills_the_results_between_the_markers(tiny_model: Path, tmp_path: Path) -> None:
    results = tmp_path / "RESULTS.md"
    results.write_text("before\n<!-- measured -->old<!-- /measured -->\nafter")
    arguments = ["--model", str(tiny_model), "--threads", "1", "--quick", "--only", "resize", "--results", str(results)]
    _, told = run("benchmarks", *arguments)
    content = results.read_text()
    assert content.startswith("before\n<!-- measured -->") and content.endswith("<!-- /measured -->\nafter")
    assert "old" not in content and "### resize" in content and "none of a GPU" in content
    assert json.loads((tmp_path / "results.json").read_text())["resize"]["pictures"] == 40
    assert told["written"] == str(results)


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


def test_app_benchmark_ends_in_json_with_the_ratio_to_decoding(tiny_model: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "benchmarks.app",
        "--only",
        "photos",
        "--photos",
        "2",
        "--rounds",
        "1",
        "--model",
        str(tiny_model),
    ]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["photos"]["photos"] == 2 and result["photos"]["megapixels"] == 12
    assert result["photos"]["ratio"] > 0


def run_find(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.find", "--count", "3", "--rounds", "2", "--threads", "1", *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def test_resize_benchmark_compares_the_scores_of_other_resizes(tiny_model: Path) -> None:
    _, result = run("benchmarks.resize", "--model", str(tiny_model), "--rounds", "1", "--count", "4")
    assert result["ways"]["halved, then area (taken)"]["largest"] == 0 and result["pictures"] == 4
    assert {"photo, resize", "photo, network"} <= result["cpu_ms"].keys()


def test_training_benchmark_ends_in_json_with_both_sides() -> None:
    command = [sys.executable, "-m", "benchmarks.training", "--model", "test_efficientnet", "--img-size", "32", "--epochs", "2"]
    command += ["--made-up-size", "128", "-b", "16", "--device", "cpu", "--threads", "1"]
    done = subprocess.run(
        command, cwd=ROOT, check=True, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["made_up"] and result["train_images"] + result["validation_images"] < 96
    for side in ("ours", "plain"):
        assert result[side]["images_per_second"] > 0 and len(result[side]["curve"]) == 2
        reached = [p["seconds"] for p in result[side]["curve"] if p["eval_loss"] <= result["eval_loss_target"]]
        assert result["seconds_to_target"][side] == reached[0]


def test_load_benchmark_ends_by_itself_without_an_error(tiny_model: Path, tiny_finder: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.load", "--minutes", "0.1", "--clients", "3", "--webcams", "1"]
    command += ["--model", str(tiny_model), "--finder", str(tiny_finder)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}, check=False
    )
    result = json.loads(done.stdout.splitlines()[-1])
    assert (done.returncode, result["clients"]["errors"], result["webcams"]["errors"]) == (0, {}, {})
    assert result["clients"]["turns_least_mean_most"][0] >= 1
    assert result["webcams"]["answers"] >= 1
