"""The class summary counts each student once; shares of a handful of students are withheld."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inference.errors import ModelError
from inference.summary import LEAST_FOR_SHARES, ClassSummary, summarise, summarise_states

NAMES = ("red", "green", "blue")


def test_summary_counts_the_highest_score_of_each_student() -> None:
    summary = summarise(np.array([[0.1, 0.7, 0.2], [0.0, 0.6, 0.4], [0.5, 0.3, 0.2]], np.float32), NAMES)
    assert summary == ClassSummary(NAMES, (1, 2, 0))
    assert summary.students == 3


def test_summary_of_nobody_is_all_zero() -> None:
    summary = summarise(np.empty((0, 3), np.float32), NAMES)
    assert summary.counts == (0, 0, 0)
    assert summary.students == 0


@pytest.mark.parametrize(
    ("counts", "uncertain", "shares"),
    [
        ((0, 0, 0), 0, None),
        ((1, 2, 1), 0, None),
        ((1, 2, 1), 1, (0.2, 0.4, 0.2)),
        ((0, 0, 0), 5, (0.0, 0.0, 0.0)),
        ((5, 10, 10), 0, (0.2, 0.4, 0.4)),
    ],
)
def test_shares_are_of_all_students_and_withheld_below_five(
    counts: tuple[int, ...], uncertain: int, shares: tuple[float, ...] | None
) -> None:
    assert ClassSummary(NAMES, counts, uncertain).shares == shares


def test_states_are_counted_by_class_and_the_uncertain_ones_apart() -> None:
    assert summarise_states(np.array([0, 2, -1, 2, -1, 2]), NAMES) == ClassSummary(NAMES, (1, 0, 3), uncertain=2)


def test_states_of_nobody_are_all_zero() -> None:
    assert summarise_states(np.empty(0, np.int64), NAMES) == ClassSummary(NAMES, (0, 0, 0))


@pytest.mark.parametrize("states", [[3], [-2], [[0, 1]]])
def test_states_that_are_no_class_are_refused(states: list[int]) -> None:
    with pytest.raises(ModelError, match="from -1 to 2, got"):
        summarise_states(np.array(states), NAMES)


@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 40), st.just(3)), elements=st.floats(0, 1, width=32)))
def test_every_student_is_counted_once_in_any_order(scores: np.ndarray) -> None:
    summary = summarise(scores, NAMES)
    assert summary.students == len(scores)
    assert (summary.shares is None) == (len(scores) < LEAST_FOR_SHARES)
    assert summary.shares is None or sum(summary.shares) == pytest.approx(1)
    assert summarise(scores[::-1], NAMES) == summary


@pytest.mark.parametrize("shape", [(3,), (2, 4), (2, 2), (1, 2, 3)])
def test_scores_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match=r"\(N, 3\), got"):
        summarise(np.zeros(shape, np.float32), NAMES)


def test_summary_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ClassSummary(NAMES, (1, 2, 3)).counts = (0, 0, 0)  # type: ignore[misc]


def test_summary_needs_one_count_per_class() -> None:
    with pytest.raises(ValueError, match="2 counts for 3 classes"):
        ClassSummary(NAMES, (1, 2))
