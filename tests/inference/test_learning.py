"""How many pictures are enough is read from a measured curve, and a file that is no curve is refused."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app import LEARNING_CURVE
from inference.errors import DataError
from inference.gathering import PERSONS_TO_START, ClassCount, Gathering, Need
from inference.learning import ENOUGH_GAIN, FILE, KEY, TRAINS, LearningCurve, Point, Rate

NAMES = ("red", "green")


def curve(*values: tuple[int, float], fewest: int = 10**6, images: int = 500) -> LearningCurve:
    """Of so many pictures per class and the balanced accuracy with them."""
    known = dict(values)
    points = []
    for per_class, value in values:
        gain = value - known[per_class // 2] if per_class % 2 == 0 and per_class // 2 in known else None
        rate = Rate(value, value - 0.05, value + 0.05)
        change = None if gain is None else Rate(gain, gain - 0.02, gain + 0.02)
        points.append(Point(per_class, min(per_class, fewest), rate, rate, change))
    return LearningCurve(tuple(points), NAMES, images, 60, "a network", "data", "2026-01-02 03:04")


def test_enough_is_where_twice_the_pictures_bring_little() -> None:
    flat = curve((5, 0.5), (10, 0.6), (20, 0.7), (40, 0.71), (80, 0.715))
    assert (flat.doubling.half.per_class, flat.doubling.settled, flat.enough) == (20, True, 20)
    assert flat.to_gather == 30 and flat.to_gather * TRAINS >= 20


def test_step_that_is_flat_by_chance_is_not_enough() -> None:
    flat = curve((5, 0.5), (10, 0.6), (20, 0.6))
    half, whole = flat.points[1:]
    vague = replace(flat, points=(*flat.points[:2], replace(whole, gain=Rate(0.0, -0.2, 0.2))))
    assert flat.doubling.settled and not vague.doubling.settled
    assert (flat.enough, vague.enough) == (half.per_class, whole.per_class)


def test_one_flat_step_on_the_way_up_is_not_enough() -> None:
    stepped = curve((5, 0.5), (10, 0.51), (20, 0.6), (40, 0.61))
    assert stepped.enough == 20


def test_curve_that_still_rises_says_so_and_goes_as_far_as_it_was_measured() -> None:
    rising = curve((5, 0.5), (10, 0.6), (20, 0.7))
    assert not rising.doubling.settled and rising.enough == 20
    assert rising.doubling.gain.value >= ENOUGH_GAIN


def test_numbers_that_a_class_did_not_have_prove_nothing() -> None:
    short = curve((5, 0.5), (10, 0.6), (20, 0.7), (40, 0.7), fewest=24)
    assert not short.doubling.settled and short.enough == 20


def test_curve_without_a_double_is_refused() -> None:
    with pytest.raises(DataError, match="double"):
        curve((5, 0.5), (11, 0.6))


def test_curve_is_read_as_it_was_written(tmp_path: Path) -> None:
    flat = curve((5, 0.5), (10, 0.6), (20, 0.61))
    flat.write(tmp_path / FILE)
    assert LearningCurve.read(tmp_path / FILE) == flat


@pytest.mark.parametrize(
    "change",
    [
        {KEY: 2},
        {"images": "many"},
        {"points": 5},
        {"points": [{"per_class": 5}]},
        {"more": 1},
        {"points": [{"per_class": True, "fewest": 1, "accuracy": {}, "balanced_accuracy": {}}]},
    ],
)
def test_file_that_is_no_curve_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    path = tmp_path / FILE
    curve((5, 0.5), (10, 0.6)).write(path)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}), encoding="utf-8")
    with pytest.raises(DataError, match="no learning curve"):
        LearningCurve.read(path)


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 100_000, b"null"])
def test_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(DataError, match="no learning curve"):
        LearningCurve.read(tmp_path / FILE)


def test_folder_goes_by_its_own_curve_once_that_says_as_much(tmp_path: Path) -> None:
    bundled, data = tmp_path / "bundled.json", tmp_path / "data"
    curve((5, 0.5), (10, 0.6), (20, 0.7), (40, 0.71)).write(bundled)
    gathering = Gathering(data, NAMES, bundled)
    assert gathering.need().curve == LearningCurve.read(bundled) and not gathering.need().own
    curve((5, 0.5), (10, 0.6)).write(data / FILE)  # still rising with less than the bundled one
    assert not gathering.need().own
    curve((5, 0.5), (10, 0.6), (20, 0.7), (40, 0.8), (80, 0.81)).write(data / FILE)
    assert gathering.need().own and gathering.need().pictures == 59
    (data / FILE).write_text("{", encoding="utf-8")
    with pytest.raises(DataError):
        gathering.need()


def test_class_needs_pictures_by_the_curve_and_persons_whatever_it_says() -> None:
    need = Need(curve((5, 0.5), (10, 0.6), (20, 0.7), (40, 0.71)))
    assert need.pictures == 30
    assert ClassCount("a", 30, PERSONS_TO_START).missing(need) == (0, 0)
    assert ClassCount("a", 29, PERSONS_TO_START - 1).missing(need) == (1, 1)
    assert Need(None).pictures == PERSONS_TO_START
    assert Need(curve((1, 0.5), (2, 0.5))).pictures == PERSONS_TO_START


def test_bundled_curve_is_that_of_the_bundled_classes() -> None:
    bundled = LearningCurve.read(LEARNING_CURVE)
    assert set(bundled.class_names) == {"looking-ahead", "looking-down", "sleep", "touching-pda"}
    assert bundled.images > 2000 and bundled.persons > 100 and bundled.doublings
