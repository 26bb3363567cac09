"""`Classifier`: owns the ONNX Runtime session; frames in, scores out.

classifier = Classifier("models/attitude.onnx")
scores = classifier.scores_of([decode("photo.jpg")])  # (1, C) float32
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from inference.images import fit
from inference.limits import limits
from inference.session import Session

DEFAULT_BATCH = limits().batch
"""Most frames that go through one `session.run`, so that memory stays bounded."""


class Classifier:
    """One model on one device. Raises ModelError or ProviderError when it cannot be what was asked for."""

    def __init__(self, model: str | Path, *, provider: str = "auto", threads: int = 0) -> None:
        """`threads`: of one `session.run`; 0 lets ONNX Runtime use every core."""
        self.path = Path(model)
        self._session = Session(self.path, "classify", provider=provider, threads=threads)
        self.spec, self.provider = self._session.spec, self._session.provider

    def prepare(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Crops of any size, `(h, w, 3) uint8 RGB` each -> frames `(N, H, W, 3) uint8 RGB`."""
        frames = np.empty((len(images), *self.spec.input_size_hw, 3), np.uint8)
        for i, image in enumerate(images):
            frames[i] = fit(image, self.spec.input_size_hw, self.spec.fit)
        return frames

    def scores(self, frames: np.ndarray) -> np.ndarray:
        """Frames `(N, H, W, 3) uint8 RGB` -> scores `(N, C) float32`, columns as in `spec.class_names`."""
        self._session.check(frames)
        if len(frames) == 0:
            return np.empty((0, len(self.spec.class_names)), np.float32)
        parts = [self._session.run(frames[i : i + DEFAULT_BATCH])[0] for i in range(0, len(frames), DEFAULT_BATCH)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def scores_of(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Crops of any size, `(h, w, 3) uint8 RGB` each -> scores `(N, C) float32`."""
        return self.scores(self.prepare(images))
