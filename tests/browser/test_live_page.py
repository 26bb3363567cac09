"""The Live page as a person uses it, with a webcam and with a camera of the machine that all browsers share."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.looking import ALLOW_CAMERA, PATIENCE_MS, Visit, fits, open_page
from tests.dashboard.served import Served, running_app
from tests.network_camera import network_camera

READ_FROM_TWO_METRES_PX = 52
"""Numerals of a centimetre, a two-hundredth of the distance, with 96 pixels to the inch; they are 0.72 of the font's size."""
FIRST_BAR_MS = 30_000
"""A bar of the timeline stands for ten seconds."""


@pytest.mark.parametrize(
    ("width", "locale", "scheme", "start", "promise", "names"),
    [
        (1280, "en-US", "light", "Start", "in memory, and not stored", ("Looking ahead", "Sleeping")),
        (390, "ja-JP", "light", "開始", "保存しません", ("前を見ている", "眠っている")),
        (1280, "ja-JP", "dark", "開始", "保存しません", ("前を見ている", "眠っている")),
    ],
)
def test_live_page_follows_the_camera_and_stores_no_frame(
    visit: Visit, served: Served, screenshots: Path, width: int, locale: str, scheme: str,
    start: str, promise: str, names: tuple[str, str],
) -> None:  # fmt: skip
    page = visit(width=width, locale=locale, scheme=scheme).page
    open_page(page, 1)
    expect(page.locator("#live-intro")).to_contain_text(promise)
    before = pictures(served)
    page.get_by_role("button", name=ALLOW_CAMERA).click()
    page.locator("#live-camera").get_by_text(start).click()
    now = page.locator("#live-result .taido-now strong")
    expect(now).to_have_text(names[0], timeout=PATIENCE_MS)  # the film turns from red to blue and back
    expect(now).to_have_text(names[1], timeout=PATIENCE_MS)
    expect(now).to_have_text(names[0], timeout=PATIENCE_MS)
    if width >= 1280:
        assert now.evaluate("name => parseFloat(getComputedStyle(name).fontSize)") >= READ_FROM_TWO_METRES_PX
    page.wait_for_timeout(4000)
    recent = page.locator("#live-recent").inner_text()
    assert all(name in recent for name in names)
    rate = re.compile(r"[1-9]\d*\.\d")  # frames/s; a busy machine is slow, a stream that stands still is 0
    expect(page.locator("#live-status")).to_contain_text(rate, timeout=PATIENCE_MS)
    assert fits(page)
    page.screenshot(path=screenshots / f"live-{width}-{locale[:2]}-{scheme}.png", full_page=True)
    assert pictures(served) == before


def test_live_page_marks_every_student_of_a_class_and_stores_no_frame(visit: Visit, served: Served, screenshots: Path) -> None:
    page = visit().page
    open_page(page, 1)
    before = pictures(served)
    page.locator("#live-students").get_by_text("A class").click()
    page.get_by_role("button", name=ALLOW_CAMERA).click()
    page.locator("#live-camera").get_by_text("Start").click()
    expect(page.locator("#live-result")).to_contain_text("students found", timeout=PATIENCE_MS)
    expect(page.locator("#live-marked img")).to_have_js_property("naturalWidth", 640)
    page.screenshot(path=screenshots / "live-class-1280-en-light.png", full_page=True)
    page.locator("#live-students").get_by_text("One student").click()
    expect(page.locator("#live-result .taido-now")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("#live-marked img")).to_have_count(0)
    assert pictures(served) == before


def pictures(served: Served) -> set[Path]:
    """Every file with content that the app has written."""
    return {path for path in served.temporary.rglob("*") if path.is_file() and path.stat().st_size}


@pytest.mark.parametrize(
    ("width", "locale", "camera", "words"),
    [
        (1280, "en-US", "Start", ("Start lesson", "Pause", "Resume", "End lesson", "Paused", "Looking ahead")),
        (390, "ja-JP", "開始", ("授業を開始", "一時停止", "再開", "授業を終了", "一時停止中", "前を見ている")),
    ],
)
def test_lesson_before_a_webcam_is_started_paused_and_ended(
    visit: Visit, screenshots: Path, width: int, locale: str, camera: str, words: tuple[str, ...]
) -> None:
    page = visit(width=width, locale=locale).page
    open_page(page, 1)
    page.get_by_role("button", name=ALLOW_CAMERA).click()
    page.locator("#live-camera").get_by_text(camera, exact=True).click()
    start, pause, resume, end, paused, attitude = words
    expect(page.locator("#live-result .taido-now")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("button", name=start, exact=True).click()
    expect(page.locator("#live-timeline svg")).to_have_count(1, timeout=FIRST_BAR_MS)
    expect(page.locator("#live-means")).to_contain_text(attitude)
    page.get_by_role("button", name=pause, exact=True).click()
    expect(page.locator("#live-headline")).to_contain_text(paused)
    expect(page.get_by_role("button", name=pause, exact=True)).to_be_hidden()
    page.get_by_role("button", name=resume, exact=True).click()
    page.get_by_role("button", name=end, exact=True).click()
    with page.expect_download() as download:
        page.locator("#live-download a").click()
    rows = download.value.path().read_text(encoding="utf-8").splitlines()
    assert "touching-pda" in rows[0]
    assert len(rows) > 1
    assert fits(page)
    page.screenshot(path=screenshots / f"lesson-{width}-{locale[:2]}-light.png", full_page=True)


@pytest.fixture(scope="module")
def served_camera(
    make_model: Callable[..., Path], tiny_finder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The app before two network cameras that see three students each."""
    folder = tmp_path_factory.mktemp("camera")
    model = make_model(class_names=("looking-ahead", "looking-down", "sleep", "touching-pda"))
    models = ["--model", str(model), "--finder", str(tiny_finder), "--provider", "cpu"]
    one, other = network_camera([room("red", "red", "blue")]), network_camera([room("lime", "lime", "lime")])
    with one as first, other as second:
        more = ["--source", first, "--source", second, "--record", str(folder / "lessons.db")]
        with running_app([*models, *more], folder) as app:
            yield app


def room(*colours: str) -> np.ndarray:
    """A class of as many students."""
    picture = Image.new("RGB", (960, 640), "black")
    for number, colour in enumerate(colours):
        picture.paste(Image.new("RGB", (80, 80), colour), (80 + 320 * number, 80))
    return np.array(picture)


@pytest.mark.parametrize(("width", "locale"), [(1280, "en-US"), (390, "ja-JP")])
def test_camera_of_the_machine_is_shown_to_all_and_its_lesson_recorded(
    visit: Visit, served_camera: Served, screenshots: Path, width: int, locale: str
) -> None:
    first, second = (look_at(visit, served_camera, width, locale) for _ in range(2))
    for page in (first, second):
        expect(page.locator("#camera-picture .taido-consent")).to_be_visible(timeout=PATIENCE_MS)
        assert page.locator("#camera-picture img").count() == 0, "before anybody agreed"
    first.screenshot(path=screenshots / f"camera-{width}-{locale[:2]}-light-before.png", full_page=True)
    first.locator("#camera-start").click()
    second.locator("#camera-show").click()
    for page in (first, second):
        expect(page.locator("#camera-picture img")).to_have_js_property("naturalWidth", 960, timeout=PATIENCE_MS)
        expect(page.locator("#camera-result .count").first).to_have_text("2")
        size = page.locator("#camera-result .count").first.evaluate("count => parseFloat(getComputedStyle(count).fontSize)")
        assert size >= READ_FROM_TWO_METRES_PX
        assert "s3cret" not in page.content()
    expect(second.locator("#camera-pause")).to_be_visible(timeout=PATIENCE_MS)
    expect(second.locator("#camera-timeline svg")).to_have_count(1, timeout=FIRST_BAR_MS)
    second.locator("#camera-end").click()
    expect(first.locator("#camera-download a")).to_be_visible(timeout=PATIENCE_MS)
    assert all(fits(page) for page in (first, second))
    first.screenshot(path=screenshots / f"camera-{width}-{locale[:2]}-light.png", full_page=True)
    assert (served_camera.temporary / "lessons.db").is_file()


def test_page_chooses_among_the_cameras_that_were_given(visit: Visit, served_camera: Served) -> None:
    page = look_at(visit, served_camera, 1280, "en-US")
    page.locator("#camera-which label").nth(1).click()
    expect(page.locator("#camera-picture .taido-consent")).to_be_visible(timeout=PATIENCE_MS)
    page.locator("#camera-show").click()
    count = page.locator("#camera-result .count")
    expect(count.nth(1)).to_have_text("3", timeout=PATIENCE_MS)
    shown = page.locator("#camera-about").inner_text()
    page.locator("#camera-which label").nth(0).click()
    expect(page.locator("#camera-picture img")).to_have_count(0, timeout=PATIENCE_MS)
    assert page.locator("#camera-about").inner_text() != shown
    assert page.locator("#camera-which label").count() == 2


def look_at(visit: Visit, served: Served, width: int, locale: str) -> Page:
    page: Page = visit(served, width=width, locale=locale).page
    open_page(page, 1)
    return page
