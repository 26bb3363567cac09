"""Which samples train, which choose the checkpoint, which are kept for the score: never the same person on two sides."""

import csv
import io
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.errors import DataError
from inference.output import write_whole
from training.data import Sample, read_table

logger = logging.getLogger("training")

SIDES = ("train", "validation", "test")


@dataclass(frozen=True)
class Split:
    """Three disjoint lists of samples."""

    train: tuple[Sample, ...]
    validation: tuple[Sample, ...]
    test: tuple[Sample, ...]


def by_person(samples: Sequence[Sample], *, validation: float, test: float, seed: int, train_only: Iterable[str] = ()) -> Split:
    """Shares of each (camera, label) go to validation and test, whole persons at a time.

    `train_only` names cameras whose persons cannot be told apart: they train and are never scored.
    Raises DataError when a class is left without a picture to train on.
    """
    rng = np.random.default_rng(seed)
    side = dict.fromkeys(persons_before(train_only, samples), "train")
    strata: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for sample in samples:
        strata[sample.camera, sample.label][sample.person] += 1
    for key in sorted(strata, key=lambda k: (len(strata[k]), k)):  # scarce strata choose first
        _assign(strata[key], side, rng, validation=validation, test=test)
    split = _collect(samples, lambda s: side[s.person])
    _check(samples, split)
    return split


def _assign(persons: Counter[str], side: dict[str, str], rng: np.random.Generator, *, validation: float, test: float) -> None:
    total = sum(persons.values())
    have = Counter(dict.fromkeys(("test", "validation"), 0))
    for person, n in persons.items():
        if person in side:
            have[side[person]] += n
    free = sorted(p for p in persons if p not in side)
    rng.shuffle(free)
    for person in free:
        if len(persons) >= 3 and have["test"] + persons[person] / 2 < test * total:
            side[person] = "test"
        elif len(persons) >= 3 and have["validation"] + persons[person] / 2 < validation * total:
            side[person] = "validation"
        else:
            side[person] = "train"
        have[side[person]] += persons[person]


def without_camera(
    samples: Sequence[Sample], camera: str, *, validation: float, seed: int, train_only: Iterable[str] = ()
) -> Split:
    """The test is everything that one camera saw; the rest is split by person, without the persons whom that camera saw.

    Raises DataError for an unknown camera, and where a class of the rest is left without a picture to train on.
    """
    test = tuple(s for s in samples if camera in s.cameras)
    if not test:
        known = sorted({c for s in samples for c in s.cameras})
        raise DataError(f"No picture of camera {camera!r}; the manifest knows {', '.join(known) or 'none'}.")
    others = [s for s in samples if camera not in s.cameras]
    rest = without_persons(others, test)
    if len(rest) < len(others):
        logger.warning(
            "%d pictures of other cameras show persons whom camera %s saw, and are left out.", len(others) - len(rest), camera
        )
    inner = by_person(rest, validation=validation, test=0.0, seed=seed, train_only=train_only)
    split = Split(inner.train, inner.validation, test)
    _check(others, split)
    return split


def without_persons(samples: Sequence[Sample], held_out: Iterable[Sample]) -> list[Sample]:
    """The samples that show nobody of `held_out`."""
    persons = {s.person for s in held_out}
    return [s for s in samples if s.person not in persons]


def persons_before(cameras: Iterable[str], samples: Iterable[Sample]) -> set[str]:
    """Whom one of the cameras saw."""
    wanted = set(cameras)
    return {s.person for s in samples if s.cameras & wanted}


def without_held_out(extra: Sequence[Sample], split: Split) -> list[Sample]:
    """Further training samples that show neither a person of validation or test nor a camera that only the test shows."""
    tested, known = ({c for s in side for c in s.cameras} for side in (split.test, (*split.train, *split.validation)))
    others = without_persons(extra, (*split.validation, *split.test))
    return [s for s in others if not s.cameras & (tested - known)]


def on_two_sides(split: Split) -> str:
    """The persons of two sides in words; empty where nobody is."""
    train, validation, test = ({s.person for s in side} for side in (split.train, split.validation, split.test))
    for twice, where in (
        (train & (validation | test), "in train and in what is scored"),
        (validation & test, "in validation and in test"),
    ):
        if twice:
            return f"{len(twice)} persons both {where}, e.g. {min(twice)}"
    return ""


def write_split(split: Split, path: Path) -> None:
    """`table` in a file. Raises OutputError."""
    write_whole(path, table(split))


def table(split: Split) -> bytes:
    """One row per sample, `file,label,camera,person,side`: a manifest of the run."""
    content = io.StringIO()
    rows = csv.writer(content)
    rows.writerow(["file", "label", "camera", "person", "side"])
    for side in SIDES:
        for sample in getattr(split, side):
            rows.writerow([sample.file, sample.label, sample.camera, sample.person, side])
    return content.getvalue().encode("utf-8")


def sides(split: Split) -> dict[str, str]:
    """File to side, as `write_split` writes it."""
    return {sample.file: side for side in SIDES for sample in getattr(split, side)}


def read_sides(path: Path, *, needed: bool = False) -> dict[str, str]:
    """File to side, from the `split.csv` of a run; nothing where there is none.

    Raises DataError for a file that is no split, or where one is `needed` and there is none.
    """
    if not path.is_file():
        if needed:
            raise DataError(f"There is no split {path}. Give the split.csv of a run.")
        return {}
    rows, columns = read_table(path)
    if "side" not in columns:
        raise DataError(f"{path} lacks the column side (found {columns}). Give the split.csv of a run.")
    return {row["file"]: row["side"] for row in rows}


def read_split(samples: Sequence[Sample], path: Path) -> Split:
    """What `write_split` wrote for the same pictures; pictures that it does not name are left out.

    Raises DataError for a file that is no split, or that names pictures which are not there.
    """
    side = read_sides(path, needed=True)
    missing = sorted(set(side) - {s.file for s in samples})
    if missing:
        raise DataError(f"{path} names {len(missing)} pictures that are not there, e.g. {missing[0]}.")
    wrong = sorted(set(side.values()) - {*SIDES, ""})
    if wrong:
        raise DataError(f"{path} has the side {wrong[0]!r}. The sides are {', '.join(SIDES)}; an empty one leaves a picture out.")
    split = _collect([s for s in samples if side.get(s.file)], lambda s: side[s.file])
    if twice := on_two_sides(split):
        raise DataError(f"{path} has {twice}. Correct the sides.")
    return split


def _collect(samples: Sequence[Sample], side_of: Callable[[Sample], str]) -> Split:
    found: dict[str, list[Sample]] = {side: [] for side in SIDES}
    for sample in samples:
        found[side_of(sample)].append(sample)
    return Split(*(tuple(found[side]) for side in SIDES))


def _check(samples: Sequence[Sample], split: Split) -> None:
    lacking = sorted({s.label for s in samples} - {s.label for s in split.train})
    if lacking:
        raise DataError(f"The split leaves no picture of {', '.join(lacking)} to train on. Add pictures of more persons.")
