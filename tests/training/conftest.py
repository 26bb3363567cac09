"""Small labelled folders: each class has its own colour, each person a brightness of its own."""

import csv
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import timm
import torch

COLOURS = {"ahead": (200, 60, 60), "down": (60, 200, 60), "phone": (60, 60, 200)}

MakeFolder = Callable[..., Path]


def write_picture(path: Path, rgb: tuple[int, int, int], seed: int, size_hw: tuple[int, int] = (40, 32)) -> None:
    noise = np.random.default_rng(seed).normal(0, 20, (*size_hw, 3))
    pixels = np.clip(np.array(rgb) + noise, 0, 255).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))


@pytest.fixture
def make_folder(tmp_path: Path) -> MakeFolder:
    """`make_folder(persons=5, per_person=2, cameras=("a", "b"))` -> folder with manifest."""

    def make(name: str = "data", *, persons: int = 5, per_person: int = 2, cameras: tuple[str, ...] = ("a", "b")) -> Path:
        folder = tmp_path / name
        rows = []
        for c, (label, colour) in enumerate(COLOURS.items()):
            for p in range(persons * len(cameras)):
                for k in range(per_person):
                    file = f"{label}/{p}-{k}.png"
                    write_picture(folder / file, colour, seed=1000 * c + 10 * p + k)
                    rows.append([file, label, cameras[p % len(cameras)], f"person-{p}"])
        with (folder / "manifest.csv").open("w", newline="") as file_:
            csv.writer(file_).writerows([["file", "label", "camera", "person"], *rows])
        return folder

    return make


@pytest.fixture
def pretrained(tmp_path: Path) -> Path:
    """A file of weights of test_efficientnet as the hub would give them."""
    torch.manual_seed(1)
    path = tmp_path / "pretrained.pth"
    torch.save(timm.create_model("test_efficientnet", num_classes=1000).state_dict(), path)
    return path


def several_folder(folder: Path, count: int = 32) -> Path:
    """Red and blue pictures, both (magenta), and neither (grey)."""
    colours = {"red": (220, 30, 30), "blue": (30, 30, 220), "blue;red": (220, 30, 220), "": (30, 30, 30)}
    rows = []
    for i in range(count):
        cell = list(colours)[i % 4]
        write_picture(folder / f"{i}.png", colours[cell], seed=i)
        rows.append([f"{i}.png", cell, f"p{i}"])
    with (folder / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["file", "labels", "person"], *rows])
    return folder
