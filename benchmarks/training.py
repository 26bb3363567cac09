"""Training against the usual script: images per second, and the time to a given loss on pictures kept apart.

    python -m benchmarks.training --data DATA --model mobilenetv2_100 --pretrained-path FILE --epochs 5

`plain` is what most scripts do: ImageFolder, timm's transforms, a DataLoader, the same network, batch, optimiser and
schedule in a plain PyTorch loop. `ours` is `training.batches` and `training.engine` with the augmentation of equal kind (a random
part, a mirror image, colour, erasing). Both see one split. `input_images_per_second` is the pipeline without the network. The
last line is one JSON document; without --data, pictures are made up.
"""

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import timm
import torch
import torch.nn.functional as F
from timm.data import create_transform
from timm.optim import create_optimizer_v2
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder

from training import data, layouts
from training.batches import Draws
from training.config import TrainConfig, parse
from training.engine import Engine, learning_rate_share, pick_device
from training.model import create
from training.splits import Split


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of labelled pictures; made up when not given")
    parser.add_argument("--made-up-size", type=int, default=1024, help="long side of made-up pictures, pixels")
    parser.add_argument("--model", default="mobilenetv2_100")
    parser.add_argument("--pretrained-path", default="")
    parser.add_argument("--img-size", type=int, default=160)
    parser.add_argument("--batch-size", "-b", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--workers", "-j", type=int, default=0)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--lr", type=float, default=1e-3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = given.data or made_up(Path(folder) / "data", given.made_up_size)
        print(json.dumps(compare(place, given, Path(folder))))


def made_up(folder: Path, size: int, count: int = 96) -> Path:
    """JPEG photographs of this size, two classes, `count` in all."""
    rng = np.random.default_rng(0)
    for i in range(count):
        coarse = rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        coarse[..., i % 2] //= 3
        picture = cv2.resize(coarse, (size, size * 3 // 4), interpolation=cv2.INTER_CUBIC)
        path = folder / "ab"[i % 2] / f"{i}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), picture)
    return folder


def compare(place: Path, given: argparse.Namespace, scratch: Path) -> dict[str, Any]:
    flags = [str(place), "--model", given.model, "--img-size", str(given.img_size), "-b", str(given.batch_size), "--opt", "adamw"]
    flags += ["--epochs", str(given.epochs), "--lr", str(given.lr), "-j", str(given.workers), "--smoothing", "0", "--style", "0"]
    flags += ["--shift", "0", "--rotate", "0", "--least-part", "0.5", "--balance", "0", "--drop", "0", "--fit", "squash"]
    flags += ["--same-picture", "warn", "--pretrained-path", given.pretrained_path, "--device", given.device]
    config = parse(flags)
    if given.threads:
        torch.set_num_threads(given.threads)
    device = pick_device(given.device)
    labelled = layouts.read(config)
    split = labelled.split
    result: dict[str, Any] = {
        "benchmark": "training",
        "machine": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "torch_threads": torch.get_num_threads(),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
        "made_up": given.data is None,
        "train_images": len(split.train),
        "validation_images": len(split.validation),
        **{name: getattr(given, name) for name in ("model", "img_size", "batch_size", "epochs", "workers")},
    }
    sides = {"ours": ours(config, split, labelled.names, device), "plain": plain(config, split, labelled.names, device, scratch)}
    return result | summary(sides)


Side = dict[str, Any]


def ours(config: TrainConfig, split: Split, names: tuple[str, ...], device: torch.device) -> Side:
    """Decode once, then epochs from memory."""
    start = time.perf_counter()
    samples, pictures = data.load(split.train, longest_side=max(192, round(1.6 * config.img_size)))
    decoding = time.perf_counter() - start
    torch.manual_seed(0)
    engine = Engine(create(config, names), config, device)
    validation = data.load_frames(split.validation, engine.model.spec)
    truth = torch.tensor([names.index(s.label) for s in validation[0]])

    def draws(epoch: int) -> Draws:
        return Draws(samples, pictures, names, config, epoch)

    def epoch(number: int) -> None:
        engine.train_epoch(draws(number), number)

    def loss() -> float:
        return F.cross_entropy(torch.from_numpy(engine.score(validation[1])[0]), truth).item()

    speed = pipeline(draws(0).batches(config.batch_size, config.workers))
    return {"decoding_seconds": round(decoding, 3), **speed, **run(config, epoch, loss, decoding, len(samples))}


def plain(config: TrainConfig, split: Split, names: tuple[str, ...], device: torch.device, scratch: Path) -> Side:
    """ImageFolder, timm's transforms and a DataLoader."""
    for side in ("train", "validation"):
        for number, sample in enumerate(getattr(split, side)):
            path = scratch / side / sample.label / f"{number}{sample.path.suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(sample.path.resolve())
    torch.manual_seed(0)
    network = timm.create_model(
        config.model,
        pretrained=bool(config.pretrained_path),
        pretrained_cfg_overlay={"file": config.pretrained_path} if config.pretrained_path else None,
        num_classes=len(names),
    ).to(device)
    cfg = network.pretrained_cfg
    common = {"mean": cfg["mean"], "std": cfg["std"], "interpolation": "bilinear"}
    training = create_transform(
        config.img_size, is_training=True, scale=(0.5, 1.0), hflip=0.5, color_jitter=0.25, re_prob=config.reprob, **common
    )
    scoring = create_transform(config.img_size, is_training=False, crop_pct=1.0, crop_mode="squash", **common)
    loader = DataLoader(
        ImageFolder(str(scratch / "train"), training),
        batch_size=config.batch_size,
        shuffle=True,
        num_workers=config.workers,
        drop_last=len(split.train) % config.batch_size == 1,
    )
    validation = DataLoader(ImageFolder(str(scratch / "validation"), scoring), batch_size=64, num_workers=config.workers)
    optimizer = create_optimizer_v2(network, opt=config.opt, lr=config.lr, weight_decay=config.weight_decay)

    def epoch(number: int) -> None:
        network.train()
        for step, (pixels, labels) in enumerate(loader):
            for group in optimizer.param_groups:
                group["lr"] = config.lr * learning_rate_share(config, number + step / len(loader))
            optimizer.zero_grad()
            F.cross_entropy(network(pixels.to(device)), labels.to(device)).backward()
            optimizer.step()

    def loss() -> float:
        network.eval()
        with torch.inference_mode():
            parts = [(network(pixels.to(device)).cpu(), labels) for pixels, labels in validation]
        return F.cross_entropy(torch.cat([p for p, _ in parts]), torch.cat([q for _, q in parts])).item()

    return {"decoding_seconds": 0.0, **pipeline(loader), **run(config, epoch, loss, 0.0, len(split.train))}


def pipeline(batches: Iterable[Any]) -> Side:
    """The input alone, once through."""
    start, count = time.perf_counter(), 0
    for batch in _first(batches, 20):
        count += len(batch[0])
    return {"input_images_per_second": round(count / (time.perf_counter() - start), 1)}


def _first(batches: Iterable[Any], most: int) -> Iterator[Any]:
    for number, batch in enumerate(batches):
        if number == most:
            return
        yield batch


def run(config: TrainConfig, epoch: Callable[[int], None], loss: Callable[[], float], before: float, images: int) -> Side:
    """Epochs with the clock stopped while the loss is measured; seconds include `before`, the decoding."""
    seconds, curve = before, []
    for number in range(config.epochs):
        start = time.perf_counter()
        epoch(number)
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        seconds += time.perf_counter() - start
        curve.append({"seconds": round(seconds, 3), "eval_loss": round(loss(), 4)})
    first = curve[0]["seconds"] if len(curve) > 1 else before
    epochs = max(1, len(curve) - 1)
    return {
        "images_per_second": round(images * epochs / max(seconds - first, 1e-9), 1),
        "seconds": round(seconds, 3),
        "curve": curve,
    }


def summary(sides: dict[str, Side]) -> dict[str, Any]:
    """The target is the higher of the two best losses, so that both reach it."""
    target = max(min(point["eval_loss"] for point in side["curve"]) for side in sides.values())
    reached = {
        name: next(point["seconds"] for point in side["curve"] if point["eval_loss"] <= target) for name, side in sides.items()
    }
    ratios = {
        f"{name}_ratio": round(sides["ours"][name] / sides["plain"][name], 3)
        for name in ("images_per_second", "input_images_per_second")
    }
    return {
        **sides,
        **ratios,
        "eval_loss_target": target,
        "seconds_to_target": reached,
        "time_to_target_ratio": round(reached["plain"] / reached["ours"], 3),
    }


if __name__ == "__main__":
    main()
