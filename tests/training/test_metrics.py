"""Rates with their intervals, checked against worked values."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.shared import shared
from training import metrics, scoring, several
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


def test_line_of_a_run_has_the_interval_of_its_report() -> None:
    names = ("ahead", "down")
    samples = [Sample(str(i), Path(), "ahead", f"p{i // 10}", "") for i in range(30)]  # of three persons, one is right throughout
    right = np.arange(30) < 10
    result = metrics.report(samples, np.eye(2)[1 - right.astype(int)], names)
    low, high = (100 * bound for bound in result["accuracy"]["interval"])
    assert low < 100 * result["accuracy"]["lo"] and high > 100 * result["accuracy"]["hi"]
    assert f"33.3 % of 30 [{low:.1f}, {high:.1f}]" in scoring._sentence(result, names, samples)
    labels = several.report(samples, np.ones((30, 2), bool), np.repeat(right[:, None], 2, axis=1), names)
    assert labels["exact"]["interval"] == result["accuracy"]["interval"]
    assert f"right 33.3 % of 30 [{low:.1f}, {high:.1f}]" in several.sentence(labels)


def test_intervals_agree_with_an_independent_scorer(tmp_path: Path) -> None:
    scorer = shared("tools/eval_classifier.py")
    names, rng = ("ahead", "down", "phone"), np.random.default_rng(3)
    samples = [Sample(f"{i}", Path(), names[i % 3 if i % 7 else 0], f"p{i // 9}", "ab"[i % 2]) for i in range(540)]
    truth = np.array([names.index(s.label) for s in samples])
    predicted = np.where(rng.random(540) < 0.75, truth, rng.integers(0, 2, 540))
    result = metrics.report(samples, np.eye(3)[predicted], names)
    (tmp_path / "manifest.csv").write_text(
        "file,label,camera,person\n" + "".join(f"{s.file},{s.label},{s.camera},{s.person}\n" for s in samples)
    )
    (tmp_path / "answers.csv").write_text(
        "file,label_predicted\n" + "".join(f"{s.file},{names[p]}\n" for s, p in zip(samples, predicted, strict=True))
    )
    command = [sys.executable, str(scorer), str(tmp_path / "answers.csv"), str(tmp_path / "manifest.csv")]
    other = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert other["confusion"] == result["confusion"]
    assert [other["accuracy"][key] for key in ("k", "n", "value", "lo", "hi")] == [
        result["accuracy"][key] for key in ("k", "n", "value", "lo", "hi")
    ]
    assert other["accuracy"]["cluster"] == pytest.approx(result["accuracy"]["cluster"], abs=0.012)  # its draws are others
    for name in ("balanced_accuracy", "macro_f1"):
        assert other[name]["value"] == result[name]["value"]
        assert [other[name]["lo"], other[name]["hi"]] == pytest.approx(result[name]["cluster"], abs=0.012)


def test_report_agrees_with_values_of_scikit_learn() -> None:
    """48 made-up answers of eight persons; values by scikit-learn 1.9, intervals by 20,000 draws of persons in a plain loop."""
    truth = "000111222000112220001122000011122200011120001112"
    answers = "000112222001112220101122000010122100011020001212"
    samples = [Sample(str(i), Path(), label, f"p{i // 6}", "a") for i, label in enumerate(truth)]
    result = metrics.report(samples, np.eye(3)[[int(answer) for answer in answers]], ("0", "1", "2"))
    assert result["confusion"] == [[17, 2, 0], [2, 12, 2], [0, 1, 12]]
    for name, value, low, high in (
        ("accuracy", 0.854167, 0.8333, 0.8958),
        ("balanced_accuracy", 0.855938, 0.8148, 0.9031),
        ("macro_f1", 0.852606, 0.8036, 0.8971),
    ):
        assert result[name]["value"] == pytest.approx(value, abs=6e-5)
        assert result[name]["cluster"] == pytest.approx([low, high], abs=0.012)
    for name, values in (
        ("precision", (0.894737, 0.8, 0.857143)),
        ("recall", (0.894737, 0.75, 0.923077)),
        ("f1", (0.894737, 0.774194, 0.888889)),
    ):
        assert [rate["value"] for rate in result[name].values()] == pytest.approx(values, abs=6e-5)


def test_five_right_answers_of_five_claim_no_certainty() -> None:
    samples = [Sample(str(i), Path(), "ahead", f"p{i}", "a") for i in range(5)]
    result = metrics.report(samples, np.array([[0.9, 0.1]] * 5), ("ahead", "down"))
    assert result["accuracy"]["cluster"] == [1.0, 1.0]
    assert result["accuracy"]["interval"] == [result["accuracy"]["lo"], 1.0] and result["accuracy"]["lo"] < 0.6
    for name in ("balanced_accuracy", "macro_f1"):
        assert result[name]["interval"][0] < 0.6


def test_one_person_gives_no_resampled_interval() -> None:
    samples = [Sample(str(i), Path(), "ahead", "p", "a") for i in range(5)]
    result = metrics.report(samples, np.array([[0.9, 0.1]] * 4 + [[0.1, 0.9]]), ("ahead", "down"))
    assert result["accuracy"]["cluster"] is None and result["accuracy"]["interval"][1] < 1.0


def test_share_is_shown_as_it_was_counted() -> None:
    assert f"{100 * metrics.exact(metrics.rate(386, 446)):.1f}" == "86.5"  # 0.8655, rounded once already, would become 86.6
    assert metrics.exact(metrics.rate(0, 0)) is None
    assert metrics.exact({"k": 3, "n": 4, "value": 0.6}) == 0.6  # an F1
    assert metrics.exact({"value": 0.5}) == 0.5
