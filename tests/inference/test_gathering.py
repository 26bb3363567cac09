"""Photographs are gathered so that training reads them, that nothing is lost, and that nobody is there twice."""

import csv
import os
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from inference.candidates import MOST_UNDONE, MOST_WAITING, Waiting
from inference.classifier import Classifier
from inference.errors import DataError, OutputError
from inference.finder import Finder
from inference.gathering import Gathering
from inference.seats import Seats
from inference.students import Whole

ROOT = Path(__file__).parents[2]
NAMES = ("red", "green", "blue")


def scene(seed: int, tint: tuple[int, int, int] = (0, 0, 0), size: int = 96) -> np.ndarray:
    """A picture of soft shapes, as different from another seed's as two photographs are."""
    noise = np.random.default_rng(seed).integers(0, 255, (12, 12, 3), dtype=np.uint8)
    picture = Image.fromarray(noise).resize((size, size), Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(2))
    return np.clip(np.asarray(picture).astype(int) // 2 + np.array(tint), 0, 255).astype(np.uint8)


@pytest.fixture
def gathering(tmp_path: Path) -> Gathering:
    return Gathering(tmp_path / "data", NAMES)


def manifest(gathering: Gathering) -> list[dict[str, str]]:
    with (gathering.folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_picture_is_kept_in_the_folder_of_its_class_with_a_row(gathering: Gathering) -> None:
    file = gathering.add(scene(1), "red", camera="room 2", person="person-1")
    assert file.startswith("red/") and (gathering.folder / file).is_file()
    assert manifest(gathering) == [{"file": file, "label": "red", "camera": "room 2", "person": "person-1"}]
    assert np.asarray(Image.open(gathering.folder / file)).shape == (96, 96, 3)


def test_near_copy_is_refused_under_whatever_label_and_something_else_is_not(gathering: Gathering) -> None:
    file = gathering.add(scene(1), "red")
    again = np.asarray(Image.fromarray(scene(1)).resize((60, 60)))
    with pytest.raises(DataError, match=file):
        gathering.add(again, "blue")
    gathering.add(scene(2), "red")
    assert [count.pictures for count in gathering.counts()] == [2, 0, 0]


def test_near_copy_of_a_picture_that_lay_there_before_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data" / "old").mkdir(parents=True)
    Image.fromarray(scene(1)).save(tmp_path / "data" / "old" / "a.png")
    gathering = Gathering(tmp_path / "data", NAMES)
    assert gathering.class_names == (*NAMES, "old")
    with pytest.raises(DataError, match=r"old/a\.png"):
        gathering.add(scene(1), "red")


def test_picture_with_too_many_pixels_in_the_folder_hides_no_near_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gathering = Gathering(tmp_path, NAMES)
    (tmp_path / "red").mkdir()
    Image.fromarray(scene(1, size=200)).save(tmp_path / "red" / "a.png")
    Image.fromarray(scene(2)).save(tmp_path / "red" / "b.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)
    for _ in range(2):
        with pytest.raises(DataError, match=r"red/b\.png"):
            gathering.check_new(scene(2))


def test_removed_picture_is_gone_with_its_row_and_may_be_added_again(gathering: Gathering) -> None:
    gathering.add(scene(2), "red")
    file = gathering.add(scene(1), "red")
    gathering.remove(file)
    assert not (gathering.folder / file).exists()
    assert len(manifest(gathering)) == 1
    gathering.add(scene(1), "blue")


def test_columns_and_rows_that_somebody_else_wrote_stay(tmp_path: Path) -> None:
    (tmp_path / "red").mkdir()
    Image.fromarray(scene(3)).save(tmp_path / "red" / "a.png")
    (tmp_path / "manifest.csv").write_text("file,label,licence\nred/a.png,red,CC0\n", encoding="utf-8")
    gathering = Gathering(tmp_path, NAMES)
    gathering.add(scene(1), "red", person="person-4")
    assert [(row["licence"], row["person"]) for row in manifest(gathering)] == [("CC0", ""), ("", "person-4")]
    assert gathering.next_person() == "person-5"
    assert gathering.next_person() == "person-6"


def test_manifest_that_is_none_is_refused_and_left(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text("picture;label\na.jpg;red\n", encoding="utf-8")
    with pytest.raises(DataError, match="no column 'file'"):
        Gathering(tmp_path, NAMES)


@pytest.mark.parametrize("label", ["", "a", "../red", "a/b", ".hidden", "a" * 61, "c:", "a\n"])
def test_label_that_cannot_be_a_folder_is_refused(gathering: Gathering, label: str) -> None:
    with pytest.raises(DataError, match="class name"):
        gathering.add(scene(1), label)
    assert not list(gathering.folder.rglob("*.jpg"))


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="--teach"):
        Gathering(tmp_path / "file" / "data", NAMES)


def test_nothing_is_lost_or_half_written_when_the_program_is_killed(tmp_path: Path) -> None:
    program = f"""
import sys, numpy as np
sys.path.insert(0, {str(ROOT)!r})
from pathlib import Path
from inference.gathering import Gathering
gathering = Gathering(Path({str(tmp_path / "data")!r}), ("red", "blue"))
random = np.random.default_rng(0)
while True:
    small = random.integers(0, 255, (8, 8, 3), dtype=np.uint8)
    print(gathering.add(np.repeat(np.repeat(small, 60, 0), 60, 1), "red"), flush=True)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = [process.stdout.readline().strip() for _ in range(5)]
        time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
        told += [line.strip() for line in process.stdout if line.endswith("\n")]
    gathering = Gathering(tmp_path / "data", ("red", "blue"))
    rows = {row["file"] for row in manifest(gathering)}
    files = {path.relative_to(gathering.folder).as_posix() for path in gathering.folder.rglob("*.jpg")}
    assert set(told) <= rows <= files
    assert len(files - rows) <= 1
    for file in files:
        Image.open(gathering.folder / file).load()


@pytest.fixture
def classifier(tiny_model: Path) -> Classifier:
    return Classifier(tiny_model, provider="cpu", threads=1)


@pytest.fixture
def waiting(gathering: Gathering) -> Waiting:
    made = Waiting(gathering)
    made.agreed = True
    return made


def take(waiting: Waiting, classifier: Classifier, seed: int, tint: tuple[int, int, int]) -> tuple[int, int]:
    return waiting.take(scene(seed, tint), Whole(), classifier, camera="room", person="person-1")


def test_nobody_stands_there_before_all_that_was_taken_at_once_is_sorted(waiting: Waiting, classifier: Classifier) -> None:
    take(waiting, classifier, 1, (120, 0, 0))
    take(waiting, classifier, 2, (60, 50, 0))
    assert waiting.current is None
    waiting.ready()
    least = waiting.current
    assert least is not None and least.guess == "red" and least.certainty < 0.99
    take(waiting, classifier, 3, (0, 0, 0))
    waiting.ready()
    assert waiting.current is least and waiting.count == 2


def test_nothing_is_taken_or_kept_before_somebody_said_that_all_agree(gathering: Gathering, classifier: Classifier) -> None:
    waiting = Waiting(gathering)
    with pytest.raises(DataError, match="agrees"):
        take(waiting, classifier, 1, (0, 0, 0))
    waiting.agreed = True
    take(waiting, classifier, 1, (0, 0, 0))
    waiting.agreed = False
    with pytest.raises(DataError, match="agrees"):
        waiting.keep("red")


def test_least_certain_comes_first_with_the_guess_and_near_copies_are_left_out(waiting: Waiting, classifier: Classifier) -> None:
    take(waiting, classifier, 1, (120, 0, 0))
    take(waiting, classifier, 2, (60, 50, 0))
    take(waiting, classifier, 3, (0, 0, 90))
    assert take(waiting, classifier, 2, (60, 50, 0)) == (0, 1)
    waiting.ready()
    certainties = []
    while waiting.current is not None:
        certainties.append(waiting.current.certainty)
        waiting.keep(waiting.current.guess)
    assert certainties == sorted(certainties) and len(certainties) == 3
    with pytest.raises(DataError, match="No picture is waiting"):
        waiting.skip()


def test_undo_takes_back_what_was_kept_last_and_shows_it_again(waiting: Waiting, classifier: Classifier) -> None:
    take(waiting, classifier, 1, (120, 0, 0))
    take(waiting, classifier, 2, (0, 0, 120))
    waiting.ready()
    kept = waiting.current
    file = waiting.keep("green")
    waiting.undo()
    assert waiting.current is kept and waiting.count == 1
    assert not (waiting.gathering.folder / file).exists()
    with pytest.raises(DataError, match="Nothing was kept"):
        waiting.undo()


def test_undo_that_cannot_write_takes_nothing_back_and_may_be_tried_again(
    waiting: Waiting, classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(waiting, classifier, 1, (120, 0, 0))
    waiting.ready()
    kept = waiting.current
    file = waiting.keep("green")

    def full(path: Path, content: bytes) -> None:
        raise OutputError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr("inference.gathering.write_whole", full)
        with pytest.raises(OutputError):
            waiting.undo()
    assert waiting.kept == 1 and (waiting.gathering.folder / file).is_file()
    waiting.undo()
    assert waiting.kept == 0 and waiting.current is kept


def test_only_the_last_pictures_that_were_kept_stay_in_memory_and_can_be_taken_back(
    waiting: Waiting, classifier: Classifier
) -> None:
    pictures = []
    for number in range(MOST_UNDONE + 3):
        take(waiting, classifier, number, (120, 0, 0))
        waiting.ready()
        assert waiting.current is not None
        pictures.append(weakref.ref(waiting.current.picture))
        waiting.keep("red")
    assert waiting.kept == MOST_UNDONE + 3
    assert sum(picture() is not None for picture in pictures) == MOST_UNDONE
    for _ in range(MOST_UNDONE):
        waiting.undo()
    assert waiting.kept == 3
    with pytest.raises(DataError, match=f"the last {MOST_UNDONE}"):
        waiting.undo()


def test_found_students_wait_one_by_one_and_seats_are_persons(
    waiting: Waiting, classifier: Classifier, tiny_finder: Path, make_room: Callable[..., Path]
) -> None:
    frame = np.zeros((64, 96, 3), np.uint8)
    frame[8:16, 8:16], frame[40:48, 72:80] = (255, 0, 0), (0, 0, 255)
    finder = Finder(tiny_finder, provider="cpu", threads=1)
    found, refused = waiting.take(frame, finder, classifier, camera="room", person="", name="frame 1")
    assert found + refused == 2 and found >= 1
    waiting.ready()
    assert waiting.current is not None and waiting.current.person.startswith("frame 1 ")
    seats = Seats((96, 96), [(0, 0, 45, 96), (50, 0, 96, 96)])
    other = Waiting(waiting.gathering)
    other.agreed = True
    other.take(scene(5), seats, classifier, camera="room", person="ignored", name="frame 2")
    other.take(scene(6), seats, classifier, camera="room", person="ignored", name="frame 3")
    other.ready()
    persons = set()
    while other.current is not None:
        persons.add(other.current.person)
        other.skip()
    assert persons == {"room seat 1", "room seat 2"}


def test_only_so_many_wait(waiting: Waiting, classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_WAITING > 100
    monkeypatch.setattr("inference.candidates.MOST_WAITING", 1)
    take(waiting, classifier, 1, (0, 0, 0))
    with pytest.raises(DataError, match="Label some of them first"):
        take(waiting, classifier, 2, (0, 0, 0))
