"""Weights of another program come under timm's names, or not at all."""

import runpy
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import load_file

main = runpy.run_path(str(Path(__file__).parents[1] / "recipes" / "backbones" / "rename.py"))["main"]


def convert(weights: Path, out: Path, model: str = "test_efficientnet") -> int:
    return int(main([str(weights), "--model", model, "--out", str(out)]))


def test_weights_in_the_same_order_are_renamed_and_others_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(0)
    network = timm.create_model("test_efficientnet")
    torch.save({f"_layer.{i}": value for i, value in enumerate(network.state_dict().values())}, tmp_path / "other.pth")
    assert convert(tmp_path / "other.pth", tmp_path / "ours.safetensors") == 0
    loaded = load_file(tmp_path / "ours.safetensors")
    assert all(torch.equal(loaded[name], value) for name, value in network.state_dict().items())
    assert convert(tmp_path / "other.pth", tmp_path / "none.safetensors", "test_resnet") == 2
    assert "not those of test_resnet" in capsys.readouterr().err
    (tmp_path / "text.pth").write_text("no weights")
    assert convert(tmp_path / "text.pth", tmp_path / "none.safetensors") == 2
    assert not (tmp_path / "none.safetensors").exists()
