"""The pictures of the gallery: small, upright, and marked with the students found."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dashboard import gallery
from dashboard.texts import Language
from inference.annotate import colours_of
from inference.predictions import Place, Prediction, Predictions

MakePhoto = Callable[..., Path]
NAMES = ("looking-ahead", "sleep")


def row(file: str, label: str, student: int = 0, box: tuple[float, float, float, float] = (0, 0, 0, 0)) -> Prediction:
    scores = (0.9, 0.1) if label == NAMES[0] else (0.2, 0.8)
    return Prediction(file, label, scores, Place(student, box, 0.7) if student else None)


def lone(path: Path, colour: str) -> bool:
    """Whether the picture has pixels near this colour."""
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
    with Image.open(path) as picture:
        return bool((np.abs(np.asarray(picture).astype(int) - wanted).max(axis=2) < 40).any())


def test_card_of_one_student_names_attitude_score_and_file(make_photo: MakePhoto, tmp_path: Path) -> None:
    predictions = Predictions(NAMES, (row("a.png", "sleep"), row("a.png (2)", "looking-ahead")))
    places = {"a.png": make_photo("one/a.png", "red"), "a.png (2)": make_photo("two/a.png", "blue")}
    cards = list(gallery.cards(predictions, places, "en", str(tmp_path / "cache")))
    assert [caption for _, caption in cards] == ["Sleeping 80% · a.png", "Looking ahead 90% · a.png (2)"]
    assert [lone(Path(path), "#ff0000") for path, _ in cards] == [True, False]


@pytest.mark.parametrize(
    ("language", "captions"),
    [
        ("en", ["a.png · 3 students found · Looking ahead 1 · Sleeping 2", "b.png · 0 students found"]),
        ("ja", ["a.png · 学生が 3 人見つかりました · 前を見ている 1 · 眠っている 2", "b.png · 学生が 0 人見つかりました"]),
    ],
)
def test_card_of_a_class_counts_its_students(
    make_photo: MakePhoto, tmp_path: Path, language: Language, captions: list[str]
) -> None:
    boxes = [(10.0, 10.0, 50.0, 50.0), (60.0, 10.0, 90.0, 50.0), (10.0, 60.0, 50.0, 90.0)]
    rows = [row("a.png", label, i, box) for i, (label, box) in enumerate(zip(("sleep", *NAMES), boxes, strict=True), 1)]
    predictions = Predictions(NAMES, tuple(rows), (), ("a.png", "b.png"))
    places = {name: make_photo(name, "black", (300, 200)) for name in ("a.png", "b.png")}
    cards = list(gallery.cards(predictions, places, language, str(tmp_path / "cache")))
    assert [caption for _, caption in cards] == captions
    for colour in colours_of(NAMES):
        assert [lone(Path(path), colour) for path, _ in cards] == [True, False]


def test_marks_lie_where_the_students_are_in_the_small_upright_picture(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side: 3000 x 4000 pixels when upright
    Image.new("RGB", (4000, 3000), "black").save(tmp_path / "turned.jpg", exif=exif)
    picture = gallery.marked(tmp_path / "turned.jpg", [row("turned.jpg", "sleep", 1, (1500, 2000, 2500, 3000))], NAMES)
    assert picture.size == (960, 1280)
    drawn = np.argwhere(np.asarray(picture).max(axis=2) > 0)
    (top, left), (bottom, right) = drawn.min(axis=0), drawn.max(axis=0)
    assert (left, right, bottom) == pytest.approx((480, 800, 960), abs=4)
    assert 600 < top <= 644  # the label stands above the box


def test_thumbnail_is_small_and_upright(tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (3000, 2000), "red").save(path, exif=exif)
    picture, scale = gallery.thumbnail(path, (640, 640))
    assert picture.size == (427, 640)
    assert scale == pytest.approx(640 / 3000)


def test_thumbnail_of_a_small_photo_keeps_its_size(make_photo: MakePhoto) -> None:
    picture, scale = gallery.thumbnail(make_photo("a.png", "red", (64, 64)), (640, 640))
    assert (picture.size, scale) == ((64, 64), 1)


@pytest.mark.parametrize(
    ("name", "mode"), [("a.png", "RGBA"), ("a.gif", "P"), ("a.tiff", "CMYK"), ("a.png", "I;16"), ("a.jpg", "CMYK")]
)
def test_thumbnail_of_any_readable_photo_is_rgb(tmp_path: Path, name: str, mode: str) -> None:
    Image.new(mode, (40, 30)).save(tmp_path / name)
    assert gallery.thumbnail(tmp_path / name, (640, 640))[0].mode == "RGB"
