"""Labelled folders: what is found, and what is refused with which words."""

from pathlib import Path

import pytest

from inference.errors import DataError
from tests.training.conftest import MakeFolder
from training import data


def test_scan_finds_every_picture_with_person_and_camera(make_folder: MakeFolder) -> None:
    samples = data.scan(make_folder(persons=5, per_person=2))
    assert len(samples) == 60
    assert data.class_names(samples) == ("ahead", "down", "phone")
    assert {s.camera for s in samples} == {"a", "b"}
    assert len({s.person for s in samples}) == 10


def test_scan_without_manifest_makes_every_picture_its_own_person(make_folder: MakeFolder) -> None:
    folder = make_folder()
    (folder / "manifest.csv").unlink()
    samples = data.scan(folder)
    assert {s.person for s in samples} == {s.file for s in samples}
    assert {s.camera for s in samples} == {""}


def test_empty_class_folder_is_refused_by_name(make_folder: MakeFolder) -> None:
    folder = make_folder()
    (folder / "sleep").mkdir()
    with pytest.raises(DataError, match=r"Found 0 pictures in .*sleep"):
        data.scan(folder)


def test_folder_without_classes_is_refused(tmp_path) -> None:
    with pytest.raises(DataError, match="Found 0 class folders"):
        data.scan(tmp_path)


def test_missing_folder_is_refused(tmp_path) -> None:
    with pytest.raises(DataError, match="is not a folder"):
        data.scan(tmp_path / "nowhere")


def test_manifest_that_contradicts_the_folder_is_refused(make_folder: MakeFolder) -> None:
    folder = make_folder()
    manifest = folder / "manifest.csv"
    manifest.write_text(manifest.read_text().replace("ahead/0-0.png,ahead", "ahead/0-0.png,phone"))
    with pytest.raises(DataError, match=r"labels ahead/0-0\.png as 'phone'"):
        data.scan(folder)


def test_hidden_files_and_empty_labels_are_passed_over(make_folder: MakeFolder) -> None:
    folder = make_folder()
    before = data.scan(folder)
    (folder / "ahead" / "._0-0.png").write_bytes(b"of another system")
    manifest = folder / "manifest.csv"
    manifest.write_text(manifest.read_text().replace("ahead/0-0.png,ahead", "ahead/0-0.png,"))
    assert [sample.file for sample in data.scan(folder)] == [sample.file for sample in before]


def test_links_to_folders_are_followed_and_those_to_nowhere_refused(make_folder: MakeFolder, tmp_path: Path) -> None:
    folder = make_folder()
    (folder / "manifest.csv").unlink()
    before = len(data.scan(folder))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (folder / "ahead" / "0-0.png").rename(elsewhere / "moved.png")
    (folder / "ahead" / "more").symlink_to(elsewhere)
    assert len(data.scan(folder)) == before
    (elsewhere / "moved.png").rename(tmp_path / "moved.png")
    (folder / "ahead" / "gone.png").symlink_to(elsewhere / "moved.png")
    with pytest.raises(DataError, match="leads nowhere"):
        data.scan(folder)


def test_manifest_in_another_encoding_is_refused(make_folder: MakeFolder) -> None:
    folder = make_folder()
    manifest = folder / "manifest.csv"
    manifest.write_bytes(manifest.read_text().replace("person-0", "生徒").encode("shift_jis"))
    with pytest.raises(DataError, match="CSV file in UTF-8"):
        data.scan(folder)


def test_manifest_with_missing_pictures_is_refused(make_folder: MakeFolder) -> None:
    folder = make_folder()
    (folder / "ahead/0-0.png").unlink()
    with pytest.raises(DataError, match="names 1 pictures that are not there"):
        data.scan(folder)


def test_broken_picture_is_left_out_and_named(make_folder: MakeFolder, caplog: pytest.LogCaptureFixture) -> None:
    folder = make_folder()
    (folder / "ahead/0-0.png").write_bytes(b"not a picture")
    kept, pictures = data.load(data.scan(folder), longest_side=20)
    assert len(kept) == len(pictures) == 59
    assert "ahead/0-0.png" in caplog.text
    assert max(max(p.shape[:2]) for p in pictures) == 20


def test_class_with_only_broken_pictures_is_refused(make_folder: MakeFolder) -> None:
    folder = make_folder()
    for path in (folder / "phone").iterdir():
        path.write_bytes(b"")
    with pytest.raises(DataError, match="No picture of phone"):
        data.load(data.scan(folder), longest_side=20)


def test_fingerprint_follows_the_pixels_and_the_labels(make_folder: MakeFolder) -> None:
    folder = make_folder()
    before = data.fingerprint(data.scan(folder))
    assert before == data.fingerprint(data.scan(folder))
    (folder / "ahead/0-0.png").write_bytes((folder / "ahead/0-1.png").read_bytes())
    assert data.fingerprint(data.scan(folder)) != before
