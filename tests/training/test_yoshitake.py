"""The command lines of Yoshitake 2023, with nothing but the size of the work made smaller."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from tests.training.conftest import MakeFolder
from training import checkpoint, crossval, testset
from training import inference as inference_command
from training.config import parse
from training.train import main

COMMAND = [
    "--pretrained",
    "--model",
    "resnet101d",
    "--num-classes",
    "3",
    "--epochs",
    "150",
    "--aa",
    "rand-m9-mstd0.5",
    "-b",
    "32",
    "--opt",
    "adam",
    "--warmup-epochs",
    "5",
    "--weight-decay",
    "1e-4",
    "--sched",
    "cosine",
    "--reprob",
    "0.4",
]
SMALLER = [
    "--no-pretrained",
    "--model",
    "test_efficientnet",
    "--epochs",
    "1",
    "--img-size",
    "32",
    "--device",
    "cpu",
    "--threads",
    "1",
]


def test_command_line_means_what_it_says() -> None:
    config = parse(["image_classification/train", *COMMAND])
    assert (config.model, config.pretrained, config.num_classes, config.epochs) == ("resnet101d", True, 3, 150)
    assert (config.aa, config.batch_size, config.opt, config.reprob) == ("rand-m9-mstd0.5", 32, "adam", 0.4)
    assert (config.warmup_epochs, config.weight_decay, config.sched) == (5, 1e-4, "cosine")


def test_preset_is_the_study_and_flags_beside_it_win() -> None:
    config = parse(["data", "--preset", "yoshitake2023", "--opt", "adamp"])
    assert (config.model, config.img_size, config.epochs, config.opt, config.reprob) == ("resnet101d", 256, 150, "adamp", 0.4)


@pytest.fixture
def trained(make_folder: MakeFolder, tmp_path: Path) -> Path:
    assert main([str(make_folder(per_person=1)), *COMMAND, *SMALLER, "--output", str(tmp_path / "output/train")]) == 0
    (folder,) = (tmp_path / "output/train").iterdir()
    return folder


def test_run_lies_in_a_folder_of_date_model_and_size_and_its_checkpoint_ranks_classes(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    date, time, *rest = trained.name.split("-")
    assert (len(date), len(time), rest) == (8, 6, ["test_efficientnet", "32"])
    assert (trained / "summary.csv").read_text().startswith("epoch,train_loss,eval_loss,eval_top1,")
    assert {p.name for p in trained.iterdir()} >= {"model_best.pth.tar", "last.pth.tar", "curves.png"}
    command = [str(tmp_path / "data/ahead"), "--model", "test_efficientnet", "--num-classes", "3", "--output-dir", str(tmp_path)]
    command += ["--checkpoint", str(trained / "model_best.pth.tar"), "--device", "cpu"]
    assert inference_command.main(command) == 0
    with (tmp_path / "topk_ids.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows] == sorted(p.name for p in (tmp_path / "data/ahead").iterdir())
    assert all(sorted(row[1:]) == ["0", "1", "2"] for row in rows)
    for flag in ("--batch-size", "--topk"):
        assert inference_command.main([*command, flag, "0"]) == 2
        assert f"{flag} must be at least 1" in capsys.readouterr().err
    assert inference_command.main([*command, "--num-classes", "4"]) == 2
    assert inference_command.main([*command, "--model", "resnet18"]) == 2


@pytest.mark.parametrize("sides", [("train", "validation"), ("train", "test"), ("train", "val", "test")])
def test_folders_of_image_folder_are_the_sides(make_folder: MakeFolder, tmp_path: Path, sides: tuple[str, ...]) -> None:
    flat = make_folder("flat", per_person=1)
    (flat / "manifest.csv").unlink()
    root = tmp_path / "split"
    for picture in flat.rglob("*.png"):
        number = int(picture.stem.split("-")[0])
        side = sides[max(0, number - 9 + len(sides) - 1)] if number > 9 - len(sides) + 1 else "train"
        (root / side / picture.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, root / side / picture.parent.name / picture.name)
    output = tmp_path / "out"
    assert main([str(root), *SMALLER, "-b", "8", "--output", str(output), "--experiment", "run"]) == 0
    with (output / "run/split.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    same = {"train": {"train", "validation"} if "val" not in str(sides) else {"train"}, "val": {"validation"}}
    for row in rows:
        folder = row["file"].split("/")[0]
        assert row["side"] in same.get(folder, {folder})
    assert (output / "run/report.json").exists() == ("test" in sides)
    if "test" in sides:
        assert json.loads((output / "run/report.json").read_text())["n"] == sum(row["side"] == "test" for row in rows)
    assert checkpoint.load(output / "run/model_best.pth.tar").spec.class_names == ("ahead", "down", "phone")


def sides(flat: Path, root: Path, names: tuple[str, ...] = ("train", "validation", "test")) -> Path:
    """The pictures of a flat folder in folders for the sides, a third of the persons in each."""
    for picture in flat.rglob("*.png"):
        target = root / names[int(picture.stem.split("-")[0]) % len(names)] / picture.parent.name / picture.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, target)
    return root


def test_folders_that_may_be_sides_or_classes_are_refused(
    make_folder: MakeFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flat = make_folder("flat", per_person=1)
    root = sides(flat, tmp_path / "split")
    run = [*SMALLER, "-b", "8", "--output", str(tmp_path / "out")]
    assert main([str(root), *run, "--split-file", "x.csv"]) == 2
    assert "so do the folders" in capsys.readouterr().err
    assert main([str(root), *run, "--train-only-cameras", "a"]) == 2
    assert "has no effect" in capsys.readouterr().err
    assert crossval.main([str(root), *SMALLER, "--output", str(tmp_path / "cv")]) == 2
    assert "sides of a split" in capsys.readouterr().err
    shutil.copytree(root / "train", root / "unlabelled")
    assert main([str(root), *run]) == 2
    assert "train, validation, test and beside them unlabelled" in capsys.readouterr().err
    both = sides(flat, tmp_path / "both", ("train", "val", "eval"))
    assert main([str(both), *run]) == 2
    assert "val and eval, which both mean validation" in capsys.readouterr().err


def test_person_who_chooses_the_checkpoint_is_not_tested(
    make_folder: MakeFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = sides(make_folder("flat", per_person=1), tmp_path / "split")
    rows = [f"{side}/ahead/{number}-0.png,ahead,a,same" for side, number in (("validation", 1), ("test", 2))]
    (root / "manifest.csv").write_text("\n".join(["file,label,camera,person", *rows]))
    assert main([str(root), *SMALLER, "--output", str(tmp_path / "out")]) == 2
    assert "1 persons both in validation and in test, e.g. same" in capsys.readouterr().err


def test_review_and_evaluation_know_the_sides(make_folder: MakeFolder, tmp_path: Path) -> None:
    root = sides(make_folder("flat", per_person=1), tmp_path / "split")
    found = testset.read(root, ("ahead", "down", "phone"))
    assert {(sample.label, sample.file.split("/")[1]) for sample in found.samples} == {(n, n) for n in ("ahead", "down", "phone")}
    (tmp_path / "review.csv").write_text("file,label,decision\ntrain/down/0-0.png,down,drop\n")
    flags = ["-b", "8", "--output", str(tmp_path / "out"), "--experiment", "run", "--label-review", str(tmp_path / "review.csv")]
    assert main([str(root), *SMALLER, *flags]) == 0
    assert "train/down/0-0.png" not in (tmp_path / "out/run/split.csv").read_text()
