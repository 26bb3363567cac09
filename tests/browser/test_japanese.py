"""On a Japanese page nothing is left in English: neither our words nor Gradio's own, on any page, in use and before."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Page, expect

from dashboard.gradio_words import GRADIO_JAPANESE
from tests.browser.conftest import ATTITUDES
from tests.browser.looking import PATIENCE_MS, Visit, open_page
from tests.dashboard.served import Served, running_app

PAGES = ("photos", "live", "video", "seats", "lessons", "teach", "model")
NAMES = {"Taido", "CPU"}
"""That are the same in every language."""
ENGLISH = """() => {
  const words = new Set(), japanese = /[\\u3040-\\u30ff\\u4e00-\\u9fff]/;
  const seen = (element, line) => {
    const plain = (line || "").trim();
    if (/[A-Za-z]{3,}/.test(plain) && !japanese.test(plain) && element.checkVisibility()
        && !element.closest("script, style, .prose, code, .taido-facts td, .file-preview, #model-choose")) words.add(plain);
  };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) seen(walk.currentNode.parentElement, walk.currentNode.data);
  for (const name of ["aria-label", "title", "placeholder", "alt"])
    for (const element of document.querySelectorAll(`[${name}]`)) seen(element, element.getAttribute(name));
  return [...words];
}"""


@pytest.fixture(scope="module")
def served_all(make_model: Callable[..., Path], tiny_finder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """With every page that there is."""
    model = make_model(class_names=ATTITUDES)
    folder = tmp_path_factory.mktemp("gathered")
    arguments = ["--model", str(model), "--finder", str(tiny_finder), "--provider", "cpu", "--teach", str(folder)]
    with running_app(arguments, tmp_path_factory.mktemp("temporary")) as app:
        yield app


def english(page: Page, given: set[str]) -> list[str]:
    """What is left, but for names, those of files that were `given` among them."""
    found = cast(list[str], page.evaluate(ENGLISH))
    return [line for line in found if line not in NAMES and not any(name in line or line in name for name in given)]


def use(page: Page, name: str, rooms: list[Path]) -> None:
    """As far as strings appear by it."""
    if name == "photos":
        page.locator("#photos-drop input[type=file]").set_input_files(rooms[:2])
        expect(page.locator("#photos-gallery img")).to_have_count(2, timeout=PATIENCE_MS)
        page.wait_for_timeout(1000)
    elif name == "live":
        page.get_by_role("button", name=GRADIO_JAPANESE["Click to Access Webcam"]).filter(visible=True).click()
        page.locator("#live-camera").get_by_text("開始", exact=True).click()
        expect(page.locator("#live-result .taido-now")).to_be_visible(timeout=PATIENCE_MS)
    elif name == "seats":
        page.locator("#seats-still input[type=file]").set_input_files(rooms[0])
        page.locator("#seats-find").click(timeout=PATIENCE_MS)
        expect(page.locator("#seats-editor .box")).to_have_count(3, timeout=PATIENCE_MS)
    elif name == "teach":
        page.locator("#teach-agreed input").check()
        page.locator("#teach-files input[type=file]").set_input_files(rooms[0])
        expect(page.locator("#teach-picture img")).to_be_visible(timeout=PATIENCE_MS)


def test_no_english_is_left_on_a_japanese_page(visit: Visit, served_all: Served, rooms: list[Path]) -> None:
    page: Page = visit(served_all, locale="ja-JP").page
    given = {part for path in rooms for part in (path.name, path.stem)}
    left: list[str] = []
    for number, name in enumerate(PAGES):
        open_page(page, number)
        page.wait_for_timeout(500)
        left += [f"{name}: {line}" for line in english(page, given)]
        use(page, name, rooms)
        left += [f"{name}, in use: {line}" for line in english(page, given)]
    assert left == []


def test_english_page_keeps_the_words_of_gradio(visit: Visit, served_all: Served) -> None:
    page: Page = visit(served_all).page
    open_page(page, 1)
    expect(page.get_by_role("button", name="Click to Access Webcam").filter(visible=True)).to_be_visible()
    assert "Click to Access Webcam" in page.evaluate(ENGLISH)
