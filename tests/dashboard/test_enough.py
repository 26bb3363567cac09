"""The Teach page says what the learning curve says, what is still missing, and which command comes next."""

import re
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from dashboard.enough import table
from dashboard.texts import Language
from inference.gathering import MANIFEST, Gathering
from inference.learning import ENOUGH_GAIN, FILE
from inference.output import write_picture
from tests.inference.test_learning import curve

NAMES = ("looking-ahead", "sleep")


def gathered(folder: Path, pictures: int, persons: int, bundled: Path | None = None) -> Gathering:
    """So many pictures of both classes."""
    rows = ["file,label,camera,person"]
    for label in NAMES:
        (folder / label).mkdir(parents=True, exist_ok=True)
        for number in range(pictures):
            write_picture(folder / label / f"{number}.jpg", np.full((8, 8, 3), number, np.uint8))
            rows.append(f"{label}/{number}.jpg,{label},,person-{number % persons}")
    (folder / MANIFEST).write_text("\n".join(rows) + "\n", encoding="utf-8")
    return Gathering(folder, NAMES, bundled)


@pytest.fixture
def bundled(tmp_path: Path) -> Path:
    """Ten to learn from are enough, so fifteen are gathered."""
    curve((5, 0.5), (10, 0.6), (20, 0.61), fewest=20).write(tmp_path / "bundled.json")
    return tmp_path / "bundled.json"


def cells(html: str) -> list[str]:
    """Of the counts."""
    return re.findall(r"<td>([^<]*)</td>", html.split("</table>", maxsplit=1)[0])


@pytest.mark.parametrize(
    ("language", "expected", "measured", "gain"),
    [
        ("en", ["6 of 15", "3 of 5", "not yet"], "from 10 pictures per attitude gave 60% right", "brought 1.0 (-1.0 to 3.0)"),
        ("ja", ["6（目標 15）", "3（目標 5）", "まだ"], "見たことのない人の写真で 60% 正解", "1.0 ポイント（-1.0〜3.0）"),
    ],
)
def test_counts_stand_against_the_curve_of_the_bundled_model(
    tmp_path: Path, bundled: Path, language: Language, expected: list[str], measured: str, gain: str
) -> None:
    html = table(gathered(tmp_path / "data", 6, 3, bundled), language)
    assert cells(html) == expected * 2
    assert measured in html and gain in html and re.search(rf"\b{100 * ENOUGH_GAIN:.0f} (points|ポイント)", html)
    assert f"training.crossval {tmp_path / 'data'} --probe" in html and "training.train" not in html
    assert "500" in html and "60" in html  # whose pictures


def test_enough_is_told_with_the_command_that_trains(tmp_path: Path, bundled: Path) -> None:
    html = table(gathered(tmp_path / "my data", 15, 5, bundled), "en")
    assert cells(html) == ["15 of 15", "5 of 5", "yes"] * 2
    assert f"python -m training.train '{tmp_path}/my data' --pretrained" in unescape(html)  # as it can be pasted


def test_few_persons_are_not_enough_however_many_pictures(tmp_path: Path, bundled: Path) -> None:
    assert cells(table(gathered(tmp_path / "data", 40, 4, bundled), "en")) == ["40 of 15", "4 of 5", "not yet"] * 2


def test_own_curve_is_told_with_its_day(tmp_path: Path, bundled: Path) -> None:
    gathering = gathered(tmp_path / "data", 6, 3, bundled)
    curve((10, 0.6), (20, 0.7), (40, 0.71)).write(gathering.folder / FILE)
    html = table(gathering, "en")
    assert cells(html)[0] == "6 of 30" and "500 of your own pictures, of 60 persons, on 2026-01-02" in html


def test_curve_that_still_rises_is_told_as_that(tmp_path: Path) -> None:
    curve((10, 0.6), (20, 0.7), (40, 0.71), fewest=24).write(tmp_path / "bundled.json")
    html = table(gathered(tmp_path / "data", 6, 3, tmp_path / "bundled.json"), "en")
    assert "20 make a start, and more will help" in html
    assert "40 (of the rarest attitude 24)" in html


def test_without_a_curve_or_with_a_damaged_one_the_persons_alone_are_asked_for(tmp_path: Path) -> None:
    gathering = gathered(tmp_path / "data", 6, 5)
    html = table(gathering, "en")
    assert "not measured here" in html and cells(html) == ["6 of 5", "5 of 5", "yes"] * 2
    (gathering.folder / FILE).write_text("{}", encoding="utf-8")
    assert "学習曲線のファイル learning_curve.json を読み込めません" in table(gathering, "ja")
