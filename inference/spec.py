"""`ModelSpec`: the fact sheet that travels inside every checkpoint and every ONNX file.

Whatever serves a model reads class names, input size and resize rule from here and from nowhere else.
"""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Self, get_args

from inference.errors import ModelError

FORMAT_VERSION = 1
METADATA_KEY = "taido_spec"
INPUT_NAME = "frames"
OUTPUT_NAME = "scores"
BOXES_NAME = "boxes"
"""A finder's other output: `(N, K, 4) float32`, x0, y0, x1, y1 in pixels of its frame, best first as in `scores (N, K)`."""

LARGEST = 1e9
"""No number of a fact sheet is larger."""
DEEPEST = 12
"""Of the lists and objects within one another in `measured`."""

Task = Literal["classify", "find"]
FitRule = Literal["pad", "squash", "crop"]
Activation = Literal["softmax", "sigmoid"]
SEPARATOR = ";"
"""Between several labels of one student."""


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """Facts of one trained model, decided once in training."""

    class_names: tuple[str, ...]
    """In the order of the columns of `scores`."""
    input_size_hw: tuple[int, int]
    """Height and width of a frame, pixels."""
    fit: FitRule
    """How a crop that is not of that shape is brought to it, see `inference.images.fit`."""
    mean_rgb: tuple[float, float, float]
    """Subtracted inside the graph, on the 0..1 scale."""
    std_rgb: tuple[float, float, float]
    """Divided by inside the graph, on the 0..1 scale."""
    base_model: str
    """Name of the backbone in timm."""
    task: Task = "classify"
    """`classify`: a frame shows one student; `find`: it shows a room, and the students' places are the answer."""
    activation: Activation = "softmax"
    """`softmax`: one class per student; `sigmoid`: several at once."""
    temperature: float = 1.0
    """Logits are divided by it inside the graph; above 1 makes scores less sure."""
    thresholds: tuple[float, ...] | None = None
    """Least score at which a class counts as present, one per class; None: the highest score wins."""
    least_score: float | None = None
    """Of a classifier: below it the answer for a student is `uncertain`, 0..1; None: whatever serves it chooses."""
    crop_margin: float = 0.0
    """Of a classifier: added to each side of a student's box before the crop, as a share of that side; below 0 taken away."""
    nms_iou: float = 0.5
    """Of a finder: when two boxes overlap more than this (intersection over union), the less sure one goes."""
    training_data: str = ""
    """Fingerprint of the pictures and labels that training saw."""
    licence: str = ""
    """Licence of the weights, SPDX where one fits."""
    measured: dict[str, Any] = field(default_factory=dict)
    """Scores on pictures that training did not see, each with its number of images and 95 % interval."""
    format_version: int = FORMAT_VERSION

    def __post_init__(self) -> None:
        for name in ("class_names", "input_size_hw", "mean_rgb", "std_rgb", "thresholds"):
            value = getattr(self, name)
            if isinstance(value, list):
                object.__setattr__(self, name, tuple(value))
        problem = self._problem()
        if problem:
            raise ModelError(f"The model's fact sheet is not usable: {problem}")

    def _problem(self) -> str | None:
        if self.format_version != FORMAT_VERSION:
            return f"format version {self.format_version!r}, this program reads version {FORMAT_VERSION}"
        names = self.class_names
        if (
            not isinstance(names, tuple)
            or not all(isinstance(n, str) and n for n in names)
            or len(set(names)) < max(1 if self.task == "find" else 2, len(names))
        ):
            return f"class_names must be two or more different names (a finder: one), got {names!r}"
        if self.task not in get_args(Task):
            return f"task must be one of {', '.join(get_args(Task))}, got {self.task!r}"
        if len(self.input_size_hw) != 2 or not all(isinstance(n, int) and 16 <= n <= 2048 for n in self.input_size_hw):
            return f"input_size_hw must be two whole numbers from 16 to 2048, got {self.input_size_hw!r}"
        if self.fit not in get_args(FitRule):
            return f"fit must be one of {', '.join(get_args(FitRule))}, got {self.fit!r}"
        if self.activation not in get_args(Activation):
            return f"activation must be one of {', '.join(get_args(Activation))}, got {self.activation!r}"
        for name in ("mean_rgb", "std_rgb"):
            value = getattr(self, name)
            if len(value) != 3 or not all(_is_number(v) for v in value):
                return f"{name} must be three numbers, got {value!r}"
        if min(self.std_rgb) <= 0:
            return f"std_rgb must be above 0, got {self.std_rgb!r}"
        if not _is_number(self.temperature) or self.temperature <= 0:
            return f"temperature must be above 0, got {self.temperature!r}"
        if self.least_score is not None and not (_is_number(self.least_score) and 0 <= self.least_score <= 1):
            return f"least_score must be from 0 to 1 or none, got {self.least_score!r}"
        if self.least_score is not None and "uncertain" in names:
            return "a model with a least_score cannot have a class 'uncertain'; that is what it answers below the score"
        if not _is_number(self.crop_margin) or not -0.4 <= self.crop_margin <= 2:
            return f"crop_margin must be from -0.4 to 2, got {self.crop_margin!r}"
        if not _is_number(self.nms_iou) or not 0 < self.nms_iou <= 1:
            return f"nms_iou must be above 0 and at most 1, got {self.nms_iou!r}"
        if self.thresholds is not None and (len(self.thresholds) != len(names) or not all(map(_is_number, self.thresholds))):
            return f"thresholds must be {len(names)} numbers, one per class, got {self.thresholds!r}"
        for name, kind in (("base_model", str), ("training_data", str), ("licence", str), ("measured", dict)):
            if not isinstance(getattr(self, name), kind):
                return f"{name} must be a {kind.__name__}, got {getattr(self, name)!r}"
        if not _is_flat_enough(self.measured):
            return f"measured is nested more than {DEEPEST} deep"
        return None

    def replace(self, **changes: Any) -> Self:
        """A copy with some facts changed."""
        return dataclasses.replace(self, **changes)

    def answer(self, scores: Sequence[float]) -> str:
        """The class of the highest score; with `sigmoid`, every class that reaches its threshold (0.5 without), joined by `;`."""
        if self.activation == "softmax":
            return self.class_names[max(range(len(scores)), key=lambda i: scores[i])]
        least = self.thresholds or (0.5,) * len(self.class_names)
        return SEPARATOR.join(name for name, score, t in zip(self.class_names, scores, least, strict=True) if score >= t)

    def to_json(self) -> str:
        """One JSON object, keys in the order of the fields; `least_score` only where there is one: older programs know none."""
        facts = {name: value for name, value in dataclasses.asdict(self).items() if name != "least_score" or value is not None}
        return json.dumps(facts, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ModelError if `text` is not JSON, lacks a fact or has one that this version does not know."""
        try:
            facts = json.loads(text)
            json.dumps(facts, ensure_ascii=False).encode("utf-8")  # JSON can spell half characters, which nobody can print
        except (ValueError, TypeError, RecursionError) as error:
            raise ModelError(f"The model's fact sheet is not JSON ({error}). Export the model again.") from error
        if not isinstance(facts, dict):
            raise ModelError(f"The model's fact sheet must be a JSON object, got {type(facts).__name__}.")
        known = {f.name: f for f in dataclasses.fields(cls)}
        unknown = sorted(set(facts) - set(known))
        missing = [
            name
            for name, f in known.items()
            if name not in facts and f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
        ]
        if unknown or missing:
            raise ModelError(
                f"The model's fact sheet does not fit this program (missing: {missing or 'none'}, unknown: {unknown or 'none'}). "
                "Export the model again, or update Taido."
            )
        try:
            return cls(**facts)
        except (TypeError, OverflowError) as error:
            raise ModelError(f"The model's fact sheet has a value of the wrong type: {error}") from error


def _is_flat_enough(value: object, levels: int = DEEPEST) -> bool:
    """What is nested deeper could not be shown."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return levels > 0 and all(_is_flat_enough(part, levels - 1) for part in inside)


def _is_number(value: object) -> bool:
    """False for NaN, infinity, and whole numbers of hundreds of digits, which no float holds."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST < value < LARGEST
