"""`python -m inference` for rooms with many students: find, annotate, classify --students, seats."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from inference import commands, decode
from inference.__main__ import main
from inference.annotate_video import annotate_video
from inference.command_line import DEFAULT_FINDER
from inference.seats import Seats
from inference.sources import Frame, open_source
from tests.shared import shared

MakeRoom = Callable[..., Path]
Command = Callable[..., int]
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="the program ffmpeg is not installed")
ROOMS = {
    "lesson/a.png": {(8, 16, 16, 24): "red", (64, 40, 72, 48): "blue"},
    "lesson/back/b.png": {(40, 0, 48, 8): "lime"},
    "lesson/empty.png": {},
}


@pytest.fixture
def rooms(make_room: MakeRoom, tmp_path: Path) -> Path:
    """A folder `lesson` with two students in a.png, one in back/b.png and none in empty.png."""
    for name, students in ROOMS.items():
        make_room(name, students)
    return tmp_path / "lesson"


@pytest.fixture
def command(tiny_model: Path, tiny_finder: Path) -> Command:
    """Run a command with the tiny files; returns the exit status."""

    def run(name: str, *arguments: str | Path) -> int:
        model = [] if name == "find" else ["--model", tiny_model]
        return main([name, *map(str, [*model, "--finder", tiny_finder, "--provider", "cpu", *arguments])])

    return run


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- find


def test_find_writes_the_boxes_of_every_picture(command: Command, rooms: Path, tmp_path: Path) -> None:
    assert command("find", rooms, "--out", tmp_path / "found.json") == 0
    found = json.loads((tmp_path / "found.json").read_text())
    assert {name: sorted(boxes) for name, boxes in found.items()} == {
        "a.png": [[8, 16, 16, 24, 1], [64, 40, 72, 48, 1]],
        "back/b.png": [[40, 0, 48, 8, 1]],
        "empty.png": [],
    }


def test_find_prints_without_a_place_and_counts(command: Command, rooms: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("find", rooms) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out).keys() == {"a.png", "back/b.png", "empty.png"}
    assert "3 students in 3 pictures, 0 failed" in printed.err


def test_find_with_a_low_threshold_gives_more_boxes(command: Command, make_room: MakeRoom, tmp_path: Path) -> None:
    path = make_room("a.png", {(8, 16, 16, 24): "white", (40, 0, 48, 8): "#202020"})
    assert command("find", path, "--threshold", "0.05", "--out", tmp_path / "found.json") == 0
    boxes = json.loads((tmp_path / "found.json").read_text())["a.png"]
    assert [box[:4] for box in boxes] == [[8, 16, 16, 24], [40, 0, 48, 8]]
    assert boxes[1][4] == pytest.approx(32 / 255, abs=1e-5)


def test_find_reports_a_bad_picture_and_goes_on(
    command: Command, rooms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for i in range(9):
        (rooms / f"bad{i}.png").touch()
    assert command("find", rooms, "--out", tmp_path / "found.json") == 1
    assert len(json.loads((tmp_path / "found.json").read_text())) == 3
    assert "failed: bad0.png is empty" in capsys.readouterr().err


def test_find_is_scored_by_the_judge_of_detections(command: Command, rooms: Path, tmp_path: Path) -> None:
    judge = shared("tools/eval_finder.py")
    content: dict[str, list] = {"images": [], "annotations": []}
    for number, (name, students) in enumerate(ROOMS.items()):
        content["images"].append({"id": number, "file_name": name.removeprefix("lesson/")})
        for x0, y0, x1, y1 in students:
            content["annotations"].append({"image_id": number, "category_id": 1, "bbox": [x0, y0, x1 - x0, y1 - y0]})
    (tmp_path / "truth.json").write_text(json.dumps(content))
    assert command("find", rooms, "--threshold", "0.01", "--out", tmp_path / "found.json") == 0
    done = subprocess.run(
        [sys.executable, judge, tmp_path / "truth.json", tmp_path / "found.json"], check=True, capture_output=True, text=True
    )
    scores = json.loads(done.stdout)
    assert (scores["students"], scores["ap50"], scores["f1"]) == (3, 1, 1)
    assert done.stderr == ""


# --- classify --students


def test_classify_gives_one_row_per_student(command: Command, rooms: Path, tmp_path: Path) -> None:
    assert command("classify", rooms, "--students", "finder", "--out", tmp_path / "out.csv") == 0
    rows = table(tmp_path / "out.csv")
    columns = ["file", "student", "x0", "y0", "x1", "y1", "found", "label", "red", "green", "blue"]
    assert list(rows[0]) == columns
    assert sorted((row["file"], row["x0"], row["label"]) for row in rows) == [
        ("a.png", "64.0", "blue"),
        ("a.png", "8.0", "red"),
        ("back/b.png", "40.0", "green"),
    ]
    assert [row["student"] for row in rows] == ["1", "2", "1"]
    assert {row["found"] for row in rows} == {"1.0000"}


def test_classify_counts_students_and_names_the_empty_room(
    command: Command, rooms: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("classify", rooms, "--students", "finder", "--json") == 0
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert document["students"] == {"a.png": 2, "back/b.png": 1, "empty.png": 0}
    assert document["summary"]["students"] == 3
    assert document["rows"][2]["box"] == [40, 0, 48, 8]
    assert document["rows"][2]["student"] == 1
    assert "3 students in 3 pictures classified, 0 failed: red 1, green 1, blue 1\n" in printed.err


def test_classify_takes_each_picture_for_one_student_unless_told_otherwise(command: Command, rooms: Path, tmp_path: Path) -> None:
    assert command("classify", rooms, "--out", tmp_path / "plain.csv") == 0
    assert command("classify", rooms, "--students", "whole", "--out", tmp_path / "whole.csv") == 0
    assert (tmp_path / "plain.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert list(table(tmp_path / "plain.csv")[0]) == ["file", "label", "red", "green", "blue"]
    assert len(table(tmp_path / "plain.csv")) == 3


def test_classify_by_seats_numbers_the_seats(command: Command, rooms: Path, tmp_path: Path) -> None:
    Seats((96, 64), ((0, 0, 8, 8), (8, 16, 16, 24), (64, 40, 72, 48))).write(tmp_path / "seats.json")
    assert command("classify", rooms / "a.png", "--students", tmp_path / "seats.json", "--out", tmp_path / "out.csv") == 0
    assert [(row["student"], row["label"]) for row in table(tmp_path / "out.csv")[1:]] == [("2", "red"), ("3", "blue")]


def test_picture_for_which_the_seats_were_not_made_fails_alone(
    command: Command, rooms: Path, make_room: MakeRoom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_room("lesson/portrait.png", {}, (64, 96))
    Seats.grid((96, 64), 1, 2).write(tmp_path / "seats.json")
    assert command("classify", rooms, "--students", tmp_path / "seats.json", "--out", tmp_path / "out.csv") == 1
    assert len(table(tmp_path / "out.csv")) == 6
    assert "failed: portrait.png: The seats were made for frames of 96 x 64 pixels, got 64 x 96" in capsys.readouterr().err


# --- annotate


def test_annotate_writes_marked_copies_by_name(
    command: Command, rooms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path: path.read_bytes() for path in rooms.rglob("*.png")}
    assert command("annotate", rooms, "--out", tmp_path / "marked" / "today") == 0
    marked = tmp_path / "marked" / "today"
    files = sorted(path.relative_to(marked).as_posix() for path in marked.rglob("*") if path.is_file())
    assert files == ["a.png", "back/b.png", "empty.png"]
    assert (decode(marked / "a.png") != decode(rooms / "a.png")).any()
    np.testing.assert_array_equal(decode(marked / "empty.png"), decode(rooms / "empty.png"))
    assert {path: path.read_bytes() for path in before} == before
    assert f"3 pictures written to {marked}, 0 failed" in capsys.readouterr().err


def test_annotate_says_which_class_a_number_is(
    command: Command, rooms: Path, make_model: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_model(class_names=("side", "下を見る", "前を見る"))
    assert command("annotate", rooms, "--out", tmp_path / "marked", "--model", model) == 0
    assert "In the pictures: 1 = side, 2 = 下を見る, 3 = 前を見る\n" in capsys.readouterr().err
    several = make_model(activation="sigmoid")
    assert command("annotate", rooms, "--out", tmp_path / "other", "--model", several) == 2
    assert "several labels at once" in capsys.readouterr().err


def test_annotate_keeps_jpeg_and_writes_other_formats_as_png(command: Command, make_room: MakeRoom, tmp_path: Path) -> None:
    for name in ("a.JPG", "b.webp"):
        make_room(f"lesson/{name}", {(8, 16, 16, 24): "red"})
    assert command("annotate", tmp_path / "lesson", "--out", tmp_path / "marked") == 0
    formats = {}
    for path in (tmp_path / "marked").iterdir():
        with Image.open(path) as picture:
            formats[path.name] = picture.format
    assert formats == {"a.JPG": "JPEG", "b.webp.png": "PNG"}


@pytest.mark.parametrize("link", ["same folder", "link to the folder", "hard link"])
def test_annotate_never_writes_over_a_source(
    command: Command, rooms: Path, tmp_path: Path, link: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = rooms if link == "same folder" else tmp_path / "out"
    if link == "link to the folder":
        out.symlink_to(rooms, target_is_directory=True)
    elif link == "hard link":
        out.mkdir()
        os.link(rooms / "a.png", out / "a.png")
    before = (rooms / "a.png").read_bytes()
    assert command("annotate", rooms, "--out", out) == 2
    assert "never overwritten" in capsys.readouterr().err
    assert (rooms / "a.png").read_bytes() == before


def test_annotate_refuses_two_pictures_for_one_place(
    command: Command, make_room: MakeRoom, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("b.webp", "b.webp.png"):
        make_room(f"lesson/{name}", {})
    assert command("annotate", tmp_path / "lesson", "--out", tmp_path / "marked") == 2
    assert "the same name" in capsys.readouterr().err
    assert not (tmp_path / "marked").exists()


def test_annotate_into_a_file_is_an_error(
    command: Command, rooms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert command("annotate", rooms, "--out", tmp_path / "file") == 2
    assert "Cannot make the folder" in capsys.readouterr().err


# --- annotate: videos of a folder


@pytest.fixture
def filmed(rooms: Path) -> Path:
    """The folder `rooms` with two videos of half a second and one that is none."""
    for name in ("film.avi", "back/film.AVI"):
        writer = cv2.VideoWriter(str(rooms / name), cv2.VideoWriter.fourcc(*"MJPG"), 10, (96, 64))
        for _ in range(5):
            writer.write(decode(rooms / "a.png")[..., ::-1])
        writer.release()
    (rooms / "damaged.mov").write_bytes(b"no video")
    return rooms


@needs_ffmpeg
def test_annotate_does_the_videos_of_a_folder(
    command: Command, filmed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    marked = tmp_path / "marked"
    assert command("annotate", filmed, "--out", marked) == 1
    files = sorted(path.relative_to(marked).as_posix() for path in marked.rglob("*") if path.is_file())
    assert files == ["a.png", "back/b.png", "back/film.AVI.mp4", "empty.png", "film.avi.mp4"]
    with open_source(str(marked / "back" / "film.AVI.mp4")) as video:
        assert len([frame for frame in video.frames() if frame]) == 5
    told = capsys.readouterr().err
    assert "failed: damaged.mov: " in told
    assert f"5 files written to {marked}, 1 failed\n" in told


@needs_ffmpeg
def test_video_that_is_named_beside_its_folder_is_done_once(command: Command, filmed: Path, tmp_path: Path) -> None:
    (filmed / "damaged.mov").unlink()
    assert command("annotate", filmed, filmed / "film.avi", "--out", tmp_path / "marked") == 0
    assert len(list((tmp_path / "marked").rglob("*.mp4"))) == 2


@needs_ffmpeg
@pytest.mark.parametrize(("asked", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_annotate_that_is_stopped_leaves_nothing_of_a_video(
    asked: signal.Signals, status: int, command: Command, filmed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = signal.signal(asked, signal.SIG_DFL)  # tests that are run with `nohup` ignore it
    begun: list[Path] = []

    def progress(done: int, _: Frame) -> None:
        while done == 5 and not begun:
            time.sleep(0.05)
            begun.extend((tmp_path / "marked").glob(".taido-*.mp4"))
        if begun:
            os.kill(os.getpid(), asked)

    monkeypatch.setattr(commands, "annotate_video", partial(annotate_video, progress=progress))
    try:
        with pytest.raises(SystemExit) as left:
            command("annotate", filmed / "film.avi", "--out", tmp_path / "marked")
    finally:
        signal.signal(asked, before)
    assert left.value.code == status
    assert list((tmp_path / "marked").iterdir()) == []


@needs_ffmpeg
def test_annotate_without_ffmpeg_does_the_pictures_of_a_folder(
    command: Command, filmed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert command("annotate", filmed, "--out", tmp_path / "marked") == 1
    assert len([path for path in (tmp_path / "marked").rglob("*") if path.is_file()]) == 3
    assert "failed: film.avi: Writing a video needs the program ffmpeg." in capsys.readouterr().err


# --- seats


def test_seats_of_a_grid_serve_as_students(make_room: MakeRoom, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = make_room("a.png", {})
    assert main(["seats", str(path), "--grid", "2x3", "--area", "0,32,96,64", "--out", str(tmp_path / "seats.json")]) == 0
    seats = Seats.read(tmp_path / "seats.json")
    assert seats == Seats.grid((96, 64), 2, 3, (0, 32, 96, 64))
    assert "6 seats for frames of 96 x 64 pixels" in capsys.readouterr().err


@pytest.mark.parametrize(("frame", "name"), [("a.png", None), ("a.png", "back/b.png")])
def test_seats_are_taken_where_students_were_found(
    command: Command, rooms: Path, tmp_path: Path, frame: str, name: str | None
) -> None:
    assert command("find", rooms, "--out", tmp_path / "found.json") == 0
    chosen = ["--name", name] if name else []
    found = ["--boxes", str(tmp_path / "found.json"), "--out", str(tmp_path / "seats.json")]
    assert main(["seats", str(rooms / frame), *found, *chosen]) == 0
    boxes = sorted(Seats.read(tmp_path / "seats.json").boxes)
    assert boxes == ([(40, 0, 48, 8)] if name else [(8, 16, 16, 24), (64, 40, 72, 48)])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lesson/a.png", "--grid", "2x2", "--area", "0,0,500,64"], "reaches out of the frame of 96 x 64"),
        (["lesson/a.png", "--grid", "0x2"], "grid of 1 to 1000 seats"),
        (["lesson/a.png", "--boxes", "found.json", "--area", "0,0,9,9"], "--area is the part of the frame that a grid fills"),
        (["lesson/a.png", "--boxes", "found.json", "--name", "b.png"], "no boxes of 'b.png'"),
        (["lesson/a.png", "--boxes", "found.json", "--name", "none.png"], "1 to 1000 seats"),
        (["lesson/a.png", "--boxes", "found.json", "--name", "text.png"], "no boxes of"),
        (["lesson/a.png", "--boxes", "found.json", "--name", "short.png"], "Seat 1 must be"),
        (["lesson/a.png", "--boxes", "gone.json"], "cannot be read"),
        (["lesson/a.png", "--boxes", "lesson/a.png"], "is not JSON"),
        (["gone.png", "--grid", "2x2"], "gone.png cannot be read"),
    ],
)
def test_seats_that_cannot_be_made_are_one_line_and_status_2(
    rooms: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("found.json").write_text(json.dumps({"a.png": [[0, 0, 8, 8, 1]], "none.png": [], "text.png": "x", "short.png": [[1]]}))
    assert main(["seats", *arguments, "--out", "seats.json"]) == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert len(printed.splitlines()) == 1
    assert not Path("seats.json").exists()


# --- pictures in formats that are not read


@pytest.mark.parametrize(
    ("name", "summary"),
    [
        ("classify", "3 classified, 5 failed: "),
        ("find", "3 students in 3 pictures, 5 failed"),
        ("annotate", "3 pictures written to marked, 5 failed"),
    ],
)
def test_photographs_of_a_phone_that_are_not_read_are_counted_and_the_first_is_named(
    command: Command,
    rooms: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    summary: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for file in ("back/IMG_2.HEIC", "IMG_3.heif", "IMG_4.avif", "IMG_5.JXL", "IMG_6.HIF"):
        (rooms / file).write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    assert command(name, "lesson", *(["--out", "marked"] if name == "annotate" else [])) == 1
    told, counted = capsys.readouterr().err.splitlines()
    assert told == "failed: 5 pictures, the first is IMG_3.heif: HEIC, HEIF, AVIF and JPEG XL are not read. Save them as JPEG."
    assert counted.startswith(summary)


def test_each_photograph_that_is_not_read_is_a_failure_in_json(
    command: Command, rooms: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in ("IMG_1.HEIC", "IMG_2.HEIC"):
        (rooms / file).write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    assert command("classify", rooms, "--json") == 1
    assert [failure["file"] for failure in json.loads(capsys.readouterr().out)["failures"]] == ["IMG_1.HEIC", "IMG_2.HEIC"]


def test_one_photograph_that_is_not_read_is_named(command: Command, rooms: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (rooms / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    assert command("find", rooms) == 1
    assert "failed: IMG_1.HEIC is not a picture that can be read. Use JPEG" in capsys.readouterr().err


def test_jpeg_under_the_name_of_another_format_is_read(command: Command, make_room: MakeRoom, tmp_path: Path) -> None:
    make_room("lesson/a.jpg", {}).rename(tmp_path / "lesson" / "a.heic")
    assert command("annotate", tmp_path / "lesson", "--out", tmp_path / "marked") == 0
    assert [path.name for path in (tmp_path / "marked").iterdir()] == ["a.heic.png"]


@pytest.mark.parametrize("students", ["whole", "finder"])
@pytest.mark.parametrize("name", ["classify", "find", "annotate"])
def test_status_is_2_where_no_picture_could_be_read(
    command: Command, tmp_path: Path, name: str, students: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(3):
        (tmp_path / f"{number}.jpg").write_bytes(b"no picture")
    out = ["--out", tmp_path / "marked"] if name == "annotate" else []
    assert command(name, tmp_path, "--students", students, *out) == 2
    told = capsys.readouterr().err
    assert told.count("failed: ") >= 3 and "3 failed" in told


def test_room_in_which_nobody_was_found_is_read(command: Command, make_room: MakeRoom, tmp_path: Path) -> None:
    room = make_room("empty.png", {})
    assert command("classify", room, "--students", "finder") == command("find", room) == 0
    (tmp_path / "bad.png").touch()
    assert command("classify", room, tmp_path / "bad.png", "--students", "finder") == 1


# --- what all of them refuse


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["find", "lesson", "--finder", "gone.onnx"], "There is no finder file gone.onnx"),
        (["find", "lesson", "--students", "lesson"], "Expected --students to be whole, finder"),
        (["find", "lesson", "--students", "seats.json", "--threshold", "0.5"], "--threshold is for a detector"),
        (["find", "lesson", "--out", "no/found.json"], "no folder"),
        (["find", "gone"], "does not exist"),
        (["annotate", "lesson", "--out", "marked", "--model", "gone.onnx"], "There is no model file"),
        (["classify", "lesson", "--students", "gone.json"], "gone.json cannot be read"),
    ],
)
def test_error_that_stops_the_run_is_one_line_and_status_2(
    rooms: Path,
    tiny_finder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Seats.grid((96, 64), 1, 2).write("seats.json")
    finder = [] if "--finder" in arguments else ["--finder", str(tiny_finder)]
    assert main([*arguments, *finder]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err
    assert len(printed.err.splitlines()) == 1


@pytest.mark.parametrize("link", ["", "symlink", "hard link"])
@pytest.mark.parametrize(
    ("arguments", "read"),
    [
        (["classify", "lesson/a.png"], "lesson/a.png"),
        (["classify", "lesson"], "lesson/back/b.png"),
        (["classify", "lesson", "--students", "seats.json"], "seats.json"),
        (["classify", "lesson", "--model", "model.onnx"], "model.onnx"),
        (["classify", "lesson", "--students", "finder", "--finder", "finder.onnx"], "finder.onnx"),
        (["find", "lesson"], "lesson/a.png"),
        (["find", "lesson", "--students", "seats.json"], "seats.json"),
        (["find", "lesson", "--finder", "finder.onnx"], "finder.onnx"),
        (["seats", "lesson/a.png", "--grid", "2x2"], "lesson/a.png"),
        (["seats", "lesson/a.png", "--boxes", "found.json"], "found.json"),
    ],
)
def test_file_that_a_command_reads_is_never_overwritten(
    rooms: Path,
    tiny_model: Path,
    tiny_finder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    read: str,
    link: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Seats.grid((96, 64), 1, 2).write("seats.json")
    shutil.copy(tiny_model, "model.onnx")
    shutil.copy(tiny_finder, "finder.onnx")
    Path("found.json").write_text(json.dumps({"a.png": [[0, 0, 8, 8, 1]]}))
    out = Path("out" if link else read)
    if link == "symlink":
        out.symlink_to(read)
    elif link:
        out.hardlink_to(read)
    before = Path(read).read_bytes()
    assert main([*arguments, "--out", str(out)]) == 2
    printed = capsys.readouterr()
    assert (printed.out, len(printed.err.splitlines())) == ("", 1)
    assert f"Cannot write {out}: it is one of the files that are read" in printed.err
    assert Path(read).read_bytes() == out.read_bytes() == before


def test_model_and_finder_given_the_wrong_way_round_are_refused(
    rooms: Path, tiny_model: Path, tiny_finder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["find", str(rooms), "--finder", str(tiny_model)]) == 2
    assert "is a classifier, expected a finder of students" in capsys.readouterr().err
    assert main(["classify", str(rooms), "--model", str(tiny_finder)]) == 2
    assert "is a finder of students, expected a classifier" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["find"],
        ["find", "a", "--threshold", "2"],
        ["find", "a", "--threshold", "nan"],
        ["annotate", "a"],
        ["seats", "a.png", "--out", "s.json"],
        ["seats", "a.png", "--out", "s.json", "--grid", "3"],
        ["seats", "a.png", "--out", "s.json", "--grid", "2x2", "--boxes", "f.json"],
        ["seats", "a.png", "--out", "s.json", "--grid", "2x2", "--area", "5,5,1,9"],
        ["seats", "a.png", "--out", "s.json", "--grid", "2x2", "--area", "a,b"],
    ],
)
def test_wrong_usage_is_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert "usage: python -m inference" in capsys.readouterr().err


def test_info_reads_a_finder(tiny_finder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(tiny_finder)]) == 0
    assert json.loads(capsys.readouterr().out)["spec"]["task"] == "find"


def test_bundled_finder_is_looked_for_beside_the_bundled_model() -> None:
    assert DEFAULT_FINDER.name == "students.onnx"
    assert (DEFAULT_FINDER.parent / "attitude.onnx").is_file()
