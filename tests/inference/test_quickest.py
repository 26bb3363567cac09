"""The fastest variant is taken where nobody chose, and only one that is a variant of the very file."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inference import providers, quickest, tuning
from inference.digest import sha256_of
from inference.errors import ModelError
from inference.tuning import Tuning

MakeModel = Callable[..., Path]


@pytest.fixture
def model(tiny_model: Path, tmp_path: Path) -> Path:
    shutil.copy(tiny_model, tmp_path / "tiny.onnx")
    return tmp_path / "tiny.onnx"


@pytest.fixture
def variant(model: Path, make_model: MakeModel) -> Path:
    of = {"variant": {"precision": "int8", "of": sha256_of(model)}}
    shutil.copy(make_model(measured=of), model.with_name("tiny-int8.onnx"))
    return model.with_name("tiny-int8.onnx")


def runs_take(monkeypatch: pytest.MonkeyPatch, seconds: dict[str, float]) -> None:
    """Each run of a file moves the clock by so much."""
    now = [0.0]
    run = quickest.Session.run

    def timed(session: Any, frames: Any) -> Any:
        now[0] += seconds[session.path.name]
        return run(session, frames)

    monkeypatch.setattr(quickest.Session, "run", timed)
    monkeypatch.setattr(quickest.time, "perf_counter", lambda: now[0])


def stops(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """That file opens and does not run."""
    run = quickest.Session.run

    def stopping(session: Any, frames: Any) -> Any:
        if session.path == path:
            raise ModelError("stopped")
        return run(session, frames)

    monkeypatch.setattr(quickest.Session, "run", stopping)


def test_faster_variant_is_taken_and_told(model: Path, variant: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs_take(monkeypatch, {"tiny.onnx": 0.05, "tiny-int8.onnx": 0.02})
    chosen = quickest.quickest(model, "--model")
    assert chosen.path == variant
    assert "tiny-int8.onnx, here 2.5 times as fast as tiny.onnx" in chosen.told and f"--model {model}" in chosen.told


@pytest.mark.parametrize("seconds", [0.05, 0.045, 0.2])
def test_variant_that_gains_little_or_nothing_is_left(
    model: Path, variant: Path, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs_take(monkeypatch, {"tiny.onnx": 0.05, "tiny-int8.onnx": seconds})
    assert quickest.quickest(model, "--model") == quickest.Chosen(model)


def test_real_clock_finds_the_variant_that_waits_less(model: Path, variant: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = quickest.Session.run

    def slow(session: Any, frames: Any) -> Any:
        time.sleep(0.2 if session.path == model else 0)
        return run(session, frames)

    monkeypatch.setattr(quickest.Session, "run", slow)
    assert quickest.quickest(model, "--model", provider="cpu").path == variant


def test_finder_has_variants_too(make_finder: MakeModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    finder = Path(shutil.copy(make_finder(), tmp_path / "tiny.onnx"))
    of = {"variant": {"precision": "int8", "of": sha256_of(finder)}}
    shutil.copy(make_finder(measured=of), tmp_path / "tiny-int8.onnx")
    runs_take(monkeypatch, {"tiny.onnx": 0.05, "tiny-int8.onnx": 0.02})
    chosen = quickest.quickest(finder, "--finder")
    assert chosen.path.name == "tiny-int8.onnx" and f"--finder {finder} takes that one" in chosen.told


def test_variant_of_another_file_is_passed_over(
    model: Path, make_model: MakeModel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    runs_take(monkeypatch, {"tiny.onnx": 0.05, "tiny-int8.onnx": 0.01})
    for measured in ({}, {"variant": {"precision": "int8", "of": "0" * 64}}, {"variant": 3}):
        shutil.copy(make_model(measured=measured), model.with_name("tiny-int8.onnx"))
        caplog.clear()
        assert quickest.quickest(model, "--model").path == model
        assert "no variant of the tiny.onnx" in caplog.text


def test_damaged_variant_is_passed_over(model: Path, variant: Path, caplog: pytest.LogCaptureFixture) -> None:
    variant.write_bytes(variant.read_bytes()[:-200] + b"taido")
    assert quickest.quickest(model, "--model").path == model
    assert "passed over" in caplog.text


def test_variant_that_opens_and_does_not_run_is_passed_over(
    model: Path, variant: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stops(monkeypatch, variant)
    assert quickest.quickest(model, "--model") == quickest.Chosen(model)
    assert f"{variant} is passed over: stopped" in caplog.text


def test_model_that_does_not_run_is_no_business_of_its_variant(
    model: Path, variant: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stops(monkeypatch, model)
    with pytest.raises(ModelError, match="stopped"):
        quickest.quickest(model, "--model")


def test_advice_of_tune_and_other_devices_go_before(model: Path, variant: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs_take(monkeypatch, {"tiny.onnx": 0.05, "tiny-int8.onnx": 0.01})
    monkeypatch.setattr(providers, "wanted", lambda _: ["CUDAExecutionProvider", providers.CPU])
    assert quickest.quickest(model, "--model").path == model
    monkeypatch.undo()
    tuning.write(model, Tuning("tiny.onnx", "cpu", 1, 2, "never"), {})
    assert quickest.quickest(model, "--model").path == model


def test_missing_model_is_told_by_who_opens_it(tmp_path: Path) -> None:
    chosen = quickest.quickest(tmp_path / "none.onnx", "--model")
    assert chosen.path.name == "none.onnx"
    (tmp_path / "none-int8.onnx").write_bytes(b"x")
    assert quickest.quickest(tmp_path / "none.onnx", "--model").path.name == "none.onnx"
