"""Two processes give what one gives."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.training.conftest import MakeFolder
from training.batches import Parts
from training.train import main

ROOT = Path(__file__).parents[2]
TOLERANCE = 1e-3
"""Of the losses: the order of additions differs."""


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_processes_together_draw_what_one_draws() -> None:
    alone = list(Parts(23, 8))
    together = [sorted(a + b) for a, b in zip(Parts(23, 8, 0, 2), Parts(23, 8, 1, 2), strict=True)]
    assert together == alone == [list(range(8)), list(range(8, 16)), list(range(16, 23))]


def test_last_batch_that_gives_a_process_one_sample_is_left_out() -> None:
    assert len(Parts(17, 8)) == 2 and len(Parts(18, 8)) == 3
    assert len(Parts(19, 8, 0, 2)) == 2 and len(Parts(20, 8, 0, 2)) == 3
    assert len(Parts(1, 8)) == 1 and len(Parts(1, 8, 0, 2)) == 0


def test_two_processes_give_the_validation_of_one(make_folder: MakeFolder, tmp_path: Path) -> None:
    # A network without batch norm, whose statistics would be those of half a batch, and without dropout.
    command = [
        str(make_folder(per_person=1)),
        "--model",
        "test_vit",
        "--img-size",
        "160",
        "--epochs",
        "2",
        "-b",
        "8",
        "--drop",
        "0",
    ]
    command += ["--device", "cpu", "--threads", "1", "--output", str(tmp_path), "--samples-per-epoch", "14"]
    assert main([*command, "--experiment", "one"]) == 0
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--cpu", "--num_processes", "2", "--num_machines", "1"]
    launch += ["--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0", "-m", "training.train"]
    done = subprocess.run(
        [*launch, *command, "--experiment", "two"],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    one, two = rows(tmp_path / "one/summary.csv"), rows(tmp_path / "two/summary.csv")
    for column in ("train_loss", "eval_loss"):
        assert [float(r[column]) for r in two] == pytest.approx([float(r[column]) for r in one], abs=TOLERANCE)
    assert [r["eval_top1"] for r in two] == [r["eval_top1"] for r in one]
    assert (tmp_path / "two/predictions.csv").read_text().count("\n") == (tmp_path / "one/predictions.csv").read_text().count(
        "\n"
    )
