"""The pages as a person uses them. Each test ends with no error in the console and no request to another host."""

import csv
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ATTITUDES
from tests.browser.looking import PATIENCE_MS, Visit, fits, open_page
from tests.dashboard.served import Served, running_app


def drop(page: Page, photos: list[Path]) -> None:
    page.locator("#photos-drop input[type=file]").set_input_files(photos)
    expect(page.locator("#photos-gallery img")).to_have_count(len(photos) - 1, timeout=PATIENCE_MS)


@pytest.mark.parametrize(
    ("width", "locale", "scheme", "heading", "students", "problem", "attitude"),
    [
        (1280, "en-US", "light", "Summary", "2 students", "Could not be read (1)", "Looking down"),
        (390, "ja-JP", "light", "集計", "学生 2 人", "読み込めなかった写真（1）", "下を見ている"),
        (390, "en-US", "dark", "Summary", "2 students", "Could not be read (1)", "Looking down"),
        (1280, "ja-JP", "dark", "集計", "学生 2 人", "読み込めなかった写真（1）", "下を見ている"),
    ],
)
def test_photos_page_shows_scores_summary_and_the_broken_one(
    visit: Visit, photos: list[Path], screenshots: Path, width: int, locale: str, scheme: str,
    heading: str, students: str, problem: str, attitude: str,
) -> None:  # fmt: skip
    page = visit(width=width, locale=locale, scheme=scheme).page
    drop(page, photos)
    summary = page.locator("#photos-summary")
    damaged = "broken.jpg は壊れているか" if locale == "ja-JP" else "broken.jpg is damaged"
    for expected in (heading, students, problem, attitude, damaged):
        expect(summary).to_contain_text(expected)
    expect(summary).not_to_contain_text("%")
    expect(page.locator("#photos-gallery")).to_contain_text("second row.png")
    expect(page.locator("#photos-table")).to_contain_text(attitude)
    assert fits(page)
    page.screenshot(path=screenshots / f"photos-{width}-{locale[:2]}-{scheme}.png", full_page=True)


def test_photos_table_is_downloaded_as_csv(visit: Visit, photos: list[Path], tmp_path: Path) -> None:
    page = visit().page
    drop(page, photos)
    with page.expect_download() as download:
        page.locator("#photos-download").click()
    assert download.value.suggested_filename == "taido-attitudes.csv"
    download.value.save_as(tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], row["label"]) for row in rows] == [
        ("front row.jpg", "looking-ahead"),
        ("second row.png", "looking-down"),
    ]


@pytest.mark.parametrize(
    ("width", "locale", "way", "students", "nobody", "column", "whole"),
    [
        (1280, "en-US", "A class", "5 students found", "0 students found", "Student", "3 students"),
        (390, "ja-JP", "クラス全体", "学生が 5 人見つかりました", "学生が 0 人見つかりました", "学生", "学生 3 人"),
    ],
)
def test_photos_page_marks_every_student_of_a_class_without_dropping_the_photos_again(
    visit: Visit, rooms: list[Path], screenshots: Path, tmp_path: Path, width: int, locale: str,
    way: str, students: str, nobody: str, column: str, whole: str,
) -> None:  # fmt: skip
    page = visit(width=width, locale=locale).page
    summary, gallery = page.locator("#photos-summary"), page.locator("#photos-gallery")
    page.locator("#photos-drop input[type=file]").set_input_files(rooms)
    expect(summary).to_contain_text(whole, timeout=PATIENCE_MS)
    page.locator("#photos-students").get_by_text(way).click()
    for expected in (students, "2 · 40%", "1 · 20%"):
        expect(summary).to_contain_text(expected, timeout=PATIENCE_MS)
    expect(gallery.locator("img")).to_have_count(3)
    expect(gallery).to_contain_text(f"empty.png · {nobody}")
    expect(page.locator("#photos-table thead").first).to_contain_text(column)
    picture = gallery.locator("img").first
    expect(picture).to_have_js_property("naturalWidth", 960)
    assert fits(page)
    page.screenshot(path=screenshots / f"class-{width}-{locale[:2]}-light.png", full_page=True)
    with page.expect_download() as download:
        page.locator("#photos-download").click()
    download.value.save_as(tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], row["student"]) for row in rows] == [("lesson.png", f"{i}") for i in (1, 2, 3)] + [
        ("lab.jpg", "1"),
        ("lab.jpg", "2"),
    ]
    assert all(float(row["x1"]) - float(row["x0"]) == pytest.approx(80, abs=1) for row in rows)
    page.locator("#photos-students label").first.click()
    expect(summary).to_contain_text(whole, timeout=PATIENCE_MS)
    expect(page.locator("#photos-table thead").first).not_to_contain_text(column)


def test_photos_page_starts_again_when_the_photos_are_removed(visit: Visit, photos: list[Path]) -> None:
    page = visit().page
    drop(page, photos)
    page.locator("#photos-drop").get_by_label("Clear").first.click()
    expect(page.locator("#photos-summary")).to_contain_text("appear here", timeout=PATIENCE_MS)
    expect(page.locator("#photos-gallery")).to_have_count(0)


@pytest.mark.parametrize(("width", "locale", "facts"), [(1280, "en-US", "Runs on"), (390, "ja-JP", "実行環境")])
def test_model_page_says_what_runs(visit: Visit, screenshots: Path, width: int, locale: str, facts: str) -> None:
    page = visit(width=width, locale=locale).page
    open_page(page, 5)
    for expected in (facts, "CPU", "tiny.onnx", "32 × 32", "0.91", "tiny-finder.onnx", "48 × 32"):
        expect(page.locator("#model-facts")).to_contain_text(expected)
    assert fits(page)
    page.screenshot(path=screenshots / f"model-{width}-{locale[:2]}-light.png", full_page=True)


@pytest.fixture
def served_models(make_model: Callable[..., Path], tiny_finder: Path, tmp_path: Path) -> Iterator[Served]:
    """With a folder of two classifiers, a finder and a damaged file; it goes on until the pages of the test are closed."""
    shutil.copy(make_model(class_names=ATTITUDES), tmp_path / "first.onnx")
    shutil.copy(make_model(class_names=("scarlet", "moss", "sky")), tmp_path / "second.onnx")
    shutil.copy(tiny_finder, tmp_path / "finder.onnx")
    (tmp_path / "wrong.onnx").write_bytes(b"no model")
    with running_app(["--model", str(tmp_path / "first.onnx"), "--provider", "cpu", "--students", "whole"], tmp_path) as app:
        yield app


def test_other_model_is_chosen_while_the_app_runs_and_a_wrong_one_refused(
    served_models: Served, visit: Visit, photos: list[Path], screenshots: Path
) -> None:
    page = visit(served_models).page
    open_page(page, 5)
    expect(page.locator("#model-facts")).to_contain_text("first.onnx", timeout=PATIENCE_MS)
    for name, told in (("wrong.onnx", "is not an ONNX model"), ("second.onnx", "")):
        page.locator("#model-choose input").click()
        expect(page.get_by_role("option", name="finder.onnx")).to_have_count(0)
        page.get_by_role("option", name=name).click()
        page.locator("#model-use").click()
        expect(page.locator("#model-problem")).to_contain_text(told, timeout=PATIENCE_MS)
    expect(page.locator("#model-facts")).to_contain_text("second.onnx", timeout=PATIENCE_MS)
    page.locator("#model-speed-start").click()
    expect(page.locator("#model-speed")).to_contain_text("30 students at once", timeout=PATIENCE_MS)
    page.screenshot(path=screenshots / "model-switched-1280-en-light.png", full_page=True)
    open_page(page, 0)
    drop(page, photos)
    expect(page.locator("#photos-summary")).to_contain_text("scarlet")
    with page.expect_download() as download:
        page.locator("#photos-zip").click()
    with zipfile.ZipFile(download.value.path()) as packed:
        assert packed.namelist() == ["taido-attitudes.csv", "scarlet/001 front row.jpg", "moss/002 second row.jpg"]
