"""The pictures of the Photos page as a ZIP file."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dashboard import photos
from dashboard.gallery import cards
from dashboard.marked_zip import zip_file
from inference import Classifier
from inference.finder import Finder
from inference.students import Students, Whole


def packed(classifier: Classifier, paths: list[Path], students: Students, cache: Path) -> zipfile.ZipFile:
    given = [str(path) for path in paths]
    predictions = photos.classify_paths(classifier, given, students)
    places = dict(photos._named(given))
    return zipfile.ZipFile(zip_file(predictions, list(cards(predictions, places, "en", str(cache))), places, str(cache)))


def test_pictures_of_single_students_lie_in_a_folder_per_attitude(
    tiny_model: Path, make_photo: Callable[..., Path], tmp_path: Path
) -> None:
    paths = [make_photo("one/a.png", "red"), make_photo("two/a.png", "blue")]
    with packed(Classifier(tiny_model, provider="cpu"), paths, Whole(), tmp_path) as found:
        assert found.namelist() == ["taido-attitudes.csv", "red/001 a.jpg", "blue/002 a.jpg"]
        assert found.read("taido-attitudes.csv").decode().splitlines()[1].startswith("a.png,red,")


def test_pictures_of_a_class_have_the_students_marked_and_the_table_their_places(
    tiny_model: Path, tiny_finder: Path, make_room: Callable[..., Path], tmp_path: Path
) -> None:
    room = make_room("room.png", {(320, 80, 400, 160): "red"}, (960, 640))
    with packed(Classifier(tiny_model, provider="cpu"), [room], Finder(tiny_finder, provider="cpu"), tmp_path) as found:
        assert found.namelist() == ["taido-attitudes.csv", "001 room.jpg"]
        assert ",red," in found.read("taido-attitudes.csv").decode()
        found.extract("001 room.jpg", tmp_path)
    before, after = (np.asarray(Image.open(path)).astype(int) for path in (room, tmp_path / "001 room.jpg"))
    assert (np.abs(before - after) > 60).any(axis=2).sum() > 100


def test_file_is_made_where_the_uploads_lie(
    tiny_model: Path, make_photo: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "elsewhere"))
    with packed(Classifier(tiny_model, provider="cpu"), [make_photo("a.png", "red")], Whole(), tmp_path) as found:
        assert len(found.namelist()) == 2
