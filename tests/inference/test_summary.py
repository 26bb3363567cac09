"""The class summary counts each student once, under the highest score."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from inference.errors import ModelError
from inference.summary import ClassSummary, summarise

NAMES = ("red", "green", "blue")


def test_summary_counts_the_highest_score_of_each_student() -> None:
    summary = summarise(np.array([[0.1, 0.7, 0.2], [0.0, 0.6, 0.4], [0.5, 0.3, 0.2]], np.float32), NAMES)
    assert summary == ClassSummary(NAMES, (1, 2, 0))
    assert summary.students == 3
    assert summary.shares == pytest.approx((1 / 3, 2 / 3, 0))


def test_summary_of_nobody_is_all_zero() -> None:
    summary = summarise(np.empty((0, 3), np.float32), NAMES)
    assert summary.counts == (0, 0, 0)
    assert summary.shares == (0.0, 0.0, 0.0)


@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 40), st.just(3)), elements=st.floats(0, 1, width=32)))
def test_every_student_is_counted_once_in_any_order(scores: np.ndarray) -> None:
    summary = summarise(scores, NAMES)
    assert summary.students == len(scores)
    assert sum(summary.shares) == pytest.approx(1)
    assert summarise(scores[::-1], NAMES) == summary


@pytest.mark.parametrize("shape", [(3,), (2, 4), (2, 2), (1, 2, 3)])
def test_scores_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ModelError, match=r"\(N, 3\), got"):
        summarise(np.zeros(shape, np.float32), NAMES)


def test_summary_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        ClassSummary(NAMES, (1, 2, 3)).counts = (0, 0, 0)  # type: ignore[misc]
