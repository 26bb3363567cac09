"""Nonsense is refused before it costs time, and says why."""

import csv
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.errors import DataError
from tests.training.conftest import MakeFolder, write_picture
from training import duplicates, sanity
from training.config import parse
from training.data import Sample
from training.splits import Split
from training.train import main

SMALL = ["--model", "test_efficientnet", "--img-size", "32", "-b", "8", "--epochs", "1", "--device", "cpu", "--threads", "1"]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ([], "DATA is missing"),
        (["data", "--lr", "-1"], "--lr must be above 0"),
        (["data", "--lr", "nan"], "--lr must be above 0"),
        (["data", "--seed", "-1"], "--seed must be at least 0"),
        (["data", "--shift", "-1"], "--shift must be at least 0"),
        (["data", "--rotate", "-500"], "--rotate must be at least 0"),
        (["data", "--warmup-epochs", "inf"], "--warmup-epochs must be finite"),
        (["data", "--aa", "nosense"], "timm knows no augmentation 'nosense'"),
        (["data", "--split-file", "x", "--leave-camera-out", "a"], "both say what is kept"),
        (["data", "--epochs", "0"], "--epochs must be at least 1"),
        (["data", "--test-img-size", "8"], "--test-img-size must be at least 16 pixels"),
        (["data", "--test-img-size", "-32"], "--test-img-size must be at least 16 pixels"),
        (["data", "--reprob", "2"], "--reprob must be from 0 to 1"),
        (["data", "--strategy", "scratch", "--pretrained"], "starts from nothing"),
        (["data", "--strategy", "head"], "must have learnt"),
        (["data", "--strategy", "head", "--pretrained", "--freeze-until", "x"], "freezes all but"),
        (["data", "--strategy", "scratch", "--probe-epochs", "1"], "every layer"),
        (["data", "--probe-epochs", "10"], "no epoch to fine-tune"),
        (["data", "--model", "torchvision/vgg16", "--layer-decay", "0.7"], "timm's own"),
        (["data", "--model", "torchvision/resnet34", "--feature-masks", "2"], "timm backbone"),
        (["data", "--multi-label", "--mixup", "0.2"], "no one class"),
        (["data", "--multi-label", "--loss", "symmetric"], "binary cross-entropy"),
        (["data", "--multi-label", "--label-review", "x.csv"], "correct the column `labels`"),
        (["data", "--cutmix", "1", "--triplet", "0.1"], "Mixed pictures"),
        (["data", "--pseudo-labels", "x", "--pseudo-start", "10"], "never be used"),
        (["data", "--val-split", "0.6", "--test-split", "0.6"], "nothing to train"),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(flags: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        sanity.check(parse(flags))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model = 'resnet34'\nlearning_rate = 1", "no settings: learning_rate"),
        ("epochs = 1.5", "not a whole number"),
        ("sched = 'linear'", "not one of cosine"),
        ("extra_data = 'x'", "not a list"),
        ("epochs = ", "cannot be read"),
    ],
)
def test_preset_that_does_not_fit_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(DataError, match=message):
        parse(["data", "--preset", str(tmp_path / "mine.toml")])


def test_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(DataError, match="yoshitake2023"):
        parse(["data", "--preset", "yoshitake2024"])


def test_settings_of_a_run_are_a_preset(make_folder: MakeFolder, tmp_path: Path) -> None:
    command = [str(make_folder(per_person=1)), "--model", "test_efficientnet", "--img-size", "32", "--epochs", "1", "-b", "8"]
    assert main([*command, "--device", "cpu", "--output", str(tmp_path), "--experiment", "run", "--rotate", "3"]) == 0
    again = parse(["other", "--preset", str(tmp_path / "run/settings.json")])
    assert (again.data, again.rotate, again.experiment, again.batch_size) == ("other", 3.0, "", 8)


def test_class_of_one_person_is_refused(make_folder: MakeFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = make_folder()
    write_picture(data / "sleep/only.png", (9, 90, 90), seed=0)
    assert main([str(data), "--device", "cpu", "--output", str(tmp_path)]) == 2
    assert "sleep (1)" in capsys.readouterr().err


def test_other_number_of_classes_is_refused(make_folder: MakeFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(make_folder()), "--num-classes", "4", "--device", "cpu", "--output", str(tmp_path)]) == 2
    assert "has 3 classes (ahead, down, phone)" in capsys.readouterr().err


def scene(seed: int) -> np.ndarray:
    """Something with shapes in it, `(120, 160, 3) uint8`."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return cv2.resize(coarse, (160, 120), interpolation=cv2.INTER_CUBIC)


def save(path: Path, picture: np.ndarray, *options: int) -> Sample:
    assert cv2.imwrite(str(path), picture, options)
    return Sample(path.name, path, "a", path.name, "")


def test_copy_in_another_size_and_compression_is_the_same_picture(tmp_path: Path) -> None:
    original = save(tmp_path / "a.png", scene(0))
    small = save(tmp_path / "b.jpg", cv2.resize(scene(0), (96, 72), interpolation=cv2.INTER_AREA), cv2.IMWRITE_JPEG_QUALITY, 60)
    others = [save(tmp_path / f"{i}.png", scene(i)) for i in range(1, 20)]
    assert duplicates.across([[original, *others[:9]], [small, *others[9:]]]) == [("a.png", "b.jpg")]
    assert not duplicates.across([[original, small], others])
    split = Split((original,), (), (small,))
    with pytest.raises(DataError, match=r"a\.png = b\.jpg"):
        duplicates.check(split, refuse=True)
    duplicates.check(split, refuse=False)


def test_scene_that_moved_a_little_is_another_picture(tmp_path: Path) -> None:
    moved = np.roll(scene(0), 12, axis=1)
    assert not duplicates.across([[save(tmp_path / "a.png", scene(0))], [save(tmp_path / "b.png", moved)]])


def test_same_picture_under_two_persons_is_refused_by_the_command(
    make_folder: MakeFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = make_folder("flat", per_person=1)
    (data / "manifest.csv").unlink()
    for side in ("train", "test"):
        shutil.copytree(data, tmp_path / "data" / side)
    for side in ("train", "test"):
        save(tmp_path / "data" / side / f"ahead/{side}.png", scene(3))
    for picture in (tmp_path / "data/test").rglob("*-0.png"):
        picture.unlink() if int(picture.stem.split("-")[0]) < 8 else None
    assert main([str(tmp_path / "data"), "--device", "cpu", "--output", str(tmp_path / "out")]) == 2
    assert "two sides of the split" in capsys.readouterr().err


def test_extra_picture_that_looks_like_one_that_is_scored_does_not_train(
    make_folder: MakeFolder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, extra = make_folder(per_person=1), tmp_path / "extra"
    for path in folder.rglob("*.png"):
        target = extra / path.parent.name / f"copy-of-{path.name}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    with caplog.at_level("INFO"):
        assert (
            main([str(folder), *SMALL, "--output", str(tmp_path / "out"), "--experiment", "run", "--extra-data", str(extra)]) == 0
        )
    with (tmp_path / "out/run/split.csv").open(newline="") as file:
        sides = [row["side"] for row in csv.DictReader(file)]
    scored = len(sides) - sides.count("train")
    assert scored > 0 and f"{scored} extra pictures look like one that is scored" in caplog.text
    assert f"{2 * sides.count('train')} pictures train" in caplog.text


def test_camera_that_no_picture_is_of_is_refused(
    make_folder: MakeFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(make_folder(per_person=1)), *SMALL, "--output", str(tmp_path), "--train-only-cameras", "stokc"]) == 2
    assert "no picture is of camera 'stokc'; the manifest knows a, b" in capsys.readouterr().err


def test_unknown_optimiser_is_refused(make_folder: MakeFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(make_folder(per_person=1)), *SMALL, "--output", str(tmp_path), "--opt", "adamz"]) == 2
    assert "--opt adamz cannot be used" in capsys.readouterr().err


def test_class_that_nobody_tested_is_named(make_folder: MakeFolder, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = make_folder(per_person=1, cameras=("a",))
    for path in list((folder / "phone").iterdir())[2:]:
        path.unlink()
    manifest = folder / "manifest.csv"
    rows = [
        line for line in manifest.read_text().splitlines() if line.startswith("file") or (folder / line.split(",")[0]).is_file()
    ]
    manifest.write_text("\n".join(rows) + "\n")
    with caplog.at_level("INFO"):
        assert main([str(folder), *SMALL, "--output", str(tmp_path / "out"), "--test-split", "0.4"]) == 0
        assert main([str(folder), *SMALL, "--output", str(tmp_path / "out2"), "--test-split", "0"]) == 0
    assert "no picture of phone was tested" in caplog.text
    assert "No picture is kept for a test" in caplog.text
    told = [line for line in caplog.messages if line.startswith("Everything is in")]
    assert ["report.json" in line for line in told] == [True, False]
