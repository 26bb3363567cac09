"""What the Photos page shows of generated photographs, without a browser."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import gradio as gr
import pytest

from dashboard import photos
from dashboard.limits import HOME, STRANGERS, Limits
from inference import Classifier
from inference.finder import Finder
from inference.predictions import Failure, Prediction, Predictions
from inference.seats import Seats
from inference.students import Whole

MakePhoto = Callable[..., Path]
MakeRoom = Callable[..., Path]
ROOM = {(8, 8, 16, 16): "red", (40, 8, 48, 16): "blue", (72, 40, 80, 48): "blue"}
"""Three students of one cell of the tiny finder each, in a picture of 96 x 64 pixels."""


@pytest.fixture(scope="module")
def classifier(tiny_model: Path) -> Classifier:
    return Classifier(tiny_model, provider="cpu", threads=1)


@pytest.fixture(scope="module")
def finder(tiny_finder: Path) -> Finder:
    return Finder(tiny_finder, provider="cpu", threads=1)


@pytest.fixture
def broken(make_photo: MakePhoto) -> Path:
    path = make_photo("broken.jpg", "red", (400, 300))
    path.write_bytes(path.read_bytes()[:500])
    return path


def test_photos_are_classified_and_a_bad_one_costs_no_other(classifier: Classifier, make_photo: MakePhoto, broken: Path) -> None:
    paths = [str(make_photo("a.png", "red")), str(broken), str(make_photo("b.png", "blue"))]
    predictions = photos.classify_paths(classifier, paths, Whole())
    assert [(row.file, row.label) for row in predictions.rows] == [("a.png", "red"), ("b.png", "blue")]
    assert [failure.file for failure in predictions.failures] == ["broken.jpg"]


def test_failure_names_the_file_and_not_its_place_on_the_server(classifier: Classifier, broken: Path) -> None:
    message = photos.classify_paths(classifier, [str(broken)], Whole()).failures[0].message
    assert message.startswith("broken.jpg is damaged")
    assert str(broken.parent) not in message


def test_photos_of_one_name_stay_apart(classifier: Classifier, make_photo: MakePhoto) -> None:
    paths = [str(make_photo("one/a.png", "red")), str(make_photo("two/a.png", "blue"))]
    predictions = photos.classify_paths(classifier, paths, Whole())
    assert [(row.file, row.label) for row in predictions.rows] == [("a.png", "red"), ("a.png (2)", "blue")]


def test_summary_shows_counts_and_shares(classifier: Classifier, make_photo: MakePhoto) -> None:
    paths = [str(make_photo(f"{i}.png", colour)) for i, colour in enumerate(["red", "red", "red", "red", "blue"])]
    html = photos.show(photos.classify_paths(classifier, paths, Whole()), len(paths), "en")
    assert "5 students" in html
    assert "4 · 80%" in html
    assert "width:80.0%" in html
    assert "0 · 0%" in html
    assert "Percentages" not in html


def test_summary_of_a_handful_shows_counts_and_says_from_when_on_there_are_shares(
    classifier: Classifier, make_photo: MakePhoto
) -> None:
    paths = [str(make_photo(f"{i}.png", colour)) for i, colour in enumerate(["red", "red", "red", "blue"])]
    predictions = photos.classify_paths(classifier, paths, Whole())
    html = photos.show(predictions, len(paths), "en")
    assert re.findall(r'class="value">([^<]*)<', html) == ["3", "0", "1"]
    assert "width:60.0%" in html
    assert '<p class="quiet">Percentages are shown from 5 students on.</p>' in html
    assert "学生が 5 人以上のときに表示します" in photos.show(predictions, len(paths), "ja")


def test_summary_says_how_many_were_left_out() -> None:
    predictions = Predictions(("a", "b"), (Prediction("x.jpg", "a", (0.9, 0.1)),))
    assert f"300 photographs came; the first {HOME.photos} are shown" in photos.show(predictions, 300, "en")
    assert "300 枚のうち" in photos.show(predictions, 300, "ja")


def test_endpoint_refuses_more_than_the_limit(classifier: Classifier, make_photo: MakePhoto) -> None:
    paths = [str(make_photo("a.png"))] * HOME.photos
    assert len(photos.answer_to(classifier, paths, Whole())["rows"]) == HOME.photos
    with pytest.raises(gr.Error, match=f"at most {HOME.photos} photographs, got {HOME.photos + 1}"):
        photos.answer_to(classifier, [*paths, paths[0]], Whole())


def test_class_has_one_row_per_student_with_number_and_box(classifier: Classifier, finder: Finder, make_room: MakeRoom) -> None:
    answer = photos.answer_to(classifier, [str(make_room("room.png", ROOM))], finder)
    assert {(tuple(round(side) for side in row["box"]), row["label"]) for row in answer["rows"]} == set(ROOM.items())
    assert [(row["file"], row["student"]) for row in answer["rows"]] == [("room.png", 1), ("room.png", 2), ("room.png", 3)]
    assert answer["summary"]["counts"] == {"red": 1, "green": 0, "blue": 2}


def test_class_is_summed_over_all_photos_and_bad_or_empty_ones_count_nowhere(
    classifier: Classifier, finder: Finder, make_room: MakeRoom, broken: Path
) -> None:
    paths = [str(make_room("a.png", ROOM)), str(broken), str(make_room("empty.png", {})), str(make_room("b.png", ROOM))]
    predictions = photos.classify_paths(classifier, paths, finder)
    html = photos.show(predictions, len(paths), "en")
    for expected in ("6 students found", "4 · 67%", "2 · 33%", "Could not be read (1)", "broken.jpg is damaged"):
        assert expected in html
    assert str(broken.parent) not in html
    assert predictions.rooms == ("a.png", "empty.png", "b.png")


def test_photos_with_nobody_in_them_are_zero_students_found(classifier: Classifier, finder: Finder, make_room: MakeRoom) -> None:
    predictions = photos.classify_paths(classifier, [str(make_room("empty.png", {}))], finder)
    assert "0 students found" in photos.show(predictions, 1, "en")
    assert "学生が 0 人見つかりました" in photos.show(predictions, 1, "ja")
    assert "None of the photographs" not in photos.show(predictions, 1, "en")


def test_photo_for_which_the_seats_were_not_made_is_named_with_the_reason(classifier: Classifier, make_room: MakeRoom) -> None:
    seats = Seats((96, 64), ((0, 0, 48, 64), (48, 0, 96, 64)))
    paths = [str(make_room("a.png", {})), str(make_room("tall.png", {}, (64, 96)))]
    predictions = photos.classify_paths(classifier, paths, seats)
    assert [(row.file, row.place and row.place.student) for row in predictions.rows] == [("a.png", 1), ("a.png", 2)]
    html = photos.show(predictions, 2, "en")
    assert "tall.png: The seats were made for frames of 96 x 64 pixels, got 64 x 96" in html


def test_photo_that_is_too_large_costs_no_other(classifier: Classifier, make_photo: MakePhoto) -> None:
    small, large = make_photo("small.png", size=(8, 8)), make_photo("large.bmp", size=(300, 300))
    predictions = photos.classify_paths(classifier, [str(small), str(large)], Whole(), Limits(photo_megabytes=0.1))
    assert [row.file for row in predictions.rows] == ["small.png"]
    assert "large.bmp has 0 MB; at most 0.1 MB of a photograph are read" in photos.show(predictions, 2, "en")


def test_names_from_outside_are_escaped() -> None:
    predictions = Predictions(("<b>", "b"), (), (Failure("<img src=x>.jpg", "<img src=x>.jpg is empty"),))
    html = photos.show(predictions, 1, "en")
    assert "<img" not in html
    assert "<b>" not in html


def test_table_has_numbers_that_sort(classifier: Classifier, make_photo: MakePhoto) -> None:
    headers, rows = photos.score_table(photos.classify_paths(classifier, [str(make_photo("a.png", "red"))], Whole()), "ja")
    assert headers == ["ファイル", "行動", "red %", "green %", "blue %"]
    assert rows[0][:2] == ["a.png", "red"]
    assert sum(float(value) for value in rows[0][2:]) == pytest.approx(100, abs=0.2)


def test_table_of_a_class_numbers_the_students(classifier: Classifier, finder: Finder, make_room: MakeRoom) -> None:
    predictions = photos.classify_paths(classifier, [str(make_room("room.png", ROOM))], finder)
    headers, rows = photos.score_table(predictions, "en")
    assert headers == ["File", "Student", "Attitude", "red %", "green %", "blue %"]
    assert [row[:2] for row in rows] == [["room.png", 1], ["room.png", 2], ["room.png", 3]]
    assert sorted(str(row[2]) for row in rows) == ["blue", "blue", "red"]


def test_csv_of_a_class_holds_numbers_and_boxes(
    classifier: Classifier, finder: Finder, make_room: MakeRoom, tmp_path: Path
) -> None:
    predictions = photos.classify_paths(classifier, [str(make_room("room.png", ROOM))], finder)
    with Path(photos.csv_file(predictions, str(tmp_path))).open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [line["student"] for line in lines] == ["1", "2", "3"]
    boxes = {tuple(round(float(line[side])) for side in ("x0", "y0", "x1", "y1")): line["label"] for line in lines}
    assert boxes == ROOM


def test_csv_holds_the_rows(classifier: Classifier, make_photo: MakePhoto, tmp_path: Path) -> None:
    predictions = photos.classify_paths(classifier, [str(make_photo("写真.png", "red"))], Whole())
    path = Path(photos.csv_file(predictions, str(tmp_path)))
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    assert path.name == photos.CSV_NAME
    assert lines[0]["file"] == "写真.png"
    assert lines[0]["label"] == "red"
    assert float(lines[0]["red"]) > 0.9


def test_csv_is_written_where_the_uploads_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "elsewhere"))
    path = Path(photos.csv_file(Predictions(("a",), (Prediction("x.jpg", "a", (1.0,)),)), str(tmp_path)))
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [path]


def test_promise_to_delete_within_an_hour_holds() -> None:
    for limits in (HOME, STRANGERS):
        assert limits.keep_seconds + limits.clean_every_seconds <= 3600
