"""`LearningCurve`: how the answers on persons never seen got better with the pictures per class; and how many are enough.

curve = LearningCurve.read(Path("models/attitude.curve.json"))
curve.doubling.per_class, curve.doubling.gain  # from so many pictures on, twice as many bring less than ENOUGH_GAIN
curve.to_gather                                # so many in a folder, of which training keeps some back

The file is written by `python -m training.crossval DATA --probe --learning-curve 5,10,20,40`: one lies beside the bundled model,
and one of one's own pictures in the folder that `app.py --teach` gathers. It is read without torch.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from inference.errors import DataError
from inference.output import write_whole

FILE = "learning_curve.json"
"""In a folder of labelled pictures."""
KEY, VERSION = "taido_learning_curve", 1
LARGEST_BYTES = 1_000_000
ENOUGH_GAIN = 0.03
"""Twice the pictures are twice the work; with less than three points of balanced accuracy in return it is time to train."""
SURELY_BELOW = 0.10
"""What the interval of that gain must stay below: a curve of a handful of pictures looks flat by chance."""
TRAINS = 0.68
"""Share of a folder's pictures that `training.train` learns from; by its defaults a fifth tests and 12 % choose."""


@dataclass(frozen=True)
class Rate:
    """A share, or a difference of shares, with its 95 % interval that draws whole persons anew."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Point:
    """What was measured with one number of pictures per class."""

    per_class: int
    """To learn from."""
    fewest: int
    """Of the rarest class there were no more than these."""
    accuracy: Rate
    balanced_accuracy: Rate
    gain: Rate | None = None
    """Of the balanced accuracy over that with half of these pictures; None where that is not known."""


@dataclass(frozen=True)
class Doubling:
    """Two points, the second of twice the pictures in every class."""

    half: Point
    whole: Point
    gain: Rate

    @property
    def per_class(self) -> int:
        """Of the half."""
        return self.half.per_class

    @property
    def settled(self) -> bool:
        """Whether it brought so little that the half was enough."""
        return self.gain.value < ENOUGH_GAIN and self.gain.high < SURELY_BELOW


@dataclass(frozen=True)
class LearningCurve:
    """A measured curve and what it was measured on."""

    points: tuple[Point, ...]
    """By rising number of pictures."""
    class_names: tuple[str, ...]
    images: int
    """That were scored, each by a model that never saw its person."""
    persons: int
    method: str
    """What learned: the network and how."""
    source: str
    """Whose pictures."""
    made_at: str

    def __post_init__(self) -> None:
        """Raises DataError for a curve from which nothing can be read."""
        if not self.doublings:
            raise DataError(
                "The learning curve has no number of pictures and its double that every class had. "
                "Measure it with numbers such as 5,10,20,40.",
                code="curve_short",
            )

    @property
    def doublings(self) -> tuple[Doubling, ...]:
        """Those in which every class had as many pictures as it says."""
        known = {point.per_class: point for point in self.points}
        pairs = ((known.get(whole.per_class // 2), whole) for whole in self.points if whole.per_class % 2 == 0)
        return tuple(
            Doubling(half, whole, whole.gain)
            for half, whole in pairs
            if half is not None and whole.gain is not None and whole.fewest >= whole.per_class
        )

    @property
    def doubling(self) -> Doubling:
        """The one from which on no other brought as much as ENOUGH_GAIN; where the last one still did, that one."""
        chosen = self.doublings[-1]
        for doubling in reversed(self.doublings):
            if not doubling.settled:
                break
            chosen = doubling
        return chosen

    @property
    def enough(self) -> int:
        """Pictures per class to learn from; the most that were measured where even these were not too many."""
        return self.doubling.half.per_class if self.doubling.settled else self.doubling.whole.per_class

    @property
    def to_gather(self) -> int:
        """Pictures per class of a folder, so that `enough` are left to learn from."""
        return math.ceil(self.enough / TRAINS)

    @classmethod
    def read(cls, path: Path) -> "LearningCurve":
        """Raises DataError for what is no such file."""
        try:
            return cls(**_fields(json.loads(path.read_bytes()[: LARGEST_BYTES + 1])))
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise DataError(
                f"{path} is no learning curve of version {VERSION} ({error}). Measure it again with python -m training.crossval.",
                code="curve_wrong",
                name=path.name,
            ) from error

    def write(self, path: Path) -> None:
        """Raises OutputError."""
        write_whole(path, (json.dumps({KEY: VERSION, **asdict(self)}, indent=1, ensure_ascii=False) + "\n").encode())


def _fields(content: dict[str, Any]) -> dict[str, Any]:
    """What was written, checked. Raises ValueError, KeyError, TypeError or AttributeError for anything else."""
    if content.pop(KEY) != VERSION:
        raise ValueError("another version")
    kinds = {"images": int, "persons": int, "method": str, "source": str, "made_at": str}
    points = tuple(map(_point, content.pop("points")))
    class_names = tuple(map(str, content.pop("class_names")))
    if set(content) != set(kinds) or any(type(content[name]) is not kind for name, kind in kinds.items()):
        raise ValueError(f"expected {', '.join(kinds)}")
    return {"points": points, "class_names": class_names, **content}


def _point(content: Mapping[str, Any]) -> Point:
    rates = {name: _rate(content[name]) for name in ("accuracy", "balanced_accuracy")}
    gain = None if content.get("gain") is None else _rate(content["gain"])
    per_class, fewest = content["per_class"], content["fewest"]
    if type(per_class) is not int or type(fewest) is not int or not 0 <= fewest <= per_class or per_class < 1:
        raise ValueError("numbers of pictures that cannot be")
    return Point(per_class, fewest, rates["accuracy"], rates["balanced_accuracy"], gain)


def _rate(content: Mapping[str, Any]) -> Rate:
    values = [float(content[name]) for name in ("value", "low", "high")]
    if not all(-1 <= value <= 1 for value in values):
        raise ValueError("a share outside of -1..1")
    return Rate(*values)
