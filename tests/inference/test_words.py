"""Reports say the same in both languages."""

import re
from datetime import UTC, datetime, timedelta, timezone
from string import Formatter

import pytest

from inference.changes import Change
from inference.intervals import Interval
from inference.record import SessionFacts
from inference.recorded import RecordedSession
from inference.words import ATTITUDES, ENGLISH, JAPANESE, Language, attitude, duration, text, title, told

START = datetime(2026, 7, 27, 10, 0, tzinfo=timezone(timedelta(hours=9)))


def facts(*class_names: str, start: datetime = START, **settings: object) -> SessionFacts:
    return SessionFacts(start, class_names, "", "", "", "", settings, 10.0)


def fields(string: str) -> set[tuple[str | None, str | None]]:
    return {(name, form) for _, name, form, _ in Formatter().parse(string) if name}


def test_texts_are_the_same_in_both_languages() -> None:
    assert set(ENGLISH) == set(JAPANESE)


@pytest.mark.parametrize("key", sorted(ENGLISH))
def test_text_takes_the_same_values_in_both_languages(key: str) -> None:
    assert fields(ENGLISH[key]) == fields(JAPANESE[key])


def test_japanese_texts_are_japanese() -> None:
    strings = {**JAPANESE, **ATTITUDES["ja"]}
    assert [key for key, string in strings.items() if not re.search(r"[぀-ヿ一-鿿]", string)] == []


def test_unknown_text_is_an_error() -> None:
    with pytest.raises(KeyError, match="no_such_text"):
        text("no_such_text", "en")


@pytest.mark.parametrize(
    ("seconds", "english", "japanese"),
    [
        (0, "0 s", "0 秒"),
        (39.6, "40 s", "40 秒"),
        (60, "1 min", "1 分"),
        (2600, "43 min 20 s", "43 分 20 秒"),
        (3600, "1 h", "1 時間"),
        (3605, "1 h", "1 時間"),
        (3900, "1 h 5 min", "1 時間 5 分"),
    ],
)
def test_duration_has_its_two_largest_units(seconds: float, english: str, japanese: str) -> None:
    assert (duration(seconds, "en"), duration(seconds, "ja")) == (english, japanese)


@pytest.mark.parametrize(
    ("language", "expected"), [("en", "10:20: sleep from 1 to 5"), ("ja", "10:20 眠っている: 1 人から 5 人へ")]
)
def test_change_is_told_with_the_time_of_day(language: Language, expected: str) -> None:
    assert told(Change(1200.0, 1, 1, 5), facts("looking-ahead", "sleep"), language) == expected


def test_time_of_day_is_that_of_the_lesson_and_not_of_this_machine() -> None:
    assert told(Change(1200.0, 0, 1, 5), facts("sleep", start=START.astimezone(UTC))).startswith("01:20: ")


def test_lesson_of_a_film_has_no_time_of_day() -> None:
    film = facts("sleep", live=False)
    assert told(Change(1200.0, 0, 1, 5), film) == "0:20:00: sleep from 1 to 5"
    session = RecordedSession(4, film, None, (Interval(0.0, 80.0, 9, (1.0,), 0.0, 1.0),))
    assert title(session, "en") == "Lesson 4 · film (processed 2026-07-27) · 1 min 20 s"
    assert title(session, "ja") == "授業 4・動画（処理日 2026-07-27）・1 分 20 秒"


def test_other_classes_are_called_as_their_folder() -> None:
    assert attitude("hand-raised", "ja") == "hand-raised"
