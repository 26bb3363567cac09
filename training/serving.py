"""Every picture of a test through the path that serves: one model file, checkpoint or ONNX, in; scores of all pictures out.

    model = open_model(Path("models/attitude.onnx"))
    scored = score(model, samples)

An ONNX file goes through `inference.Classifier`, a checkpoint through the same `inference.images.framed` and the torch model. A
picture that cannot be read is counted and named, whatever stands before or after it. Pictures are read whole; `classify` and the
Photos page read a JPEG much larger than the frame at a reduced size, by which a score may differ in the second decimal.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from tqdm import tqdm

from inference.classifier import Classifier
from inference.errors import DataError, ImageError, ModelError
from inference.images import decode, framed
from inference.spec import ModelSpec
from training import checkpoint, several
from training.conditions import Conditions, measure
from training.data import Sample
from training.model import FrameModel

BATCH = 32


class Scorer(Protocol):
    """A model that answers for pictures of any size."""

    @property
    def spec(self) -> ModelSpec:
        """Its fact sheet."""
        ...

    def scores_of(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """`(h, w, 3) uint8 RGB` each -> scores `(N, C) float32`."""
        ...


class TorchScorer:
    """A checkpoint, answering as `Classifier` does."""

    def __init__(self, model: FrameModel) -> None:
        self.model = model.eval()

    @property
    def spec(self) -> ModelSpec:
        """Of the checkpoint."""
        return self.model.spec

    def scores_of(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """See `Scorer`."""
        frames = np.stack([framed(image, self.spec) for image in images])
        with torch.inference_mode():
            scores: np.ndarray = self.model(torch.from_numpy(frames)).numpy()
        return scores


@dataclass(frozen=True)
class Scored:
    """Rows belong together, one per picture that could be read."""

    samples: tuple[Sample, ...]
    scores: np.ndarray
    """`(N, C) float32`, 0..1."""
    conditions: tuple[Conditions, ...]
    failures: tuple[tuple[str, str], ...]
    """File and why it could not be read."""

    def truth(self, class_names: Sequence[str]) -> np.ndarray:
        """`(N,) int64`: the labelled class of each picture."""
        return np.array([class_names.index(s.label) for s in self.samples], np.int64)


def open_model(path: Path, *, provider: str = "cpu") -> Scorer:
    """A classifier of one class per picture, from its ONNX file or its checkpoint. Raises ModelError for anything else."""
    opened = _classifier(path, provider)
    several.refuse(opened.spec, path)
    return opened


def _classifier(path: Path, provider: str) -> Scorer:
    if path.suffix.lower() == ".onnx":
        return Classifier(path, provider=provider)
    model = checkpoint.load(path)
    if not isinstance(model, FrameModel):
        raise ModelError(f"{path} is a finder of students; here a classifier is evaluated. A finder's run evaluates itself.")
    return TorchScorer(model)


def score(model: Scorer, samples: Sequence[Sample]) -> Scored:
    """Raises DataError when not one picture can be read."""
    kept: list[Sample] = []
    rows: list[np.ndarray] = []
    conditions: list[Conditions] = []
    failures: list[tuple[str, str]] = []
    for group in _batches(samples):
        pictures = []
        for sample in group:
            try:
                picture = decode(sample.path, name=sample.file)
            except ImageError as error:
                failures.append((sample.file, str(error)))
                continue
            kept.append(sample)
            conditions.append(measure(picture))
            pictures.append(picture)
        if pictures:
            rows.append(model.scores_of(pictures))
    if not kept:
        raise DataError(f"None of the {len(failures)} pictures can be read, e.g. {failures[0][1] if failures else 'none given'}")
    return Scored(tuple(kept), np.concatenate(rows), tuple(conditions), tuple(failures))


def logits_of(scores: np.ndarray, spec: ModelSpec) -> np.ndarray:
    """What stood before temperature and softmax, up to a constant for each picture that softmax does not see; `(N, C)`.

    Raises ModelError for a model of several labels at once, for which a temperature is not fitted here.
    """
    if spec.activation != "softmax":
        raise ModelError("Logits are taken back from softmax scores only; this model gives several labels at once (sigmoid).")
    tiny = float(np.finfo(np.float32).tiny)
    logits: np.ndarray = np.log(np.maximum(scores.astype(np.float64), tiny)) * spec.temperature
    return logits


def _batches(samples: Sequence[Sample]) -> Iterator[list[Sample]]:
    rest = iter(tqdm(samples, desc="scoring", unit="picture", mininterval=1, disable=None))
    while group := list(islice(rest, BATCH)):
        yield group
