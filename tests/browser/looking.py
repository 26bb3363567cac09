"""What tests of the pages have in common."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from dashboard.gradio_words import GRADIO_JAPANESE

Visit = Callable[..., Any]
ALLOW_CAMERA = re.compile("Click to Access Webcam|" + GRADIO_JAPANESE["Click to Access Webcam"])
"""The name of Gradio's button in both languages."""
PATIENCE_MS = 30_000


def fits(page: Page) -> bool:
    """Whether nothing makes the page scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def open_page(page: Page, number: int) -> None:
    """The page of that number, from 0; on a phone the last ones stand in a menu."""
    tabs = page.get_by_role("tab")
    expect(tabs.first).to_be_visible()
    if number < tabs.count():
        tabs.nth(number).click()
    else:
        page.locator(".overflow-menu > button").click()
        page.locator(".overflow-dropdown button").nth(number - tabs.count()).click()
