"""A person's decisions are honoured, and nothing is touched or guessed."""

from pathlib import Path

import numpy as np
import pytest

from inference.errors import DataError
from tests.training.conftest import MakeFolder
from training import doubtful, label_review
from training.data import scan
from training.review import _refuse_to_overwrite

HEAD = "file,label,reason,decision\n"


def review(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "review.csv"
    path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_review_that_cannot_be_read_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "review.csv"
    path.write_bytes((HEAD + "下/0.png,下,,drop\n").encode("shift-jis"))
    with pytest.raises(DataError, match="UTF-8"):
        _refuse_to_overwrite(path)


def test_decisions_change_what_trains_and_no_file(make_folder: MakeFolder, tmp_path: Path) -> None:
    folder = make_folder(persons=2, per_person=1)
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    path = review(
        tmp_path, "ahead/0-0.png,ahead,label,drop", "ahead/1-0.png,ahead,label, relabel:down ", "down/0-0.png,down,label,keep"
    )
    samples = scan(folder)
    result = {s.file: s.label for s in label_review.reviewed(samples, path)}
    assert "ahead/0-0.png" not in result and result["ahead/1-0.png"] == "down" and result["down/0-0.png"] == "down"
    assert len(result) == len(samples) - 1
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


def test_undecided_lines_change_nothing(make_folder: MakeFolder, tmp_path: Path) -> None:
    samples = scan(make_folder(persons=1, per_person=1))
    path = review(tmp_path, "ahead/0-0.png,ahead,label,", "ahead/0-0.png,ahead,duplicate,")
    assert label_review.reviewed(samples, path) == samples
    assert label_review.read(path) == {"ahead/0-0.png": ("ahead", "")}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("ahead/0-0.png,ahead,label,delete", "line 2: the decision 'delete'"),
        ("ahead/0-0.png,ahead,label,relabel:", "none of keep, drop"),
        ("ahead/0-0.png,ahead,label,relabel:asleep", "the classes are ahead, down, phone"),
        ("ahead/99.png,ahead,label,drop", "not in the folder"),
        ("ahead/0-0.png,down,label,drop", "it is 'ahead' now"),
        ("ahead/0-0.png,ahead,label,drop\nahead/0-0.png,ahead,duplicate,keep", "decided twice"),
    ],
)
def test_what_cannot_be_meant_is_refused(line: str, says: str, make_folder: MakeFolder, tmp_path: Path) -> None:
    samples = scan(make_folder(persons=1, per_person=1))
    with pytest.raises(DataError, match=says):
        label_review.reviewed(samples, review(tmp_path, line))


def test_missing_file_and_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no label review"):
        label_review.read(tmp_path / "none.csv")
    (tmp_path / "other.csv").write_text("file,label\na,b\n")
    with pytest.raises(DataError, match="lacks the columns decision"):
        label_review.read(tmp_path / "other.csv")


def test_planted_wrong_labels_are_found_first() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 300)
    scores = np.full((300, 3), 0.05) + 0.85 * np.eye(3)[truth]
    labels = truth.copy()
    labels[:6] = (labels[:6] + 1) % 3
    found = doubtful.label_errors(scores, labels)
    assert {d.row for d in found[:6]} == set(range(6))
    assert all(d.other == truth[d.row] for d in found[:6])


def test_same_picture_under_two_labels_is_found(tmp_path: Path) -> None:
    import cv2

    rng = np.random.default_rng(1)
    pictures = [cv2.resize(rng.integers(0, 255, (8, 8, 3), np.uint8), (96, 96)) for _ in range(4)]
    brighter = np.clip(pictures[0].astype(int) + 6, 0, 255).astype(np.uint8)
    hashes = []
    for i, picture in enumerate([*pictures, brighter]):
        cv2.imwrite(str(tmp_path / f"{i}.png"), picture)
        hashes.append(doubtful.hash_of(tmp_path / f"{i}.png"))
    found = doubtful.near_duplicates([*hashes, None], ["a", "a", "b", "b", "b", "a"])
    assert {(d.row, d.other) for d in found} == {(0, 4), (4, 0)}
    assert not doubtful.near_duplicates(hashes, ["a", "a", "b", "b", "a"])


def test_picture_far_from_all_others_fits_no_class() -> None:
    features = np.random.default_rng(0).normal(0, 0.05, (60, 8)).astype(np.float32) + 1
    features[17] = -features[17] * 5
    found = doubtful.misfits(features)
    assert found[0].row == 17 and len(found) < 8


def test_hash_of_a_damaged_picture_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"nothing")
    assert doubtful.hash_of(tmp_path / "a.png") is None
