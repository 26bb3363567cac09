"""A whole session over all pages: nothing is asked of another host, and uploads leave the disk when the page is closed."""

import time
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Request, expect

from tests.browser.looking import PATIENCE_MS, open_page
from tests.dashboard.served import Served

OWN_SCHEMES = {"data", "blob", "about"}


def test_session_over_all_pages_asks_no_other_host_and_leaves_no_upload(
    browser: Browser, served: Served, photos: list[Path]
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US", permissions=["camera"])
    asked: list[Request] = []
    errors: list[str] = []
    context.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - Playwright writes to what it is given
    context.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page = context.new_page()
    before = files(served)
    page.goto(served.address)
    page.locator("#photos-drop input[type=file]").set_input_files(photos)
    expect(page.locator("#photos-gallery img")).to_have_count(len(photos) - 1, timeout=PATIENCE_MS)
    assert any(path.name == photos[0].name for path in files(served) - before)
    expect(page.get_by_role("tab").first).to_be_visible()
    for number in range(page.get_by_role("tab").count()):
        open_page(page, number)
        page.wait_for_timeout(300)
    open_page(page, 1)
    page.get_by_role("button", name="Click to Access Webcam").click()
    page.locator("#live-camera").get_by_text("Start").click()
    expect(page.locator("#live-result .taido-now")).to_be_visible(timeout=PATIENCE_MS)
    hosts = {urlsplit(request.url).netloc for request in asked if urlsplit(request.url).scheme not in OWN_SCHEMES}
    cookies = context.cookies()
    context.close()
    assert len(asked) > 20
    assert hosts == {urlsplit(served.address).netloc}
    assert cookies == []
    assert errors == []
    end = time.monotonic() + PATIENCE_MS / 1000
    while files(served) - before and time.monotonic() < end:
        time.sleep(0.2)
    assert files(served) - before == set()


def files(served: Served) -> set[Path]:
    """Every file with content that the app has written."""
    return {path for path in served.temporary.rglob("*") if path.is_file() and path.stat().st_size}
