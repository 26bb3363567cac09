"""One contract: uint8 frames in, scores out, normalisation and softmax inside."""

import math
from pathlib import Path

import numpy as np
import pytest
import timm
import torch

from inference.errors import ModelError
from training.config import TrainConfig
from training.model import create, rebuild

NAMES = ("ahead", "down", "phone")
SMALL = TrainConfig(data="", model="test_efficientnet", img_size=32)


def frames(n: int = 2) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, (n, 32, 32, 3), dtype=np.uint8))


def test_frames_become_scores_that_sum_to_one() -> None:
    scores = create(SMALL, NAMES).eval()(frames(5))
    assert scores.shape == (5, 3) and scores.dtype == torch.float32
    torch.testing.assert_close(scores.sum(dim=1), torch.ones(5))


def test_first_loss_is_that_of_a_uniform_guess() -> None:
    torch.manual_seed(0)
    model = create(SMALL, NAMES).train()
    loss = torch.nn.functional.cross_entropy(model.logits(frames(8)), torch.tensor([0, 1, 2, 0, 1, 2, 0, 1]))
    assert loss.item() == pytest.approx(math.log(3), abs=0.2)


def test_normalisation_inside_equals_timms_outside() -> None:
    model = create(SMALL, NAMES).eval()
    config = timm.data.resolve_data_config(model.network.pretrained_cfg)
    pixels = frames().permute(0, 3, 1, 2).float() / 255
    mean, std = (torch.tensor(config[key]).view(1, 3, 1, 1) for key in ("mean", "std"))
    torch.testing.assert_close(model.logits(frames()), model.network((pixels - mean) / std))


def test_temperature_flattens_scores_but_keeps_their_order() -> None:
    model = create(SMALL, NAMES).eval()
    sharp = model.activate(torch.tensor([[2.0, 1.0, 0.0]]))
    model.spec = model.spec.replace(temperature=4.0)
    flat = model.activate(torch.tensor([[2.0, 1.0, 0.0]]))
    assert flat.max() < sharp.max() and flat.argsort().tolist() == sharp.argsort().tolist()


def test_pretrained_file_changes_the_body_and_not_the_head(tmp_path: Path) -> None:
    torch.manual_seed(0)
    source = timm.create_model("test_efficientnet", num_classes=1000)
    torch.save(source.state_dict(), tmp_path / "weights.pth")
    config = TrainConfig(data="", model="test_efficientnet", img_size=32, pretrained_path=str(tmp_path / "weights.pth"))
    loaded = create(config, NAMES).network.state_dict()
    assert torch.equal(loaded["conv_stem.weight"], source.state_dict()["conv_stem.weight"])
    assert loaded["classifier.weight"].shape[0] == 3


def test_unknown_backbone_is_refused_with_similar_names() -> None:
    with pytest.raises(ModelError, match="mobilenetv2_0"):
        create(TrainConfig(data="", model="mobilenetv2_99"), NAMES)


def test_missing_and_damaged_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no file of pretrained weights"):
        create(TrainConfig(data="", model="test_efficientnet", pretrained_path=str(tmp_path / "none")), NAMES)
    damaged = tmp_path / "weights.safetensors"
    damaged.write_bytes(b"nonsense" * 20)
    with pytest.raises(ModelError, match="cannot be loaded"):
        create(TrainConfig(data="", model="test_efficientnet", pretrained_path=str(damaged)), NAMES)


def test_edgetpu_as_published_has_no_relu_after_its_first_expansion_and_other_constants() -> None:
    model = create(TrainConfig(data="", model="mobilenet_edgetpu_mlperf", img_size=32), NAMES).eval()
    assert isinstance(model.network.blocks[0][0].bn1.act, torch.nn.Identity)
    assert model.spec.mean_rgb == model.spec.std_rgb == (0.5, 0.5, 0.5)
    again = rebuild(model.spec).eval()
    again.network.load_state_dict(model.network.state_dict())
    torch.testing.assert_close(again(frames()), model(frames()))


def test_mixstyle_acts_in_training_only() -> None:
    config = TrainConfig(data="", model="test_efficientnet", img_size=32, mixstyle=1.0, drop=0.0)
    model = create(config, NAMES).eval()
    plain = rebuild(model.spec)
    plain.network.load_state_dict(model.network.state_dict())
    torch.testing.assert_close(model(frames(6)), plain.eval()(frames(6)))
    model.train()
    assert not torch.equal(model.logits(frames(6)), model.logits(frames(6)))
