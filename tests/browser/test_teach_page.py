"""The Teach page as a person uses it: consent first, then photographs and the webcam, labels, undo, and what lies on the disk."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.conftest import ATTITUDES
from tests.browser.looking import PATIENCE_MS, Visit, fits, open_page
from tests.dashboard.served import Served, running_app

TEACH_PAGE = 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("teach") / "gathered"


@pytest.fixture(scope="module")
def served_teach(
    make_model: Callable[..., Path], tiny_finder: Path, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    model = make_model(class_names=ATTITUDES)
    arguments = ["--model", str(model), "--finder", str(tiny_finder), "--provider", "cpu", "--teach", str(folder)]
    with running_app(arguments, tmp_path_factory.mktemp("temporary")) as app:
        yield app


def photographs(folder: Path, seed: int) -> list[Path]:
    """A clearly red one, one that is red and green, and a copy of the first."""
    random = np.random.default_rng(seed)
    first, second = (np.repeat(np.repeat(random.integers(-70, 70, (9, 9, 1)), 30, 0), 30, 1) for _ in range(2))
    pictures = {
        "sure.jpg": np.array((220, 40, 40)) + first,
        "unsure.jpg": np.array((130, 120, 60)) + second,
        "copy.png": np.array((220, 40, 40)) + first,
    }
    for name, pixels in pictures.items():
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(folder / name)
    return [folder / name for name in pictures]


def manifest(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("width", "locale", "scheme", "promise", "waiting", "guess", "kept", "sleeping"),
    [
        (1280, "en-US", "light", "This page stores pictures", "2 to label", "guess: Looking", "2 kept", "Sleeping"),
        (390, "ja-JP", "dark", "このページは写真を保存します", "ラベル待ち 2 枚", "推測", "残した写真 2 枚", "眠っている"),
    ],
)  # fmt: skip
def test_photographs_are_labelled_kept_and_taken_back(
    visit: Visit, served_teach: Served, folder: Path, screenshots: Path, tmp_path: Path, width: int, locale: str, scheme: str,
    promise: str, waiting: str, guess: str, kept: str, sleeping: str,
) -> None:  # fmt: skip
    page: Page = visit(served_teach, width=width, locale=locale, scheme=scheme).page
    open_page(page, TEACH_PAGE)
    before = len(list(folder.glob("*/*.jpg")))
    expect(page.locator("#teach-promise")).to_contain_text(promise, timeout=PATIENCE_MS)
    expect(page.locator("#teach-files")).to_have_count(0)
    page.locator("#teach-agreed input").check()
    page.locator("#teach-camera input, #teach-camera textarea").fill("room 2")
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    page.locator("#teach-files input[type=file]").set_input_files([broken, *photographs(tmp_path, width)])
    status = page.locator("#teach-status")
    expect(status).to_contain_text(waiting, timeout=PATIENCE_MS)
    expect(status).to_contain_text("broken.jpg")
    expect(page.locator("#teach-picture img")).to_be_visible()
    expect(page.locator("#teach-picture")).to_contain_text(guess)
    expect(page.locator("#teach-label input:checked")).to_have_count(1)
    assert fits(page)
    page.screenshot(path=screenshots / f"teach-{width}-{locale[:2]}-{scheme}.png", full_page=True)
    unsure = page.locator("#teach-picture").inner_text()
    page.locator("#teach-label").get_by_text(sleeping).click()
    page.locator("#teach-keep").click()
    expect(status).to_contain_text("sleep/", timeout=PATIENCE_MS)
    page.locator("#teach-keep").click()
    expect(status).to_contain_text(kept, timeout=PATIENCE_MS)
    rows = manifest(folder)[before:]
    assert [row["label"] for row in rows] == ["sleep", "looking-ahead"]
    assert {row["camera"] for row in rows} == {"room 2"} and len({row["person"] for row in rows}) == 1
    assert "100%" not in unsure
    page.locator("#teach-undo").click()
    expect(page.locator("#teach-picture img")).to_be_visible(timeout=PATIENCE_MS)
    assert len(manifest(folder)) == before + 1
    assert len(list(folder.glob("*/*.jpg"))) == before + 1


def test_pictures_are_taken_while_the_button_is_held(visit: Visit, served_teach: Served, folder: Path) -> None:
    page: Page = visit(served_teach).page
    open_page(page, TEACH_PAGE)
    page.locator("#teach-agreed input").check()
    page.locator("#teach-students").get_by_text("One student").click()
    page.get_by_role("button", name="Click to Access Webcam").last.click()
    page.locator("#teach-webcam").get_by_text("Start").click()
    page.wait_for_timeout(1500)
    expect(page.locator("#teach-picture img")).to_have_count(0)
    hold = page.get_by_role("button", name="Hold to take pictures")
    hold.scroll_into_view_if_needed()
    box = hold.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    expect(page.locator("#teach-picture img")).to_be_visible(timeout=PATIENCE_MS)
    page.mouse.up()
    page.locator("#teach-skip").click()
    expect(page.locator("#teach-picture img")).to_have_count(0, timeout=PATIENCE_MS)
    hold.press("Enter")
    expect(page.locator("#teach-picture img")).to_be_visible(timeout=PATIENCE_MS)


def test_without_the_flag_there_is_no_such_page(visit: Visit) -> None:
    page: Page = visit().page
    expect(page.get_by_role("tab")).to_have_count(6)
    assert page.locator("#teach-promise").count() == 0
