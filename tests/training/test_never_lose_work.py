"""A run that is killed, or whose disk fills up, goes on from its last whole epoch."""

import csv
import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from inference.errors import OutputError
from tests.training.conftest import MakeFolder
from training import checkpoint
from training.config import TrainConfig
from training.model import create
from training.train import main

ROOT = Path(__file__).parents[2]
SMALL = ["--model", "test_efficientnet", "--img-size", "32", "-b", "8", "--device", "cpu", "--threads", "1", "--model-ema"]
EPOCHS = 40


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_killed_run_goes_on_and_ends_where_an_undisturbed_one_does(make_folder: MakeFolder, tmp_path: Path) -> None:
    data = make_folder(per_person=1)
    command = [str(data), *SMALL, "--output", str(tmp_path), "--epochs", str(EPOCHS), "--mixup", "0.2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "training.train", *command, "--experiment", "killed"],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stderr=subprocess.DEVNULL,
    )
    killed = tmp_path / "killed"
    deadline = time.monotonic() + 300
    while not (killed / "last.pth.tar").exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    done = int(checkpoint.read(killed / "last.pth.tar")["state"]["epoch"]) + 1
    assert done < EPOCHS, "the run ended before it could be killed"
    with (killed / "summary.csv").open("a") as file:
        file.write(f"{done},0.1")  # killed while a row was written
    (killed / ".last.pth.tar-half").write_bytes(b"half")
    # The schedule knows the number of epochs, so both are told the same; the comparison ends two epochs later.
    stop = ["--experiment", "whole"]
    assert _until(done + 2, [*command, *stop]) == 130
    assert _until(done + 2, ["--resume", str(killed / "last.pth.tar")]) == 130
    first, second = rows(tmp_path / "whole/summary.csv"), rows(killed / "summary.csv")
    assert [row["epoch"] for row in second] == [str(i) for i in range(done + 2)]
    assert [row["train_loss"] for row in second] == [row["train_loss"] for row in first]
    assert [row["eval_loss"] for row in second] == [row["eval_loss"] for row in first]
    assert not list(killed.glob(".*"))


def _until(epoch: int, command: list[str]) -> int:
    """Run the command; Ctrl-C comes at the start of this epoch."""
    from training.engine import Engine

    train_epoch = Engine.train_epoch

    def stopped(engine: Engine, draws: object, number: int) -> float:
        if number == epoch:
            raise KeyboardInterrupt
        return train_epoch(engine, draws, number)  # type: ignore[arg-type]

    Engine.train_epoch = stopped  # type: ignore[method-assign, assignment]
    try:
        return main(command)
    finally:
        Engine.train_epoch = train_epoch  # type: ignore[method-assign]


def test_disk_that_is_full_keeps_the_checkpoint_before(tmp_path: Path) -> None:
    config = TrainConfig(data="", model="test_efficientnet", img_size=32)
    model = create(config, ("a", "b"))
    path = tmp_path / "last.pth.tar"
    checkpoint.save(path, model, config, epoch=3)
    before = path.read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) // 2, limits[1]))  # the file system refuses more, as a full one does
    try:
        with pytest.raises(OutputError, match="untouched"):
            checkpoint.save(path, model, config, epoch=4)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["last.pth.tar"]


def test_run_does_not_go_on_with_other_pictures(
    make_folder: MakeFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = make_folder(per_person=1)
    assert main([str(data), *SMALL, "--output", str(tmp_path), "--experiment", "run", "--epochs", "1"]) == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    resume = ["--resume", str(tmp_path / "run/last.pth.tar"), "--epochs", "2"]
    assert main([*resume, "--seed", "5"]) == 2
    assert "goes on with its own split" in capsys.readouterr().err
    assert main([*resume, "--img-size", "48"]) == 2
    assert "input_size_hw was (32, 32) and is (48, 48)" in capsys.readouterr().err
    assert main([*resume, "--output", str(tmp_path / "elsewhere")]) == 2
    assert "leave out --output" in capsys.readouterr().err
    assert main(["--resume", str(tmp_path / "run/split.csv")]) == 2
    assert "DATA is missing" not in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before
    assert main([*resume, "--model", "test_resnet"]) == 2
    assert "base_model was" in capsys.readouterr().err
    assert main(["--resume", str(tmp_path / "run/model_best.pth.tar")]) == 2
    assert "weights only" in capsys.readouterr().err


def test_curves_are_also_there_for_tensorboard(make_folder: MakeFolder, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    command = [str(make_folder(per_person=1)), *SMALL, "--output", str(tmp_path), "--experiment", "run", "--epochs", "2"]
    assert main([*command, "--tensorboard"]) == 0
    events = EventAccumulator(str(tmp_path / "run"))
    events.Reload()
    logged = [event.value for event in events.Scalars("eval_loss")]
    assert logged == pytest.approx([float(row["eval_loss"]) for row in rows(tmp_path / "run/summary.csv")], rel=1e-5)
    assert torch.is_tensor(checkpoint.read(tmp_path / "run/last.pth.tar")["weights"]["classifier.weight"])


def test_settings_of_a_run_that_went_on_are_those_that_it_went_on_with(make_folder: MakeFolder, tmp_path: Path) -> None:
    data = make_folder(per_person=1)
    assert main([str(data), *SMALL, "--output", str(tmp_path), "--experiment", "run", "--epochs", "1"]) == 0
    assert main(["--resume", str(tmp_path / "run/last.pth.tar"), "--epochs", "2"]) == 0
    settings = json.loads((tmp_path / "run/settings.json").read_text())
    assert (settings["epochs"], settings["resume"]) == (2, "")
