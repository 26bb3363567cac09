"""A fine-tuned model on its way back to the pretrained one."""

import json
from pathlib import Path

import pytest
import torch

from tests.training.conftest import MakeFolder
from training import average, checkpoint
from training.train import main as train
from training.wise import main as wise

SMALL = [
    "--model",
    "test_efficientnet",
    "--img-size",
    "32",
    "--epochs",
    "1",
    "--batch-size",
    "8",
    "--device",
    "cpu",
    "--threads",
    "1",
]


def tuned(data: Path, output: Path, *more: str) -> Path:
    assert train([str(data), *SMALL, "--output", str(output), "--experiment", "mine", *more]) == 0
    return output / "mine"


def test_average_lies_between_the_two(make_folder: MakeFolder, tmp_path: Path, pretrained: Path) -> None:
    run = tuned(make_folder(persons=10), tmp_path / "out", "--pretrained-path", str(pretrained), "--model-ema")
    assert wise([str(run), "--share", "0.25"]) == 0
    out = tmp_path / "out" / "mine-wise"
    assert {p.name for p in out.iterdir()} >= {
        "model_best.pth.tar",
        "split.csv",
        "settings.json",
        "report.json",
        "predictions.csv",
    }
    assert (out / "split.csv").read_text() == (run / "split.csv").read_text()
    name = "blocks.0.0.conv.weight"
    start = torch.load(pretrained, weights_only=True)[name]
    end = checkpoint.load(run / "model_best.pth.tar").network.state_dict()[name]
    between = checkpoint.load(out / "model_best.pth.tar").network.state_dict()[name]
    torch.testing.assert_close(between, 0.25 * end + 0.75 * start)


def test_mean_of_two_runs_is_averaged_as_a_run_is(make_folder: MakeFolder, tmp_path: Path, pretrained: Path) -> None:
    folder = make_folder(persons=10)
    flags = ["--pretrained-path", str(pretrained), "--split-seed", "0", "--freeze-stages", "1", "--frozen-dtype", "bfloat16"]
    runs = [tuned(folder, tmp_path / str(seed), *flags, "--seed", str(seed)) for seed in (0, 1)]
    soup = tmp_path / "mean" / "model_best.pth.tar"
    average.average([run / "model_best.pth.tar" for run in runs], soup)
    assert wise([str(soup.parent)]) == 0
    report = json.loads((tmp_path / "mean-wise" / "report.json").read_text())
    assert report["accuracy"]["n"] == (runs[0] / "split.csv").read_text().count(",test")


def test_probe_alone_tells_colours_apart(make_folder: MakeFolder, tmp_path: Path, pretrained: Path) -> None:
    run = tuned(make_folder(persons=10), tmp_path / "out", "--pretrained-path", str(pretrained), "--lr", "1e-9")
    assert wise([str(run), "--share", "0"]) == 0
    assert (
        accuracy_of(tmp_path / "out" / "mine-wise") > 0.8
    )  # a guess reaches 1/3, and the run itself learned nothing at this rate


def test_run_whose_pictures_would_be_split_otherwise_now_is_refused(
    make_folder: MakeFolder, tmp_path: Path, pretrained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_folder(persons=10)
    run = tuned(folder, tmp_path / "out", "--pretrained-path", str(pretrained))
    make_folder(persons=12)  # into the same folder
    assert wise([str(run)]) == 2
    assert "would be split otherwise now" in capsys.readouterr().err
    assert not (tmp_path / "out" / "mine-wise").exists()


def accuracy_of(folder: Path) -> float:
    return float(json.loads((folder / "report.json").read_text())["accuracy"]["value"])


def test_share_one_is_the_tuned_model() -> None:
    a, b = {"w": torch.tensor([1.0]), "n": torch.tensor(3)}, {"w": torch.tensor([5.0]), "n": torch.tensor(7)}
    assert average.mean([a, b], (1.0, 0.0)) == a
    assert average.mean([a, b], (0.0, 1.0)) == {"w": torch.tensor([5.0]), "n": torch.tensor(3)}


def test_run_from_nothing_and_impossible_share_are_refused(
    make_folder: MakeFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tuned(make_folder(), tmp_path / "out")
    assert wise([str(run)]) == 2
    assert "without pretrained weights" in capsys.readouterr().err
    assert wise([str(run), "--share", "2"]) == 2
    assert "0 (the probe) to 1" in capsys.readouterr().err
    assert wise([str(tmp_path / "nowhere")]) == 2
    assert "no checkpoint" in capsys.readouterr().err


def test_run_is_scored_and_served_on_larger_frames(make_folder: MakeFolder, tmp_path: Path, pretrained: Path) -> None:
    data = make_folder(persons=10)
    flags = ["--pretrained-path", str(pretrained), "--val-split", "0"]
    larger = checkpoint.load(tuned(data, tmp_path / "larger", *flags, "--test-img-size", "48") / "model_best.pth.tar")
    run = tuned(data, tmp_path / "same", *flags)
    same = checkpoint.load(run / "model_best.pth.tar")
    assert (larger.spec.input_size_hw, same.spec.input_size_hw) == ((48, 48), (32, 32))
    for name, value in same.network.state_dict().items():
        torch.testing.assert_close(larger.network.state_dict()[name], value, msg=name)

    assert wise([str(run), "--share", "0", "--test-img-size", "48"]) == 0
    assert wise([str(run), "--share", "0"]) == 0
    at_48, at_32 = (checkpoint.load(run.parent / name / "model_best.pth.tar") for name in ("mine-wise-48", "mine-wise"))
    assert (at_48.spec.input_size_hw, at_32.spec.input_size_hw) == ((48, 48), (32, 32))
    body = "blocks.0.0.conv.weight"
    assert torch.equal(at_48.network.state_dict()[body], at_32.network.state_dict()[body])
    assert not torch.equal(at_48.network.classifier.weight, at_32.network.classifier.weight)  # the probe saw larger frames
    assert accuracy_of(run.parent / "mine-wise-48") > 0.8


def test_size_that_cannot_be_meant_is_refused(
    make_folder: MakeFolder, tmp_path: Path, pretrained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tuned(make_folder(persons=10), tmp_path / "out", "--pretrained-path", str(pretrained))
    assert wise([str(run), "--test-img-size", "8"]) == 2
    assert "at least 16 pixels" in capsys.readouterr().err
