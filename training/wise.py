"""A fine-tuned model's weights, part of the way back to the pretrained ones: better in rooms that training never saw.

    python -m training.wise output/train/mine --share 0.8
    python -m training.wise output/train/mean                           # written by python -m training.average
    python -m training.wise output/train/mine --test-img-size 256       # scored and served on larger frames

Fine-tuning learns the rooms of its pictures and forgets part of what the backbone knew. This takes a finished run of
`python -m training.train` that began with pretrained weights, fits a linear head on the untouched backbone (logistic
regression on its pooled features of the run's own training pictures), and averages the weights of the two networks: WiSE-FT
(Wortsman et al. 2022, "Robust fine-tuning of zero-shot models", eq. 1) with a linear probe in the place of the zero-shot
model. The result costs nothing more to run. Writes `<run>-wise/` (with a size `<run>-wise-<size>/`), a run's folder like any
other, with the scores on the pictures that the run kept for its test.
"""

import argparse
import dataclasses
import logging
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from inference.errors import DataError, ModelError, TaidoError
from training import backbones, checkpoint, data, layouts, linear, run, sanity, scoring
from training.average import mean, settings
from training.config import TrainConfig
from training.data import Sample
from training.engine import Engine, pick_device
from training.model import FrameModel, create

logger = logging.getLogger("training")

PENALTY = 0.1
"""Of the squared weights of the linear head, on features of mean 0 and spread 1, beside the mean loss of a picture."""


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    parser = argparse.ArgumentParser(prog="python -m training.wise", description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="folder of a finished run that began with pretrained weights")
    parser.add_argument("--share", type=float, default=0.8, help="share of the fine-tuned weights, 0..1 (%(default)s)")
    parser.add_argument("--test-img-size", type=int, default=0, help="side of the frames that are scored and served, pixels")
    options = parser.parse_args(argv)
    try:
        soften(options.run, options.share, options.test_img_size)
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def soften(folder: Path, share: float, size: int = 0) -> Path:
    """Average and score on frames of `size` x `size` pixels (0: the run's); returns the new run's folder.

    Raises TaidoError for what is no such run.
    """
    if not 0 <= share <= 1:
        raise DataError(f"--share is {share}. Give a number from 0 (the probe) to 1 (the fine-tuned model).")
    tuned = checkpoint.load(folder / "model_best.pth.tar")
    config = _config(checkpoint.read(folder / "model_best.pth.tar")["config"], folder)
    if not isinstance(tuned, FrameModel):
        raise ModelError(f"{folder} holds a finder. Only a classifier can be averaged with a linear probe.")
    if tuned.spec.activation != "softmax":
        raise ModelError(f"{folder} gives several labels at once (--multi-label). The linear probe knows one class per picture.")
    if size:
        config = dataclasses.replace(config, test_img_size=size)
    sanity.check(config)
    split = layouts.again(config, folder / "split.csv")
    probe = create(config, tuned.spec.class_names)
    tuned.spec = tuned.spec.replace(input_size_hw=probe.spec.input_size_hw, temperature=1.0, least_score=None)
    fit_head(probe, *data.load_frames(split.train, tuned.spec))
    tuned.network.load_state_dict(mean([tuned.network.state_dict(), probe.network.state_dict()], (share, 1 - share)))

    name = f"{folder.name}-wise" + (f"-{size}" if size else "")
    out = run.make_folder(dataclasses.replace(config, output=str(folder.parent), experiment=name, resume=""))
    shutil.copy(folder / "split.csv", out / "split.csv")
    checkpoint.save(out / "model_best.pth.tar", tuned, config, share=share)
    engine = Engine(tuned, config, pick_device(config.device))
    scoring.report(engine, data.load_frames(split.test, tuned.spec), out)
    logger.info("Next: python -m export %s --out models/mine.onnx --verify %s", out / "model_best.pth.tar", config.data)
    return out


def _config(content: dict[str, Any], folder: Path) -> TrainConfig:
    config = settings(content)
    if not (config.pretrained or config.pretrained_path):
        raise ModelError(f"{folder} began without pretrained weights, so there is nothing to go back to.")
    return config


def fit_head(model: FrameModel, samples: list[Sample], frames: np.ndarray) -> None:
    """Replace the head by the logistic regression of the labels on the pooled features of `frames (N, H, W, 3) uint8 RGB`.

    Raises ModelError for a backbone whose head is not one linear layer.
    """
    head = backbones.head_of(model.network)
    if not isinstance(head, nn.Linear) or not hasattr(model.network, "forward_head"):
        raise ModelError(
            f"The head of {model.spec.base_model} is no linear layer, or it is no timm network, so no linear probe fits it."
        )
    names = model.spec.class_names
    labels = np.array([names.index(sample.label) for sample in samples])
    counts = np.bincount(labels, minlength=len(names)).clip(1)
    rare = np.sqrt(counts.mean() / counts)[labels]  # n pictures count as sqrt(n), so that rare classes are not passed over
    values = features(model, frames).numpy()
    weight, bias = linear.fit(values, labels, rare, classes=len(names), strength=1 / (2 * PENALTY * rare.sum()))
    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(weight))
        head.bias.copy_(torch.from_numpy(bias))


def features(model: FrameModel, frames: np.ndarray) -> torch.Tensor:
    """What the head of a timm network sees, `(N, D) float32`, in evaluation mode."""
    network: Any = model.eval().network
    parts = []
    with torch.no_grad():
        for start in range(0, len(frames), 64):
            pixels = torch.from_numpy(frames[start : start + 64]).permute(0, 3, 1, 2).float()
            parts.append(network.forward_head(network.forward_features((pixels - model.mean) / model.std), pre_logits=True))
    return torch.cat(parts)


if __name__ == "__main__":
    sys.exit(main())
