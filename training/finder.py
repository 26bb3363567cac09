"""Train the finder of students on labelled frames of rooms.

    python -m training.finder FRAMES --pretrained --epochs 10 --model-ema
    python -m training.finder FRAMES --pretrained --epochs 10 --model-ema --leave-camera-out NAME

FRAMES is described in `training/coco.py`. Writes a run folder as `training.train` does. With a camera left out, `report.json`
and `detections.json` say how the run finds students in it; without, every frame trains and nothing is scored.
"""

import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from inference.boxes import boxes_in
from inference.errors import DataError, TaidoError
from inference.images import framed
from inference.output import write_whole
from inference.spec import ModelSpec
from training import batches, checkpoint, coco, finder_metrics, run, sanity
from training.augment import Style
from training.coco import Frame
from training.config import FinderConfig, parse_as, resumed
from training.data import cameras_in
from training.engine import Loop, pick_device
from training.finder_augment import Part, mosaic, part
from training.finder_model import FinderModel, create

logger = logging.getLogger("training")

CLASS_NAME = "student"
LEAST_SCORE = 0.01
"""Boxes below it are not written to `detections.json`."""

Target = dict[str, torch.Tensor]
Batch = tuple[torch.Tensor, list[Target]]


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        description = "Train the finder of students on labelled frames of rooms."
        train(parse_as(FinderConfig, argv, "training.finder", description, resumed=resumed))
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. Go on with --resume and the run's last.pth.tar.", file=sys.stderr)
        return 130
    return 0


class FinderLoop(Loop[FinderModel, FinderConfig]):
    """The loop of a finder."""

    @property
    def slower(self) -> tuple[nn.Module, float]:
        """The backbone, which is pretrained, and --backbone-lr."""
        return self.model.network.backbone.features, self.config.backbone_lr

    def loss(self, batch: Batch) -> torch.Tensor:
        """Sum of the parts of the loss of `frames (N, S, S, 3) uint8` and their boxes."""
        frames, targets = batch
        here = [{name: value.to(self.device) for name, value in target.items()} for target in targets]
        losses = self.model.losses(frames.to(self.device), here)
        return torch.stack([value.float() for value in losses.values()]).sum()


@dataclass
class Parts(Dataset[tuple[torch.Tensor, Target]]):
    """Random parts of frames; item i depends on seed, epoch and i alone. Every camera is drawn equally often."""

    frames: Sequence[Frame]
    pictures: Sequence[np.ndarray]
    config: FinderConfig
    epoch: int

    def __post_init__(self) -> None:
        self._by_camera: dict[str, list[int]] = {}
        for i, frame in enumerate(self.frames):
            self._by_camera.setdefault(frame.camera, []).append(i)
        self._cameras = sorted(self._by_camera)

    def __len__(self) -> int:
        return self.config.samples_per_epoch or len(self.frames)

    def __getitem__(self, item: int) -> tuple[torch.Tensor, Target]:
        rng = np.random.default_rng((self.config.seed, self.epoch, item))
        camera = self._cameras[item % len(self._cameras)]
        size = self.config.crop_size
        if self.config.mosaic and rng.random() < self.config.mosaic:
            pixels, students, ignored = mosaic(lambda side: self._part(str(rng.choice(self._cameras)), rng, side), rng, size=size)
        else:
            pixels, students, ignored = self._part(camera, rng, size)
        target = {
            "boxes": torch.from_numpy(students),
            "labels": torch.zeros(len(students), dtype=torch.int64),
            "ignored": torch.from_numpy(ignored),
        }
        return torch.from_numpy(pixels), target

    def _part(self, camera: str, rng: np.random.Generator, size: int) -> Part:
        index = int(rng.choice(self._by_camera[camera]))
        frame = self.frames[index]
        low, high = self.config.zoom
        return part(
            self.pictures[index],
            frame.students,
            frame.ignored,
            rng,
            size=size,
            zoom=(low, high),
            colour=self.config.color_jitter,
            style=self._style(rng),
        )

    def _style(self, rng: np.random.Generator) -> Style | None:
        if not self.config.style or rng.random() >= self.config.style:
            return None
        camera = self._cameras[rng.integers(len(self._cameras))]
        return Style.of(self.pictures[int(rng.choice(self._by_camera[camera]))])

    def batches(self, size: int, workers: int, part: tuple[int, int] = (0, 1)) -> DataLoader[Any]:
        """Batches in a fixed order."""
        sampler = batches.Parts(len(self), size, *part, least=1)
        return DataLoader(self, batch_sampler=sampler, num_workers=workers, collate_fn=_together)


def _together(items: list[tuple[torch.Tensor, Target]]) -> Batch:
    return torch.stack([pixels for pixels, _ in items]), [target for _, target in items]


def train(config: FinderConfig) -> Path:
    """Run everything; returns the run's folder."""
    if config.threads:
        torch.set_num_threads(config.threads)
    if config.resume:
        checkpoint.read(Path(config.resume))  # a wrong one is refused before the pictures are read
    _check(config)
    frames = coco.read(Path(config.data))
    training, test = _sides(frames, config.leave_camera_out)
    training += _extra(config)
    torch.manual_seed(config.seed)
    model = create(
        _spec(config, training),
        pretrained=config.pretrained,
        pretrained_path=config.pretrained_path,
        missing_weight=config.missing_weight,
        freeze_stages=config.freeze_stages,
    )
    loop = FinderLoop(model, config, pick_device(config.device))
    training, pictures = coco.load(training)
    folder = run.make_folder(config)
    students = sum(len(frame.students) for frame in training)
    logger.info("%d frames with %d students train, %d frames test; %s", len(training), students, len(test), folder)
    run.epochs(loop, lambda epoch: Parts(training, pictures, config, epoch), lambda: {"eval_loss": None}, folder)
    if test:
        report(loop.served, test, folder, config, loop.device)
    logger.info("Next: python -m export %s --out models/students.onnx --verify %s", folder / "model_best.pth.tar", config.data)
    return folder


def _check(config: FinderConfig) -> None:
    sanity.check_values(config)
    for name in ("img_size", "zoom"):
        value = getattr(config, name)
        if len(value) != 2 or min(value) <= 0:
            raise DataError(f"--{name.replace('_', '-')} takes two numbers above 0, got {' '.join(map(str, value))}.")
    if config.layer_decay:
        raise DataError(
            "--layer-decay knows the layers of classifiers only: leave it out, or slow the backbone with --backbone-lr."
        )
    if config.zoom[0] > config.zoom[1]:
        raise DataError(f"--zoom takes the smaller factor first, got {config.zoom[0]} {config.zoom[1]}.")


def _sides(frames: list[Frame], camera: str) -> tuple[list[Frame], list[Frame]]:
    """What trains, and what is scored: the frames of `camera` alone. One composed of several cameras that shows it does neither.

    Raises DataError where a side has nothing.
    """
    test = [frame for frame in frames if camera and frame.camera == camera]
    training = _without(camera, frames)
    if camera and not test:
        known = ", ".join(sorted({frame.camera for frame in frames if frame.camera})) or "none"
        raise DataError(f"No frame of camera {camera!r}; annotations.json knows {known}.")
    if not sum(len(frame.students) for frame in training):
        raise DataError("No box is left to train on. Give frames of more than one camera.")
    return training, test


def _extra(config: FinderConfig) -> list[Frame]:
    """The frames of --extra-frames, but those that show the camera left out."""
    frames = [frame for folder in config.extra_frames for frame in coco.read(Path(folder))]
    left_out = config.leave_camera_out
    kept = _without(left_out, frames)
    if len(kept) < len(frames):
        logger.info("%d of %d extra frames show camera %s and are left out.", len(frames) - len(kept), len(frames), left_out)
    return kept


def _without(camera: str, frames: list[Frame]) -> list[Frame]:
    return [frame for frame in frames if camera not in cameras_in(frame.camera)]


def _spec(config: FinderConfig, training: Sequence[Frame]) -> ModelSpec:
    height, width = config.img_size
    return ModelSpec(
        task="find",
        class_names=(CLASS_NAME,),
        input_size_hw=(height, width),
        fit="pad",
        mean_rgb=(0.0, 0.0, 0.0),
        std_rgb=(1.0, 1.0, 1.0),
        base_model=config.model,
        activation="sigmoid",
        thresholds=(config.threshold,),
        nms_iou=config.nms_iou,
        training_data=coco.fingerprint(training),
        licence=config.licence,
    )


def find(model: FinderModel, picture: np.ndarray, *, threshold: float, device: torch.device) -> np.ndarray:
    """Students in a picture `(H, W, 3) uint8 RGB` by the steps of serving: `(n, 5)` as `inference.finder.Finder.find`."""
    spec = model.spec
    frame = torch.from_numpy(framed(picture, spec)[None]).to(device)
    with torch.inference_mode():
        boxes, scores = (output[0].cpu().numpy() for output in model(frame))
    return boxes_in(boxes, scores, (picture.shape[0], picture.shape[1]), spec, threshold=threshold)


def test_frames(config: FinderConfig) -> list[Frame]:
    """The frames that a run kept for its test; none where no camera was left out."""
    return _sides(coco.read(Path(config.data)), config.leave_camera_out)[1]


def report(model: FinderModel, test: list[Frame], folder: Path, config: FinderConfig, device: torch.device) -> None:
    """Write `detections.json` and `report.json` of these frames, and log the scores."""
    model.eval()
    test, pictures = coco.load(test)
    found = [find(model, picture, threshold=LEAST_SCORE, device=device) for picture in pictures]
    outcomes = [finder_metrics.judge(f.students, f.ignored, boxes) for f, boxes in zip(test, found, strict=True)]
    result = {"camera": config.leave_camera_out, **finder_metrics.report(outcomes, threshold=config.threshold)}
    detections = {f.file: boxes.round(3).tolist() for f, boxes in zip(test, found, strict=True)}
    write_whole(folder / "detections.json", json.dumps(detections).encode("utf-8"))
    write_whole(folder / "report.json", json.dumps(result, indent=1).encode("utf-8"))
    text = "camera %s: AP50 %.3f, centre F1 %.3f at %.2f (best %.3f at %.2f), %d frames, %d students"
    keys = ("camera", "ap50", "f1", "threshold", "f1_best", "threshold_best", "frames", "students")
    logger.info(text, *(result[key] for key in keys))


if __name__ == "__main__":
    sys.exit(main())
