"""Losses do what their papers say."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from inference.errors import ModelError
from training import backbones, losses
from training.config import TrainConfig
from training.heads import MaskedNetwork
from training.labels import Task
from training.losses import Beside

LOGITS = torch.tensor([[2.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
TARGET = torch.tensor([0, 2])


def test_cross_entropy_is_torchs() -> None:
    got = losses.classification("cross-entropy", LOGITS, TARGET, 0.1)
    assert torch.equal(got, F.cross_entropy(LOGITS, TARGET, label_smoothing=0.1))


def test_generalized_cross_entropy_is_its_formula() -> None:
    scores = LOGITS.softmax(1)
    expected = sum((1 - scores[i, t].item() ** 0.7) / 0.7 for i, t in enumerate(TARGET.tolist())) / 2
    assert losses.classification("generalized", LOGITS, TARGET, 0.0).item() == pytest.approx(expected, rel=1e-5)


def test_symmetric_cross_entropy_is_its_formula() -> None:
    scores = LOGITS.softmax(1)
    wrong = sum(1 - scores[i, t].item() for i, t in enumerate(TARGET.tolist())) / 2
    expected = 0.1 * F.cross_entropy(LOGITS, TARGET).item() + 4 * wrong
    assert losses.classification("symmetric", LOGITS, TARGET, 0.0).item() == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("kind", ["symmetric", "generalized"])
def test_robust_losses_are_bounded_where_a_label_is_wrong(kind: str) -> None:
    def loss(confidence: float) -> float:
        return losses.classification(kind, torch.tensor([[confidence, 0.0]]), torch.tensor([1]), 0.0).item()

    plain = F.cross_entropy(torch.tensor([[40.0, 0.0]]), torch.tensor([1])).item()
    assert loss(40.0) - loss(20.0) < 0.2 * (plain - 20)


class Tiny(nn.Module):
    """Its features are what comes in."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(2, 2)

    def get_classifier(self) -> nn.Module:
        return self.head

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.head(features)


def beside(tasks: tuple[Task, ...] = (), **settings: float) -> tuple[Tiny, Beside]:
    network = Tiny()
    return network, Beside(network, 2, tasks, TrainConfig(data="", **settings))  # type: ignore[arg-type]


def test_centre_loss_is_half_the_squared_distance_and_pulls_the_centres() -> None:
    network, aside = beside(center_loss=2.0)
    network(torch.tensor([[3.0, 4.0], [0.0, 2.0]]))
    loss = aside(torch.tensor([0, 1]), None)
    assert loss.item() == pytest.approx(2.0 * (25 + 4) / 2 / 2)
    loss.backward()
    assert aside.centers is not None and (aside.centers.grad[0] < 0).all()


def test_triplet_loss_vanishes_where_classes_lie_far_apart() -> None:
    network, aside = beside(triplet=1.0)
    labels = torch.tensor([0, 0, 1, 1])
    network(torch.tensor([[1.0, 0.0], [1.0, 0.01], [-1.0, 0.0], [-1.0, 0.01]]))
    assert aside(labels, None).item() == pytest.approx(0.0, abs=1e-6)
    network(torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.1], [0.1, 1.0]]))
    assert aside(labels, None).item() > 0.1


def test_unknown_cells_teach_nothing_and_known_ones_do() -> None:
    task = Task("glasses", "bce", 3.0, (), 1)
    network, aside = beside((task,))
    network(torch.ones(2, 2))
    assert aside(torch.tensor([0, 1]), torch.full((2, 1), math.nan)).item() == 0
    network(torch.ones(2, 2))
    answer = aside.heads[0](torch.ones(1, 2))
    expected = 3.0 * F.binary_cross_entropy_with_logits(answer, torch.ones(1, 1)).item()
    assert aside(torch.tensor([0, 1]), torch.tensor([[1.0], [math.nan]])).item() == pytest.approx(expected, rel=1e-5)


def test_one_level_mask_is_the_mean_of_the_map_and_a_mask_looks_where_it_is_high() -> None:
    body = backbones.empty("test_efficientnet", 0)
    network = MaskedNetwork(body, 1, 3, 0.0).eval()
    features = torch.randn(2, network.masks.in_channels, 4, 4)
    nn.init.zeros_(network.masks.weight)
    torch.testing.assert_close(network.pooled(features), features.mean((2, 3)))
    network.masks.weight.data[0, 0] = 50.0
    features[:, 0] = -1.0
    features[:, 0, 1, 2] = 1.0
    torch.testing.assert_close(network.pooled(features), features[:, :, 1, 2], rtol=1e-4, atol=1e-4)


def test_masks_need_a_feature_map() -> None:
    with pytest.raises(ModelError, match="feature map"):
        MaskedNetwork(backbones.empty("test_vit", 0), 2, 3, 0.0)
