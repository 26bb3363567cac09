"""The Seats page as a person uses it: with the mouse, with the keyboard, from the webcam, and what the other pages do then."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from inference.masks import Masks
from inference.seats import Seats
from tests.browser.looking import PATIENCE_MS, Visit, fits, open_page

SEATS_PAGE = 3


def seats_page(visit: Visit, still: Path | None, **how: object) -> Page:
    page: Page = visit(**how).page
    open_page(page, SEATS_PAGE)
    if still is not None:
        page.locator("#seats-still input[type=file]").set_input_files(still)
        expect(page.locator("#seats-editor .stage img")).to_be_visible(timeout=PATIENCE_MS)
    return page


def draw(page: Page, x0: float, y0: float, x1: float, y1: float) -> None:
    """With the mouse, in shares of the still."""
    stage = page.locator("#seats-editor .stage")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + x0 * box["width"], box["y"] + y0 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + x1 * box["width"], box["y"] + y1 * box["height"], steps=4)
    page.mouse.up()


def saved(page: Page, name: str, tmp_path: Path) -> Path:
    with page.expect_download() as download:
        page.locator(f"#seats-files a[download='{name}']").click()
    download.value.save_as(tmp_path / name)
    return tmp_path / name


@pytest.mark.parametrize(
    ("width", "locale", "scheme", "counted", "masks", "student", "found"),
    [
        (1280, "en-US", "light", "Seats: 2 · Masks: 0", "Privacy masks", "one student per seat drawn", "2 students found"),
        (390, "ja-JP", "dark", "座席: 2・隠す範囲: 0", "隠す範囲", "「座席」ページで描いた", "学生が 2 人見つかりました"),
    ],
)
def test_seats_are_drawn_saved_and_used_at_once(
    visit: Visit, rooms: list[Path], screenshots: Path, tmp_path: Path, width: int, locale: str, scheme: str,
    counted: str, masks: str, student: str, found: str,
) -> None:  # fmt: skip
    page = seats_page(visit, rooms[0], width=width, locale=locale, scheme=scheme)
    draw(page, 0.08, 0.1, 0.25, 0.3)
    draw(page, 0.41, 0.1, 0.6, 0.3)
    expect(page.locator("#seats-problem")).to_contain_text(counted, timeout=PATIENCE_MS)
    seats = Seats.read(saved(page, "seats.json", tmp_path))
    assert seats.frame_size_wh == (960, 640)
    assert seats.boxes[0] == pytest.approx((77, 64, 240, 192), abs=4)
    page.locator("#seats-kind").get_by_text(masks, exact=True).click()
    expect(page.locator("#seats-editor .layer.mask")).to_have_count(1, timeout=PATIENCE_MS)
    draw(page, 0.7, 0.6, 0.9, 0.9)
    assert Masks.read(saved(page, "masks.json", tmp_path)).boxes[0] == pytest.approx((672, 384, 864, 576), abs=4)
    page.locator("#seats-kind label").first.click()
    expect(page.locator("#seats-editor .layer.seat .box")).to_have_count(2, timeout=PATIENCE_MS)
    assert fits(page)
    page.screenshot(path=screenshots / f"seats-{width}-{locale[:2]}-{scheme}.png", full_page=True)
    page.locator("#seats-use").click()
    expect(page.locator("#seats-problem")).to_contain_text("--students seats.json", timeout=PATIENCE_MS)
    open_page(page, 0)
    expect(page.locator("#photos-students")).to_contain_text(student)
    page.locator("#photos-drop input[type=file]").set_input_files(rooms[0])
    expect(page.locator("#photos-summary")).to_contain_text(found, timeout=PATIENCE_MS)


def test_seats_are_drawn_moved_numbered_and_deleted_with_the_keyboard_alone(
    visit: Visit, rooms: list[Path], tmp_path: Path
) -> None:
    page = seats_page(visit, rooms[0])
    add = page.get_by_role("button", name="Add a box")
    add.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#seats-editor .box")).to_have_count(1)
    for key in ("ArrowRight", "ArrowDown", "Shift+ArrowRight"):
        page.keyboard.press(key)
    add.focus()
    page.keyboard.press("Enter")
    first, second = page.get_by_role("button", name="Seat 1:"), page.get_by_role("button", name="Seat 2:")
    expect(first).to_have_accessible_name("Seat 1: 245, 272 to 370, 378 pixels")
    expect(second).to_be_focused()
    page.get_by_role("button", name="Number − 1").press("Enter")
    expect(second).to_have_accessible_name("Seat 2: 245, 272 to 370, 378 pixels")
    first.focus()
    page.keyboard.press("Delete")
    expect(page.locator("#seats-editor .box")).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(page.locator("#seats-editor .box")).to_have_count(2)
    expect(page.locator("#seats-problem")).to_contain_text("Seats: 2", timeout=PATIENCE_MS)


def test_students_are_found_a_grid_is_filled_and_a_file_is_loaded_back(visit: Visit, rooms: list[Path], tmp_path: Path) -> None:
    page = seats_page(visit, rooms[0])
    page.locator("#seats-find").click()
    expect(page.locator("#seats-editor .box")).to_have_count(3, timeout=PATIENCE_MS)
    page.locator("#seats-grid").click()
    expect(page.locator("#seats-editor .box")).to_have_count(24, timeout=PATIENCE_MS)
    expect(page.locator("#seats-problem")).to_contain_text("Seats: 24", timeout=PATIENCE_MS)
    path = saved(page, "seats.json", tmp_path)
    again = seats_page(visit, None)
    again.locator("#seats-file input[type=file]").set_input_files(path)
    expect(again.locator("#seats-editor .box")).to_have_count(24, timeout=PATIENCE_MS)
    assert json.loads(path.read_text(encoding="utf-8"))["seats"][23] == [800, 480, 960, 640]


def test_seats_on_one_place_and_foreign_files_are_refused_in_the_language_of_the_page(
    visit: Visit, rooms: list[Path], tmp_path: Path
) -> None:
    page = seats_page(visit, rooms[0], locale="ja-JP")
    draw(page, 0.1, 0.1, 0.3, 0.3)
    page.locator("[data-do=add]").click()
    page.locator("[data-do=add]").click()
    for _ in range(8):
        page.keyboard.press("ArrowLeft")
    expect(page.locator("#seats-problem")).to_contain_text("ほかの座席と重なりすぎています", timeout=PATIENCE_MS)
    page.wait_for_timeout(1000)  # for the answers to the last keys, which would take the place of the next message
    (tmp_path / "notes.json").write_text("{}", encoding="utf-8")
    page.locator("#seats-file input[type=file]").set_input_files(tmp_path / "notes.json")
    expect(page.locator("#seats-problem")).to_contain_text("座席や隠す範囲のファイルではありません", timeout=PATIENCE_MS)
    expect(page.locator("#seats-editor .box")).to_have_count(3)


def test_still_is_taken_with_the_webcam(visit: Visit) -> None:
    page = seats_page(visit, None)
    page.locator("#seats-still").get_by_label("Capture from camera").click()
    page.locator("#seats-still").get_by_role("button", name="Click to Access Webcam").click()
    page.locator("#seats-still").get_by_label("capture photo").click()
    expect(page.locator("#seats-editor .stage img")).to_be_visible(timeout=PATIENCE_MS)
