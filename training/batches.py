"""Batches of augmented frames from pictures in memory, the same ones for the same seed."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from training.augment import Augmentation, Augmenter, Style
from training.config import TrainConfig
from training.data import Sample


def weights(samples: Sequence[Sample], power: float) -> np.ndarray:
    """How often each sample is drawn, `(N,) float64` summing to 1.

    Every class, within it every camera, within it every person weighs n ** (1 - power) for its n samples: with power 0
    each sample is drawn equally often, with power 1 each class, camera and person. Pictures put together from those of
    several cameras (`a+b`, `a+c`) count as one camera more, not as one for each combination.
    """
    result = np.full(len(samples), 1.0)
    paths = [(s.label, "+" if "+" in s.camera else s.camera, s.person) for s in samples]
    for depth in (1, 2, 3):
        size = Counter(path[:depth] for path in paths)
        total: Counter[tuple[str, ...]] = Counter()
        for group, n in size.items():
            total[group[:-1]] += n ** (1 - power)
        for i, path in enumerate(paths):
            result[i] *= size[path[:depth]] ** (1 - power) / total[path[: depth - 1]]
    persons = Counter(paths)
    return result / [persons[path] for path in paths]


class Draws(Dataset[tuple[torch.Tensor, torch.Tensor]]):
    """The draws of one epoch; item i depends on seed, epoch and i alone, whichever process makes it."""

    def __init__(
        self,
        samples: Sequence[Sample],
        pictures: Sequence[np.ndarray],
        class_names: Sequence[str],
        config: TrainConfig,
        epoch: int,
    ) -> None:
        self._pictures = pictures
        self._labels = [class_names.index(s.label) for s in samples]
        self._key = (config.seed, epoch)
        chance = weights(samples, config.balance)
        count = config.samples_per_epoch or len(samples)
        self._order = np.random.default_rng(self._key).choice(len(samples), size=count, p=chance)
        donor_sum = weights(samples, 1.0).cumsum()

        def style(rng: np.random.Generator) -> Style:
            return Style.of(pictures[min(len(pictures) - 1, int(np.searchsorted(donor_sum, rng.random())))])

        settings = Augmentation(
            hflip=config.hflip,
            shift=config.shift,
            rotate=config.rotate,
            style=config.style,
            colour=config.color_jitter,
            reprob=config.reprob,
            least_part=config.least_part,
            policy=config.aa,
        )
        self._augment = Augmenter(settings, (config.img_size, config.img_size), config.fit, style)

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, item: int) -> tuple[torch.Tensor, torch.Tensor]:
        index = int(self._order[item])
        rng = np.random.default_rng((*self._key, item))
        frame = self._augment(self._pictures[index], rng)
        return torch.from_numpy(frame), torch.tensor(self._labels[index])

    def batches(self, size: int, workers: int) -> DataLoader[tuple[torch.Tensor, torch.Tensor]]:
        """Batches in a fixed order; a last one of a single sample is dropped (batch norm needs two)."""
        return DataLoader(self, batch_size=size, num_workers=workers, drop_last=len(self) % size == 1 and len(self) > 1)
