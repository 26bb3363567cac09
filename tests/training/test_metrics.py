"""Rates with their intervals, checked against worked values."""

from pathlib import Path

import numpy as np
import pytest

from training import metrics
from training.data import Sample


def test_wilson_interval_of_the_founding_study() -> None:
    # 109 of 120 (90.8 %): Wilson 1927 gives 84.3 .. 94.8 %.
    result = metrics.rate(109, 120)
    assert (result["lo"], result["hi"]) == pytest.approx((0.8434, 0.9481), abs=1e-3)


def test_no_images_give_no_rate() -> None:
    assert metrics.rate(0, 0) == {"k": 0, "n": 0, "value": None, "lo": None, "hi": None}


def test_balanced_accuracy_skips_absent_classes() -> None:
    assert metrics.balanced_accuracy(np.array([[8, 2, 0], [1, 1, 0], [0, 0, 0]])) == pytest.approx((0.8 + 0.5) / 2)


def test_report_counts_what_is_in_the_scores() -> None:
    names = ("ahead", "down")
    truth = ["ahead"] * 6 + ["down"] * 4
    samples = [Sample(str(i), Path(), label, f"p{i // 2}", "ab"[i % 2]) for i, label in enumerate(truth)]
    scores = np.array([[0.9, 0.1]] * 5 + [[0.2, 0.8]] * 5)
    result = metrics.report(samples, scores, names, rounds=200)
    assert result["confusion"] == [[5, 1], [0, 4]]
    assert result["accuracy"]["k"] == 9 and result["n"] == 10 and result["persons"] == 5
    assert result["balanced_accuracy"]["value"] == pytest.approx((5 / 6 + 1) / 2, abs=1e-4)
    assert result["camera"]["a"]["accuracy"]["k"] + result["camera"]["b"]["accuracy"]["k"] == 9
    low, high = result["accuracy"]["cluster"]
    assert low <= 0.9 <= high
