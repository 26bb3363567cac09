"""On what a variant is calibrated and compared with its fp32 file: crops for a classifier, frames with boxes for a finder.

comparison = choose(source, calibrate, verify, split)
comparison.calibrating()  # frames (N, H, W, 3) uint8 for the ranges of int8
comparison.compare(original, candidate, "int8")  # what the gate saw, and why the variant may not ship, or None

Never does the same person, or the same camera of a finder, stand on both sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from export import decisions, found, held_out
from export.held_out import Parts
from export.quantise import CLASSIFIER, Kind
from inference.classifier import Classifier
from inference.errors import DataError
from inference.finder import Finder
from inference.images import framed
from inference.session import Session
from inference.spec import BOXES_NAME, OUTPUT_NAME, ModelSpec
from training import checkpoint, coco, data, several
from training.coco import Frame

BATCHES = (1, 8)
"""The gate asks a classifier's variant in batches of both; a picture whose answers differ between them counts as changed."""
LEAST_FRAMES, MOST_FRAMES = 8, 32
"""Of rooms, for the ranges of the values inside a finder. Each shows many students, and takes much memory."""


class Comparison(Protocol):
    """What `export.variants` needs."""

    @property
    def kind(self) -> Kind: ...

    def calibrating(self) -> np.ndarray: ...

    def compare(self, original: Path, candidate: Path, precision: str) -> tuple[dict[str, Any], str | None]: ...


def choose(source: Path, calibrate: Path | None, verify: Path, split: Path | None) -> Comparison:
    """`source`: a checkpoint or an exported file.

    Raises DataError for pictures that do not fit or are too few, ModelError for a classifier of several labels.
    """
    if source.suffix == ".onnx":
        return _on(source, Session(source, None, provider="cpu", threads=0).spec, "", calibrate, verify, split)
    content = checkpoint.read(source)
    left_out = str(content["config"].get("leave_camera_out") or "")
    return _on(source, ModelSpec.from_json(content["spec"]), left_out, calibrate, verify, split)


def _on(source: Path, spec: ModelSpec, left_out: str, calibrate: Path | None, verify: Path, split: Path | None) -> Comparison:
    if spec.task == "classify":
        several.refuse(spec, source, instead="Export it without --variants.")
        return Crops(spec, held_out.choose(calibrate, verify, spec.class_names, split))
    return Frames(spec, *_sides(coco.read(verify), None if calibrate is None else coco.read(calibrate), left_out))


@dataclass(frozen=True)
class Crops:
    """For a classifier."""

    spec: ModelSpec
    parts: Parts

    @property
    def kind(self) -> Kind:
        """How harm is counted in the search."""
        return CLASSIFIER

    def calibrating(self) -> np.ndarray:
        """`(N, H, W, 3) uint8`."""
        return data.load_frames(self.parts.calibration, self.spec)[1]

    def compare(self, original: Path, candidate: Path, precision: str) -> tuple[dict[str, Any], str | None]:
        """What the gate saw, and the reason to keep the candidate out, or None."""
        samples, frames = data.load_frames(self.parts.verification, self.spec)
        before = Classifier(original, provider="cpu").scores(frames)
        seen = decisions.compare(samples, self.spec.class_names, before, _asked(candidate, frames, before))
        tolerance = decisions.TOLERANCES[precision]
        measured = {**seen.as_dict(), "images_that_trained": self.parts.trained, "tolerance": vars(tolerance)}
        return measured, decisions.refusal(seen, tolerance)


@dataclass(frozen=True)
class Frames:
    """For a finder."""

    spec: ModelSpec
    calibration: tuple[Frame, ...]
    verification: tuple[Frame, ...]
    trained: int | None
    """How many of `verification` the finder was trained on; None where that is not known."""

    @property
    def kind(self) -> Kind:
        """How harm is counted in the search."""
        return Kind(
            outputs=(BOXES_NAME, OUTPUT_NAME),
            harm=partial(found.harm, self.spec),
            answers=lambda outputs: sum(map(len, found.students(self.spec, outputs))),
            methods=("minmax",),
            batch=1,
        )

    def calibrating(self) -> np.ndarray:
        """`(N, H, W, 3) uint8`."""
        _, pictures = coco.load(self.calibration)
        return np.stack([framed(picture, self.spec) for picture in pictures])

    def compare(self, original: Path, candidate: Path, precision: str) -> tuple[dict[str, Any], str | None]:
        """What the gate saw, and the reason to keep the candidate out, or None."""
        frames, pictures = coco.load(self.verification)
        tolerance = found.TOLERANCES[precision]
        seen = found.compare(frames, pictures, *(Finder(path, provider="cpu") for path in (original, candidate)))
        measured = {**seen.as_dict(), "images_that_trained": self.trained, "tolerance": vars(tolerance)}
        return measured, found.refusal(seen, tolerance)


def _asked(candidate: Path, frames: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Scores `(N, C)` in the larger batches, or in batches of one where only these give another answer than `before`."""
    classifier = Classifier(candidate, provider="cpu")
    single, together = (np.concatenate([classifier.scores(frames[i : i + n]) for i in range(0, len(frames), n)]) for n in BATCHES)
    changed = [scores.argmax(1) != before.argmax(1) for scores in (single, together)]
    return np.where((changed[0] & ~changed[1])[:, None], single, together)


def _sides(
    judging: Sequence[Frame], calibrating: Sequence[Frame] | None, left_out: str
) -> tuple[tuple[Frame, ...], tuple[Frame, ...], int | None]:
    """Calibration, verification, and how many of the latter trained: other cameras, the one left out in training judges."""
    cameras = sorted({frame.camera for frame in judging})
    unseen = bool(left_out) and left_out in cameras
    judges = {left_out} if unseen else set(cameras)
    if calibrating is not None and not unseen and judges & {frame.camera for frame in calibrating}:
        judges = set(cameras[: len(cameras) // 2])
    judging = [frame for frame in judging if frame.camera in judges]
    trained = 0 if unseen else None
    if calibrating is None:
        return (), tuple(judging), trained
    others = [frame for frame in calibrating if frame.camera not in judges]
    if not judging or len(others) < LEAST_FRAMES:
        raise DataError(
            f"A finder's int8 is calibrated on at least {LEAST_FRAMES} frames of cameras that do not judge it; there are "
            f"{len(others)}, and {len(judging)} judge. Give frames of another camera with --calibrate, or leave int8 out."
        )
    return _spread(others), tuple(judging), trained


def _spread(frames: Sequence[Frame]) -> tuple[Frame, ...]:
    """At most `MOST_FRAMES`, of each camera in turn, spread over its time."""
    cameras = sorted({frame.camera for frame in frames})
    each = max(1, MOST_FRAMES // len(cameras))
    by_camera = [[frame for frame in frames if frame.camera == camera] for camera in cameras]
    return tuple(frame for own in by_camera for frame in own[:: max(1, -(-len(own) // each))])
