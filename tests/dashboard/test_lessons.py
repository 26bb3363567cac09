"""The Lessons page: what stands in the record, and nothing that was withheld."""

import base64
import re
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard import lessons, lessons_view
from inference.intervals import Interval
from inference.record import Recorder, SessionFacts
from inference.recorded import RecordedSession, read_sessions
from inference.report import csv_text

NAMES = ("looking-ahead", "sleep")
START = datetime(2026, 4, 13, 10, 15, tzinfo=UTC)

Record = Callable[..., Path]


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """`record([(18.0, 2.0), (14.0, 6.0)], finder="finder")`: adds a lesson with a minute of each pair of counts; its file."""

    def add(
        minutes: list[tuple[float, float]],
        *,
        finder: str = "finder",
        ended: bool = True,
        day: int = 0,
        few: bool = True,
        live: bool = True,
    ) -> Path:
        path = tmp_path / "lessons.db"
        begin = START + timedelta(days=day)
        recorder = Recorder(
            path, SessionFacts(begin, NAMES, "camera <0>", "m.onnx", "abc", finder, {"live": live}, 10.0), few=few
        )
        counts = [pair for pair in minutes for _ in range(6)]
        recorder.write([Interval(10.0 * i, 10.0, 80, pair, 0.0, sum(pair)) for i, pair in enumerate(counts)])
        if ended:
            recorder.end(begin + timedelta(seconds=10 * len(counts)))
        assert recorder.problem is None
        return path

    return add


def only(path: Path) -> RecordedSession:
    (session,) = read_sessions(path)
    return session


def words_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def download(html: str, name: str) -> str:
    found = re.search(rf'download="{name}" href="data:[^,]*,([^"]*)"', html)
    assert found is not None
    return base64.b64decode(found[1]).decode("utf-8-sig")


def test_newest_lesson_is_shown_first_and_all_are_listed(record: Record) -> None:
    record([(18.0, 2.0)])
    path = record([(9.0, 1.0)], day=1)
    overview, chosen, other, beside, lesson, drawer, steps = lessons.show(path, None, None, "en")
    assert re.findall(r"Lesson \d", overview) == ["Lesson 2", "Lesson 1"]
    assert chosen["value"] == 2
    assert [label for label, _ in chosen["choices"]] == [
        "Lesson 2 · 2026-04-14 10:15 to 10:16",
        "Lesson 1 · 2026-04-13 10:15 to 10:16",
    ]
    assert other["visible"] and other["value"] == 0
    assert beside == ""
    assert "Looking ahead 9.0 90%" in words_of(lesson)
    assert drawer["visible"]
    assert "9.0" in steps


def test_chosen_lesson_is_set_beside_another(record: Record) -> None:
    record([(18.0, 2.0)])
    path = record([(10.0, 10.0)], day=1)
    _, chosen, other, beside, lesson, *_ = lessons.show(path, 1, 2, "en")
    assert (chosen["value"], other["value"]) == (1, 2)
    assert lessons.show(path, 2, 1, "en")[3] == beside, "the difference is always that from the earlier lesson to the later one"
    assert "Looking ahead 18.0 90% 10.0 50% -40 points" in words_of(beside)
    assert "says neither why it is there" in beside
    assert "Looking ahead 18.0 90%" in words_of(lesson)


def test_lesson_that_is_gone_gives_way_to_the_newest(record: Record) -> None:
    _, chosen, _, beside, *_ = lessons.show(record([(18.0, 2.0)]), 7, 9, "en")
    assert chosen["value"] == 1
    assert beside == ""


def test_changes_and_facts_of_a_lesson_are_told(record: Record) -> None:
    html = lessons_view.lesson(only(record([(18.0, 2.0)] * 3 + [(12.0, 8.0)] * 3)), "en")
    assert "Sleeping from 2 to 8" in html
    assert "camera &lt;0&gt;" in html and "camera <0>" not in html
    assert '<svg role="img"' in html


@pytest.mark.parametrize(("ended", "told"), [(True, False), (False, True)])
def test_lesson_without_an_end_is_marked(record: Record, ended: bool, told: bool) -> None:
    session = only(record([(18.0, 2.0)], ended=ended))
    assert ("Not ended" in lessons_view.overview([session], "en")) == told
    assert ("it was interrupted, or is still running" in lessons_view.lesson(session, "en")) == told


def test_shares_of_a_handful_are_withheld_everywhere(record: Record) -> None:
    record([(2.0, 1.0)])
    path = record([(3.0, 1.0)], day=1)
    _, _, _, beside, lesson, _, steps = lessons.show(path, 1, 2, "en")
    printed = download(lesson, "taido-lesson-1.html")
    body = printed[printed.index("<body>") :]
    for html in (beside, re.sub(r'href="[^"]*"', "", lesson), steps, body):
        assert "%" not in words_of(html)
    assert "Percentages are shown from 5 students on." in lesson
    assert "Percentages are shown from 5 students on." in beside


def test_lesson_of_too_few_students_shows_neither_numbers_nor_nothing_seen(record: Record) -> None:
    record([(18.0, 2.0)])
    path = record([(2.0, 1.0)], day=1, few=False)
    overview, _, _, beside, lesson, _, steps = lessons.show(path, 2, 1, "ja")
    assert "0.0" not in words_of(lesson + steps)
    assert "10:16 0 秒 –" in words_of(overview) and "学生 20.0 –" in words_of(beside)
    assert re.search(r"眠っている 2\.0 +10% – –", words_of(beside))
    assert "10:15〜10:16" in lesson and "1 分のうち 0 秒" in lesson
    assert "5 人未満のため記録なし" in lesson and "変化" not in words_of(lesson)
    assert len(re.findall(r'class="unseen withheld"', lesson)) == 6


def test_lesson_of_a_film_shows_no_time_of_day(record: Record) -> None:
    path = record([(18.0, 2.0)] * 3 + [(12.0, 8.0)] * 3, live=False)
    overview, chosen, _, _, lesson, _, steps = lessons.show(path, None, None, "ja")
    name = "授業 1・動画（処理日 2026-04-13）・6 分"
    assert name in overview and name in lesson and chosen["choices"] == [(name, 1)]
    printed = download(lesson, "taido-lesson-1.html")
    for html in (lesson, steps, printed):
        assert "10:1" not in words_of(html)
    assert re.search(r"0:03:\d\d 眠っている: 2 人から 8 人へ", lesson) and 'scope="row">0:00:10<' in steps
    assert "2026-04-13" not in download(lesson, "taido-lesson-1.csv")


def test_single_student_has_shares_of_the_time(record: Record) -> None:
    html = lessons_view.lesson(only(record([(1.0, 0.0), (0.0, 1.0)], finder="whole")), "en")
    assert "Looking ahead 50%" in words_of(html)
    assert "Share of the time" in html
    assert "What changed" not in html


def test_downloads_hold_the_table_and_a_page_that_needs_nothing_else(record: Record) -> None:
    session = only(record([(18.0, 2.0), (12.0, 8.0)]))
    html = lessons_view.lesson(session, "ja")
    assert download(html, "taido-lesson-1.csv") == csv_text([session])
    page = download(html, "taido-lesson-1.html")
    assert page.startswith('<!DOCTYPE html><html lang="ja">')
    assert "眠っている" in page and "size: A4" in page
    assert not re.search(r"<script|<link|<img|@import|url\(|https?://", page)


def test_record_without_a_lesson_says_so(record: Record, tmp_path: Path) -> None:
    assert "No lesson is recorded yet" in lessons.show(tmp_path / "none.db", None, None, "en")[0]
    path = record([(18.0, 2.0)])
    with sqlite3.connect(path) as connection:
        for name in ("attitude", "seat", "interval", "session"):
            connection.execute(f"DELETE FROM {name}")
    connection.close()
    assert "No lesson is recorded yet" in lessons.show(path, None, None, "en")[0]


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + bytes(90)])
def test_record_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lessons.db"
    path.write_bytes(content)
    overview, chosen, *rest = lessons.show(path, None, None, "en")
    assert "The record cannot be read" in overview and "lessons.db" in overview
    assert chosen == {"visible": False, "__type__": "update"}
    assert not any(isinstance(piece, str) and piece for piece in rest)
    assert path.read_bytes() == content


def test_lesson_without_an_interval_is_no_error(record: Record) -> None:
    overview, _, _, _, lesson, drawer, _ = lessons.show(record([]), None, None, "en")
    assert "Lesson 1" in overview and "Lesson 1" in lesson
    shown: dict[str, Any] = drawer
    assert not shown["visible"]


def test_lesson_is_not_compared_with_itself(record: Record) -> None:
    path = record([(18.0, 2.0)])
    record([(9.0, 1.0)], day=1)
    _, chosen, other, beside, *_ = lessons.show(path, 2, 2, "en")
    assert chosen["value"] == 2 and [number for _, number in chosen["choices"]] == [2, 1]
    assert other["value"] == 0 and [number for _, number in other["choices"]] == [0, 1]
    assert beside == ""
