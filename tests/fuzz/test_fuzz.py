"""Five hundred mutated inputs, the same ones each time, and every input that once was a finding; ten thousand by
`python -m tests.fuzz`."""

import json
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.model import show
from inference.classifier import Classifier
from inference.errors import ModelError, RecordError, SeatsError, TaidoError
from inference.limits import Limits
from inference.masks import Masks
from inference.record import Recorder
from inference.recorded import read_sessions
from inference.seats import Seats
from inference.spec import ModelSpec
from tests.conftest import TINY_SPEC, MakeModel
from tests.fuzz.__main__ import SHARES, grown, kinds
from tests.fuzz.app import small_app
from tests.fuzz.areas import FACTS, areas
from tests.fuzz.mutate import mutate
from tests.fuzz.worker import input_of, open_area, use
from training import checkpoint

INPUTS = {"pictures": 150, "videos": 20, "models": 110, "detectors": 25, "checkpoints": 25, "places": 120, "records": 50}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=10), inner, max_size=5),
    max_leaves=12,
)


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Libraries warn of damaged files as they like."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def test_every_area_has_its_share() -> None:
    assert set(SHARES) == {*areas(), "requests"}
    assert sum(SHARES.values()) == pytest.approx(1)
    assert sum(INPUTS.values()) == 500


@pytest.mark.parametrize("name", INPUTS)
def test_mutated_inputs_are_read_or_refused_and_nothing_else(name: str, tmp_path: Path) -> None:
    area, outcomes = open_area(name, None), Counter[str]()
    for number in range(INPUTS[name]):
        folder = tmp_path / str(number)
        folder.mkdir()
        outcomes[use(area, input_of(area, name, 500, number), folder)] += 1
    assert outcomes["refused"] > 0
    assert outcomes.total() == INPUTS[name]


def test_fuzzer_sees_a_reader_that_fails(tmp_path: Path) -> None:
    def careless(data: bytes, folder: Path) -> None:
        raise ZeroDivisionError

    area = open_area("places", None)
    with pytest.raises(ZeroDivisionError):
        use(type(area)(area.make, careless, 1.0), b"", tmp_path)
    assert kinds([{"error": "A: 1", "trace": ["File a"]}, {"error": "A: 2", "trace": ["File a"]}, {"error": "B: 1"}]) == [
        {"error": "A: 1", "trace": ["File a"]},
        {"error": "B: 1"},
    ]
    assert grown([10] * 8 + [90] * 8) == 80


def test_mutation_is_the_same_for_the_same_number() -> None:
    import random

    made = [mutate([b"0123456789" * 20], random.Random(number)) for number in (1, 1, 2)]
    assert made[0] == made[1] != made[2]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(field=st.sampled_from(sorted(json.loads(TINY_SPEC.to_json()))), value=JSON)
def test_fact_sheet_with_any_value_is_read_or_refused(field: str, value: Any) -> None:
    try:
        spec = ModelSpec.from_json(json.dumps({**json.loads(TINY_SPEC.to_json()), field: value}))
    except ModelError:
        return
    spec.to_json().encode("utf-8")


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from([Seats, Masks]), size=JSON | st.just([96, 72]), boxes=JSON)
def test_places_with_any_value_are_read_or_refused(tmp_path: Path, kind: Any, size: Any, boxes: Any) -> None:
    path = tmp_path / "places.json"
    key = f"taido_{kind.kind}s"
    path.write_text(json.dumps({key: 1, "frame_size_wh": size, f"{kind.kind}s": boxes}))
    try:
        kind.read(path).scaled((72, 96))
    except SeatsError:
        return


# --- what was found, and mended


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: "[" * 100_000, "not JSON"),
        (lambda text: text.replace('"temperature": 1.0', '"temperature": 1' + "0" * 400), "temperature"),
        (lambda text: text.replace('"red"', '"\\ud800"'), "not JSON"),
        (lambda text: text.replace('"measured": {}', '"measured": ' + '{"a":' * 30 + "1" + "}" * 30), "nested"),
    ],
)
def test_fact_sheet_that_nobody_can_hold_or_print_is_refused(change: Callable[[str], str], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        ModelSpec.from_json(change(TINY_SPEC.to_json()))


def test_metadata_that_are_no_text_are_refused(tiny_model: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(tiny_model.read_bytes().replace(b'"mean-colour"', b'"mean-\xff\xfeolour"'[: len(b'"mean-colour"')]))
    with pytest.raises(ModelError, match="metadata"):
        Classifier(damaged, provider="cpu")


def test_model_that_opens_and_does_not_run_is_told(tmp_path: Path) -> None:
    import onnx
    from onnx import helper, numpy_helper

    from inference.spec import METADATA_KEY
    from tests.conftest import colour_graph

    model = colour_graph(TINY_SPEC)
    weights = numpy_helper.to_array(model.graph.initializer[0]).copy()
    weights[0, 0] = float("nan")
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(weights, "directions"))
    helper.set_model_props(model, {METADATA_KEY: TINY_SPEC.to_json()})
    onnx.save(model, tmp_path / "nan.onnx")
    classifier = Classifier(tmp_path / "nan.onnx", provider="cpu", threads=1)
    with pytest.raises(ModelError, match="not finite"):
        classifier.scores_of([np.zeros((9, 9, 3), np.uint8)])


def test_measured_of_another_form_is_listed_and_breaks_no_page(make_model: MakeModel) -> None:
    test = {"images": 1, "persons": 1, "accuracy": {"value": "high"}, "balanced_accuracy": []}
    page = show(Classifier(make_model(measured={"tests": [test]}), provider="cpu"), None, "en")
    assert "high" in page


@pytest.mark.parametrize(
    "change",
    [
        {"spec": ["a list"]},
        {"spec": None},
        {"weights": 3},
        {"weights": {"conv_stem.weight": "text"}},
        {"spec": TINY_SPEC.replace(base_model="hf-hub:somebody/else").to_json()},
        {"spec": TINY_SPEC.replace(base_model="no-such-network").to_json()},
    ],
)
def test_checkpoint_with_other_contents_is_refused_and_nothing_is_fetched(change: dict[str, Any], tmp_path: Path) -> None:
    content = {
        "format": checkpoint.FORMAT,
        "spec": TINY_SPEC.replace(base_model="test_efficientnet").to_json(),
        "config": {},
        "weights": {},
        "state": {},
    }
    torch.save({**content, **change}, tmp_path / "model.pth.tar")
    with pytest.raises(ModelError, match=r"model\.pth\.tar"):
        checkpoint.load(tmp_path / "model.pth.tar")


def test_frame_size_of_a_thousand_digits_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "seats.json"
    path.write_text('{"taido_seats": 1, "frame_size_wh": [1' + "0" * 400 + ', 72], "seats": [[0, 0, 30, 30]]}')
    with pytest.raises(SeatsError, match="frame_size_wh"):
        Seats.read(path)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE interval SET frames = 'many'",
        "UPDATE interval SET students = x'ff00'",
        "UPDATE interval SET start = 1e300",
        "UPDATE attitude SET students = 'none'",
        "UPDATE attitude SET students = -3",
        'UPDATE session SET class_names = \'["\\ud800", "a", "b"]\'',
        'UPDATE session SET class_names = \'["a", "a", "b"]\'',
        "UPDATE session SET settings = '[]'",
        "UPDATE session SET started_at = '9999-12-31T23:59:59+00:00'",
        "UPDATE session SET interval_seconds = 0",
        "UPDATE session SET source = x'ff'",
    ],
)
def test_record_with_values_that_cannot_be_is_refused(change: str, tmp_path: Path) -> None:
    import sqlite3
    from contextlib import closing

    from inference.intervals import Interval

    path = tmp_path / "lessons.db"
    Recorder(path, FACTS).write([Interval(0.0, 10.0, 80, (4.0, 2.5, 1.0), 0.5, 8.0)])
    assert len(read_sessions(path)) == 1
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(change)
    with pytest.raises(RecordError, match="damaged"):
        read_sessions(path)


# --- limits


def test_limits_come_from_one_line_of_settings() -> None:
    found = Limits.of("picture_pixels=24e6, batch=8")
    assert (found.picture_pixels, found.batch, found.photographs) == (24_000_000, 8, 200)
    assert Limits.of("") == Limits()


@pytest.mark.parametrize("written", ["pixels=3", "batch=0", "batch=many", "batch", "batch=nan", "batch=1e99"])
def test_wrong_limit_is_refused_with_advice(written: str) -> None:
    with pytest.raises(TaidoError, match=r"known are|a number from 1"):
        Limits.of(written)


def test_mutated_requests_get_a_polite_answer(tmp_path: Path) -> None:
    with small_app() as address:
        area = open_area("requests", address)
        for number in range(30):
            use(area, input_of(area, "requests", 500, number), tmp_path)
