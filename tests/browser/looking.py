"""What tests of the pages have in common."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

Visit = Callable[..., Any]
PATIENCE_MS = 30_000


def fits(page: Page) -> bool:
    """Whether nothing makes the page scroll sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
