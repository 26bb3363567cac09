"""Pretrained weights come from one commit of the hub and are the file that was meant; the real hub is never asked."""

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path

import pytest
import timm
from safetensors.torch import load_file, save_file

from inference.digest import sha256_of
from inference.errors import ModelError
from tests.inference.test_hub import COMMIT, fake_hub
from training import backbones, weights
from training.weights import PINS, Pin

BACKBONE = "test_vit"
"""A tiny one that timm has for tests."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("weights") / "model.safetensors"
    save_file(timm.create_model(BACKBONE).state_dict(), path)
    return path


def written(path: Path, name: str, pin: Pin) -> Path:
    path.write_text(json.dumps({name: asdict(pin)}), encoding="utf-8")
    return path


def test_recommended_backbones_are_pinned_to_timms_own_repositories() -> None:
    pins = weights._read(PINS)
    assert "mobilenetv2_100" in pins
    assert {name: pin.repository for name, pin in pins.items()} == {name: weights._repository_of(name) for name in pins}


def test_pinned_weights_are_fetched_from_their_commit_and_loaded(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins = written(tmp_path / "weights.json", BACKBONE, Pin("somebody/attitudes", COMMIT, sha256_of(file)))
    monkeypatch.setattr(weights, "_newest", lambda *rest: pytest.fail("the hub is not asked for what is newest"))
    with fake_hub({"model.safetensors": file.read_bytes()}) as (address, asked):
        fetched = partial(weights.fetched, pins=pins, endpoint=address, cache=tmp_path)
        monkeypatch.setattr(weights, "fetched", fetched)
        network = backbones.load(BACKBONE, pretrained=True, path="", num_classes=3)
    assert asked and all(f"/resolve/{COMMIT}/" in place for place in asked)
    given, loaded = load_file(file), network.state_dict()
    assert all((value == loaded[name]).all() for name, value in given.items() if not name.startswith("head."))


def test_other_weights_than_were_pinned_are_refused_and_not_kept(file: Path, tmp_path: Path) -> None:
    with fake_hub({"model.safetensors": file.read_bytes()}) as (address, _), pytest.raises(ModelError, match="not the file"):
        Pin("somebody/attitudes", COMMIT, "0" * 64).fetch(endpoint=address, cache=tmp_path)
    assert [path for path in tmp_path.rglob("*.safetensors") if path.exists()] == []


def test_backbone_that_was_not_pinned_is_pinned_with_a_warning_and_then_stays(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pins = written(tmp_path / "weights.json", "known", Pin("a/b", COMMIT, "1" * 64))
    monkeypatch.setattr(weights, "_repository_of", lambda name: "somebody/attitudes")
    monkeypatch.setattr(weights, "_newest", lambda repository, endpoint: COMMIT)
    with fake_hub({"model.safetensors": file.read_bytes()}) as (address, _):
        weights.fetched(BACKBONE, pins, endpoint=address, cache=tmp_path / "one")
    assert sha256_of(file) in caplog.text
    assert weights._read(pins) == {
        BACKBONE: Pin("somebody/attitudes", COMMIT, sha256_of(file)),
        "known": Pin("a/b", COMMIT, "1" * 64),
    }
    with fake_hub({"model.safetensors": b"another file"}) as (address, _), pytest.raises(ModelError, match="not the file"):
        weights.fetched(BACKBONE, pins, endpoint=address, cache=tmp_path / "two")


@pytest.mark.parametrize("broken", ["", "[1]", '{"x": {}}', '{"x": {"repository": "a/b", "revision": "main", "sha256": "1"}}'])
def test_broken_pins_are_told(tmp_path: Path, broken: str) -> None:
    (tmp_path / "weights.json").write_text(broken, encoding="utf-8")
    with pytest.raises(ModelError):
        weights.fetched("x", tmp_path / "weights.json")


def test_backbone_without_weights_on_the_hub_cannot_be_pinned(capsys: pytest.CaptureFixture[str]) -> None:
    assert weights.main(["no_such_backbone"]) == 2
    assert "--pretrained-path" in capsys.readouterr().err
