"""What the Photos page shows of generated photographs, without a browser."""

import csv
from collections.abc import Callable
from pathlib import Path

import gradio as gr
import pytest
from PIL import Image

from dashboard import photos
from inference import Classifier
from inference.predictions import Failure, Prediction, Predictions

MakePhoto = Callable[..., Path]


@pytest.fixture(scope="module")
def classifier(tiny_model: Path) -> Classifier:
    return Classifier(tiny_model, provider="cpu", threads=1)


@pytest.fixture
def broken(make_photo: MakePhoto) -> Path:
    path = make_photo("broken.jpg", "red", (400, 300))
    path.write_bytes(path.read_bytes()[:500])
    return path


def test_photos_are_classified_and_a_bad_one_costs_no_other(classifier: Classifier, make_photo: MakePhoto, broken: Path) -> None:
    paths = [str(make_photo("a.png", "red")), str(broken), str(make_photo("b.png", "blue"))]
    predictions = photos.classify_paths(classifier, paths)
    assert [(row.file, row.label) for row in predictions.rows] == [("a.png", "red"), ("b.png", "blue")]
    assert [failure.file for failure in predictions.failures] == ["broken.jpg"]


def test_failure_names_the_file_and_not_its_place_on_the_server(classifier: Classifier, broken: Path) -> None:
    message = photos.classify_paths(classifier, [str(broken)]).failures[0].message
    assert message.startswith("broken.jpg is damaged")
    assert str(broken.parent) not in message


def test_photos_of_one_name_stay_apart(classifier: Classifier, make_photo: MakePhoto) -> None:
    paths = [str(make_photo("one/a.png", "red")), str(make_photo("two/a.png", "blue"))]
    predictions = photos.classify_paths(classifier, paths)
    assert [(row.file, row.label) for row in predictions.rows] == [("a.png", "red"), ("a.png (2)", "blue")]
    assert [caption for _, caption in photos.cards(predictions, paths, "en")] == ["red 100% · a.png", "blue 100% · a.png (2)"]


def test_summary_shows_counts_and_shares(classifier: Classifier, make_photo: MakePhoto) -> None:
    paths = [str(make_photo(f"{i}.png", colour)) for i, colour in enumerate(["red", "red", "red", "blue"])]
    html = photos.show(photos.classify_paths(classifier, paths), len(paths), "en")
    assert "4 students" in html
    assert "3 · 75%" in html
    assert "width:75.0%" in html
    assert "0 · 0%" in html


def test_summary_says_how_many_were_left_out() -> None:
    predictions = Predictions(("a", "b"), (Prediction("x.jpg", "a", (0.9, 0.1)),))
    assert f"300 photographs came; the first {photos.MAX_FILES} are shown" in photos.show(predictions, 300, "en")
    assert "300 枚のうち" in photos.show(predictions, 300, "ja")


def test_endpoint_refuses_more_than_the_limit(classifier: Classifier, make_photo: MakePhoto) -> None:
    paths = [str(make_photo("a.png"))] * photos.MAX_FILES
    assert len(photos.answer_to(classifier, paths)["rows"]) == photos.MAX_FILES
    with pytest.raises(gr.Error, match=f"at most {photos.MAX_FILES} photographs, got {photos.MAX_FILES + 1}"):
        photos.answer_to(classifier, [*paths, paths[0]])


def test_names_from_outside_are_escaped() -> None:
    predictions = Predictions(("<b>", "b"), (), (Failure("<img src=x>.jpg", "<img src=x>.jpg is empty"),))
    html = photos.show(predictions, 1, "en")
    assert "<img" not in html
    assert "<b>" not in html


def test_table_has_numbers_that_sort(classifier: Classifier, make_photo: MakePhoto) -> None:
    headers, rows = photos.score_table(photos.classify_paths(classifier, [str(make_photo("a.png", "red"))]), "ja")
    assert headers == ["ファイル", "態度", "red %", "green %", "blue %"]
    assert rows[0][:2] == ["a.png", "red"]
    assert sum(float(value) for value in rows[0][2:]) == pytest.approx(100, abs=0.2)


def test_csv_holds_the_rows(classifier: Classifier, make_photo: MakePhoto, tmp_path: Path) -> None:
    predictions = photos.classify_paths(classifier, [str(make_photo("写真.png", "red"))])
    path = Path(photos.csv_file(predictions, str(tmp_path / "cache")))
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert path.name == photos.CSV_NAME
    assert lines[0]["file"] == "写真.png"
    assert lines[0]["label"] == "red"
    assert float(lines[0]["red"]) > 0.9


def test_thumbnail_is_small_and_upright(tmp_path: Path) -> None:
    path = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    Image.new("RGB", (3000, 2000), "red").save(path, exif=exif)
    assert photos.thumbnail(path).size == (427, 640)


@pytest.mark.parametrize(
    ("name", "mode"), [("a.png", "RGBA"), ("a.gif", "P"), ("a.tiff", "CMYK"), ("a.png", "I;16"), ("a.jpg", "CMYK")]
)
def test_thumbnail_of_any_readable_photo_is_rgb(tmp_path: Path, name: str, mode: str) -> None:
    Image.new(mode, (40, 30)).save(tmp_path / name)
    assert photos.thumbnail(tmp_path / name).mode == "RGB"


def test_promise_to_delete_within_an_hour_holds() -> None:
    assert photos.KEEP_SECONDS + photos.CLEAN_EVERY_SECONDS <= 3600
