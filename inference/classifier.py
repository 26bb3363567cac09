"""`Classifier`: owns the ONNX Runtime session; frames in, scores out.

classifier = Classifier("models/attitude.onnx")
scores = classifier.scores_of([decode("photo.jpg")])  # (1, C) float32
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from inference import tuning
from inference.errors import ModelError, ProviderError
from inference.images import framed
from inference.limits import limits
from inference.session import Session

logger = logging.getLogger(__name__)

DEFAULT_BATCH = limits().batch
"""Most frames that go through one `session.run`, so that memory stays bounded."""


class Classifier:
    """One model on one device. Raises ModelError or ProviderError when it cannot be what was asked for."""

    def __init__(self, model: str | Path, *, provider: str = "auto", threads: int = 0) -> None:
        """`threads`: of one `session.run`; 0 lets ONNX Runtime use every core.

        With provider `auto` the advice of `inference.tuning` is followed, where there is any: it may open a variant of the
        file, which `path` then names.
        """
        self.path, self._batch = Path(model), DEFAULT_BATCH
        tuned = self._as_tuned(threads) if provider == "auto" else None
        self._session = tuned or Session(self.path, "classify", provider=provider, threads=threads)
        self.spec = self._session.spec

    def _as_tuned(self, threads: int) -> Session | None:
        advice = tuning.read(self.path)
        if advice is None:
            return None
        path = self.path.with_name(advice.file)
        try:
            session = Session(
                path,
                "classify",
                provider=advice.provider,
                threads=threads or advice.threads,
                spinning=advice.spinning,
                may_fall_back=True,
            )
        except (ModelError, ProviderError) as error:
            logger.warning("What was measured as best does not start any more: %s", error)
            return None
        self.path, self._batch = path, advice.batch
        return session

    @property
    def provider(self) -> str:
        """What computes, `cpu` for one; another than at the start when the device was lost meanwhile."""
        return self._session.provider

    @property
    def now(self) -> "Classifier":
        """The model that a piece of work keeps from its begin to its end; another one only where models are switched."""
        return self

    @property
    def session(self) -> Session:
        """The file on its device."""
        return self._session

    @property
    def batch(self) -> int:
        """Most frames that go through one `session.run`."""
        return self._batch

    def prepare(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Crops of any size, `(h, w, 3) uint8 RGB` each -> frames `(N, H, W, 3) uint8 RGB`."""
        frames = np.empty((len(images), *self.spec.input_size_hw, 3), np.uint8)
        for i, image in enumerate(images):
            frames[i] = framed(image, self.spec)
        return frames

    def scores(self, frames: np.ndarray) -> np.ndarray:
        """Frames `(N, H, W, 3) uint8 RGB` -> scores `(N, C) float32`, columns as in `spec.class_names`."""
        self._session.check(frames)
        if len(frames) == 0:
            return np.empty((0, len(self.spec.class_names)), np.float32)
        parts = [self._session.run(frames[i : i + self._batch])[0] for i in range(0, len(frames), self._batch)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def scores_of(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Crops of any size, `(h, w, 3) uint8 RGB` each -> scores `(N, C) float32`."""
        return self.scores(self.prepare(images))
