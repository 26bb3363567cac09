"""Public data sets by name: `--dataset torch/cifar10` turns torchvision's data set, once, into folders like everyone's.

    python -m training.train DATA --dataset torch/cifar10 --dataset-download --model resnet50 --pretrained

DATA holds the data set as torchvision keeps it; beside it, `DATA/taido-<name>/train/<class>/*.png` and `test/` appear, which
evaluation and export take as any folder of pictures.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from torchvision import datasets as zoo
from tqdm import tqdm

from inference.errors import DataError, OutputError

TORCH = "torch/"
SPLIT = {"train": "train", "test": "test"}
FLAG = {"train": True, "test": False}
KNOWN: dict[str, tuple[Callable[..., Any], str, dict[str, Any]]] = {
    "cifar10": (zoo.CIFAR10, "train", FLAG),
    "cifar100": (zoo.CIFAR100, "train", FLAG),
    "mnist": (zoo.MNIST, "train", FLAG),
    "fashion_mnist": (zoo.FashionMNIST, "train", FLAG),
    "stl10": (zoo.STL10, "split", SPLIT),
    "svhn": (zoo.SVHN, "split", SPLIT),
    "food101": (zoo.Food101, "split", SPLIT),
    "stanford_cars": (zoo.StanfordCars, "split", SPLIT),
    "gtsrb": (zoo.GTSRB, "split", SPLIT),
    "oxford_iiit_pet": (zoo.OxfordIIITPet, "split", {"train": "trainval", "test": "test"}),
    "flowers102": (zoo.Flowers102, "split", {"train": "train", "validation": "val", "test": "test"}),
    "fgvc_aircraft": (zoo.FGVCAircraft, "split", {"train": "train", "validation": "val", "test": "test"}),
    "dtd": (zoo.DTD, "split", {"train": "train", "validation": "val", "test": "test"}),
    "eurosat": (zoo.EuroSAT, "", {"all": None}),
}
"""Constructor, its argument for the side, and the value for each side."""


def as_folders(name: str, root: Path, download: bool) -> Path:
    """Folders of pictures with the content of a data set; made once. Raises DataError when it is unknown or not there."""
    short = name.removeprefix(TORCH)
    if not name.startswith(TORCH) or short not in KNOWN:
        raise DataError(f"There is no data set {name!r}. Choose one of {', '.join(TORCH + known for known in sorted(KNOWN))}.")
    folder = root / f"taido-{short}"
    if folder.is_dir():
        return folder
    making, argument, sides = KNOWN[short]
    unfinished = root / f".taido-{short}-unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    for side, value in sides.items():
        target = unfinished if side == "all" else unfinished / side
        _write(_open(making, root, download, {argument: value} if argument else {}, name), target, name)
    unfinished.rename(folder)
    return folder


def _open(making: Callable[..., Any], root: Path, download: bool, options: dict[str, Any], name: str) -> Any:
    try:
        return making(root=str(root), download=download, **options)
    except (RuntimeError, OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0][:200]
        raise DataError(f"{name} is not in {root} ({reason}). Put it there, or fetch it with --dataset-download.") from error


def _write(pictures: Any, target: Path, name: str) -> None:
    names = [_file_name(str(n)) for n in getattr(pictures, "classes", [])]
    try:
        for number, (picture, label) in enumerate(
            tqdm(_each(pictures), total=len(pictures), desc=f"{name} {target.name}", disable=None)
        ):
            folder = target / (names[label] if names else f"{label:03d}")
            folder.mkdir(parents=True, exist_ok=True)
            picture.convert("RGB").save(folder / f"{number:06d}.png", compress_level=1)
    except OSError as error:
        raise OutputError(f"The pictures of {name} could not be written to {target} ({error.strerror}).") from error


def _each(pictures: Any) -> Iterator[Any]:
    for number in range(len(pictures)):
        yield pictures[number]


def _file_name(name: str) -> str:
    return "".join(c if c.isalnum() or c in " -_." else "-" for c in name).strip(". ") or "class"
