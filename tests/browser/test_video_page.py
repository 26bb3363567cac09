"""The Video page as a person uses it."""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import PATIENCE_MS, Visit, fits, open_page
from tests.dashboard.served import Served

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="the program ffmpeg is not installed")
RED, BLUE = (30, 30, 200), (200, 30, 30)
"""BGR."""


def film_of(path: Path, seconds: int) -> Path:
    """A student who is red, and blue from the middle on."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 4, (320, 240))
    for number in range(4 * seconds):
        writer.write(np.full((240, 320, 3), RED if number < 2 * seconds else BLUE, np.uint8))
    writer.release()
    return path


def video_page(visit: Visit, film: Path, **how: object) -> Page:
    page: Page = visit(**how).page
    open_page(page, 2)
    page.locator("#video-drop input[type=file]").set_input_files(film)
    expect(page.locator("#video-drop")).to_contain_text(film.stem, timeout=PATIENCE_MS)
    return page


@needs_ffmpeg
@pytest.mark.parametrize(
    ("width", "locale", "scheme", "done", "attitude"),
    [
        (1280, "en-US", "light", "The whole recording: 24 s", "Looking ahead"),
        (390, "ja-JP", "dark", "録画全体: 24 秒", "前を見ている"),
    ],
)
def test_recording_is_looked_through_and_marked(
    visit: Visit, screenshots: Path, tmp_path: Path, width: int, locale: str, scheme: str, done: str, attitude: str
) -> None:
    page = video_page(visit, film_of(tmp_path / "lesson.avi", 24), width=width, locale=locale, scheme=scheme)
    page.locator("#video-start").click()
    expect(page.locator("#video-status")).to_contain_text(done, timeout=PATIENCE_MS)
    expect(page.locator("#video-timeline svg")).to_have_count(1)
    expect(page.locator("#video-means")).to_contain_text(attitude)
    page.locator("#video-mark").click()
    film = page.locator("#video-marked video")
    expect(film).to_be_visible(timeout=PATIENCE_MS)
    page.wait_for_function("document.querySelector('#video-marked video').videoWidth === 320")
    assert fits(page)
    page.screenshot(path=screenshots / f"video-{width}-{locale[:2]}-{scheme}.png", full_page=True)
    with page.expect_download() as download:
        page.locator("#video-download a").click()
    assert len(download.value.path().read_text(encoding="utf-8").splitlines()) == 4


def test_look_through_can_be_stopped_and_another_begun(visit: Visit, tmp_path: Path) -> None:
    page = video_page(visit, film_of(tmp_path / "long.avi", 3600))
    page.locator("#video-start").click()
    expect(page.locator("#video-timeline svg")).to_have_count(1, timeout=PATIENCE_MS)
    page.locator("#video-stop").click()
    page.locator("#video-drop").get_by_label("Clear").first.click()
    expect(page.locator("#video-timeline svg")).to_have_count(0, timeout=PATIENCE_MS)
    page.locator("#video-drop input[type=file]").set_input_files(film_of(tmp_path / "short.avi", 12))
    expect(page.locator("#video-drop")).to_contain_text("short", timeout=PATIENCE_MS)
    page.locator("#video-start").click()
    expect(page.locator("#video-status")).to_contain_text("The whole recording: 12 s", timeout=PATIENCE_MS)


def test_what_is_no_video_is_named_and_not_its_place(visit: Visit, served: Served, tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("no video", encoding="utf-8")
    page = video_page(visit, tmp_path / "notes.mp4")
    page.locator("#video-start").click()
    status = page.locator("#video-status")
    expect(status).to_contain_text("notes.mp4 is not a video that can be read", timeout=PATIENCE_MS)
    assert str(served.temporary) not in status.inner_text()


@needs_ffmpeg
def test_progress_of_a_marked_copy_is_shown(visit: Visit, tmp_path: Path) -> None:
    page = video_page(visit, film_of(tmp_path / "long.avi", 3600))
    page.locator("#video-mark").click()
    status = page.locator("#video-status")
    expect(status.locator(".progress-level").first).to_be_visible(timeout=PATIENCE_MS)
    expect(status).to_contain_text("Drawing")
    page.locator("#video-stop").click()
    expect(status.locator(".progress-level")).to_have_count(0, timeout=PATIENCE_MS)
