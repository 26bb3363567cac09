"""Frozen stages in bfloat16: the same network within three digits, only while training, and float32 behind them."""

from pathlib import Path

import pytest
import torch

from inference.errors import DataError, ModelError
from training import coarse
from training.config import parse
from training.engine import Engine
from training.model import FrameModel, create
from training.sanity import check

CLASSES = ("looking-ahead", "looking-down")


def engine(dtype: str) -> Engine:
    torch.manual_seed(0)
    config = parse(["DATA", "--img-size", "64", "--freeze-stages", "3", "--frozen-dtype", dtype, "--model-ema", "--drop", "0"])
    return Engine(create(config, CLASSES), config, torch.device("cpu"))


FRAMES = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))


def behind_the_frozen(model: FrameModel) -> torch.Tensor:
    """What the first stage that learns is given."""
    given: list[torch.Tensor] = []
    model.frozen[-1].register_forward_hook(lambda _layer, _inputs, output: given.append(output))
    model.logits(FRAMES)
    return given[0]


def test_training_differs_in_digits_and_scoring_not_at_all() -> None:
    exact, rounded = engine("float32").model.train(), engine("bfloat16").model.train()
    with torch.inference_mode():
        assert torch.equal(exact.logits(FRAMES), rounded.logits(FRAMES))
    a, b = behind_the_frozen(exact), behind_the_frozen(rounded)
    assert b.dtype == torch.float32
    assert 0 < float((a - b).norm() / a.norm()) < 0.02


def test_what_learns_gets_gradients_in_float32_and_the_rest_none() -> None:
    model = engine("bfloat16").model.train()
    model.logits(FRAMES).sum().backward()
    learning = [value for value in model.parameters() if value.requires_grad]
    assert all(value.grad is not None and value.grad.dtype == torch.float32 for value in learning)
    assert not torch.is_autocast_enabled("cpu")
    assert model.network.get_parameter("conv_stem.weight").grad is None


@pytest.mark.parametrize("flags", [[], ["--freeze-stages", "2", "--amp"]])
def test_refused_where_it_means_nothing(flags: list[str], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="--frozen-dtype"):
        check(parse([str(tmp_path), "--frozen-dtype", "bfloat16", *flags]))


def test_refused_for_a_finder_that_freezes_nothing() -> None:
    with pytest.raises(ModelError, match="nothing is frozen"):
        coarse.in_bfloat16([])
    with pytest.raises(ModelError, match="--amp"):
        coarse.in_bfloat16([torch.nn.Identity()], amp=True)
