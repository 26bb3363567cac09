"""The timeline of a lesson as a picture, as a table and as a CSV."""

import base64
import csv
import io
import re
from datetime import UTC, datetime

import pytest

from dashboard import timeline_view
from dashboard.timeline_view import LEAST_STEPS, MOST_STEPS
from inference.annotate import GREY, colours_of
from inference.intervals import Interval
from tests.dashboard.test_lesson_view import NAMES, cells, snapshot


def lesson(*counts: tuple[float, float, float] | None) -> tuple[Interval, ...]:
    """Intervals of ten seconds with these means of both classes and of the uncertain; None: nothing was seen."""
    return tuple(
        Interval(
            10.0 * i, 10.0 * (seen is not None), 80 if seen else 0, (seen or (0, 0))[:2], seen[2] if seen else 0, sum(seen or ())
        )
        for i, seen in enumerate(counts)
    )


def bars(html: str) -> list[tuple[float, float, float, str]]:
    """x, y, height and colour of every rectangle."""
    found = re.findall(r'<rect x="([\d.]+)" y="([-\d.]+)" width="[\d.]+" height="([\d.]+)" fill="(#\w+)"', html)
    return [(float(x), float(y), float(height), colour) for x, y, height, colour in found]


def test_bars_are_stacked_in_the_colours_of_the_attitudes() -> None:
    html = timeline_view.chart(snapshot(intervals=lesson((6, 3, 1), (2, 8, 0))), "en")
    ahead, sleep = colours_of(NAMES)
    assert f'viewBox="0 0 {LEAST_STEPS} 10"' in html
    assert bars(html) == [
        (0.05, 4, 6, ahead),
        (0.05, 1, 3, sleep),
        (0.05, 0, 1, GREY),
        (1.05, 8, 2, ahead),
        (1.05, 0, 8, sleep),
    ]


def test_times_of_day_stand_below_and_the_step_beside() -> None:
    html = timeline_view.chart(snapshot(intervals=lesson((6, 3, 1))), "en")
    assert re.findall(r"<span>(\d\d:\d\d)</span>", html) == ["10:15", "10:17", "10:20"]
    assert "1 bar = 10 s" in html


def test_names_are_told_with_the_colours() -> None:
    html = timeline_view.chart(snapshot(intervals=lesson((6, 3, 1))), "ja")
    assert re.findall(r'class="name">([^<]*)<', html) == ["前を見ている", "眠っている", "判定できない", "映像なし"]


def test_intervals_in_which_nothing_was_seen_are_pale() -> None:
    html = timeline_view.chart(snapshot(intervals=lesson((6, 3, 1), None)), "en")
    assert re.findall(r'class="unseen" x="(\d+)"', html) == ["1"]


def test_intervals_of_which_nothing_was_kept_are_pale_stripes_with_a_name_of_their_own() -> None:
    seen, gone = lesson((6, 3, 1), None)
    html = timeline_view.chart(snapshot(intervals=(seen.without_counts(), gone)), "ja")
    assert re.findall(r'class="(unseen[^"]*)" x="([\d.]+)"', html) == [("unseen withheld", "0.25"), ("unseen", "1")]
    assert re.findall(r'class="name">([^<]*)<', html)[-2:] == ["映像なし", "5 人未満のため記録なし"]
    assert "前を見ている –, 眠っている –" in html


def test_picture_is_told_in_words() -> None:
    html = timeline_view.chart(snapshot(intervals=lesson((6, 2, 1), (4, 4, 1))), "en")
    assert 'aria-label="Timeline from 10:15 to 10:15, on average: Looking ahead 5.0, Sleeping 3.0"' in html


def test_few_students_leave_room_above() -> None:
    assert f'viewBox="0 0 {LEAST_STEPS} 5"' in timeline_view.chart(snapshot(intervals=lesson((1, 1, 0))), "en")


def test_single_student_fills_the_height() -> None:
    assert f'viewBox="0 0 {LEAST_STEPS} 1"' in timeline_view.chart(snapshot(intervals=lesson((0.5, 0.5, 0))), "en", single=True)


def test_long_lesson_has_bars_that_are_means_of_several_intervals() -> None:
    many = lesson(*[(8.0, 2.0, 0.0), (4.0, 6.0, 0.0)] * MOST_STEPS)
    html = timeline_view.chart(snapshot(intervals=many), "en")
    assert f'viewBox="0 0 {MOST_STEPS} 10"' in html
    assert {(height, colour) for _, _, height, colour in bars(html)} == {(6, colours_of(NAMES)[0]), (4, colours_of(NAMES)[1])}
    assert "1 bar = 20 s" in html


def test_table_says_the_same_newest_first() -> None:
    html = timeline_view.table(snapshot(intervals=lesson((6, 3, 1), None, (2, 8, 0)), interval_seconds=60.0), "en")
    assert re.findall(r'scope="row">([^<]*)<', html) == ["10:17", "10:16", "10:15"]
    assert cells(html) == ["2.0", "8.0", "0.0", "10.0", "–", "–", "–", "–", "6.0", "3.0", "1.0", "10.0"]


def test_rows_of_less_than_a_minute_say_the_second() -> None:
    html = timeline_view.table(snapshot(intervals=lesson((6, 3, 1), (6, 3, 1))), "en")
    assert re.findall(r'scope="row">([^<]*)<', html) == ["10:15:10", "10:15:00"]


def test_table_of_a_single_student_has_shares_of_the_time() -> None:
    assert cells(timeline_view.table(snapshot(intervals=lesson((0.75, 0.25, 0))), "en", single=True)) == ["75%", "25%", "0%"]


@pytest.mark.parametrize("piece", [timeline_view.chart, timeline_view.table])
def test_before_the_first_interval_there_is_a_hint(piece: object) -> None:
    assert "has run for 10 seconds" in piece(snapshot(), "en")  # type: ignore[operator]


def test_csv_lies_in_its_link() -> None:
    html = timeline_view.csv_link(snapshot(intervals=lesson((6, 3, 1), (2, 8, 0))), "en")
    assert 'download="taido-lesson.csv"' in html
    found = re.search(r'href="data:text/csv;charset=utf-8;base64,([^"]+)"', html)
    assert found is not None
    rows = list(csv.DictReader(io.StringIO(base64.b64decode(found[1]).decode("utf-8-sig"))))
    assert [(float(row["start"]), float(row["looking-ahead"]), float(row["sleep"])) for row in rows] == [(0, 6, 3), (10, 2, 8)]
    assert rows[0]["started_at"] == datetime(2026, 5, 4, 10, 15, tzinfo=UTC).isoformat()
    assert rows[0]["session"] == "", "nothing is recorded"


def test_csv_has_the_number_of_the_record_and_of_a_film_no_time_of_day() -> None:
    html = timeline_view.csv_link(snapshot(intervals=lesson((6, 3, 1)), recorded_as=4, of_day=False), "en")
    found = re.search(r'base64,([^"]+)"', html)
    assert found is not None
    (row,) = csv.DictReader(io.StringIO(base64.b64decode(found[1]).decode("utf-8-sig")))
    assert (row["session"], row["started_at"], row["looking-ahead"]) == ("4", "", "6.0000")


def test_without_a_lesson_there_is_no_csv() -> None:
    assert timeline_view.csv_link(snapshot(state="waiting", started_at=None), "en") == ""
