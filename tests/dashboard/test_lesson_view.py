"""A lesson as HTML: counts, averages, changes, how it stands. Its timeline is tested in test_timeline_view.py."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from dashboard import lesson_view
from dashboard.texts import Language
from inference.annotate import GREY, colours_of
from inference.changes import Change
from inference.following import UNCERTAIN, Followed
from inference.intervals import Interval
from inference.snapshot import Snapshot
from inference.sources import SourceStatus
from inference.summary import ClassSummary

NAMES = ("looking-ahead", "sleep")
NOTHING = Interval(0, 0, 0, (0, 0), 0, 0)


def snapshot(**facts: Any) -> Snapshot:
    """A lesson that began at 10:15; `facts` change what is known of it."""
    known = {
        "version": 1,
        "state": "running",
        "class_names": NAMES,
        "source": SourceStatus(),
        "started_at": datetime(2026, 5, 4, 10, 15, tzinfo=UTC),
        "last_seconds": NOTHING,
        "last_minute": NOTHING,
        "whole": NOTHING,
        "interval_seconds": 10.0,
        "milliseconds": {},
    }
    return Snapshot(**{**known, **facts})


def cells(html: str) -> list[str]:
    """What stands in the cells of a table, without the marks around it."""
    return [re.sub(r"<[^>]+>", " ", cell).strip() for cell in re.findall(r"<td>(.*?)</td>", html)]


@pytest.mark.parametrize(
    ("language", "names", "students"),
    [
        ("en", ["Looking ahead", "Sleeping", "Uncertain"], "20 students found"),
        ("ja", ["前を見ている", "眠っている", "判定できない"], "学生が 20 人"),
    ],
)
def test_counts_have_name_colour_share_and_number(language: Language, names: list[str], students: str) -> None:
    html = lesson_view.counts(ClassSummary(NAMES, (12, 5), 3), language)
    assert re.findall(r'class="name">([^<]*)<', html) == names
    assert re.findall(r"background:(#\w+)", html) == [*colours_of(NAMES), GREY]
    assert re.findall(r'class="share">([^<]*)<', html) == ["60%", "25%", ""]
    assert re.findall(r'class="count">([^<]*)<', html) == ["12", "5", "3"]
    assert students in html


def test_counts_of_a_handful_have_no_shares() -> None:
    html = lesson_view.counts(ClassSummary(NAMES, (3, 1)), "en")
    assert "%" not in html.replace("Percentages", "")
    assert re.findall(r'class="count">([^<]*)<', html) == ["3", "1", "0"]


def test_counts_say_when_nobody_is_there() -> None:
    assert "0 students found" in lesson_view.counts(ClassSummary(NAMES, (0, 0)), "en")


def test_names_of_classes_are_escaped() -> None:
    html = lesson_view.counts(ClassSummary(("<img onerror=1>",), (7,)), "en")
    assert "<img" not in html
    assert "&lt;img onerror=1&gt;" in html


def test_averages_stand_beside_one_another_with_shares_where_there_are_enough_students() -> None:
    few = Interval(0, 10, 90, (2.5, 1.0), 0.5, 4.0)
    many = Interval(0, 600, 5000, (15.0, 4.0), 1.0, 20.0)
    html = lesson_view.means(snapshot(last_seconds=few, whole=many), "en")
    assert cells(html) == ["2.5", "–", "15.0 75%", "1.0", "–", "4.0 20%", "0.5", "–", "1.0", "4.0", "–", "20.0"]


def test_averages_of_a_single_student_are_shares_of_the_time() -> None:
    half = Interval(0, 10, 90, (0.5, 0.25), 0.25, 1.0)
    html = lesson_view.means(snapshot(last_seconds=half), "en", single=True)
    assert cells(html) == ["50%", "–", "–", "25%", "–", "–", "25%", "–", "–"]
    assert "Share of the time" in html


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("en", ["10:20: Sleeping from 1 to 5", "10:16: Looking ahead from 20 to 16"]),
        ("ja", ["10:20 眠っている: 1 人から 5 人へ", "10:16 前を見ている: 20 人から 16 人へ"]),
    ],
)
def test_changes_are_told_newest_first(language: Language, lines: list[str]) -> None:
    html = lesson_view.changes(snapshot(changes=(Change(60, 0, 20, 16), Change(300, 1, 1, 5))), language)
    assert re.findall(r"<li>(.*?)</li>", html) == lines


def test_only_the_newest_changes_are_shown() -> None:
    many = tuple(Change(60.0 * i, 0, i, i + 3) for i in range(lesson_view.MOST_CHANGES + 9))
    told = lesson_view.told(snapshot(changes=many), "en")
    assert len(told) == lesson_view.MOST_CHANGES
    assert told[0].endswith(f"to {many[-1].after}")


def test_no_change_is_said_in_words() -> None:
    assert "Nothing yet" in lesson_view.changes(snapshot(), "en")
    assert "Nothing yet" not in lesson_view.changes(snapshot(state="ended"), "en")


@pytest.mark.parametrize(
    ("facts", "language", "line"),
    [
        ({"state": "waiting", "started_at": None}, "en", "Press “Start lesson”"),
        ({"state": "running", "seconds": 725.4}, "en", "Running since 10:15 · 12 min 5 s"),
        ({"state": "paused", "seconds": 60}, "en", "Paused · began 10:15"),
        ({"state": "ended", "seconds": 2700}, "en", "Ended · 10:15 to 11:00 · 45 min"),
        ({"state": "ended", "seconds": 2700}, "ja", "終了・10:15〜11:00・45 分"),
    ],
)
def test_headline_says_how_the_lesson_stands(facts: dict[str, Any], language: Language, line: str) -> None:
    assert line in lesson_view.headline(snapshot(**facts), language)


@pytest.mark.parametrize(
    ("age", "line"), [(None, "8.3 frames/s<"), (0.24, "8.3 frames/s · picture 0.2 s old"), (75.0, "picture 1 min 15 s old")]
)
def test_status_says_frame_rate_and_age_of_what_is_live(age: float | None, line: str) -> None:
    assert line in lesson_view.status(snapshot(frames_per_second=8.31, source=SourceStatus(age_seconds=age)), "en")


@pytest.mark.parametrize("state", ["waiting", "paused", "ended"])
def test_status_is_empty_while_nothing_is_looked_at(state: str) -> None:
    shown = snapshot(state=state, source=SourceStatus(age_seconds=0.1))
    assert lesson_view.status(shown, "en") == ""
    assert "picture 0.1 s old" in lesson_view.status(replace(shown, frames_per_second=8.0), "en")


def followed(state: int, scores: tuple[float, float]) -> Followed:
    return Followed(np.ones((1, 5), np.float32), np.array([1]), np.array([scores], np.float32), np.array([state]))


@pytest.mark.parametrize(("language", "name"), [("en", "Sleeping"), ("ja", "眠っている")])
def test_single_student_has_a_state_and_scores(language: Language, name: str) -> None:
    html = lesson_view.student(followed(1, (0.3, 0.7)), NAMES, language)
    assert f"<strong>{name}</strong>" in html and '<span class="aside">70%</span>' in html
    assert re.findall(r'class="value">([^<]*)<', html) == ["30%", "70%"]


def test_single_student_may_be_uncertain() -> None:
    html = lesson_view.student(followed(UNCERTAIN, (0.49, 0.49)), NAMES, "en")
    assert "<strong>Uncertain</strong>" in html and "aside" not in html


def test_last_seconds_of_a_single_student_are_shares_of_the_time() -> None:
    html = lesson_view.recently(snapshot(last_seconds=Interval(0, 10, 200, (0.7, 0.2), 0.1, 1)), "en")
    assert re.findall(r'class="value">([^<]*)<', html) == ["70%", "20%", "10%"] and "Uncertain" in html
    assert "Last 10 seconds" in html
