"""Weights of another program come under timm's names, or not at all."""

import subprocess
import sys
from pathlib import Path

import timm
import torch
from safetensors.torch import load_file

ROOT = Path(__file__).parents[1]


def convert(weights: Path, out: Path, model: str = "test_efficientnet") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "recipes/backbones/rename.py", str(weights), "--model", model, "--out", str(out)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT)})


def test_weights_in_the_same_order_are_renamed_and_others_refused(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = timm.create_model("test_efficientnet")
    torch.save({f"_layer.{i}": value for i, value in enumerate(network.state_dict().values())}, tmp_path / "other.pth")
    assert convert(tmp_path / "other.pth", tmp_path / "ours.safetensors").returncode == 0
    loaded = load_file(tmp_path / "ours.safetensors")
    assert all(torch.equal(loaded[name], value) for name, value in network.state_dict().items())
    refused = convert(tmp_path / "other.pth", tmp_path / "none.safetensors", "test_resnet")
    assert refused.returncode == 2 and "not those of test_resnet" in refused.stderr
    (tmp_path / "text.pth").write_text("no weights")
    assert convert(tmp_path / "text.pth", tmp_path / "none.safetensors").returncode == 2
    assert not (tmp_path / "none.safetensors").exists()
