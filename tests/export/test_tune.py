"""`python -m export tune` measures on this machine, keeps to the accuracy budget and writes what the app then honours."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import helper, numpy_helper

from export.__main__ import main
from inference import Classifier
from inference.spec import METADATA_KEY
from tests.conftest import MakeModel

QUICK = ["--rounds", "1", "--students", "3", "--threads", "1", "--batches", "1", "4", "--providers", "cpu"]
Place = Callable[..., tuple[Path, Path]]


@pytest.fixture
def data(make_photo: Callable[..., Path], tmp_path: Path) -> Path:
    for i in range(6):
        for label, colour in (("red", "red"), ("green", "lime"), ("blue", "blue")):
            make_photo(f"data/{label}/{i}.png", colour)
    return tmp_path / "data"


@pytest.fixture
def models(tiny_model: Path, tmp_path: Path) -> list[Path]:
    """The tiny model, and a variant that takes red for green."""
    folder = tmp_path / "models"
    folder.mkdir()
    shutil.copy(tiny_model, folder / "tiny.onnx")
    model = onnx.load(tiny_model)
    weights = model.graph.initializer[0]
    weights.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(weights)[[1, 0, 2]], weights.name))
    helper.set_model_props(model, {METADATA_KEY: Classifier(tiny_model, provider="cpu").spec.to_json()})
    onnx.save(model, folder / "tiny-int8.onnx")
    return [folder / "tiny.onnx", folder / "tiny-int8.onnx"]


def test_tune_writes_what_the_classifier_then_honours(models: list[Path], data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tune", str(models[0]), "--data", str(data), *QUICK]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert result["written"] == str(models[0].with_name("tiny.tuned.json")) and result["median_ms"] <= result["default_ms"]
    assert result["best"]["file"] == "tiny.onnx" and not result["failed"]
    assert Classifier(models[0]).path == models[0]


def test_variant_beyond_the_budget_is_not_considered(models: list[Path], data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tune", *map(str, models), "--data", str(data), *QUICK]) == 0
    told = capsys.readouterr().out
    assert "tiny-int8.onnx is not considered" in told
    result = json.loads(told.splitlines()[-1])
    assert result["best"]["file"] == "tiny.onnx" and result["models"]["tiny-int8.onnx"]["considered"] is False


def test_variant_is_not_considered_where_too_few_persons_tell(
    models: list[Path], data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(models[0], models[1])
    for path in data.glob("*/[1-9].png"):
        path.unlink()
    assert main(["tune", *map(str, models), "--data", str(data), *QUICK]) == 0
    told = capsys.readouterr().out
    assert "tiny-int8.onnx is not considered: pictures of 3 persons cannot tell" in told
    judged = json.loads(told.splitlines()[-1])["models"]
    assert [judged[path.name]["considered"] for path in models] == [True, False]


@pytest.mark.parametrize("flag", ["--rounds 0", "--students 0", "--batches 4 0", "--threads -1", "--rounds many"])
def test_number_out_of_range_is_refused(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["tune", "tiny.onnx", "--data", "data", *flag.split()])
    assert ended.value.code == 2
    assert "expected a whole number from" in capsys.readouterr().err


def test_provider_that_does_not_start_ends_with_a_message(
    models: list[Path], data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inference.providers.cuda_devices", lambda: 0)
    assert main(["tune", str(models[0]), "--data", str(data), *QUICK[:-1], "cuda"]) == 2
    assert "cuda" in capsys.readouterr().err
    assert not models[0].with_name("tiny.tuned.json").exists()


def test_variant_of_another_folder_is_refused(models: list[Path], data: Path, tiny_model: Path) -> None:
    assert main(["tune", str(models[0]), str(tiny_model), "--data", str(data), *QUICK]) == 2


def test_model_of_several_labels_is_not_judged_by_its_highest_score(
    make_model: MakeModel, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_model(activation="sigmoid", thresholds=(0.5, 0.5, 0.5))
    assert main(["tune", str(model), "--data", str(data), *QUICK]) == 2
    assert "gives several labels at once" in capsys.readouterr().err
    assert not model.with_name("tiny.tuned.json").exists()
