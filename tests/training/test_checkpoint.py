"""Checkpoints are whole, safe to read and ours."""

import os
import pickle
from pathlib import Path

import pytest
import torch

from inference.errors import ModelError, OutputError
from training import checkpoint
from training.config import TrainConfig
from training.model import FrameModel, create

CONFIG = TrainConfig(data="", model="test_efficientnet", img_size=32)


@pytest.fixture
def model() -> FrameModel:
    return create(CONFIG, ("ahead", "down"))


def test_round_trip_gives_the_same_scores_and_facts(model: FrameModel, tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "c.pth.tar", model, CONFIG, epoch=3)
    loaded = checkpoint.load(tmp_path / "c.pth.tar")
    frames = torch.randint(0, 256, (2, 32, 32, 3), dtype=torch.uint8)
    assert loaded.spec == model.spec
    torch.testing.assert_close(loaded(frames), model.eval()(frames))
    assert checkpoint.read(tmp_path / "c.pth.tar")["state"] == {"epoch": 3}


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no checkpoint"):
        checkpoint.load(tmp_path / "none")


@pytest.mark.parametrize("keep", [0, 10, 2000])
def test_cut_file_is_refused(model: FrameModel, tmp_path: Path, keep: int) -> None:
    path = tmp_path / "c.pth.tar"
    checkpoint.save(path, model, CONFIG)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ModelError, match="damaged"):
        checkpoint.load(path)


def test_checkpoint_of_another_project_is_refused(tmp_path: Path) -> None:
    torch.save({"state_dict": {"w": torch.zeros(2)}}, tmp_path / "c.pth")
    with pytest.raises(ModelError, match="another program"):
        checkpoint.load(tmp_path / "c.pth")


class Trap:
    """Pickles to code that would run while it is read."""

    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.proof),)


def test_code_in_a_checkpoint_is_not_run(tmp_path: Path) -> None:
    path, proof = tmp_path / "c.pth", tmp_path / "executed"
    path.write_bytes(pickle.dumps(Trap(proof)))
    with pytest.raises(ModelError):
        checkpoint.load(path)
    assert not proof.exists()


def test_failed_write_keeps_the_old_file(model: FrameModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.pth.tar"
    checkpoint.save(path, model, CONFIG)
    before = path.read_bytes()

    def full_disk(content: object, file: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full_disk)
    with pytest.raises(OutputError, match="untouched"):
        checkpoint.save(path, model, CONFIG)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_body_of_an_earlier_run_is_taken_and_its_head_is_not(model: FrameModel, tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "c.pth.tar", model, CONFIG)
    other = create(CONFIG, ("ahead", "down", "phone"))
    head = other.network.get_classifier().weight.clone()
    checkpoint.load_body(tmp_path / "c.pth.tar", other)
    ours, theirs = other.network.state_dict(), model.network.state_dict()
    assert torch.equal(ours["conv_stem.weight"], theirs["conv_stem.weight"])
    assert torch.equal(other.network.get_classifier().weight, head)


def test_body_of_another_backbone_is_refused(model: FrameModel, tmp_path: Path) -> None:
    checkpoint.save(tmp_path / "c.pth.tar", model, CONFIG)
    with pytest.raises(ModelError, match=r"another backbone|do not fit"):
        checkpoint.load_body(tmp_path / "c.pth.tar", create(TrainConfig(data="", model="test_resnet", img_size=32), ("a", "b")))
