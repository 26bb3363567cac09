"""Class indices of many pictures from a checkpoint, as timm's inference script writes them.

    python -m training.inference TESTDIR --model resnet101d --checkpoint RUN/model_best.pth.tar --num-classes 4

Writes `topk_ids.csv`: a line per picture with its file, relative to TESTDIR, and the class indices, best first; the order of
the classes is that of the checkpoint's fact sheet. `--classes` adds `classes.csv` with the names. TESTDIR is searched deep.
"""

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from inference.errors import DataError, ImageError, ModelError, OutputError, TaidoError
from inference.images import decode, find_images, framed
from training import checkpoint
from training.engine import pick_device
from training.model import FrameModel


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status, 1 when a picture could not be read."""
    given = _parser().parse_args(argv)
    try:
        for flag in ("batch_size", "topk"):
            if getattr(given, flag) < 1:
                raise DataError(f"--{flag.replace('_', '-')} must be at least 1, got {getattr(given, flag)}.")
        model = open_checkpoint(given.checkpoint, given.model, given.num_classes)
        rows, unreadable = rank(model, given.testdir, pick_device(given.device), given.batch_size)
        path = write(rows, given.output_dir, given.topk)
        if given.classes:
            _table(given.output_dir / "classes.csv", list(enumerate(model.spec.class_names)))
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for message in unreadable:
        print(f"left out: {message}", file=sys.stderr)
    print(f"{len(rows)} pictures: {path}")
    return 1 if unreadable else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training.inference", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("testdir", type=Path, help="folder of pictures")
    parser.add_argument("--checkpoint", type=Path, required=True, help="model_best.pth.tar of a run")
    parser.add_argument("--model", default="", help="the backbone that the checkpoint must have")
    parser.add_argument("--num-classes", type=int, default=0, help="the number of classes that it must have")
    parser.add_argument("--output-dir", "--output_dir", type=Path, default=Path(), help="folder for topk_ids.csv")
    parser.add_argument("--topk", type=int, default=5, help="at most so many classes per picture")
    parser.add_argument("--classes", action="store_true", help="also write classes.csv: index, name")
    parser.add_argument("-b", "--batch-size", type=int, default=64)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, ...")
    return parser


def open_checkpoint(path: Path, backbone: str, classes: int) -> FrameModel:
    """A classifier. Raises ModelError when it is none, or of another backbone or number of classes than said."""
    model = checkpoint.load(path)
    if not isinstance(model, FrameModel):
        raise ModelError(f"{path} finds students and does not classify. Give a checkpoint of `python -m training.train`.")
    if backbone and backbone != model.spec.base_model:
        raise ModelError(f"--model {backbone}: the checkpoint is a {model.spec.base_model}.")
    if classes and classes != len(model.spec.class_names):
        names = ", ".join(model.spec.class_names)
        raise ModelError(f"--num-classes {classes}: the checkpoint has {len(model.spec.class_names)} ({names}).")
    return model


def rank(model: FrameModel, folder: Path, device: torch.device, batch_size: int) -> tuple[list[tuple[str, list[int]]], list[str]]:
    """Files with their class indices, best first; and a message for each picture that cannot be read."""
    paths = list(find_images(folder))
    model.to(device)
    rows: list[tuple[str, list[int]]] = []
    unreadable: list[str] = []
    for start in tqdm(range(0, len(paths), batch_size), unit="batch", disable=None):
        names, frames = [], []
        for name, path in paths[start : start + batch_size]:
            try:
                frames.append(framed(decode(path), model.spec))
                names.append(name)
            except ImageError as error:
                unreadable.append(str(error))
        if frames:
            with torch.inference_mode():
                scores = model(torch.from_numpy(np.stack(frames)).to(device))
            rows += zip(names, scores.argsort(dim=1, descending=True).tolist(), strict=True)
    if not rows:
        raise DataError(f"No picture of {folder} can be read.")
    return rows, unreadable


def write(rows: list[tuple[str, list[int]]], folder: Path, topk: int) -> Path:
    """`topk_ids.csv` in a folder. Raises OutputError."""
    path = folder / "topk_ids.csv"
    _table(path, [(name, *order[:topk]) for name, order in rows])
    return path


def _table(path: Path, rows: list[tuple[object, ...]] | list[tuple[int, str]]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
    except OSError as error:
        raise OutputError(f"{path} could not be written ({error.strerror}). Choose another folder with --output-dir.") from error


if __name__ == "__main__":
    sys.exit(main())
