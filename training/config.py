"""`TrainConfig`: every setting of a run, and the command line made from it. Flag names are timm's where timm has one."""

import argparse
import dataclasses
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from inference.spec import FitRule


def _flag(default: Any, text: str, *names: str, positional: bool = False, many: bool = False) -> Any:
    return field(default=default, metadata={"help": text, "names": names, "positional": positional, "many": many})


@dataclass(frozen=True, kw_only=True)
class TrainConfig:
    """Choices of one training run; they travel in the checkpoint."""

    data: str = _flag("", "folder with a folder of pictures per attitude, optionally manifest.csv", positional=True)
    extra_data: tuple[str, ...] = _flag((), "further folders of the same layout that only ever train", many=True)

    model: str = _flag("mobilenetv2_100", "backbone, a timm model name")
    pretrained: bool = _flag(False, "start from timm's pretrained weights (fetched from the hub)")
    pretrained_path: str = _flag("", "start from this file of pretrained weights instead")
    initial_checkpoint: str = _flag("", "start from this checkpoint of an earlier run, its head left out, instead")
    drop: float = _flag(0.2, "dropout before the head, 0..1")
    freeze_stages: int = _flag(0, "the stem and this many first stages keep their pretrained weights and statistics (faster)")
    mixstyle: float = _flag(
        0.0, "probability that a batch exchanges early feature statistics between pictures, 0..1 (MixStyle, Zhou et al. 2021)"
    )

    img_size: int = _flag(160, "side of the square frame, pixels")
    fit: FitRule = _flag("squash", "how a crop that is not square is fitted")

    epochs: int = _flag(10, "number of epochs")
    samples_per_epoch: int = _flag(0, "samples drawn for an epoch; 0: as many as there are")
    batch_size: int = _flag(32, "samples per step", "-b")
    balance: float = _flag(
        0.5, "0: draw every sample equally often; 1: every class, within it every camera, within it every person, equally often"
    )
    opt: str = _flag("adamw", "optimiser, a timm name")
    lr: float = _flag(1e-3, "highest learning rate")
    weight_decay: float = _flag(0.05, "weight decay")
    sched: Literal["cosine", "none"] = _flag("cosine", "how the learning rate falls")
    warmup_epochs: float = _flag(0.5, "epochs over which the learning rate rises from 0")
    clip_grad: float = _flag(5.0, "largest norm of the gradient; 0: no limit")
    smoothing: float = _flag(0.1, "label smoothing, 0..1")
    layer_decay: float = _flag(0.0, "factor of the learning rate per layer towards the input, 0..1; 0: off")

    style: float = _flag(0.7, "probability that a picture takes on the size, colours and compression of another one, 0..1")
    hflip: float = _flag(0.5, "probability of a mirror image, 0..1")
    reprob: float = _flag(0.2, "probability of random erasing, 0..1")
    color_jitter: float = _flag(0.25, "brightness, contrast and saturation change by up to this share")
    rotate: float = _flag(8.0, "turned by up to this many degrees")

    val_split: float = _flag(0.12, "share of each class and camera that chooses the best checkpoint, whole persons")
    test_split: float = _flag(0.2, "share of each class and camera kept for the final score, whole persons")
    train_only_cameras: tuple[str, ...] = _flag((), "cameras whose persons cannot be told apart: they only ever train", many=True)
    leave_camera_out: str = _flag("", "test on this camera alone and train on none of its pictures")

    seed: int = _flag(0, "of the split, the initial weights and every random choice")
    threads: int = _flag(0, "threads of torch on the CPU; 0: all cores")
    workers: int = _flag(0, "processes that prepare batches; 0: the training process itself", "-j")
    device: str = _flag("auto", "auto, cpu, cuda, cuda:1, ...")
    amp: bool = _flag(False, "bfloat16 autocast")
    output: str = _flag("output/train", "folder that gets a folder per run")
    experiment: str = _flag("", "name of the run's folder instead of <date>-<time>-<model>-<size>")
    resume: str = _flag("", "go on from the last.pth.tar of an interrupted run")
    licence: str = _flag("", "licence of the resulting weights, for the fact sheet")


def parse(argv: list[str] | None = None) -> TrainConfig:
    """Command line -> settings; an unknown flag ends the program with a message."""
    parser = argparse.ArgumentParser(
        prog="python -m training.train",
        description="Fine-tune an image classifier on a folder of labelled photographs.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,
    )
    hints = typing.get_type_hints(TrainConfig)
    for setting in dataclasses.fields(TrainConfig):
        _add(parser, setting, hints[setting.name])
    given: dict[str, Any] = vars(parser.parse_args(argv))
    settings: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}
    return TrainConfig(**settings)


def _add(parser: argparse.ArgumentParser, setting: dataclasses.Field[Any], hint: Any) -> None:
    text = setting.metadata["help"]
    if setting.metadata["positional"]:
        parser.add_argument(setting.name, help=text, metavar=setting.name.upper())
        return
    names = [f"--{setting.name.replace('_', '-')}", *setting.metadata["names"]]
    options: dict[str, Any] = {"help": text, "dest": setting.name, "default": setting.default}
    if setting.metadata["many"]:
        options["nargs"] = "+"
    elif typing.get_origin(hint) is Literal:
        options["choices"] = typing.get_args(hint)
    elif hint is bool:
        options["action"] = argparse.BooleanOptionalAction
    else:
        options["type"] = hint
    parser.add_argument(*names, **options)


def run_folder(config: TrainConfig, started: str) -> Path:
    """`<output>/<date>-<time>-<model>-<size>`, or `<output>/<experiment>`; `started` is `<date>-<time>`."""
    return Path(config.output) / (config.experiment or f"{started}-{config.model}-{config.img_size}")
