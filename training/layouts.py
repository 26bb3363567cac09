"""From DATA to samples and their sides, whatever its layout.

DATA/<class>/*.jpg                     the sides are drawn: whole persons
DATA/train/<class>/*.jpg               timm's ImageFolder: the folders are the sides; `validation` (val, valid, eval) chooses
DATA/validation/<class>/*.jpg          the checkpoint and `test` is scored at the end. Without `validation`, a part of
DATA/test/<class>/*.jpg                `train` chooses; without `test`, nothing is scored at the end
DATA/manifest.csv, --multi-label       several labels for one picture, see `training.labels`
DATA and --dataset torch/NAME          a public data set, see `training.datasets`
"""

import dataclasses
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.errors import DataError
from training import data, datasets, duplicates, label_review, labels, sanity, splits
from training.config import TrainConfig
from training.data import Sample

logger = logging.getLogger("training")

SIDES = {
    "train": ("train", "training"),
    "validation": ("validation", "val", "valid", "eval", "evaluation"),
    "test": ("test", "testing"),
}


@dataclass(frozen=True)
class Labelled:
    """All labelled pictures of a run."""

    folder: Path
    names: tuple[str, ...]
    split: splits.Split


def read(config: TrainConfig) -> Labelled:
    """Scan, split and check. Raises DataError for a folder or split that would make a score worth nothing."""
    folder = (
        datasets.as_folders(config.dataset, Path(config.data), config.dataset_download) if config.dataset else Path(config.data)
    )
    sides = sides_of(folder)
    if sides and not config.multi_label:
        names, split = _given(config, folder, sides)
    else:
        samples = labels.scan_several(folder) if config.multi_label else data.scan(folder)
        names = labels.several_names(samples) if config.multi_label else data.class_names(samples)
        several = config.multi_label
        if config.label_review:
            samples = label_review.reviewed(samples, Path(config.label_review))
        sanity.check_groups(samples, names, lambda s: labels.several(s.row["labels"]) if several else [s.label])
        split = make_split(config, samples)
    if config.num_classes not in (0, len(names)):
        raise DataError(f"--num-classes {config.num_classes}: {folder} has {len(names)} classes ({', '.join(names[:12])}).")
    if (
        not config.dataset and config.same_picture != "ignore"
    ):  # a public split is what it is, and scores on it are compared with other people's
        duplicates.check(split, refuse=config.same_picture == "refuse")
    return Labelled(folder, names, split)


def again(config: TrainConfig, table: Path) -> splits.Split:
    """The split of a run that has ended, `table` its `split.csv`. Raises DataError where DATA would be split otherwise now."""
    split = read(config).split
    if splits.sides(split) != splits.read_sides(table):
        raise DataError(
            f"{config.data} is not what it was when {table} was written: its pictures would be split otherwise now, so that some "
            "that trained would be scored. Restore the folder as it was, or train anew."
        )
    return split


def make_split(config: TrainConfig, samples: Sequence[Sample]) -> splits.Split:
    """That of a file, by person, or one camera against the others. Raises DataError for a camera that no picture is of."""
    check_cameras(config, samples)
    if config.split_file:
        return splits.read_split(samples, Path(config.split_file))
    seed = config.seed if config.split_seed < 0 else config.split_seed
    if config.leave_camera_out:
        return splits.without_camera(
            samples, config.leave_camera_out, validation=config.val_split, seed=seed, train_only=config.train_only_cameras
        )
    return splits.by_person(
        samples, validation=config.val_split, test=config.test_split, seed=seed, train_only=config.train_only_cameras
    )


def check_cameras(config: TrainConfig, samples: Sequence[Sample]) -> None:
    """Raises DataError for a camera of --train-only-cameras that no picture is of."""
    there = {camera for sample in samples for camera in sample.cameras}
    unknown = sorted(set(config.train_only_cameras) - there)
    if unknown:
        known = ", ".join(sorted(there)) or "none"
        raise DataError(f"--train-only-cameras: no picture is of camera {unknown[0]!r}; the manifest knows {known}.")


def sides_of(folder: Path) -> dict[str, Path]:
    """The folder of each side, when DATA has a folder `train` and none for a class beside the sides.

    Raises DataError where it cannot be told whether the folders are sides or classes, or which of two is a side.
    """
    if not folder.is_dir():
        return {}
    there = {p.name.lower(): p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")}
    found = {side: there[name] for side, spellings in SIDES.items() for name in spellings if name in there}
    known = {name for spellings in SIDES.values() for name in spellings}
    others = sorted(set(there) - known)
    if "train" not in found or (others and len(found) == 1):
        return {}
    if others:
        raise DataError(
            f"{folder} holds {', '.join(found[side].name for side in found)} and beside them {', '.join(others)}. Move the "
            "latter away if the folders are sides of a split, or rename the former if they are classes."
        )
    for side, spellings in SIDES.items():
        twice = [there[name].name for name in spellings if name in there]
        if len(twice) > 1:
            raise DataError(f"{folder} holds {' and '.join(twice)}, which both mean {side}. Keep one of them.")
    if not any(p.is_dir() for p in found["train"].iterdir()):
        return {}
    return found


def _given(config: TrainConfig, folder: Path, sides: dict[str, Path]) -> tuple[tuple[str, ...], splits.Split]:
    if config.leave_camera_out:
        raise DataError(
            f"--leave-camera-out makes a split of its own, and {folder} has folders for one. Merge them, or leave it out."
        )
    if config.split_file:
        raise DataError(
            f"--split-file says who is on which side, and so do the folders of {folder}. Leave it out, or merge them."
        )
    if "validation" in sides and config.train_only_cameras:
        raise DataError(f"--train-only-cameras has no effect: the folders of {folder} say who is scored. Leave it out.")
    known = data.read_manifest(folder)
    samples = {side: [_from_root(s, path, folder, known) for s in data.scan(path)] for side, path in sides.items()}
    if config.label_review:
        every = label_review.reviewed([s for part in samples.values() for s in part], Path(config.label_review))
        now = {s.file: s for s in every}
        samples = {side: [now[s.file] for s in part if s.file in now] for side, part in samples.items()}
    names = data.class_names(samples["train"])
    for side, others in samples.items():
        unknown = sorted({s.label for s in others} - set(names))
        if unknown:
            raise DataError(f"{sides[side]} has classes that {sides['train']} lacks: {', '.join(unknown)}.")
    if "validation" in samples:
        split = splits.Split(tuple(samples["train"]), tuple(samples["validation"]), tuple(samples.get("test", ())))
    else:
        sanity.check_groups(samples["train"], names, lambda s: [s.label])
        inner = make_split(dataclasses.replace(config, test_split=0.0), samples["train"])
        split = splits.Split(inner.train, inner.validation, tuple(samples.get("test", ())))
    if twice := splits.on_two_sides(split):
        raise DataError(f"The manifest of {folder} has {twice}. Correct it, or move the pictures.")
    if not split.test:
        logger.info("%s has no folder `test`: nothing is scored at the end.", folder)
    return names, split


def _from_root(sample: Sample, side: Path, folder: Path, known: dict[str, dict[str, str]]) -> Sample:
    """The sample with its name, and what a manifest says of it, relative to DATA."""
    file = sample.path.relative_to(folder).as_posix()
    row = known.get(file)
    if row is None:
        person = sample.person if sample.person != sample.file else file
        return dataclasses.replace(sample, file=file, person=person)
    if row.get("label", sample.label) != sample.label:
        raise DataError(f"manifest.csv of {folder} labels {file} as {row['label']!r}, but it lies in {sample.label!r} of {side}.")
    return Sample(file, sample.path, sample.label, row.get("person") or file, row.get("camera") or "", row)
