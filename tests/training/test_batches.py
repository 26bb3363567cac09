"""Which samples an epoch draws."""

from pathlib import Path

import numpy as np
import pytest
import torch

from training.batches import Draws, weights
from training.config import TrainConfig
from training.data import Sample


def samples() -> list[Sample]:
    def some(n: int, label: str, camera: str, person: str) -> list[Sample]:
        return [Sample(f"{label}{camera}{person}{i}", Path(), label, person, camera) for i in range(n)]

    return [*some(90, "ahead", "a", "p"), *some(8, "ahead", "b", "q"), *some(1, "down", "a", "p"), *some(1, "down", "a", "r")]


def shares(power: float, key: str) -> dict[str, float]:
    chance, result = weights(samples(), power), {}
    for sample, value in zip(samples(), chance, strict=True):
        result[getattr(sample, key)] = result.get(getattr(sample, key), 0.0) + value
    return result


def test_power_zero_draws_every_sample_equally_often() -> None:
    np.testing.assert_allclose(weights(samples(), 0.0), 1 / 100)


def test_power_one_draws_classes_equally_often_and_cameras_within_them() -> None:
    assert shares(1.0, "label") == pytest.approx({"ahead": 0.5, "down": 0.5})
    assert shares(1.0, "person") == pytest.approx({"p": 0.25 + 0.25, "q": 0.25, "r": 0.25})


def test_weights_sum_to_one_between_the_ends() -> None:
    assert weights(samples(), 0.5).sum() == pytest.approx(1)
    assert 0.02 < shares(0.5, "label")["down"] < 0.5


def test_pictures_put_together_count_as_one_camera_more() -> None:
    cameras = ["stock", "stock+a", "stock+b", "stock+c"]
    chance = weights([Sample(c, Path(), "sleep", "p", c) for c in cameras], 1.0)
    assert chance.tolist() == pytest.approx([1 / 2, 1 / 6, 1 / 6, 1 / 6])


def draws(seed: int, epoch: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    config = TrainConfig(data="", img_size=16, batch_size=4, seed=seed, samples_per_epoch=12)
    pictures = [np.full((20, 20, 3), i, np.uint8) for i in range(100)]
    return list(Draws(samples(), pictures, ("ahead", "down"), config, epoch).batches(4, workers=0))


def test_same_seed_and_epoch_give_the_same_batches() -> None:
    for (frames, labels), (again, labels_again) in zip(draws(1, 2), draws(1, 2), strict=True):
        assert torch.equal(frames, again) and torch.equal(labels, labels_again)


def test_next_epoch_gives_other_batches() -> None:
    assert not torch.equal(draws(1, 2)[0][0], draws(1, 3)[0][0])
