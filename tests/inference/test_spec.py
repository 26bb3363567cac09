"""The fact sheet survives its journey through JSON, and nothing but a complete and sane one is accepted."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.errors import ModelError
from inference.spec import FORMAT_VERSION, ModelSpec

names = st.lists(st.text(min_size=1, max_size=12), min_size=2, max_size=6, unique=True)


def facts(spec: ModelSpec, **changes: Any) -> str:
    return json.dumps({**json.loads(spec.to_json()), **changes})


@settings(deadline=None, max_examples=60)
@given(names, st.integers(16, 2048), st.integers(16, 2048), st.floats(0.01, 100), st.sampled_from(["pad", "squash", "crop"]))
def test_spec_comes_back_equal_from_json(names: list[str], height: int, width: int, temperature: float, fit: Any) -> None:
    spec = ModelSpec(
        class_names=tuple(names),
        input_size_hw=(height, width),
        fit=fit,
        mean_rgb=(0.485, 0.456, 0.406),
        std_rgb=(0.229, 0.224, 0.225),
        base_model="mobilenetv2_100",
        temperature=temperature,
        thresholds=tuple(0.5 for _ in names),
        measured={"accuracy": {"k": 1, "n": 2, "value": 0.5, "lo": 0.1, "hi": 0.9}},
    )
    assert ModelSpec.from_json(spec.to_json()) == spec


def test_facts_left_out_get_their_defaults(tiny_spec: ModelSpec) -> None:
    sheet = json.loads(tiny_spec.to_json())
    del sheet["temperature"], sheet["measured"]
    assert ModelSpec.from_json(json.dumps(sheet)) == tiny_spec


@pytest.mark.parametrize("missing", ["class_names", "input_size_hw", "fit", "mean_rgb", "std_rgb", "base_model"])
def test_missing_fact_is_named(tiny_spec: ModelSpec, missing: str) -> None:
    sheet = json.loads(tiny_spec.to_json())
    del sheet[missing]
    with pytest.raises(ModelError, match=f"missing: .*{missing}"):
        ModelSpec.from_json(json.dumps(sheet))


def test_unknown_fact_is_named(tiny_spec: ModelSpec) -> None:
    with pytest.raises(ModelError, match=r"unknown: \['colour_space'\].*update Taido"):
        ModelSpec.from_json(facts(tiny_spec, colour_space="BGR"))


@pytest.mark.parametrize("text", ["", "not json", "[1, 2]", "null", '"spec"'])
def test_text_that_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="JSON"):
        ModelSpec.from_json(text)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format_version": FORMAT_VERSION + 1}, "format version"),
        ({"class_names": ["only"]}, "class_names"),
        ({"class_names": ["twice", "twice"]}, "class_names"),
        ({"class_names": ["", "b"]}, "class_names"),
        ({"class_names": [1, 2]}, "class_names"),
        ({"class_names": "ab"}, "class_names|wrong type"),
        ({"class_names": None}, "class_names|wrong type"),
        ({"input_size_hw": [32]}, "input_size_hw"),
        ({"input_size_hw": [32, 8]}, "input_size_hw"),
        ({"input_size_hw": [32.5, 32]}, "input_size_hw"),
        ({"input_size_hw": [True, 32]}, "input_size_hw"),
        ({"input_size_hw": 32}, "input_size_hw|wrong type"),
        ({"input_size_hw": [4096, 4096]}, "input_size_hw"),
        ({"fit": "stretch"}, "fit must be one of pad, squash, crop"),
        ({"fit": None}, "fit must be one of"),
        ({"activation": "relu"}, "activation must be one of softmax, sigmoid"),
        ({"mean_rgb": [0.5, 0.5]}, "mean_rgb"),
        ({"mean_rgb": [0.5, 0.5, "x"]}, "mean_rgb"),
        ({"std_rgb": [0.5, 0.5, 0]}, "std_rgb must be above 0"),
        ({"temperature": 0}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"temperature": float("inf")}, "temperature"),
        ({"thresholds": [0.5]}, "thresholds must be 3 numbers"),
        ({"thresholds": ["a", "b", "c"]}, "thresholds"),
        ({"thresholds": 0.5}, "thresholds|wrong type"),
        ({"base_model": 5}, "base_model"),
        ({"crop_margin": -0.5}, "crop_margin must be from -0.4 to 2"),
        ({"crop_margin": 2.5}, "crop_margin must be from -0.4 to 2"),
        ({"licence": None}, "licence"),
        ({"measured": []}, "measured"),
    ],
)
def test_unusable_fact_is_refused(tiny_spec: ModelSpec, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        ModelSpec.from_json(facts(tiny_spec, **changes))


def test_replace_checks_the_new_facts(tiny_spec: ModelSpec) -> None:
    assert tiny_spec.replace(temperature=2.0).temperature == 2.0
    with pytest.raises(ModelError, match="temperature"):
        tiny_spec.replace(temperature=-1.0)


def test_least_score_is_kept_and_an_older_fact_sheet_still_read(tiny_spec: ModelSpec) -> None:
    spec = tiny_spec.replace(least_score=0.6)
    assert ModelSpec.from_json(spec.to_json()).least_score == 0.6
    older = tiny_spec.to_json()
    assert "least_score" not in older and ModelSpec.from_json(older).least_score is None


@pytest.mark.parametrize(
    "changes", [{"least_score": 1.5}, {"least_score": True}, {"least_score": 0.5, "class_names": ("uncertain", "b")}]
)
def test_least_score_that_cannot_be_meant_is_refused(tiny_spec: ModelSpec, changes: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="least_score"):
        tiny_spec.replace(**changes)
