"""Our figures are those of the independent scorer, and the real weights and pictures work."""

import csv
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.shared import shared
from training import data, metrics
from training.config import TrainConfig
from training.model import create


def test_report_agrees_with_the_independent_scorer(tmp_path: Path) -> None:
    scorer = shared("tools/eval_classifier.py")
    rng = np.random.default_rng(0)
    names = ["ahead", "down", "phone"]
    samples = [
        data.Sample(f"{i}.jpg", Path(), names[int(rng.integers(3))], f"p{rng.integers(40)}", "ab"[i % 2]) for i in range(300)
    ]
    scores = rng.dirichlet([1, 1, 1], size=300)
    _write(
        tmp_path / "manifest.csv", ["file", "label", "camera", "person"], [[s.file, s.label, s.camera, s.person] for s in samples]
    )
    answers = [[s.file, names[int(row.argmax())]] for s, row in zip(samples, scores, strict=True)]
    _write(tmp_path / "predictions.csv", ["file", "label_predicted"], answers)
    command = [sys.executable, str(scorer), str(tmp_path / "predictions.csv"), str(tmp_path / "manifest.csv")]
    theirs = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    ours = metrics.report(samples, scores, names)
    for key in ("k", "n", "value", "lo", "hi"):
        assert ours["accuracy"][key] == pytest.approx(theirs["accuracy"][key], abs=1e-4)
        for name in names:
            assert ours["recall"][name][key] == pytest.approx(theirs["recall"][name][key], abs=1e-4)
    assert ours["balanced_accuracy"]["value"] == pytest.approx(theirs["balanced_accuracy"]["value"], abs=1e-4)
    assert ours["confusion"] == theirs["confusion"]
    assert ours["accuracy"]["cluster"] == pytest.approx(theirs["accuracy"]["cluster"], abs=0.01)  # two bootstraps, two generators


def _write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def test_real_weights_and_photographs_start_near_the_loss_of_a_guess() -> None:
    weights, folder = shared("weights/mobilenetv2_100.safetensors"), shared("data/attitude")
    samples = data.scan(folder)
    names = data.class_names(samples)
    torch.manual_seed(0)  # the head is drawn at random
    assert names == ("looking-ahead", "looking-down", "sleep", "touching-pda")
    model = create(TrainConfig(data="", model="mobilenetv2_100", pretrained_path=str(weights), img_size=96), names)
    kept, frames = data.load_frames(samples[::200], model.spec)
    with torch.inference_mode():
        logits = model.eval().logits(torch.from_numpy(frames))
    loss = torch.nn.functional.cross_entropy(logits, torch.tensor([names.index(s.label) for s in kept]))
    assert loss.item() == pytest.approx(math.log(4), abs=0.5)  # of a few pictures; a head as timm draws it starts at 8 to 9
