"""Pretrained weights come from one commit of the hub and are the file that was meant; the real hub is never asked."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import timm
from safetensors.torch import save_file

from inference.errors import ModelError
from tests.inference.test_hub import COMMIT, fake_hub
from training import backbones, weights
from training.weights import PINS, Pin, pinned

BACKBONE = "test_vit"
"""A tiny one that timm has for tests."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("weights") / "model.safetensors"
    save_file(timm.create_model(BACKBONE).state_dict(), path)
    return path


def test_recommended_backbone_is_pinned() -> None:
    names = set(json.loads(PINS.read_text(encoding="utf-8")))
    assert "mobilenetv2_100" in names
    for name in names:
        assert weights._repository_of(name) == pinned(name).repository


def test_pinned_weights_are_fetched_from_their_commit_and_loaded(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin = Pin("somebody/attitudes", COMMIT, hashlib.sha256(file.read_bytes()).hexdigest())
    with fake_hub({"model.safetensors": file.read_bytes()}) as (address, asked):
        monkeypatch.setattr(weights, "pinned", lambda name: pin)
        monkeypatch.setattr(Pin, "fetch", lambda self, fetch=Pin.fetch: fetch(self, endpoint=address, cache=tmp_path))
        network = backbones.load(BACKBONE, pretrained=True, path="", num_classes=3)
    assert asked and all(f"/resolve/{COMMIT}/" in place for place in asked)
    name, value = next((k, v) for k, v in network.state_dict().items() if "head" not in k and v.numel() > 9)
    from safetensors.torch import load_file

    assert (load_file(file)[name] == value).all()


def test_other_weights_than_were_pinned_are_refused_and_not_kept(file: Path, tmp_path: Path) -> None:
    with fake_hub({"model.safetensors": file.read_bytes()}) as (address, _), pytest.raises(ModelError, match="not the file"):
        Pin("somebody/attitudes", COMMIT, "0" * 64).fetch(endpoint=address, cache=tmp_path)
    assert [path for path in tmp_path.rglob("*.safetensors") if path.exists()] == []


def test_weights_that_are_not_pinned_are_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("huggingface_hub.hf_hub_download", lambda *rest, **more: asked.append(rest))
    with pytest.raises(ModelError, match=r"python -m training\.weights resnet18"):
        backbones.load("resnet18", pretrained=True, path="", num_classes=3)
    assert asked == []


def test_pin_names_commit_and_hash_of_what_was_fetched(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pins = tmp_path / "weights.json"
    pins.write_text(json.dumps({"known": {"repository": "a/b", "revision": COMMIT, "sha256": "1" * 64}}), encoding="utf-8")
    monkeypatch.setattr(weights, "_repository_of", lambda name: "somebody/attitudes")
    monkeypatch.setattr(weights, "_newest", lambda repository, endpoint: COMMIT)
    with fake_hub({"model.safetensors": file.read_bytes()}) as (address, _):
        weights.pin(BACKBONE, pins, endpoint=address, cache=tmp_path / "cache")
    found = pinned(BACKBONE, pins)
    assert found == Pin("somebody/attitudes", COMMIT, hashlib.sha256(file.read_bytes()).hexdigest())
    assert pinned("known", pins).sha256 == "1" * 64


@pytest.mark.parametrize("broken", ["", "[]", '{"x": {}}', '{"x": {"repository": "a/b", "revision": "main", "sha256": "1"}}'])
def test_broken_pins_are_told(tmp_path: Path, broken: str) -> None:
    (tmp_path / "weights.json").write_text(broken, encoding="utf-8")
    with pytest.raises(ModelError):
        pinned("x", tmp_path / "weights.json")


def test_backbone_without_weights_on_the_hub_cannot_be_pinned(capsys: pytest.CaptureFixture[str]) -> None:
    assert weights.main(["no_such_backbone"]) == 2
    assert "--pretrained-path" in capsys.readouterr().err
