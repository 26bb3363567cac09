"""Every setting of a run, and the command line made from it. Flag names are timm's where timm has one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from inference.errors import ModelError
from inference.spec import FitRule
from training.flags import flag as _flag
from training.flags import parse_as
from training.techniques import HeadConfig, LabelConfig, LossConfig, SourceConfig, StrategyConfig

__all__ = ["FinderConfig", "LoopConfig", "TrainConfig", "parse", "parse_as", "run_folder", "start"]


@dataclass(frozen=True, kw_only=True)
class LoopConfig:
    """What every training run chooses, whatever it trains."""

    data: str = _flag("", "folder to train on", positional=True)

    model: str = _flag("mobilenetv2_100", "backbone: a timm model name, or torchvision/NAME (a classifier only)")
    pretrained: bool = _flag(
        False, "start from timm's pretrained weights (fetched from the hub; training/weights.json says which)"
    )
    pretrained_path: str = _flag("", "start from this file of pretrained weights instead")
    freeze_stages: int = _flag(0, "the stem and this many first stages keep their pretrained weights and statistics (faster)")

    frozen_dtype: Literal["float32", "bfloat16"] = _flag(
        "float32", "number format of what is frozen; bfloat16 is faster on processors that have it"
    )

    epochs: int = _flag(10, "number of epochs")
    samples_per_epoch: int = _flag(0, "samples drawn for an epoch; 0: as many as there are")
    batch_size: int = _flag(32, "samples per step", "-b")
    opt: str = _flag("adamw", "optimiser, a timm name")
    lr: float = _flag(1e-3, "highest learning rate")
    weight_decay: float = _flag(0.05, "weight decay")
    momentum: float = _flag(0.9, "of the optimisers that have one, 0..1")
    sched: Literal["cosine", "plateau", "none"] = _flag(
        "cosine", "how the learning rate falls; plateau: when eval_loss has not fallen for --patience-epochs"
    )
    patience_epochs: int = _flag(10, "epochs without a lower eval_loss before --sched plateau acts")
    decay_rate: float = _flag(0.1, "factor of the learning rate when --sched plateau acts, 0..1")
    grad_accum_steps: int = _flag(1, "batches whose gradients are summed for one step of the optimiser")
    warmup_epochs: float = _flag(0.5, "epochs over which the learning rate rises from 0")
    clip_grad: float = _flag(5.0, "largest norm of the gradient; 0: no limit")
    layer_decay: float = _flag(0.0, "factor of the learning rate per layer towards the input, 0..1; 0: off")
    model_ema: bool = _flag(False, "validate and keep the moving average of the weights instead of the weights")
    model_ema_decay: float = _flag(0.998, "share of the old average that each step keeps, 0..1")

    leave_camera_out: str = _flag("", "test on this camera alone and train on none of its pictures")

    seed: int = _flag(0, "of the split, the initial weights and every random choice")
    threads: int = _flag(0, "threads of torch on the CPU; 0: all cores")
    workers: int = _flag(0, "processes that prepare batches; 0: the training process itself", "-j")
    device: str = _flag("auto", "auto, cpu, cuda, cuda:1, ...")
    amp: bool = _flag(False, "bfloat16 autocast")
    amp_dtype: Literal["bfloat16", "float16"] = _flag("bfloat16", "number format of --amp; float16 for GPUs without bfloat16")
    tensorboard: bool = _flag(False, "also write the run's curves for TensorBoard")
    preset: str = _flag("", "take the settings of a preset (a name of training/presets/, or a .toml or .json file) as defaults")
    output: str = _flag("output/train", "folder that gets a folder per run")
    experiment: str = _flag("", "name of the run's folder instead of <date>-<time>-<model>-<size>")
    resume: str = _flag("", "go on from the last.pth.tar of an interrupted run")
    licence: str = _flag("", "licence of the resulting weights, for the fact sheet")

    @property
    def size(self) -> str:
        """Of the frames, as it stands in the name of the run's folder."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class TrainConfig(LoopConfig, SourceConfig, StrategyConfig, HeadConfig, LossConfig, LabelConfig):
    """Choices of one training run of a classifier; they travel in the checkpoint."""

    data: str = _flag("", "folder with a folder of pictures per attitude, optionally manifest.csv", positional=True)
    extra_data: tuple[str, ...] = _flag((), "further folders of the same layout that only ever train", many=True)

    initial_checkpoint: str = _flag("", "start from this checkpoint of an earlier run, its head left out, instead")
    drop: float = _flag(0.2, "dropout before the head, 0..1")
    mixstyle: float = _flag(
        0.0, "probability that a batch exchanges early feature statistics between pictures, 0..1 (MixStyle, Zhou et al. 2021)"
    )

    img_size: int = _flag(160, "side of the square frame, pixels")
    test_img_size: int = _flag(
        0, "side of the frames that are scored and served, pixels (FixRes, Touvron et al. 2019); 0: that of --img-size"
    )
    fit: FitRule = _flag("squash", "how a crop that is not square is fitted")

    balance: float = _flag(
        0.5, "0: draw every sample equally often; 1: every class, within it every camera, within it every person, equally often"
    )
    smoothing: float = _flag(0.1, "label smoothing, 0..1")

    style: float = _flag(0.7, "probability that a picture takes on the size, colours and compression of another one, 0..1")
    hflip: float = _flag(0.5, "probability of a mirror image, 0..1")
    reprob: float = _flag(0.2, "probability of random erasing, 0..1")
    least_part: float = _flag(
        1.0, "a random part of at least this share of the picture's area is shown, 0..1; 1: always the whole"
    )
    aa: str = _flag("", "policy on every frame: timm's (rand-m9-mstd0.5, v0, augmix-m3-w3), or pspnet")
    mixup: float = _flag(0.0, "alpha of mixup (Zhang et al. 2018); 0: off")
    cutmix: float = _flag(0.0, "alpha of CutMix (Yun et al. 2019); 0: off; with --mixup each takes half of the batches")
    color_jitter: float = _flag(0.25, "brightness, contrast and saturation change by up to this share")
    shift: float = _flag(
        0.08, "each side of a crop moves by up to this share of its length, as the boxes of a finder differ from drawn ones"
    )
    rotate: float = _flag(8.0, "turned by up to this many degrees")

    val_split: float = _flag(0.12, "share of each class and camera that chooses the best checkpoint, whole persons")
    split_file: str = _flag("", "split.csv of another run: the same pictures train, choose the checkpoint and test")
    label_review: str = _flag("", "CSV of python -m training.review with a person's decisions about doubtful labels")
    test_split: float = _flag(0.2, "share of each class and camera kept for the final score, whole persons")
    train_only_cameras: tuple[str, ...] = _flag((), "cameras whose persons cannot be told apart: they only ever train", many=True)

    @property
    def size(self) -> str:
        """Side of the frames."""
        return str(self.img_size)

    @property
    def served_size(self) -> int:
        """Side of the frames that are scored and served, pixels."""
        return self.test_img_size or self.img_size


@dataclass(frozen=True, kw_only=True)
class FinderConfig(LoopConfig):
    """Choices of one training run of a finder; they travel in the checkpoint."""

    data: str = _flag("", "folder with images/ and annotations.json (COCO)", positional=True)
    extra_frames: tuple[str, ...] = _flag((), "further folders of the same layout that only ever train", many=True)
    img_size: tuple[int, ...] = _flag((640, 1120), "height and width of the frames that serving gives the finder", many=True)
    crop_size: int = _flag(448, "side of the part of a frame that is trained on, pixels")
    zoom: tuple[float, ...] = _flag(
        (0.4, 1.3), "smallest and largest factor from pixels of a frame to pixels of the part", many=True
    )
    samples_per_epoch: int = _flag(600, "parts of frames drawn for an epoch; every camera equally often")
    batch_size: int = _flag(8, "parts of frames per step", "-b")
    color_jitter: float = _flag(0.35, "brightness, contrast and saturation change by up to this share")
    style: float = _flag(0.0, "probability that a part takes on the colours of another camera's frame, 0..1")
    mosaic: float = _flag(0.0, "probability that a part is put together from four, each of another frame, 0..1")
    backbone_lr: float = _flag(1.0, "share of --lr at which the pretrained backbone learns, 0..1")
    missing_weight: float = _flag(0.3, "weight of the loss where something looks like a student and no box was drawn, 0..1")
    threshold: float = _flag(0.45, "score from which serving takes a box for a student, 0..1")
    nms_iou: float = _flag(0.45, "of two boxes that overlap more than this, the less sure one goes")

    @property
    def size(self) -> str:
        """Height and width of the frames."""
        return "x".join(map(str, self.img_size))


def start(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that give a run its first weights; empty where it begins from nothing."""
    return {name: settings[name] for name in ("pretrained", "pretrained_path", "initial_checkpoint") if settings.get(name)}


def parse(argv: list[str] | None = None) -> TrainConfig:
    """Command line of the classifier -> settings; an unknown flag ends the program with a message.

    Raises DataError for an unknown preset, ModelError for a run to go on with that is not there.
    """
    description = "Fine-tune an image classifier on a folder of labelled photographs."
    return parse_as(TrainConfig, argv, "training.train", description, resumed=resumed)


def resumed(path: Path) -> dict[str, Any]:
    """The settings inside the checkpoint of a run that goes on; it is read again, and judged, once the run starts.

    Raises ModelError where there is none.
    """
    if not path.is_file():
        raise ModelError(f"There is no checkpoint {path}.")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        return dict(content["config"])
    except Exception:  # whatever is wrong with it, `training.checkpoint.read` says so
        return {}


def run_folder(config: LoopConfig, started: str) -> Path:
    """`<output>/<date>-<time>-<model>-<size>`, or `<output>/<experiment>`; `started` is `<date>-<time>`."""
    return Path(config.output) / (config.experiment or f"{started}-{config.model.replace('/', '-')}-{config.size}")
