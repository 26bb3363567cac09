"""Where pictures come from: public data sets by name, unlabelled folders; and what policies make of them."""

import hashlib
import pickle
from pathlib import Path

import numpy as np
import pytest
from torchvision.datasets import CIFAR10

from inference.errors import DataError
from tests.training.conftest import COLOURS, MakeFolder, write_picture
from training import datasets, layouts, policies
from training.config import TrainConfig
from training.train import main

NAMES = ["red", "green", "blue"]


@pytest.fixture
def cifar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small data set in CIFAR-10's own files, with their own check sums."""
    folder = tmp_path / "sets/cifar-10-batches-py"
    folder.mkdir(parents=True)

    def write(name: str, content: object) -> list[str]:
        (folder / name).write_bytes(pickle.dumps(content))
        return [name, hashlib.md5((folder / name).read_bytes()).hexdigest()]

    def batch(count: int, seed: int) -> dict[str, object]:
        rng = np.random.default_rng(seed)
        labels = [i % 3 for i in range(count)]
        pixels = rng.integers(0, 100, (count, 3, 32, 32), dtype=np.uint8)
        pixels[np.arange(count), labels] += 150
        return {"data": pixels.reshape(count, -1), "labels": labels}

    monkeypatch.setattr(CIFAR10, "train_list", [write("data_batch_1", batch(24, 0))])
    monkeypatch.setattr(CIFAR10, "test_list", [write("test_batch", batch(9, 1))])
    name, checksum = write("batches.meta", {"label_names": NAMES})
    monkeypatch.setattr(CIFAR10, "meta", {"filename": name, "key": "label_names", "md5": checksum})
    return tmp_path / "sets"


def test_cifar10_becomes_folders_once_and_trains(cifar: Path, tmp_path: Path) -> None:
    flags = ["--model", "test_efficientnet", "--img-size", "32", "-b", "8", "--epochs", "1", "--device", "cpu", "--threads", "1"]
    command = [str(cifar), "--dataset", "torch/cifar10", *flags, "--output", str(tmp_path), "--experiment", "run"]
    assert main(command) == 0
    made = cifar / "taido-cifar10"
    assert sorted(p.name for p in (made / "train").iterdir()) == sorted(NAMES)
    assert len(list(made.glob("test/*/*.png"))) == 9
    (cifar / "cifar-10-batches-py/test_batch").unlink()
    labelled = layouts.read(TrainConfig(data=str(cifar), dataset="torch/cifar10"))  # not read again
    assert len(labelled.split.test) == 9 and len(labelled.split.validation) + len(labelled.split.train) == 24


def test_data_set_that_is_unknown_or_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="torch/cifar10"):
        datasets.as_folders("torch/imagenet22k", tmp_path, download=False)
    with pytest.raises(DataError, match="--dataset-download"):
        datasets.as_folders("torch/stl10", tmp_path, download=False)


def test_unlabelled_pictures_join_once_the_model_is_sure_and_never_those_that_are_scored(
    make_folder: MakeFolder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = make_folder(per_person=1)
    for i, colour in enumerate(COLOURS.values()):
        write_picture(tmp_path / f"unlabelled/{i}.png", colour, seed=5000 + i)
    for picture in (data / "ahead").iterdir():
        (tmp_path / "unlabelled" / picture.name).write_bytes(picture.read_bytes())
    flags = ["--model", "test_efficientnet", "--img-size", "32", "-b", "8", "--epochs", "3", "--device", "cpu", "--threads", "1"]
    command = [
        str(data),
        *flags,
        "--output",
        str(tmp_path),
        "--experiment",
        "run",
        "--pseudo-labels",
        str(tmp_path / "unlabelled"),
    ]
    caplog.set_level("INFO", logger="training")
    assert main([*command, "--pseudo-start", "2", "--pseudo-threshold", "0.1"]) == 0
    held_out = sum(
        ",ahead," in row and not row.endswith(",train") for row in (tmp_path / "run/split.csv").read_text().splitlines()
    )
    assert held_out
    assert f"{held_out} unlabelled pictures are left out" in caplog.text
    assert caplog.text.count(f"{13 - held_out} of {13 - held_out} unlabelled pictures have a label") == 1


@pytest.mark.parametrize("name", ["pspnet", "augmix-m3-w3", "rand-m9-mstd0.5", "v0"])
def test_policy_keeps_the_shape_changes_the_picture_and_repeats_with_its_generator(name: str) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
    policy = policies.named(name)
    made = [policy(frame.copy(), np.random.default_rng(seed)) for seed in range(6)]
    assert all(m.shape == frame.shape and m.dtype == np.uint8 for m in made)
    assert sum(not np.array_equal(m, frame) for m in made) >= 4
    np.testing.assert_array_equal(made[3], policy(frame.copy(), np.random.default_rng(3)))


def test_pspnet_scales_between_a_half_and_two() -> None:
    dot = np.zeros((64, 64, 3), np.uint8)
    dot[24:40, 24:40] = 255
    areas = [(policies.pspnet(dot, np.random.default_rng(i))[16:48, 16:48, 0] > 200).sum() for i in range(40)]
    assert min(areas) < 110 and max(areas) > 700  # 16 x 16 = 256, from a quarter to four times


def test_unknown_policy_is_refused() -> None:
    with pytest.raises(DataError, match="knows no augmentation"):
        policies.named("augmax")
