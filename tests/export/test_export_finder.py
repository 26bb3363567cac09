"""A finder through the same command and a gate of its own, on rooms that the test draws."""

import json
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
import torch

from export.__main__ import main
from export.verify_finder import FinderParity
from inference.classifier import Classifier
from inference.errors import ModelError
from inference.finder import Finder
from training import checkpoint
from training.config import FinderConfig
from training.finder_model import FinderModel


@pytest.fixture
def source(finder_model: FinderModel, tmp_path: Path) -> Path:
    checkpoint.save(tmp_path / "run" / "model_best.pth.tar", finder_model, FinderConfig())
    return tmp_path / "run" / "model_best.pth.tar"


@pytest.fixture
def rooms(tmp_path: Path) -> Path:
    folder = tmp_path / "rooms"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i, size_hw in enumerate([(96, 160), (120, 200), (64, 64), (300, 180), (90, 900)]):
        assert cv2.imwrite(str(folder / f"{i}.png"), rng.integers(0, 255, (*size_hw, 3), dtype=np.uint8))
    return folder


def test_exported_finder_is_the_checkpoint(source: Path, rooms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "students.onnx"
    assert main([str(source), "--out", str(out), "--verify", str(rooms), "--licence", "CC0-1.0"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["images"], said["changes"]) == (5, 0)
    assert said["students"] > 0 and said["largest_difference"] < 1e-3 and said["largest_shift"] < 0.5
    finder = Finder(out, provider="cpu")
    assert (finder.spec.task, finder.spec.licence, finder.threshold) == ("find", "CC0-1.0", 0.05)


def test_threshold_is_set_at_export(source: Path, rooms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "students.onnx"
    assert main([str(source), "--out", str(out), "--verify", str(rooms), "--threshold", "0.07", "--nms-iou", "0.4"]) == 0
    finder = Finder(out, provider="cpu")
    assert (finder.threshold, finder.spec.nms_iou) == (0.07, 0.4)
    assert main([str(source), "--out", str(out), "--verify", str(rooms), "--threshold", "1"]) == 2
    told = capsys.readouterr().err  # where nobody is found nothing is verified
    assert "finds nobody on 5 pictures at threshold 1, so nothing can be compared" in told and "disagrees" not in told
    assert finder.spec == Finder(out, provider="cpu").spec


def test_finder_is_refused_as_classifier(source: Path, rooms: Path, tmp_path: Path) -> None:
    out = tmp_path / "students.onnx"
    assert main([str(source), "--out", str(out), "--verify", str(rooms)]) == 0
    with pytest.raises(ModelError, match="--finder"):
        Classifier(out, provider="cpu")


def test_graph_that_disagrees_fails_the_gate(
    source: Path, rooms: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from export import convert as command

    to_onnx = command.to_onnx

    def wrong_graph(model: FinderModel) -> onnx.ModelProto:
        bias = model.network.head.regression_head.bbox_reg.bias
        with torch.no_grad():
            bias += 0.5
            graph = to_onnx(model)
            bias -= 0.5
        return graph

    monkeypatch.setattr(command, "to_onnx", wrong_graph)
    out = tmp_path / "students.onnx"
    assert main([str(source), "--out", str(out), "--verify", str(rooms)]) == 2
    assert "No file was written" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("parity", "passed"),
    [
        (FinderParity(10, 0, 50, 0, 1e-3, 0.5), True),
        (FinderParity(10, 0, 50, 1, 0.0, 0.0), False),
        (FinderParity(10, 0, 50, 0, 1.1e-3, 0.0), False),
        (FinderParity(10, 0, 50, 0, 0.0, 0.6), False),
        (FinderParity(10, 0, 0, 0, 0.0, 0.0), False),
        (FinderParity(0, 10, 0, 0, 0.0, 0.0), False),
    ],
)
def test_gate_passes_only_what_agrees(parity: FinderParity, passed: bool) -> None:
    assert parity.passed is passed
