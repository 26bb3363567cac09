"""Every page is looked at by axe, in both themes and at both widths: nothing serious or critical may be found.

And pages fit the width of a phone, a tablet, a laptop and a screen on the wall, and can be reached with the keyboard.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import ATTITUDES
from tests.browser.looking import PATIENCE_MS, Visit, fits, open_page
from tests.dashboard.served import Served, running_app

PAGES = ("photos", "live", "video", "seats", "lessons", "teach", "model")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
REACHING_OUT = """() => [...document.querySelectorAll(".column button, .column .block")].filter((inner) => {
  const outer = inner.closest(".column").getBoundingClientRect(), own = inner.getBoundingClientRect();
  return inner.checkVisibility() && outer.width && own.right > outer.right + 1 && !inner.closest(".table-wrap, .grid-wrap");
}).map((inner) => inner.id || inner.textContent.trim().slice(0, 40))"""
"""What is wider than its column, although the page does not scroll."""
ADD_A_FILE = '<button class="icon-button'
"""Of gr.File: its button that adds a file has another one within, which cannot be changed from here."""


@pytest.fixture(scope="module")
def served_all(make_model: Callable[..., Path], tiny_finder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """With every page that there is."""
    model = make_model(class_names=ATTITUDES, measured={"test": {"accuracy": 0.91}})
    folder = tmp_path_factory.mktemp("teach")
    arguments = ["--model", str(model), "--finder", str(tiny_finder), "--provider", "cpu", "--teach", str(folder)]
    with running_app(arguments, tmp_path_factory.mktemp("temporary")) as app:
        yield app


def findings(page: Page) -> list[str]:
    """Serious and critical ones, with where they are."""
    violations = Axe().run(page, options=RULES).response["violations"]
    return [
        f"{found['id']} ({found['impact']}): {node['html'][:300]} | {node['failureSummary'][:300]}"
        for found in violations
        for node in found["nodes"]
        if found["impact"] in ("serious", "critical")
        and not (found["id"] == "nested-interactive" and node["html"].startswith(ADD_A_FILE))
    ]


def fill(page: Page, name: str, rooms: list[Path]) -> None:
    """With something in it, as far as that needs no camera."""
    if name == "photos":
        page.locator("#photos-drop input[type=file]").set_input_files(rooms[:2])
        expect(page.locator("#photos-gallery img")).to_have_count(2, timeout=PATIENCE_MS)
    elif name == "seats":
        page.locator("#seats-still input[type=file]").set_input_files(rooms[0])
        expect(page.locator("#seats-editor .stage img")).to_be_visible(timeout=PATIENCE_MS)
        page.locator("#seats-find").click()
        expect(page.locator("#seats-editor .box")).to_have_count(3, timeout=PATIENCE_MS)
    elif name == "teach":
        page.locator("#teach-agreed input").check()
        page.locator("#teach-files input[type=file]").set_input_files(rooms[0])
        expect(page.locator("#teach-picture img")).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_timeout(300)


@pytest.mark.parametrize(("width", "locale", "scheme"), [(1280, "en-US", "light"), (390, "ja-JP", "dark")])
def test_no_page_has_a_serious_finding(
    visit: Visit, served_all: Served, rooms: list[Path], width: int, locale: str, scheme: str
) -> None:
    page: Page = visit(served_all, width=width, locale=locale, scheme=scheme).page
    wrong = []
    for number, name in enumerate(PAGES):
        open_page(page, number)
        fill(page, name, rooms)
        wrong += [f"{name}: {found}" for found in findings(page)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("scheme", "locale"), [("light", "ja-JP"), ("dark", "en-US")])
def test_pages_fit_every_width(
    visit: Visit, served_all: Served, rooms: list[Path], screenshots: Path, scheme: str, locale: str
) -> None:
    page: Page = visit(served_all, width=1920, scheme=scheme, locale=locale).page
    for number, name in enumerate(PAGES):
        page.set_viewport_size({"width": 1920, "height": 1080})
        open_page(page, number)
        fill(page, name, rooms)
        for width in (1920, 768):
            page.set_viewport_size({"width": width, "height": 1080})
            page.wait_for_timeout(300)
            assert fits(page), (name, width)
            assert page.evaluate(REACHING_OUT) == [], (name, width)
            page.screenshot(path=screenshots / f"look-{name}-{width}-{locale[:2]}-{scheme}.png", full_page=True)


def test_every_page_is_reached_with_the_keyboard(visit: Visit, served_all: Served) -> None:
    page: Page = visit(served_all).page
    tabs = page.get_by_role("tab")
    tabs.first.focus()
    for number in range(1, len(PAGES)):
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(tabs.nth(number)).to_have_attribute("aria-selected", "true")
