"""One model on one device: right scores for any batch, and a clear refusal of every file that is not ours."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from inference import Classifier
from inference.errors import ModelError
from inference.spec import ModelSpec

MakeModel = Callable[..., Path]


def frames(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3), np.uint8)


def test_classifier_knows_its_model(tiny_model: Path, tiny_spec: ModelSpec) -> None:
    classifier = Classifier(tiny_model)
    assert classifier.spec == tiny_spec
    assert classifier.path == tiny_model


def test_scores_name_the_colour(tiny_model: Path) -> None:
    crops = [np.full((50, 20, 3), colour, np.uint8) for colour in [(0, 0, 255), (255, 0, 0), (0, 255, 0)]]
    scores = Classifier(tiny_model).scores_of(crops)
    assert scores.dtype == np.float32
    assert scores.argmax(axis=1).tolist() == [2, 0, 1]
    np.testing.assert_allclose(scores.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("count", [1, 3, 8, 32, 33, 70])
def test_batch_of_any_size_equals_one_by_one(tiny_model: Path, count: int) -> None:
    classifier = Classifier(tiny_model)
    batch = frames(count)
    one_by_one = np.concatenate([classifier.scores(batch[i : i + 1]) for i in range(count)])
    np.testing.assert_allclose(classifier.scores(batch), one_by_one, atol=1e-6)


def test_no_frames_give_no_scores(tiny_model: Path) -> None:
    classifier = Classifier(tiny_model)
    assert classifier.scores(frames(0)).shape == (0, 3)
    assert classifier.scores_of([]).shape == (0, 3)


def test_size_that_is_not_square_is_height_by_width(make_model: MakeModel) -> None:
    classifier = Classifier(make_model(input_size_hw=(16, 40)))
    assert classifier.prepare([np.zeros((9, 9, 3), np.uint8)]).shape == (1, 16, 40, 3)
    assert classifier.scores_of([np.zeros((9, 9, 3), np.uint8)]).shape == (1, 3)


def test_crops_are_fitted_by_the_rule_of_the_fact_sheet(make_model: MakeModel) -> None:
    crop = np.zeros((40, 10, 3), np.uint8)
    assert (Classifier(make_model(fit="squash")).prepare([crop]) == 0).all()
    assert not (Classifier(make_model(fit="pad")).prepare([crop]) == 0).all()


def test_number_of_classes_comes_from_the_file(make_model: MakeModel) -> None:
    names = ("reading", "writing", "talking", "away")
    classifier = Classifier(make_model(class_names=names))
    assert classifier.spec.class_names == names
    assert classifier.scores_of([np.zeros((8, 8, 3), np.uint8)]).shape == (1, 4)


def test_threads_of_the_session_change_no_score(tiny_model: Path) -> None:
    one, all_cores = Classifier(tiny_model, threads=1), Classifier(tiny_model, threads=0)
    np.testing.assert_allclose(one.scores(frames(5)), all_cores.scores(frames(5)), atol=1e-6)


@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((1, 32, 32, 3), np.float32),
        np.zeros((32, 32, 3), np.uint8),
        np.zeros((1, 3, 32, 32), np.uint8),
        np.zeros((1, 31, 32, 3), np.uint8),
    ],
)
def test_frames_of_another_shape_or_type_are_refused_with_both(tiny_model: Path, wrong: np.ndarray) -> None:
    with pytest.raises(ModelError, match=r"\(N, 32, 32, 3\) uint8, got \("):
        Classifier(tiny_model).scores(wrong)


def test_scores_that_are_no_numbers_are_refused(tiny_model: Path, tmp_path: Path) -> None:
    model = onnx.load(tiny_model)
    weights = model.graph.initializer[0]
    weights.CopyFrom(numpy_helper.from_array(np.full_like(numpy_helper.to_array(weights), np.nan), weights.name))
    onnx.save(model, tmp_path / "nan.onnx")
    with pytest.raises(ModelError, match="not finite"):
        Classifier(tmp_path / "nan.onnx", provider="cpu").scores(frames(2))


# --- files that are not ours


def test_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model file .*gone\.onnx.*--model"):
        Classifier(tmp_path / "gone.onnx")


def test_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no model file"):
        Classifier(tmp_path)


@pytest.mark.parametrize("content", [b"", b"not a model at all", b"\x00" * 5000])
def test_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "damaged.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"damaged\.onnx"):
        Classifier(path)


def test_file_cut_short_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "short.onnx"
    path.write_bytes(tiny_model.read_bytes()[:-100])
    with pytest.raises(ModelError, match=r"short\.onnx"):
        Classifier(path)


def test_model_without_a_fact_sheet_is_refused(make_model: MakeModel) -> None:
    with pytest.raises(ModelError, match=r"no Taido fact sheet.*python -m export"):
        Classifier(make_model(metadata=None))


@pytest.mark.parametrize("metadata", ["{}", "not json", '{"class_names": ["a", "b"]}'])
def test_model_with_a_broken_fact_sheet_is_refused_by_name(make_model: MakeModel, metadata: str) -> None:
    with pytest.raises(ModelError, match=r"tiny\.onnx: The model's fact sheet"):
        Classifier(make_model(metadata=metadata))


@pytest.mark.parametrize(
    "facts",
    [
        {"class_names": ("red", "green")},
        {"class_names": ("red", "green", "blue", "dark")},
        {"input_size_hw": (64, 64)},
        {"input_size_hw": (32, 64)},
    ],
)
def test_fact_sheet_at_odds_with_the_graph_is_refused(make_model: MakeModel, tiny_spec: ModelSpec, facts: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="disagrees with its own fact sheet"):
        Classifier(make_model(graph_spec=tiny_spec, **facts))


@pytest.mark.parametrize(("old", "new"), [("frames", "pixels_in"), ("scores", "logits_out")])
def test_graph_with_other_names_is_refused(tiny_model: Path, tmp_path: Path, old: str, new: str) -> None:
    model = onnx.load(tiny_model)
    for node in model.graph.node:
        node.input[:] = [new if name == old else name for name in node.input]
        node.output[:] = [new if name == old else name for name in node.output]
    for value in [*model.graph.input, *model.graph.output]:
        value.name = new if value.name == old else value.name
    onnx.save(model, tmp_path / "renamed.onnx")
    with pytest.raises(ModelError, match=f"disagrees.*{new}"):
        Classifier(tmp_path / "renamed.onnx")


def test_graph_with_a_fixed_batch_is_refused(make_model: MakeModel) -> None:
    with pytest.raises(ModelError, match="batches of exactly 4"):
        Classifier(make_model(batch=4))
