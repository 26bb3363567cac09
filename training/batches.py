"""Batches of augmented frames from pictures in memory, the same ones for the same seed."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from training.augment import Augmentation, Augmenter, Style
from training.config import TrainConfig
from training.data import Sample
from training.labels import Task, targets, task_targets


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


class Draws(Dataset[tuple[torch.Tensor, ...]]):
    """The draws of one epoch; item i depends on seed, epoch and i alone, whichever process makes it."""

    def __init__(
        self,
        samples: Sequence[Sample],
        pictures: Sequence[np.ndarray],
        class_names: Sequence[str],
        config: TrainConfig,
        epoch: int,
        tasks: Sequence[Task] = (),
    ) -> None:
        self._pictures = pictures
        self._labels = torch.from_numpy(targets(samples, class_names, multi_label=config.multi_label))
        self._columns = torch.from_numpy(task_targets(tasks, samples)) if tasks else None
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

    def __getitem__(self, item: int) -> tuple[torch.Tensor, ...]:
        index = int(self._order[item])
        rng = np.random.default_rng((*self._key, item))
        frame = self._augment(self._pictures[index], rng)
        answer = (torch.from_numpy(frame), self._labels[index])
        return answer if self._columns is None else (*answer, self._columns[index])

    def batches(self, size: int, workers: int, part: tuple[int, int] = (0, 1)) -> DataLoader[tuple[torch.Tensor, ...]]:
        """Batches in a fixed order; a last one of a single sample for a process is dropped (batch norm needs two)."""
        return DataLoader(self, batch_sampler=Parts(len(self), size, *part), num_workers=workers)


class Parts(Sampler[list[int]]):
    """What one of several processes draws of every batch; together they draw what a single process would."""

    def __init__(self, count: int, size: int, rank: int = 0, world: int = 1, *, least: int = 2) -> None:
        """Of `count` samples in batches of `size`; a last batch that gives a process fewer than `least` is left out."""
        ends = range(0, count, size)
        self._starts = [start for start in ends if count - start >= world and (start == 0 or count - start >= least * world)]
        self._count, self._size, self._rank, self._world = count, size, rank, world

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[list[int]]:
        for start in self._starts:
            yield list(range(start + self._rank, min(start + self._size, self._count), self._world))
