"""Many files in, one row each out; a bad picture costs only itself, and a table appears whole or not at all."""

import csv
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference import Classifier
from inference.errors import OutputError
from inference.images import find_images
from inference.predictions import Failure, Prediction, Predictions, classify_files, csv_text, write_csv

MakePhoto = Callable[..., Path]
ROOT = Path(__file__).parents[2]
TABLE = Predictions(("red", "green"), (Prediction("a.jpg", "red", (0.75, 0.25)),), (Failure("b.jpg", "b.jpg is empty"),))


@pytest.fixture(scope="module")
def classifier(tiny_model: Path) -> Classifier:
    return Classifier(tiny_model)


def test_rows_come_in_the_order_of_the_files(classifier: Classifier, photo_folder: Path) -> None:
    predictions = classify_files(classifier, find_images(photo_folder))
    assert [(row.file, row.label) for row in predictions.rows] == [
        ("back/row/third.webp", "blue"),
        ("back/second.jpg", "green"),
        ("first.png", "red"),
    ]
    assert predictions.failures == ()
    assert predictions.class_names == ("red", "green", "blue")


def test_scores_are_those_of_the_classifier(classifier: Classifier, make_photo: MakePhoto) -> None:
    path = make_photo("a.png", (90, 80, 100))
    row = classify_files(classifier, [("a.png", path)]).rows[0]
    expected = classifier.scores_of([np.full((40, 48, 3), (90, 80, 100), np.uint8)])[0]
    assert row.scores == pytest.approx(expected.tolist())
    assert row.label == classifier.spec.class_names[int(expected.argmax())]


def test_one_bad_photo_among_fifty_does_not_lose_the_other_forty_nine(classifier: Classifier, make_photo: MakePhoto) -> None:
    files = [(f"{i:02}.png", make_photo(f"{i:02}.png", "lime" if i % 2 else "red")) for i in range(50)]
    files[33][1].write_bytes(files[33][1].read_bytes()[:40])
    predictions = classify_files(classifier, files)
    assert [row.file for row in predictions.rows] == [f"{i:02}.png" for i in range(50) if i != 33]
    assert [row.label for row in predictions.rows] == ["green" if i % 2 else "red" for i in range(50) if i != 33]
    assert [failure.file for failure in predictions.failures] == ["33.png"]
    assert predictions.summary.counts == (25, 24, 0)


def test_failure_names_the_picture_as_it_was_given_and_not_its_place(classifier: Classifier, tmp_path: Path) -> None:
    path = tmp_path / "7f3a.bin"
    path.write_bytes(b"")
    failure = classify_files(classifier, [("lesson.jpg", path)]).failures[0]
    assert failure == Failure("lesson.jpg", "lesson.jpg is empty (0 bytes). Copy or upload it again.")


def test_no_files_give_no_rows(classifier: Classifier) -> None:
    predictions = classify_files(classifier, [])
    assert predictions.rows == predictions.failures == ()
    assert predictions.summary.students == 0


def test_a_batch_of_failures_only_is_no_error(classifier: Classifier, tmp_path: Path) -> None:
    predictions = classify_files(classifier, [(f"{i}.jpg", tmp_path / f"{i}.jpg") for i in range(40)])
    assert predictions.rows == ()
    assert len(predictions.failures) == 40


def test_progress_adds_up_to_the_number_of_files(classifier: Classifier, make_photo: MakePhoto, tmp_path: Path) -> None:
    path = make_photo("a.png")
    steps: list[int] = []
    classify_files(classifier, [*[("a.png", path)] * 70, ("gone", tmp_path / "gone")], progress=steps.append)
    assert sum(steps) == 71
    assert len(steps) > 1


def test_files_are_taken_as_needed_and_not_all_at_once(classifier: Classifier, make_photo: MakePhoto) -> None:
    path, taken, most_ahead, done = make_photo("a.png"), 0, 0, 0

    def files() -> object:
        nonlocal taken, most_ahead
        for _ in range(500):
            taken += 1
            most_ahead = max(most_ahead, taken - done)
            yield "a.png", path

    def progress(count: int) -> None:
        nonlocal done
        done += count

    classify_files(classifier, files(), progress=progress)  # type: ignore[arg-type]
    assert done == 500
    assert most_ahead <= 100


def test_memory_stays_bounded_for_many_large_pictures(tiny_model: Path, tmp_path: Path) -> None:
    Image.new("RGB", (2000, 1500), "blue").save(tmp_path / "large.jpg")
    program = f"""
import resource
from pathlib import Path
from inference import Classifier
from inference.predictions import classify_files
classifier = Classifier({str(tiny_model)!r}, threads=1)
peaks = []
for count in (8, 64):
    classify_files(classifier, [("large.jpg", Path({str(tmp_path / "large.jpg")!r}))] * count)
    peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
print(peaks[1] - peaks[0])
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(done.stdout) < 120_000  # kB; a batch of these pictures is 288,000 kB decoded, all of them 576,000


# --- the table


def test_table_has_file_label_and_one_column_per_class(tmp_path: Path) -> None:
    write_csv(TABLE, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_bytes() == b"file,label,red,green\na.jpg,red,0.750000,0.250000\n"


def test_table_keeps_names_with_commas_quotes_and_japanese(tmp_path: Path) -> None:
    names = ['row 1, "left".jpg', "教室/前列.jpg", "line\nfeed.jpg"]
    predictions = Predictions(("赤", "青"), tuple(Prediction(name, "赤", (1.0, 0.0)) for name in names))
    write_csv(predictions, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == names
    assert list(rows[0]) == ["file", "label", "赤", "青"]


def test_table_is_utf8_even_where_a_file_name_is_not(tmp_path: Path) -> None:
    odd = b"caf\xe9.jpg".decode("utf-8", "surrogateescape")
    write_csv(Predictions(("a", "b"), (Prediction(odd, "a", (1.0, 0.0)),)), tmp_path / "out.csv")
    assert "caf\\udce9.jpg" in (tmp_path / "out.csv").read_text(encoding="utf-8")


def test_table_replaces_an_older_one_and_leaves_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("old")
    write_csv(TABLE, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text().startswith("file,label")
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_table_is_as_readable_as_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write_csv(TABLE, tmp_path / "out.csv")
    assert (tmp_path / "out.csv").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_place_without_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"no folder .*nowhere"):
        write_csv(TABLE, tmp_path / "nowhere" / "out.csv")


def test_place_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="no folder"):
        write_csv(TABLE, tmp_path / "file" / "out.csv")


@pytest.mark.parametrize("place", ["", "/dev/null"])
def test_place_that_is_no_ordinary_file_is_left_alone(tmp_path: Path, place: str) -> None:
    with pytest.raises(OutputError, match="folder or a device"):
        write_csv(TABLE, tmp_path / place)
    assert (tmp_path / place).exists()


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that refuses even the superuser")
def test_place_that_refuses_new_files_is_an_error() -> None:
    with pytest.raises(OutputError, match=r"Cannot write /proc/out\.csv: .*another place"):
        write_csv(TABLE, "/proc/out.csv")


def test_full_disk_is_an_error_that_leaves_the_old_table(tmp_path: Path) -> None:
    (tmp_path / "out.csv").write_text("old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        with pytest.raises(OutputError, match="make room"):
            write_csv(TABLE, tmp_path / "out.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (tmp_path / "out.csv").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_dictionary_is_json_and_says_the_same_as_the_table() -> None:
    document = json.loads(json.dumps(TABLE.to_dict()))
    assert document["rows"] == [{"file": "a.jpg", "label": "red", "scores": {"red": 0.75, "green": 0.25}}]
    assert document["failures"] == [{"file": "b.jpg", "message": "b.jpg is empty"}]
    assert document["summary"] == {"students": 1, "counts": {"red": 1, "green": 0}, "shares": None}
    assert csv_text(TABLE).splitlines()[1] == "a.jpg,red,0.750000,0.250000"


def test_dictionary_has_shares_from_five_students_on() -> None:
    five = Predictions(TABLE.class_names, TABLE.rows * 5)
    assert five.to_dict()["summary"] == {"students": 5, "counts": {"red": 5, "green": 0}, "shares": {"red": 1.0, "green": 0.0}}


def test_answers_below_the_least_score_of_the_model_are_uncertain(make_model: Callable[..., Path], photo_folder: Path) -> None:
    path = make_model(least_score=0.9)
    certain = classify_files(Classifier(make_model(), provider="cpu"), find_images(photo_folder))
    Image.new("RGB", (40, 40), (120, 119, 118)).save(photo_folder / "grey.png")
    predictions = classify_files(Classifier(path, provider="cpu"), find_images(photo_folder))
    labels = {row.file: row.label for row in predictions.rows}
    assert labels.pop("grey.png") == "uncertain"
    assert labels == {row.file: row.label for row in certain.rows}
    assert predictions.summary.counts == (1, 1, 1) and predictions.summary.uncertain == 1
    assert predictions.to_dict()["summary"]["uncertain"] == 1 and "uncertain" not in certain.to_dict()["summary"]
    assert "grey.png,uncertain," in csv_text(predictions)


def test_student_of_several_labels_counts_in_each_class_and_once_among_the_students(
    make_model: Callable[..., Path], make_photo: Callable[..., Path], tmp_path: Path
) -> None:
    colours = {"a": (200, 0, 0), "b": (200, 200, 0), "c": (200, 200, 0), "d": (0, 0, 200), "e": (120, 120, 120)}
    for name, colour in colours.items():
        make_photo(f"{name}.png", colour)
    several = Classifier(make_model(activation="sigmoid", thresholds=(0.4, 0.4, 0.4)), provider="cpu")
    predictions = classify_files(several, find_images(tmp_path))
    assert [row.label for row in predictions.rows] == ["red", "red;green", "red;green", "blue", ""]
    summary = predictions.summary
    assert (summary.students, summary.counts, summary.uncertain) == (5, (3, 2, 1), 1)
    assert summary.shares == (0.6, 0.4, 0.2)
    assert predictions.to_dict()["summary"] == {
        "students": 5,
        "counts": {"red": 3, "green": 2, "blue": 1},
        "uncertain": 1,
        "shares": {"red": 0.6, "green": 0.4, "blue": 0.2},
    }


def test_class_with_a_semicolon_in_its_name_is_one_class() -> None:
    table = Predictions(("a;b", "a"), (Prediction("a.jpg", "a;b", (0.75, 0.25)),))
    assert table.summary.counts == (1, 0) and table.summary.students == 1
