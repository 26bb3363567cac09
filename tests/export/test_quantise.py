"""The search among ways of quantising: what hurts is left in float, what does not run is passed over."""

from typing import Any

import numpy as np
import onnx

from export import quantise
from export.quantise import Trial


class Recorded:
    """Stands in for ONNX Runtime's quantiser: the harm of each trial is given, so that the order of the search can be seen."""

    groups = (("a",), ("b",), ("c",))
    kind = quantise.CLASSIFIER
    choosing = 50

    def __init__(self, changed: dict[tuple[str, ...], int], broken: tuple[str, ...] = ()) -> None:
        self._changed, self._broken = changed, broken
        self.trials: list[Trial] = []

    def attempt(self, form: str, calibration: str, groups: list[tuple[str, ...]]) -> Trial:
        if form in self._broken:
            raise RuntimeError("NOT_IMPLEMENTED")
        excluded = tuple(group[0] for group in groups)
        harm = self._changed.get(excluded, 9) + (calibration == "percentile")
        self.trials.append(Trial(form, calibration, excluded, harm, harm / 100))
        return self.trials[-1]


def looked(search: Recorded) -> list[tuple[str, str, tuple[str, ...]]]:
    quantise._look(search)  # type: ignore[arg-type]
    return [(trial.form, trial.calibration, trial.excluded) for trial in search.trials]


def test_all_formats_and_calibrations_are_tried_and_nothing_is_left_out_where_nothing_hurts() -> None:
    assert looked(Recorded({(): 1})) == [
        ("QDQ", "minmax", ()),
        ("QOperator", "minmax", ()),
        ("QDQ", "percentile", ()),
        ("QOperator", "percentile", ()),
    ]


def test_layers_that_hurt_are_left_in_float_one_group_after_the_other() -> None:
    tried = looked(Recorded({(): 8, ("a",): 7, ("b",): 4, ("c",): 6, ("b", "a"): 1, ("b", "c"): 3}))
    assert [excluded for _, _, excluded in tried[4:]] == [("a",), ("b",), ("c",), ("b", "a"), ("b", "c")]
    assert {(form, calibration) for form, calibration, _ in tried[4:]} == {("QDQ", "minmax")}


def test_search_ends_where_leaving_out_more_does_not_help() -> None:
    assert len(looked(Recorded({(): 5, ("a",): 5, ("b",): 6, ("c",): 7}))) == 4 + 3


def test_format_that_does_not_run_is_passed_over() -> None:
    assert {form for form, _, _ in looked(Recorded({(): 0}, broken=("QDQ",)))} == {"QOperator"}
    assert looked(Recorded({}, broken=("QDQ", "QOperator"))) == []


def test_scores_that_are_no_numbers_are_the_worst() -> None:
    assert Trial("QDQ", "minmax", (), 0, float("nan")).harm[0] > Trial("QDQ", "minmax", (), 50, 0.5).harm[0]


def test_reader_hands_out_ranges_so_that_memory_stays_bounded() -> None:
    reader = quantise._Reader(np.zeros((20, 2, 2, 3), np.uint8), 8)
    assert len(reader) == 3
    reader.set_range(1, 3)
    sizes: list[Any] = [len(batch["frames"]) for batch in iter(reader.get_next, None)]
    assert sizes == [8, 4]


def graph_of(*layers: tuple[str, str, str]) -> onnx.GraphProto:
    """Nodes `(operator, input, output)`, named as their output."""
    nodes = [onnx.helper.make_node(operator, [before], [after], name=after) for operator, before, after in layers]
    return onnx.helper.make_graph(nodes, "g", [], [])


def test_first_layer_and_what_follows_the_last_ones_stay_in_float() -> None:
    heads = [("Relu", "a", "r"), ("Conv", "r", "boxes"), ("Conv", "r", "classes")]
    graph = graph_of(("Cast", "frames", "c"), ("Conv", "c", "a"), *heads, ("Exp", "boxes", "e"), ("Sigmoid", "classes", "s"))
    assert sorted(quantise.always_float(graph)) == ["a", "e", "s"]
    assert quantise.always_float(graph_of(("Cast", "frames", "c"), ("Gemm", "c", "a"), ("Softmax", "a", "s"))) == ["s"]
