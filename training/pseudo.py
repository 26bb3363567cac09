"""Unlabelled pictures that the model labels itself, from some epoch on, where it is sure (Lee 2013, "Pseudo-Label").

Pictures that look the same as one that is scored are left out. No label is kept: each epoch labels anew with the weights of
that moment, so a run that goes on after an interruption sees the same labels.
"""

import logging
from pathlib import Path

import numpy as np

from inference.errors import DataError
from inference.images import find_images
from training import data, duplicates
from training.config import TrainConfig
from training.data import Sample
from training.engine import Engine
from training.splits import Split

logger = logging.getLogger("training")


class Pseudo:
    """The unlabelled pictures of a run."""

    def __init__(self, config: TrainConfig, engine: Engine, split: Split) -> None:
        """Raises DataError for a folder without pictures that can be read."""
        folder = Path(config.pseudo_labels)
        if not folder.is_dir():
            raise DataError(f"--pseudo-labels {folder} is not a folder. Give one of unlabelled pictures.")
        unlabelled = [Sample(name, path, "", f"unlabelled {name}", "") for name, path in find_images(folder)]
        seen = {a for pair in duplicates.across([unlabelled, (*split.validation, *split.test)]) for a in pair}
        kept = [sample for sample in unlabelled if sample.file not in seen]
        if len(kept) < len(unlabelled):
            logger.warning(
                "%d unlabelled pictures are left out: they are among those that are scored.", len(unlabelled) - len(kept)
            )
        self._config, self._engine = config, engine
        self._samples, self._pictures = data.load(kept, longest_side=max(192, round(1.6 * config.img_size)))
        _, self._frames = data.load_frames(self._samples, engine.model.spec)
        if not self._samples:
            raise DataError(f"--pseudo-labels {folder} holds no picture that can be used.")

    def beside(self, samples: list[Sample], pictures: list[np.ndarray], epoch: int) -> tuple[list[Sample], list[np.ndarray]]:
        """The labelled pictures and, from the epoch on that was asked for, the unlabelled ones that the model is sure of."""
        if epoch < self._config.pseudo_start:
            return samples, pictures
        _, scores = self._engine.score(self._frames)
        names = self._engine.model.spec.class_names
        sure = [i for i, row in enumerate(scores) if row.max() >= self._config.pseudo_threshold]
        logger.info("%d of %d unlabelled pictures have a label of the model's own", len(sure), len(scores))
        own = [self._samples[i] for i in sure]
        labelled = [
            Sample(s.file, s.path, names[int(scores[i].argmax())], s.person, s.camera) for s, i in zip(own, sure, strict=True)
        ]
        return [*samples, *labelled], [*pictures, *(self._pictures[i] for i in sure)]
