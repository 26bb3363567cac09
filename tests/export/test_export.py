"""Checkpoint -> verified ONNX: the file serves what the checkpoint scores, or there is no file."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from export.__main__ import main
from export.verify import Parity, compare
from inference.classifier import Classifier
from inference.spec import METADATA_KEY
from tests.training.conftest import write_picture
from training import checkpoint
from training.config import TrainConfig
from training.model import FrameModel, create

NAMES = ("ahead", "down", "phone")


@pytest.fixture
def model() -> FrameModel:
    torch.manual_seed(0)
    made = create(TrainConfig(data="", model="test_efficientnet", img_size=48, fit="pad"), NAMES)
    torch.nn.init.normal_(made.network.get_classifier().weight)  # scores far apart, as after training
    return made.eval()


@pytest.fixture
def source(model: FrameModel, tmp_path: Path) -> Path:
    checkpoint.save(tmp_path / "model_best.pth.tar", model, TrainConfig(data=""))
    return tmp_path / "model_best.pth.tar"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    for i in range(9):
        write_picture(folder / "deep" / f"{i}.png", (20 * i, 120, 250 - 20 * i), seed=i, size_hw=(30 + 9 * i, 70))
    (folder / "broken.jpg").write_bytes(b"broken")
    return folder


def test_exported_file_serves_the_scores_of_the_checkpoint(
    source: Path, pictures: Path, tmp_path: Path, model: FrameModel, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "models" / "attitude.onnx"
    assert main([str(source), "--out", str(out), "--verify", str(pictures)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["images"] == 9 and printed["unreadable"] == 1 and printed["largest_difference"] <= 1e-3
    assert [p.name for p in out.parent.iterdir()] == ["attitude.onnx"]
    classifier = Classifier(out, provider="cpu")
    assert classifier.spec == model.spec
    frames = np.random.default_rng(0).integers(0, 256, (5, 48, 48, 3), dtype=np.uint8)
    with torch.inference_mode():
        expected = model(torch.from_numpy(frames)).numpy()
    np.testing.assert_allclose(classifier.scores(frames), expected, atol=1e-4)


def test_measured_scores_and_licence_travel_in_the_file(source: Path, pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "scores.json").write_text('{"accuracy": {"value": 0.9, "n": 10}}')
    out = tmp_path / "m.onnx"
    arguments = ["--measured", str(tmp_path / "scores.json"), "--licence", "CC-BY-4.0", "--crop-margin", "0.15"]
    assert main([str(source), "--out", str(out), "--verify", str(pictures), *arguments]) == 0
    spec = Classifier(out, provider="cpu").spec
    assert spec.measured["accuracy"]["n"] == 10 and spec.licence == "CC-BY-4.0" and spec.crop_margin == 0.15


def test_no_path_of_this_machine_is_in_the_file(source: Path, pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "m.onnx"
    assert main([str(source), "--out", str(out), "--verify", str(pictures)]) == 0
    assert b"site-packages" not in out.read_bytes() and b".py" not in out.read_bytes()
    assert [p.key for p in onnx.load(out).metadata_props] == [METADATA_KEY]


def test_graph_that_disagrees_fails_the_gate_and_leaves_the_old_file(
    source: Path, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "models" / "m.onnx"
    out.parent.mkdir()
    out.write_bytes(b"the old one")
    import export.convert as command

    to_onnx = command.to_onnx

    def wrong_graph(model: FrameModel) -> onnx.ModelProto:
        with torch.no_grad():
            model.network.get_classifier().bias += 1.0 * torch.arange(3)
        graph = to_onnx(model)
        with torch.no_grad():
            model.network.get_classifier().bias -= 1.0 * torch.arange(3)
        return graph

    monkeypatch.setattr(command, "to_onnx", wrong_graph)
    assert main([str(source), "--out", str(out), "--verify", str(pictures)]) == 2
    assert "No file was written" in capsys.readouterr().err
    assert out.read_bytes() == b"the old one" and len(list(out.parent.iterdir())) == 1


@pytest.mark.parametrize(
    ("parity", "passed"),
    [
        (Parity(10, 0, 0, 1e-3), True),
        (Parity(10, 0, 0, 1.1e-3), False),
        (Parity(10, 0, 1, 0.0), False),
        (Parity(0, 3, 0, 0.0), False),
        (Parity(10, 0, 0, float("inf")), False),
    ],
)
def test_gate_passes_only_what_agrees(parity: Parity, passed: bool) -> None:
    assert parity.passed is passed


def test_what_cannot_end_well_is_refused_before_the_graph_is_built(
    source: Path, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("export.convert.to_onnx", lambda _model: pytest.fail("the graph was built"))
    assert main([str(source), "--out", str(tmp_path / "new.onnx"), "--verify", str(tmp_path / "none")]) == 2
    assert "does not exist" in capsys.readouterr().err
    assert main([str(source), "--out", str(pictures), "--verify", str(pictures)]) == 2
    assert "is a folder" in capsys.readouterr().err


def test_limit_takes_pictures_evenly(source: Path, pictures: Path, tmp_path: Path, model: FrameModel) -> None:
    out = tmp_path / "m.onnx"
    main([str(source), "--out", str(out), "--verify", str(pictures)])
    assert compare(model, Classifier(out, provider="cpu"), pictures / "deep", limit=4).images == 4


def test_unusable_inputs_end_with_a_message(
    source: Path, pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    blocker = tmp_path / "file"
    blocker.write_text("")
    cases = [
        ([str(tmp_path / "none"), "--out", str(tmp_path / "m.onnx"), "--verify", str(pictures)], "no checkpoint"),
        ([str(source), "--out", str(tmp_path / "m.onnx"), "--verify", str(empty)], "Found 0 pictures"),
        ([str(source), "--out", str(blocker / "m.onnx"), "--verify", str(pictures)], "could not be written"),
    ]
    for arguments, message in cases:
        assert main(arguments) == 2
        assert message in capsys.readouterr().err
    assert not (tmp_path / "m.onnx").exists()
