"""The picture of a lesson: areas where students were seen, nothing where nobody was, and no font that is missing."""

import io
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import numpy as np
import pytest
from matplotlib.text import Text
from PIL import Image

from inference import fonts
from inference.annotate import GREY, colours_of
from inference.intervals import Interval
from inference.record import SessionFacts
from inference.recorded import RecordedSession
from inference.timeline import MOST_STEPS, draw, gaps, runs
from inference.words import Language

NAMES = ("looking-ahead", "looking-down", "sleep", "touching-pda")
START = datetime(2026, 7, 27, 10, 2, tzinfo=timezone(timedelta(hours=9)))


def session(
    counts: Sequence[tuple[float, ...] | None], names: tuple[str, ...] = NAMES, uncertain: float = 0.0
) -> RecordedSession:
    """A lesson with an interval of ten seconds for each of the counts, None where nothing was seen."""
    intervals = tuple(
        Interval(10.0 * i, 0.0, 0, (0.0,) * len(names), 0.0, 0.0)
        if count is None
        else Interval(10.0 * i, 10.0, 80, count, uncertain, sum(count) + uncertain)
        for i, count in enumerate(counts)
    )
    facts = SessionFacts(START, names, "camera 0", "attitude.onnx", "0f3a", "students.onnx", {}, 10.0)
    return RecordedSession(1, facts, START, intervals)


def pixels(recorded: RecordedSession) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(draw(recorded, "en"))).convert("RGB"))


def columns_of(picture: np.ndarray, colour: str) -> np.ndarray:
    """How many pixels of a colour each column of the plot has, in its left 70 percent, where no legend is."""
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    plot = picture[:, : round(0.7 * picture.shape[1])]
    return (plot == np.array(wanted)).all(axis=2).sum(axis=0)


def test_areas_are_as_high_as_the_counts() -> None:
    picture = pixels(session([(6, 3, 1, 0)] * 30, uncertain=2))
    heights = [np.median(columns[columns > 0]) for columns in (columns_of(picture, c) for c in colours_of(NAMES)[:3])]
    assert heights[0] / heights[1] == pytest.approx(2, rel=0.05)
    assert heights[1] / heights[2] == pytest.approx(3, rel=0.1)
    uncertain = columns_of(picture, GREY)
    assert heights[1] / np.median(uncertain[uncertain > 0]) == pytest.approx(1.5, rel=0.1)
    assert not columns_of(picture, colours_of(NAMES)[3]).any()


def test_gap_is_left_open() -> None:
    seen = columns_of(pixels(session([*[(9, 0, 0, 0)] * 20, *[None] * 20, *[(9, 0, 0, 0)] * 20])), colours_of(NAMES)[0]) > 0
    edges = np.flatnonzero(np.diff(seen.astype(int)))
    assert len(edges) >= 3  # in, out, in; the last area reaches beyond the columns looked at
    assert edges[2] - edges[1] == pytest.approx(edges[1] - edges[0], rel=0.03)


def test_runs_end_where_nothing_was_seen() -> None:
    found = runs(session([(1, 0, 0, 0), (2, 0, 0, 0), None, None, (3, 0, 0, 0), None]))
    assert [[(start, end, mean.counts[0]) for start, end, mean in run] for run in found] == [
        [(0, 10, 1), (10, 20, 2)],
        [(40, 50, 3)],
    ]


def test_gaps_say_whether_nothing_was_seen_or_nothing_was_kept() -> None:
    seen, gone = session([(9.0, 0.0, 0.0, 0.0), None]).intervals
    kinds = {"s": seen, "g": gone, "f": replace(seen, students=1.0).without_counts()}
    placed = tuple(replace(kinds[kind], start=10.0 * i) for i, kind in enumerate("gffgssfff"))
    assert gaps(replace(session([]), intervals=placed, ended_at=START + timedelta(seconds=85))) == [
        (0, 10, False),
        (10, 30, True),
        (30, 40, False),
        (60, 85, True),
    ]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that is put into a picture."""
    texts: list[str] = []
    set_text = Text.set_text

    def listen(place: Text, words: object) -> None:
        texts.append(str(words))
        set_text(place, words)

    monkeypatch.setattr(Text, "set_text", listen)
    return texts


def test_lesson_of_a_film_has_its_own_time_below(said: list[str]) -> None:
    live = session([(9.0, 0.0, 0.0, 0.0)] * 30)
    draw(replace(live, facts=replace(live.facts, settings={"live": False})), "ja")
    assert {"0:00:00", "0:01:00", "0:05:00"} <= set(said)
    assert not [words for words in said if words.startswith("10:")]
    assert "授業 1・動画（処理日 2026-07-27）・5 分" in said or "Lesson 1 · film (processed 2026-07-27) · 5 min" in said


def test_lesson_of_too_few_students_is_drawn_without_a_number(said: list[str]) -> None:
    (seen,) = session([(1.0, 0.0, 0.0, 0.0)]).intervals
    withheld = replace(session([]), intervals=(seen.without_counts(),), ended_at=START + timedelta(seconds=10))
    draw(withheld, "en")
    assert "not recorded (fewer than 5)" in said and "nothing seen" not in said
    assert "10 s with fewer than 5 students in view" in said and "sleep  –" in said


def test_long_lesson_is_drawn_in_few_steps() -> None:
    eight_hours = session([(float(i % 2), 8, 0, 0) for i in range(2880)])
    (run,) = runs(eight_hours)
    assert MOST_STEPS / 2 < len(run) <= MOST_STEPS
    assert all(mean.counts[0] == pytest.approx(0.5, abs=0.1) for _, _, mean in run)
    assert run[-1][1] == 28800


@pytest.mark.parametrize("counts", [[], [None], [None] * 5, [(1, 0, 0, 0)], [(0, 0, 0, 0)] * 9])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_any_lesson_can_be_drawn(counts: list[tuple[float, ...] | None], language: Language) -> None:
    assert Image.open(io.BytesIO(draw(session(counts), language))).size == (1800, 750)


def test_many_classes_with_long_names_can_be_drawn() -> None:
    names = tuple(f"a very long name of an attitude {i}" for i in range(12))
    picture = pixels(session([(1.0,) * 12] * 9, names))
    assert (picture[:, -10:] == 255).all()


def test_dollar_signs_in_names_of_classes_are_no_formulas() -> None:
    counts = [(3.0, 2.0)] * 9
    plain, formula = (pixels(session(counts, names)) for names in (("on a", "b"), ("on $a$", "b")))
    assert Image.open(io.BytesIO(draw(session(counts, (r"on$\x$", "b")), "en"))).size == (1800, 750)
    assert inked(formula) > inked(plain)


def inked(picture: np.ndarray) -> int:
    """Dark pixels of the legend."""
    return int((picture[:, round(0.74 * picture.shape[1]) :] < 100).all(axis=2).sum())


def test_without_a_japanese_font_the_picture_is_in_english_and_a_warning_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(fonts, "JAPANESE", ("No Such Font",))
    lesson = session([(9, 0, 0, 0)] * 9)
    with caplog.at_level(logging.WARNING):
        japanese = draw(lesson, "ja")
    assert [record.getMessage() for record in caplog.records] == [
        "None of the fonts No Such Font is installed; the picture is in English."
    ]
    assert japanese == draw(lesson, "en")


@pytest.mark.skipif(fonts.japanese() is None, reason="needs a font that knows Japanese")
def test_japanese_picture_differs_from_the_english_one_and_every_sign_is_in_the_font() -> None:
    lesson = session([(9, 0, 0, 0), None, None, (9, 0, 0, 0)])
    assert draw(lesson, "ja") != draw(lesson, "en")  # a missing sign is a warning, and warnings are errors here
