"""The training command, end to end, on generated pictures."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.conftest import MakeFolder
from training import checkpoint
from training.batches import Draws
from training.config import TrainConfig, parse
from training.engine import Engine, learning_rate_share
from training.model import create
from training.train import main

SMALL = ["--model", "test_efficientnet", "--img-size", "32", "--epochs", "2", "--batch-size", "8", "--lr", "0.005"]
SMALL += ["--device", "cpu", "--threads", "1"]


def run(data: Path, output: Path, *more: str) -> Path:
    assert main([str(data), *SMALL, "--output", str(output), "--experiment", "run", *more]) == 0
    return output / "run"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_run_learns_colours_and_writes_everything(make_folder: MakeFolder, tmp_path: Path) -> None:
    folder = run(make_folder(persons=10), tmp_path / "out", "--epochs", "12", "--style", "0", "--color-jitter", "0")
    names = {p.name for p in folder.iterdir()}
    assert names >= {
        "model_best.pth.tar",
        "last.pth.tar",
        "summary.csv",
        "split.csv",
        "settings.json",
        "report.json",
        "predictions.csv",
    }
    assert [int(r["epoch"]) for r in rows(folder / "summary.csv")] == list(range(12))
    report = json.loads((folder / "report.json").read_text())
    assert report["accuracy"]["value"] > 0.8  # colours tell the classes apart; a guess reaches 1/3
    assert report["n"] == len(rows(folder / "predictions.csv")) == sum(r["side"] == "test" for r in rows(folder / "split.csv"))
    assert checkpoint.load(folder / "model_best.pth.tar").spec.class_names == ("ahead", "down", "phone")


def test_runs_of_several_seeds_can_share_one_split(make_folder: MakeFolder, tmp_path: Path) -> None:
    data = make_folder()
    first, second = run(data, tmp_path / "a"), run(data, tmp_path / "b", "--seed", "7", "--split-seed", "0")
    assert (first / "split.csv").read_text() == (second / "split.csv").read_text()
    assert rows(first / "summary.csv")[0]["train_loss"] != rows(second / "summary.csv")[0]["train_loss"]


def test_seed_reproducibility(make_folder: MakeFolder, tmp_path: Path) -> None:
    data = make_folder()
    first, second = run(data, tmp_path / "a"), run(data, tmp_path / "b")
    other = run(data, tmp_path / "c", "--seed", "7")
    losses = [rows(folder / "summary.csv")[0]["train_loss"] for folder in (first, second, other)]
    assert losses[0] == losses[1] != losses[2]
    assert (first / "split.csv").read_text() == (second / "split.csv").read_text()


def test_resumed_run_ends_where_an_uninterrupted_one_does(
    make_folder: MakeFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = make_folder()
    whole = run(data, tmp_path / "whole")
    train_epoch = Engine.train_epoch

    def interrupted(engine: Engine, draws: Draws, epoch: int) -> float:
        if epoch == 1:
            raise KeyboardInterrupt
        return train_epoch(engine, draws, epoch)

    with monkeypatch.context() as patch:
        patch.setattr(Engine, "train_epoch", interrupted)
        assert main([str(data), *SMALL, "--output", str(tmp_path / "cut"), "--experiment", "run"]) == 130
    resumed = run(data, tmp_path / "cut", "--resume", str(tmp_path / "cut/run/last.pth.tar"))
    first, second = rows(whole / "summary.csv"), rows(resumed / "summary.csv")
    assert [r["epoch"] for r in first] == [r["epoch"] for r in second] == ["0", "1"]
    assert float(first[-1]["train_loss"]) == pytest.approx(float(second[-1]["train_loss"]), rel=1e-4)


def test_broken_picture_does_not_stop_the_run(make_folder: MakeFolder, tmp_path: Path) -> None:
    data = make_folder()
    (data / "ahead/0-0.png").write_bytes(b"broken")
    assert run(data, tmp_path / "out").is_dir()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "no_such_model"], "timm has no model"),
        (["--device", "cuda:99"], "cannot be used"),
        (["--leave-camera-out", "z"], "No picture of camera 'z'"),
        (["--pretrained-path", "/no/such/file"], "no file of pretrained weights"),
        (["--resume", "/no/such/run/last.pth.tar"], "no checkpoint"),
    ],
)
def test_user_mistake_ends_with_a_message(
    make_folder: MakeFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main([str(make_folder()), *SMALL, "--output", str(tmp_path), *arguments]) == 2
    assert message in capsys.readouterr().err


def test_unwritable_output_ends_with_a_message(
    make_folder: MakeFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    assert main([str(make_folder()), *SMALL, "--output", str(blocker)]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_loss_that_is_no_number_stops_the_run_and_keeps_the_checkpoint(
    make_folder: MakeFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(make_folder()), *SMALL, "--output", str(tmp_path), "--lr", "1e30", "--opt", "sgd", "--clip-grad", "0"]) == 2
    assert "Lower --lr" in capsys.readouterr().err


def test_unknown_flag_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["data", "--no-such-flag"])
    assert "--no-such-flag" in capsys.readouterr().err


def test_every_setting_is_reachable_from_the_command_line() -> None:
    given = parse(["data", "--epochs", "3", "-b", "4", "--extra-data", "x", "y", "--pretrained", "--fit", "pad", "--lr", "0.1"])
    expected = TrainConfig(data="data", epochs=3, batch_size=4, extra_data=("x", "y"), pretrained=True, fit="pad", lr=0.1)
    assert given == expected


def test_learning_rate_rises_then_falls_along_a_cosine() -> None:
    config = TrainConfig(data="", epochs=10, warmup_epochs=2)
    assert learning_rate_share(config, 1) == pytest.approx(0.5)
    assert learning_rate_share(config, 2) == pytest.approx(1.0)
    assert learning_rate_share(config, 6) == pytest.approx(0.5)
    assert learning_rate_share(config, 10) == pytest.approx(0.0)


def test_earlier_run_of_the_same_name_is_not_overwritten(
    make_folder: MakeFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = make_folder()
    folder = run(data, tmp_path / "out")
    before = (folder / "model_best.pth.tar").read_bytes()
    assert main([str(data), *SMALL, "--output", str(tmp_path / "out"), "--experiment", "run"]) == 2
    assert "holds an earlier run" in capsys.readouterr().err
    assert (folder / "model_best.pth.tar").read_bytes() == before


def test_average_of_the_weights_is_what_is_kept(make_folder: MakeFolder, tmp_path: Path) -> None:
    data = make_folder()
    still = run(data, tmp_path / "still", "--model-ema", "--model-ema-decay", "0.9")
    plain = run(data, tmp_path / "plain")
    content = checkpoint.read(still / "last.pth.tar")
    raw, kept = content["state"]["raw_weights"], content["weights"]
    assert any(not torch.equal(raw[name], kept[name]) for name in raw)
    trained = checkpoint.read(plain / "last.pth.tar")["weights"]
    assert all(torch.equal(raw[name], trained[name]) for name in raw)


def test_run_with_average_and_mixup_resumes(make_folder: MakeFolder, tmp_path: Path) -> None:
    more = [
        "--model-ema",
        "--mixup",
        "0.2",
        "--cutmix",
        "1.0",
        "--least-part",
        "0.6",
        "--aa",
        "rand-m9-mstd0.5",
        "--sched",
        "none",
    ]
    data = make_folder()
    whole = run(data, tmp_path / "whole", *more, "--epochs", "2")
    first = run(data, tmp_path / "first", *more, "--epochs", "1")
    main([str(data), *SMALL, *more, "--epochs", "2", "--resume", str(first / "last.pth.tar")])
    assert [r["train_loss"] for r in rows(first / "summary.csv")] == [r["train_loss"] for r in rows(whole / "summary.csv")]


def test_mixed_labels_follow_the_mixed_pixels() -> None:
    config = TrainConfig(data="", model="test_efficientnet", img_size=32, mixup=1.0, smoothing=0.0, drop=0.0)
    engine = Engine(create(config, ("a", "b")), config, torch.device("cpu"))
    seen = {}

    def logits(frames: torch.Tensor) -> torch.Tensor:
        seen["frames"] = frames
        return torch.tensor([[2.0, 0.0], [0.0, 0.0]])

    engine.model.logits = logits  # type: ignore[method-assign]
    frames = torch.zeros(2, 32, 32, 3, dtype=torch.uint8)
    frames[1] = 200
    loss = engine.loss((frames, torch.tensor([0, 1])))
    share = seen["frames"][0].mean().item() / 200
    assert seen["frames"].shape == (2, 32, 32, 3)
    assert 0 < share < 1
    log_a, log_b = torch.tensor([2.0, 0.0]).log_softmax(0).tolist()
    expected = (-(1 - share) * log_a - share * log_b + np.log(2)) / 2
    assert loss.item() == pytest.approx(expected, abs=1e-3)
