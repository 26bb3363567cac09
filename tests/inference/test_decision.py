"""From scores to an answer: a class, or that none can be said."""

import numpy as np

from inference.decision import decide
from inference.following import UNCERTAIN

SCORES = np.array([[0.25, 0.75], [0.625, 0.375], [0.5, 0.5]], np.float32)


def test_score_that_equals_the_least_score_is_answered() -> None:
    assert decide(SCORES, 0.75).tolist() == [1, UNCERTAIN, UNCERTAIN]


def test_highest_score_wins_where_there_is_no_least_score() -> None:
    assert decide(SCORES, None).tolist() == [1, 0, 0]


def test_nobody_has_no_answer() -> None:
    assert decide(np.zeros((0, 2), np.float32), 0.75).shape == (0,)
