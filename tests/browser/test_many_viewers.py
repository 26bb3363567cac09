"""Webcams of browsers have their number: one more is told so in its own language, and comes in once a place is free."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ATTITUDES
from tests.browser.looking import PATIENCE_MS, Visit, open_page
from tests.dashboard.served import Served, running_app

REFUSED = "429"
"""What the console says of the answer; the page says the sentence."""


@pytest.fixture(scope="module")
def served_few(make_model: Callable[..., Path], tiny_finder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The app with places for two webcams."""
    arguments = ["--model", str(make_model(class_names=ATTITUDES)), "--finder", str(tiny_finder), "--provider", "cpu"]
    with running_app([*arguments, "--webcams", "2"], tmp_path_factory.mktemp("temporary")) as app:
        yield app


def press(page: Page, words: str) -> None:
    page.locator("#live-camera").get_by_text(words, exact=True).click()


@pytest.mark.parametrize(
    ("locale", "start", "waits", "sentence"),
    [
        ("en-US", "Start", "Waiting", "All places for webcams are taken (2)."),
        ("ja-JP", "開始", "待機中", "同時に使える人数（2 人）"),
    ],
)
def test_one_webcam_too_many_is_told_so_and_comes_in_when_a_place_is_free(
    visit: Visit, served_few: Served, screenshots: Path, locale: str, start: str, waits: str, sentence: str
) -> None:
    visits = [visit(served_few, locale=locale) for _ in range(3)]
    first, second, third = (one.page for one in visits)
    for page in (first, second, third):
        open_page(page, 1)
        page.locator("#live-camera").get_by_role("button").filter(visible=True).first.click()
    for page in (first, second):
        press(page, start)
        expect(page.locator("#live-result .taido-now")).to_be_visible(timeout=PATIENCE_MS)
    expect(third.locator("#live-result")).to_contain_text(sentence, timeout=PATIENCE_MS)  # before anybody there presses start
    press(third, start)
    expect(third.locator(".toast-body").first).to_contain_text(sentence, timeout=PATIENCE_MS)
    third.screenshot(path=screenshots / f"webcam-refused-1280-{locale[:2]}.png", full_page=True)
    for page in (first, second):
        expect(page.locator("#live-result .taido-now")).to_be_visible()
    assert visits[2].errors and all(REFUSED in error for error in visits[2].errors)
    visits[2].errors.clear()
    first.context.close()
    expect(third.locator("#live-result")).not_to_contain_text(sentence, timeout=PATIENCE_MS)
    press(third, waits)
    press(third, start)
    expect(third.locator("#live-result .taido-now")).to_be_visible(timeout=PATIENCE_MS)
