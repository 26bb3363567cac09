"""Groups are drawn anew as wholes, by one rule for every score."""

import numpy as np
import pytest

from training.resampling import Resampling, bounds, low_high


def test_sums_are_those_of_the_groups_that_were_drawn() -> None:
    draws = Resampling(["b", "a", "b", "c"], rounds=20)
    per_group = np.array([1 + 4, 2, 8])
    assert draws.sums(np.array([1, 2, 4, 8])).tolist() == [per_group[drawn].sum() for drawn in draws.draws()]


@pytest.mark.parametrize("groups", [[], ["a"], ["a", "a"]])
def test_fewer_than_two_groups_give_no_interval(groups: list[str]) -> None:
    draws = Resampling(groups, rounds=5)
    answers = np.zeros(len(groups), np.int64)
    assert not list(draws.draws()) and bounds(draws.sums(answers)) is None
    assert draws.tables(answers, answers, 2).shape == (5, 2, 2)


def test_report_rounds_what_a_gate_does_not() -> None:
    values = np.linspace(0, 1, 1000)
    assert bounds(values) == (pytest.approx(0.025), pytest.approx(0.975)) and low_high(values) == [0.025, 0.975]
    assert bounds(np.array([np.nan, 0.12345])) == (0.12345, 0.12345)
