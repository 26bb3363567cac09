"""The Lessons page as a person uses it, before a record of two lessons."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from inference.intervals import Interval
from inference.record import Recorder, SessionFacts
from inference.recorded import read_sessions
from tests.browser.looking import PATIENCE_MS, Visit, fits, open_page
from tests.dashboard.served import Served, running_app

NAMES = ("looking-ahead", "looking-down", "sleep", "touching-pda")
MONDAY = datetime(2026, 4, 13, 10, 15, tzinfo=UTC)


def lesson_of(path: Path, day: int, *parts: tuple[float, float, float, float]) -> None:
    """A lesson of ten minutes for each of the parts."""
    begin = MONDAY + timedelta(days=day)
    recorder = Recorder(path, SessionFacts(begin, NAMES, "camera 0", "attitude.onnx", "f64c20b4", "finder", {}, 10.0))
    counts = [part for part in parts for _ in range(60)]
    recorder.write([Interval(10.0 * i, 10.0, 80, part, 1.0, sum(part) + 1) for i, part in enumerate(counts)])
    recorder.end(begin + timedelta(minutes=10 * len(parts)))


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("record") / "lessons.db"
    lesson_of(path, 0, (18, 4, 0, 1), (12, 6, 3, 2), (15, 4, 1, 3), (17, 5, 0, 1))
    lesson_of(path, 1, (20, 3, 0, 0), (10, 8, 0, 5), (14, 6, 0, 3))
    return path


@pytest.fixture(scope="module")
def served_record(make_model: Callable[..., Path], record: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    arguments = ["--model", str(make_model()), "--students", "whole", "--provider", "cpu", "--record", str(record)]
    with running_app(arguments, tmp_path_factory.mktemp("temporary")) as app:
        yield app


@pytest.mark.parametrize(
    ("width", "locale", "scheme", "attitude", "difference", "changed"),
    [
        (1280, "en-US", "light", "Looking ahead", "points", "Looking ahead from 20 to 10"),
        (390, "ja-JP", "dark", "前を見ている", "ポイント", "前を見ている: 20 人から 10 人へ"),
    ],
)
def test_lessons_are_listed_chosen_and_compared(
    visit: Visit, served_record: Served, screenshots: Path, tmp_path: Path, width: int, locale: str, scheme: str,
    attitude: str, difference: str, changed: str,
) -> None:  # fmt: skip
    page: Page = visit(served_record, width=width, locale=locale, scheme=scheme).page
    open_page(page, 4)
    expect(page.locator("#lessons-list tbody tr")).to_have_count(2, timeout=PATIENCE_MS)
    lesson = page.locator("#lessons-lesson")
    expect(lesson).to_contain_text(changed)
    expect(lesson.locator("svg")).to_have_count(1)
    page.locator("#lessons-other input").click()
    page.get_by_role("option").nth(1).click()
    expect(page.locator("#lessons-beside")).to_contain_text(difference, timeout=PATIENCE_MS)
    expect(page.locator("#lessons-beside")).to_contain_text(attitude)
    assert fits(page)
    page.screenshot(path=screenshots / f"lessons-{width}-{locale[:2]}-{scheme}.png", full_page=True)
    page.locator("#lessons-chosen input").click()
    page.get_by_role("option").nth(1).click()
    expect(lesson).to_contain_text("2026-04-13", timeout=PATIENCE_MS)
    with page.expect_download() as download:
        lesson.locator("a[download$=html]").click()
    download.value.save_as(tmp_path / "lesson.html")
    printed = page.context.new_page()
    printed.goto((tmp_path / "lesson.html").as_uri())
    expect(printed.locator("h2").first).to_contain_text("2026-04-13")
    printed.screenshot(path=screenshots / f"lessons-print-{locale[:2]}.png", full_page=True)
    printed.close()


def test_lesson_that_was_recorded_meanwhile_is_read(visit: Visit, served_record: Served, record: Path) -> None:
    before = len(read_sessions(record))
    page: Page = visit(served_record).page
    open_page(page, 4)
    expect(page.locator("#lessons-list tbody tr")).to_have_count(before, timeout=PATIENCE_MS)
    lesson_of(record, 2, (20, 3, 0, 0))
    page.locator("#lessons-refresh").click()
    expect(page.locator("#lessons-list tbody tr")).to_have_count(before + 1, timeout=PATIENCE_MS)


def test_without_a_record_the_page_says_how_to_make_one(visit: Visit) -> None:
    page: Page = visit().page
    open_page(page, 4)
    expect(page.locator("#lessons-unrecorded")).to_contain_text("--record FILE")
