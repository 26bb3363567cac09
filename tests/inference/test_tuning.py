"""The advice beside a model: honoured where it was measured, passed over everywhere else, never in the way."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference import Classifier, tuning
from inference.errors import OutputError
from inference.tuning import Tuning

ADVICE = Tuning("tiny-int8.onnx", "cpu", 1, 2, "never")


@pytest.fixture
def model(tiny_model: Path, make_model: Callable[..., Path], tmp_path: Path) -> Path:
    """A model with a variant beside it, whose fact sheet says so."""
    shutil.copy(tiny_model, tmp_path / "tiny.onnx")
    shutil.copy(make_model(measured={"variant": {"precision": "int8"}}), tmp_path / "tiny-int8.onnx")
    return tmp_path / "tiny.onnx"


def test_advice_is_honoured_where_it_was_measured(model: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert tuning.write(model, ADVICE, {}).name == "tiny.tuned.json"
    classifier = Classifier(model)
    assert classifier.path.name == "tiny-int8.onnx" and classifier.provider == "cpu"
    assert classifier.spec.measured["variant"]["precision"] == "int8"
    assert classifier.scores(np.zeros((5, 32, 32, 3), np.uint8)).shape == (5, 3)
    assert caplog.text == ""


def test_model_without_advice_opens_as_always(model: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert Classifier(model).path == model
    assert caplog.text == ""


def test_provider_asked_for_in_so_many_words_takes_the_file_asked_for(model: Path) -> None:
    tuning.write(model, ADVICE, {})
    assert Classifier(model, provider="cpu").path == model


def change(place: Path, **values: Any) -> None:
    place.write_text(json.dumps({**json.loads(place.read_text()), **values}))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"machine": {"processor": "another"}}, "another machine"),
        ({"machine": None}, "another machine"),
        ({"format": 99}, "of this version"),
        ({"sha256": {}}, "not the file that was measured"),
        ({"tuning": {**ADVICE.as_dict(), "batch": 0}}, "out of range"),
        ({"tuning": {**ADVICE.as_dict(), "file": "../tiny-int8.onnx"}}, "another folder"),
        ({"tuning": {**ADVICE.as_dict(), "provider": "abacus"}}, "unknown provider"),
        ({"tuning": {"file": "tiny.onnx"}}, "missing"),
        ({"tuning": 3}, "must be a mapping"),
    ],
)
def test_advice_that_does_not_fit_is_passed_over_with_the_reason(
    model: Path, values: dict[str, Any], reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    change(tuning.write(model, ADVICE, {}), **values)
    assert Classifier(model).path == model
    assert reason in caplog.text and "passed over" in caplog.text


def test_advice_for_a_file_that_was_replaced_is_passed_over(model: Path, make_model: Callable[..., Path]) -> None:
    tuning.write(model, ADVICE, {})
    shutil.copy(make_model(temperature=2.0), model.with_name("tiny-int8.onnx"))
    assert Classifier(model).path == model
    model.with_name("tiny-int8.onnx").unlink()
    assert Classifier(model).path == model


@pytest.mark.parametrize("text", ["{", "[" * 100_000])
def test_damaged_advice_is_passed_over(model: Path, text: str) -> None:
    tuning.place_of(model).write_text(text)
    assert Classifier(model).path == model


def test_advice_whose_device_is_gone_is_passed_over(
    model: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    here = tuning.machine()
    tuning.write(model, Tuning("tiny-int8.onnx", "cuda", 0, 32, "until_done"), {})
    monkeypatch.setattr(tuning, "machine", lambda: here)
    monkeypatch.setattr("inference.providers.cuda_devices", lambda: 0)
    assert Classifier(model).path == model
    assert "does not start any more" in caplog.text


def test_advice_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises((OutputError, FileNotFoundError)):
        tuning.write(tmp_path / "none" / "tiny.onnx", ADVICE, {})
