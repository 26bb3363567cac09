"""Settings that cannot be meant, refused before any picture is read; each refusal says why and what to do."""

import math
from collections.abc import Callable, Sequence

from inference.errors import DataError
from training import policies
from training.config import LoopConfig, TrainConfig, start
from training.data import Sample

Rule = tuple[Callable[[TrainConfig], bool], str]

SHARES = (
    "smoothing",
    "style",
    "hflip",
    "reprob",
    "least_part",
    "drop",
    "mixstyle",
    "balance",
    "val_split",
    "test_split",
    "pseudo_threshold",
    "model_ema_decay",
    "layer_decay",
    "decay_rate",
    "momentum",
    "mosaic",
    "backbone_lr",
    "missing_weight",
    "threshold",
    "nms_iou",
)
AT_LEAST: dict[str, float] = {
    "seed": 0,
    "shift": 0,
    "rotate": 0,
    "epochs": 1,
    "batch_size": 1,
    "img_size": 16,
    "crop_size": 32,
    "grad_accum_steps": 1,
    "patience_epochs": 0,
    "workers": 0,
    "threads": 0,
    "samples_per_epoch": 0,
    "warmup_epochs": 0,
    "clip_grad": 0,
    "weight_decay": 0,
    "feature_masks": 0,
    "probe_epochs": 0,
    "triplet": 0,
    "triplet_margin": 0,
    "center_loss": 0,
    "mixup": 0,
    "cutmix": 0,
    "num_classes": 0,
    "pseudo_start": 1,
    "freeze_stages": 0,
}

RULES: tuple[Rule, ...] = (
    (
        lambda c: c.frozen_dtype != "float32" and c.amp,
        "--amp chooses the number format of everything: leave out --frozen-dtype.",
    ),
    (
        lambda c: c.frozen_dtype != "float32" and not c.freeze_stages,
        "--frozen-dtype is for the stages of --freeze-stages: nothing is frozen. Leave it out.",
    ),
    (
        lambda c: c.test_img_size != 0 and c.test_img_size < 16,
        "--test-img-size must be at least 16 pixels, or 0 for that of --img-size.",
    ),
    (lambda c: not c.data and not c.dataset, "DATA is missing: give the folder of labelled pictures."),
    (
        lambda c: c.strategy == "scratch" and bool(start(vars(c))),
        "--strategy scratch starts from nothing: leave out --pretrained, --pretrained-path and --initial-checkpoint.",
    ),
    (
        lambda c: c.strategy == "head" and not start(vars(c)),
        "--strategy head trains a layer on features that must have learnt something: give --pretrained or --pretrained-path.",
    ),
    (
        lambda c: c.strategy == "head" and bool(c.freeze_until or c.freeze_stages or c.probe_epochs or c.layer_decay),
        "--strategy head freezes all but the head: leave out --freeze-until, --freeze-stages, --probe-epochs and --layer-decay.",
    ),
    (
        lambda c: c.strategy == "scratch" and bool(c.freeze_until or c.freeze_stages or c.probe_epochs),
        "--strategy scratch must train every layer: leave out --freeze-until, --freeze-stages and --probe-epochs.",
    ),
    (
        lambda c: bool(c.freeze_until and c.freeze_stages),
        "--freeze-until and --freeze-stages both say what to freeze: give one of them.",
    ),
    (
        lambda c: bool(c.probe_epochs) and c.probe_epochs >= c.epochs,
        "--probe-epochs leaves no epoch to fine-tune: give more --epochs, or use --strategy head.",
    ),
    (
        lambda c: c.layer_decay > 0 and bool(c.feature_masks or c.model.startswith("torchvision/")),
        "--layer-decay knows the layers of timm's own networks: leave it out with --feature-masks or a torchvision backbone.",
    ),
    (
        lambda c: bool(c.feature_masks) and c.model.startswith("torchvision/"),
        "--feature-masks needs a timm backbone, which gives its feature map: --model resnet34 instead of torchvision/resnet34.",
    ),
    (
        lambda c: c.multi_label and bool(c.mixup or c.cutmix or c.triplet or c.center_loss or c.pseudo_labels),
        "--multi-label has no one class per picture: leave out --mixup, --cutmix, --triplet, --center-loss and --pseudo-labels.",
    ),
    (
        lambda c: c.multi_label and c.loss != "cross-entropy",
        "--multi-label is learnt by binary cross-entropy: leave out --loss.",
    ),
    (
        lambda c: c.multi_label and bool(c.label_review),
        "--label-review decides about one class per picture: with --multi-label correct the column `labels` of manifest.csv.",
    ),
    (
        lambda c: bool((c.mixup or c.cutmix) and (c.triplet or c.center_loss or c.tasks)),
        "Mixed pictures have no one class or column: leave out --mixup and --cutmix, or --triplet, --center-loss and --tasks.",
    ),
    (
        lambda c: bool(c.pseudo_labels) and c.pseudo_start >= c.epochs,
        "--pseudo-start comes after the last epoch, so --pseudo-labels would never be used: give more --epochs.",
    ),
    (
        lambda c: bool(c.split_file and c.leave_camera_out),
        "--split-file and --leave-camera-out both say what is kept for the test: give one of them.",
    ),
    (
        lambda c: c.val_split + c.test_split >= 1,
        "--val-split and --test-split together leave nothing to train on.",
    ),
    (
        lambda c: bool(c.pretrained_path and c.initial_checkpoint),
        "--pretrained-path and --initial-checkpoint both say where to start: give one of them.",
    ),
)


def check(config: TrainConfig) -> None:
    """Raises DataError for the first setting that cannot be meant."""
    check_values(config)
    for applies, reason in RULES:
        if applies(config):
            raise DataError(reason)
    if config.aa:
        policies.named(config.aa)


def check_values(config: LoopConfig) -> None:
    """Raises DataError for a value outside its range."""
    values = vars(config)
    for name in SHARES:
        if name in values and not 0 <= values[name] <= 1:
            raise DataError(f"--{name.replace('_', '-')} must be from 0 to 1, got {values[name]}.")
    for name, least in AT_LEAST.items():
        if name in values and not isinstance(values[name], tuple) and not values[name] >= least:
            raise DataError(f"--{name.replace('_', '-')} must be at least {least:g}, got {values[name]}.")
    if not config.lr > 0:
        raise DataError(f"--lr must be above 0, got {config.lr}.")
    for name, value in values.items():
        numbers = [part for part in (value if isinstance(value, tuple) else (value,)) if isinstance(part, float)]
        if not all(map(math.isfinite, numbers)):
            raise DataError(f"--{name.replace('_', '-')} must be finite, got {' '.join(map(str, numbers))}.")


def check_groups(samples: Sequence[Sample], names: Sequence[str], labels_of: Callable[[Sample], Sequence[str]]) -> None:
    """Raises DataError for a class whose pictures all belong to one person: nothing of it could be kept apart."""
    groups: dict[str, set[str]] = {name: set() for name in names}
    for sample in samples:
        for name in labels_of(sample):
            groups[name].add(sample.person)
    scarce = [f"{name} ({len(persons)})" for name, persons in groups.items() if len(persons) < 2]
    if scarce:
        raise DataError(
            f"Fewer than two persons (column `person` of manifest.csv) show {', '.join(scarce)}, so nobody could be kept apart "
            "to score it. Add pictures of others, or remove the class."
        )
