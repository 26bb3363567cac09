"""`python -m inference watch`: a lesson in the terminal, with a record that survives whatever ends it."""

import io
import json
import os
import pty
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from rich.console import Console

from inference.__main__ import main
from inference.errors import Message
from inference.intervals import Interval
from inference.lesson import Lesson
from inference.record import Recorder, SessionFacts
from inference.recorded import read_sessions
from inference.seats import Seats
from inference.snapshot import Snapshot
from inference.sources import SourceStatus
from inference.summary import ClassSummary
from inference.terminal import About, blocks, closing, line, page
from inference.watch import _until
from tests.network_camera import network_camera

ROOT = Path(__file__).parents[2]
RED, LIME, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)
NAMES = ("red", "green", "blue")
START = datetime(2026, 7, 27, 10, 0, tzinfo=UTC)
SOON = 60.0
"""Seconds after which a program that should have done something counts as stuck."""

Watch = Callable[..., int]


def frames(colours: list[tuple[int, int, int]]) -> np.ndarray:
    """A picture of 96 x 40 with as many students side by side."""
    parts = np.array_split(np.zeros((40, 96, 3), np.uint8), len(colours), axis=1)
    return np.concatenate([np.full_like(part, colour) for part, colour in zip(parts, colours, strict=True)], axis=1)


def make_video(path: Path, *seconds: list[tuple[int, int, int]], rate: int = 5) -> Path:
    """Each list is what one second shows."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, (96, 40))
    for colours in seconds:
        for _ in range(rate):
            writer.write(frames(colours)[..., ::-1])
    writer.release()
    return path


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Two seconds of red, two of blue."""
    return make_video(tmp_path / "lesson.avi", [RED], [RED], [BLUE], [BLUE])


@pytest.fixture
def options(tiny_model: Path) -> list[str]:
    return ["--model", str(tiny_model), "--students", "whole", "--provider", "cpu", "--threads", "1"]


@pytest.fixture
def watch(options: list[str]) -> Watch:
    """Run `watch` with the tiny model, the frame being one student; returns the exit status."""

    def run(*arguments: str | Path) -> int:
        return main(["watch", *options, *map(str, arguments)])

    return run


def heed_ctrl_c() -> None:
    """Tests that run in the background of a shell ignore it, and programs inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def start(options: list[str]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """`watch` as a program of its own, with pipes."""
    started = []

    def run(*arguments: str | Path, **how: Any) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "inference", "watch", *options, *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "cwd": ROOT, "preexec_fn": heed_ctrl_c}
        started.append(subprocess.Popen(command, **{**pipes, **how}))
        return started[-1]

    yield run
    for program in started:
        program.kill()
        program.communicate()


@pytest.fixture
def camera() -> Iterator[str]:
    """The address of a network camera that shows red, with a password in it."""
    with network_camera([frames([RED])]) as address:
        yield address


# --- files


def test_video_prints_a_line_per_interval_and_a_summary(watch: Watch, video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert watch(video, "--headless", "--interval", 2) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        "0:00:00  1.0 students: red 1.0, green 0.0, blue 0.0, uncertain 0.0",
        "0:00:02  1.0 students: red 0.6, green 0.0, blue 0.4, uncertain 0.0",
    ]
    assert "Source: lesson.avi" in printed.err
    assert "tiny.onnx on cpu" in printed.err
    assert "Students: whole" in printed.err
    assert "Nothing is recorded." in printed.err
    assert "Seen: 4 s of 4 s, 20 frames" in printed.err
    assert "  red: 0.8" in printed.err


def test_json_has_one_object_per_interval(watch: Watch, video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert watch(video, "--json", "--interval", 2) == 0
    rows = [json.loads(row) for row in capsys.readouterr().out.splitlines()]
    assert {row["time"] for row in rows} == {None}, "a film has no time of day"
    assert [(row["start"], row["seconds"], row["frames"], row["students"]) for row in rows] == [(0, 2, 10, 1), (2, 2, 10, 1)]
    assert rows[0]["counts"] == {"red": 1, "green": 0, "blue": 0}
    assert [row["shares"] for row in rows] == [None, None]


def test_shares_are_told_from_five_students_on(watch: Watch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for students, expected in ((4, "red 3.0, green 0.0, blue 1.0"), (5, "red 4.0 (80%), green 0.0 (0%), blue 1.0 (20%)")):
        Seats.grid((96, 40), 1, students).write(tmp_path / "seats.json")
        room = make_video(tmp_path / "room.avi", [RED] * (students - 1) + [BLUE])
        assert watch(room, "--students", tmp_path / "seats.json", "--headless") == 0
        assert expected in capsys.readouterr().out


def test_until_ends_the_lesson_of_a_video(watch: Watch, video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert watch(video, "--headless", "--until", "3s", "--interval", 2) == 0
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 2
    assert "Seen: 3 s of 3 s, 15 frames" in printed.err


def test_every_takes_fewer_frames_and_the_lesson_stays_as_long(
    watch: Watch, video: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert watch(video, "--headless", "--every", 2) == 0
    assert "Seen: 4 s of 4 s, 10 frames" in capsys.readouterr().err


def test_record_holds_the_lesson_and_how_it_was_made(watch: Watch, video: Path, tmp_path: Path, tiny_model: Path) -> None:
    assert (
        watch(video, "--headless", "--interval", 2, "--record-few", "--record", tmp_path / "lessons.db", "--find-every", 3) == 0
    )
    (session,) = read_sessions(tmp_path / "lessons.db")
    assert session.ended_at is not None
    assert [interval.frames for interval in session.intervals] == [10, 10]
    facts = session.facts
    assert (facts.source, facts.model, facts.finder, facts.interval_seconds) == ("lesson.avi", tiny_model.name, "whole", 2)
    assert facts.class_names == NAMES
    assert len(facts.model_hash) == 64
    assert facts.settings["find_every"] == 3
    assert facts.settings["following"]["agreeing"] >= 1


def test_counts_and_no_pictures_are_recorded(
    watch: Watch, video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = set(tmp_path.iterdir())
    watch(video, "--headless", "--record-few", "--record", tmp_path / "lessons.db")
    assert set(tmp_path.iterdir()) - before == {tmp_path / "lessons.db"}
    assert (tmp_path / "lessons.db").stat().st_size < 96 * 40 * 3 * 20
    assert f"Counts are recorded in {tmp_path / 'lessons.db'}; no pictures." in capsys.readouterr().err


def test_masks_are_laid_over_every_frame(watch: Watch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    room = make_video(tmp_path / "room.avi", [RED, BLUE, BLUE, BLUE])
    Seats.grid((96, 40), 1, 2).write(tmp_path / "seats.json")
    (tmp_path / "masks.json").write_text('{"taido_masks": 1, "frame_size_wh": [96, 40], "masks": [[24, 0, 96, 40]]}')
    assert watch(room, "--masks", tmp_path / "masks.json", "--students", tmp_path / "seats.json", "--headless") == 0
    assert "red 1.0, green 0.0, blue 0.0, uncertain 1.0" in capsys.readouterr().out


def test_frames_that_fail_are_told_and_change_the_exit_status(
    watch: Watch, video: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Seats.grid((64, 64), 1, 2).write(tmp_path / "seats.json")
    assert watch(video, "--students", tmp_path / "seats.json", "--headless") == 1
    printed = capsys.readouterr().err
    assert "20 frames could not be looked at." in printed
    assert "got 96 x 40" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["missing.mp4"], "missing.mp4"),
        (["VIDEO", "--until", "10:50"], "has no time of day"),
        (["VIDEO", "--per-seat"], "Give --record FILE with it"),
        (["VIDEO", "--per-seat", "--record", "lessons.db"], "Give a file of seats"),
        (["VIDEO", "--record-few", "--record", "nowhere/lessons.db"], "there is no folder"),
        (["VIDEO", "--record", "lessons.db"], "add --record-few"),
        (["VIDEO", "--record-few"], "Give --record FILE with it"),
        (["VIDEO", "--masks", "missing.json"], "missing.json"),
        (["VIDEO", "--model", "missing.onnx"], "There is no model file"),
    ],
)
def test_what_cannot_be_done_is_said_at_the_start(
    watch: Watch, video: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    arguments: list[str], message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert watch(*(str(video) if part == "VIDEO" else part for part in arguments)) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "lessons.db").exists()


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("10:50", time_of_day(10, 50)),
        ("9:05", time_of_day(9, 5)),
        ("45m", timedelta(minutes=45)),
        ("1h30m", timedelta(minutes=90)),
        ("90s", timedelta(seconds=90)),
        ("2h", timedelta(hours=2)),
    ],
)
def test_until_is_a_time_of_day_or_a_length(text: str, until: object) -> None:
    assert _until(text) == until


@pytest.mark.parametrize("text", ["", "24:00", "10:60", "45", "0m", "-5m", "5m1h", "noon"])
def test_until_that_is_neither_is_refused(text: str, watch: Watch, video: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        watch(video, f"--until={text}")
    assert stopped.value.code == 2
    assert "expected a time of day such as 10:50" in capsys.readouterr().err


# --- cameras, and ends that nobody planned


def test_camera_is_watched_until_its_time_and_its_password_shown_nowhere(
    watch: Watch, camera: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert watch(camera, "--until", "2s", "--interval", 1, "--headless", "--record-few", "--record", tmp_path / "lessons.db") == 0
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 2
    assert re.match(r"\d\d:\d\d:\d\d  1\.0 students: red 1\.0", printed.out.splitlines()[1])
    assert "s3cret" not in printed.out + printed.err
    assert b"s3cret" not in (tmp_path / "lessons.db").read_bytes()
    (session,) = read_sessions(tmp_path / "lessons.db")
    assert session.ended_at == session.facts.started_at + timedelta(seconds=2)


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_it_ends_the_lesson_in_its_order(
    start: Callable[..., subprocess.Popen[str]], camera: str, tmp_path: Path, asked: int
) -> None:
    program = start(camera, "--record-few", "--record", tmp_path / "lessons.db", "--interval", "1")
    first = read_line(program)
    program.send_signal(asked)
    rest, told = program.communicate(timeout=SOON)
    assert program.returncode == 0, told
    (session,) = read_sessions(tmp_path / "lessons.db")
    assert session.ended_at is not None
    assert len(session.intervals) == len([first, *rest.splitlines()])
    assert "Seen: " in told


def test_killed_in_the_middle_it_loses_one_interval_at_most(
    start: Callable[..., subprocess.Popen[str]], camera: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program = start(camera, "--record-few", "--record", tmp_path / "lessons.db", "--interval", "1")
    printed = [read_line(program) for _ in range(2)]
    program.kill()
    printed += program.communicate(timeout=SOON)[0].splitlines()
    (session,) = read_sessions(tmp_path / "lessons.db")
    assert session.ended_at is None
    assert len(session.intervals) >= len(printed)
    assert session.whole.counts[0] == pytest.approx(1, abs=0.2)
    assert main(["report", str(tmp_path / "lessons.db")]) == 0
    assert "it was interrupted, or is still running" in capsys.readouterr().out


def fill(record: Path) -> int:
    """Put a lesson there after which the next intervals need another page of the file; its size in bytes."""
    recorder = Recorder(record, SessionFacts(START, NAMES, "", "", "", "", {}, 1.0))
    size, before = record.stat().st_size, b""
    for second in range(1000):
        recorder.write([Interval(float(second), 1.0, 9, (1.0, 0.0, 0.0), 0.0, 1.0)])
        if record.stat().st_size > size:
            record.write_bytes(before)
            return len(before)
        before = record.read_bytes()
    raise AssertionError("the file does not grow")


def test_full_disk_is_told_and_the_lesson_goes_on(
    start: Callable[..., subprocess.Popen[str]], camera: str, tmp_path: Path
) -> None:
    record = tmp_path / "lessons.db"
    size = fill(record)

    def no_more_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    program = start(camera, "--record-few", "--record", record, "--interval", "1", "--json", preexec_fn=no_more_room)
    rows: list[dict[str, Any]] = []
    while len(rows) < 30 and not (rows and rows[-1]["problem"]):
        rows.append(json.loads(read_line(program)))
    after = json.loads(read_line(program))
    program.send_signal(signal.SIGTERM)
    _, told = program.communicate(timeout=SOON)
    assert "Make room" in rows[-1]["problem"] and "The lesson goes on" in rows[-1]["problem"]
    assert after["frames"] > 0
    assert "Make room" in told
    assert program.returncode == 1


def test_full_disk_under_the_lines_is_told_once_and_the_lesson_is_recorded(
    watch: Watch,
    video: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    record = tmp_path / "lessons.db"
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert watch(video, "--json", "--interval", 1, "--record-few", "--record", record) == 1
    (session,) = read_sessions(record)
    assert session.ended_at is not None
    assert len(session.intervals) == 4
    assert [told.getMessage() for told in caplog.records] == [
        "The lines cannot be written: No space left on device. The lesson goes on without them."
    ]
    assert "Seen: 4 s of 4 s" in capsys.readouterr().err


def test_reader_of_the_lines_who_goes_ends_the_lesson(
    start: Callable[..., subprocess.Popen[str]], camera: str, tmp_path: Path
) -> None:
    program = start(camera, "--record-few", "--record", tmp_path / "lessons.db", "--interval", "1")
    read_line(program)
    assert program.stdout is not None and program.stderr is not None
    program.stdout.close()
    assert program.wait(SOON) == 0
    assert "Traceback" not in program.stderr.read()
    assert read_sessions(tmp_path / "lessons.db")[0].ended_at is not None


def test_terminal_shows_the_page_and_ctrl_c_the_summary(
    start: Callable[..., subprocess.Popen[str]], camera: str, tmp_path: Path
) -> None:
    master, slave = pty.openpty()
    program = start(camera, stdout=slave, stderr=slave, text=False, env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "80"})
    os.close(slave)
    shown, until = b"", time.monotonic() + SOON
    while b"Ctrl-C ends the lesson." not in shown:
        assert time.monotonic() < until, shown
        shown += os.read(master, 65536)
    program.send_signal(signal.SIGINT)
    while (more := read_terminal(master)) is not None:
        shown += more
    assert program.wait(SOON) == 0
    assert b"\x1b[?1049h" in shown and b"\x1b[?1049l" in shown, "a screen of its own, and back"
    assert "Now 1 students" in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert shown.rstrip().endswith(b"Nothing is recorded.")


def read_line(program: subprocess.Popen[str]) -> str:
    """The next line; fails, with what the program says, if there is none."""
    assert program.stdout is not None and program.stderr is not None
    found = program.stdout.readline()
    assert found, program.stderr.read()
    return found


def read_terminal(master: int) -> bytes | None:
    """None once nobody writes any more."""
    try:
        return os.read(master, 65536) or None
    except OSError:
        return None


# --- the page


def snapshot(names: tuple[str, ...], counts: tuple[int, ...], minutes: int = 20, **changes: Any) -> Snapshot:
    """Of a lesson in which the last class gains four students after half the time."""
    lesson = Lesson(names)
    for second in range(60 * minutes + 1):
        moved = 4 if second >= 30 * minutes else 0
        lesson.add(second, ClassSummary(names, (counts[0] - moved, *counts[1:-1], counts[-1] + moved), 1))
    values: dict[str, Any] = {
        "version": 7,
        "state": "running",
        "class_names": names,
        "source": SourceStatus(900, 800, 100, 0.12, None, 0, ""),
        "summary": lesson.latest,
        "started_at": START,
        "seconds": 60.0 * minutes,
        "last_seconds": lesson.window(10),
        "last_minute": lesson.window(60),
        "whole": lesson.window(None),
        "interval_seconds": 10.0,
        "intervals": lesson.intervals,
        "changes": lesson.changes,
        "frames_per_second": 8.2,
        "milliseconds": {"find": 41.0, "classify": 60.0},
    }
    return Snapshot(**{**values, **changes})


LIVE = About("camera 0", live=True, length=None, recorded="Nothing is recorded.")
FOUR = ("looking-ahead", "looking-down", "sleep", "touching-pda")


def drawn(shown: Snapshot, about: About = LIVE, width: int = 80, height: int = 40, encoding: str = "utf-8") -> list[str]:
    into = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace")
    console = Console(file=into, width=width, height=height, color_system=None)
    console.print(page(shown, about, width, height, ascii_only=console.options.ascii_only))
    into.flush()
    return into.buffer.getvalue().decode(encoding).splitlines()  # type: ignore[attr-defined]


def test_page_says_in_words_and_numbers_what_its_colours_say() -> None:
    text = drawn(snapshot(FOUR, (15, 5, 3, 1)))
    assert text[0].startswith("camera 0  running since 10:00, 20 min")
    rows = {row.split()[0]: row.split() for row in text[2:8]}
    assert "Now 25 students" in text[2]
    assert rows["looking-ahead"][1:3] == ["11", "44%"]
    assert rows["touching-pda"][1:3] == ["5", "20%"]
    assert rows["touching-pda"][-1] == "5.0", "the last minute"
    assert rows["uncertain"][1:3] == ["1", "4%"]
    assert any(row.startswith("10:10: touching-pda from 1 to 5") for row in text)
    assert any("8.2 frames per second, the newest 0.1 s old, 100 of 900 skipped" in row for row in text)
    assert "Nothing is recorded." in "\n".join(text)


def test_bars_are_as_long_as_their_shares() -> None:
    rows = drawn(snapshot(FOUR, (15, 5, 3, 1)))[3:8]
    bars = [row.count("█") for row in rows]
    assert bars[0] > bars[1] == bars[3] > bars[2] > bars[4] > 0


def test_page_withholds_shares_of_fewer_than_five() -> None:
    assert "%" not in "\n".join(drawn(snapshot(FOUR, (1, 1, 0, 1), minutes=0)))
    assert "20%" in "\n".join(drawn(snapshot(FOUR, (1, 1, 1, 1), minutes=0)))


def test_timeline_shows_what_rose_and_leaves_gaps() -> None:
    assert blocks([0, 1, 4, None, 8], 8) == "▁▂▅ █"
    assert blocks([0, 0], 0) == "▁▁"
    timeline = next(row for row in drawn(snapshot(FOUR, (15, 5, 3, 1)))[9:] if row.startswith("touching-pda"))
    cells = timeline.split()[1]
    assert len(cells) == 80 - len("looking-ahead ")
    assert cells[0] < cells[-1]


@pytest.mark.parametrize(("width", "height"), [(60, 24), (80, 24), (60, 16), (200, 50)])
def test_page_fits_the_terminal(width: int, height: int) -> None:
    many = tuple(f"a class with quite a long name {i}" for i in range(4))
    full = Message("lessons.db finds no more room on the disk. Make room. The lesson goes on.")
    trouble = {"problems": (full,), "summary": None}
    for changes in ({}, trouble):
        text = drawn(snapshot(many, (15, 5, 3, 1), **changes), width=width, height=height)
        assert max(map(len, text)) <= width
        assert len(text) <= max(height, 20 if changes else 18)


def test_page_shows_names_of_classes_as_they_are() -> None:
    text = drawn(snapshot(("a[/x]", "sleep [new]", ":smile:"), (15, 5, 3)))
    for name in ("a[/x]", "sleep [new]", ":smile:"):
        assert sum(row.startswith(f"{name} ") for row in text) == 2, "its count and its timeline"


def test_page_says_since_when_the_camera_is_gone() -> None:
    gone = SourceStatus(900, 800, 100, 12.0, 12.0, 0, "camera 0 is gone: it gives no more frames.")
    text = " ".join(drawn(snapshot(FOUR, (15, 5, 3, 1), source=gone, summary=None)))
    assert "! camera 0 is gone: it gives no more frames. Nothing has come since 10:19:48, 12 s." in re.sub(" +", " ", text)
    assert "Now 25" not in text


def test_page_needs_no_letters_beyond_ascii() -> None:
    text = drawn(snapshot(("red", "居眠り"), (15, 2)), encoding="ascii")
    assert any(row.startswith("red") and "---" in row for row in text)
    assert any("#" in row for row in text)


def test_file_shows_how_far_it_is_and_times_of_the_video() -> None:
    about = About("lesson.mp4", live=False, length=1600, recorded="Nothing is recorded.")
    text = drawn(snapshot(FOUR, (15, 5, 3, 1)), about)
    assert text[0].startswith("lesson.mp4  running, 20 min")
    assert any(row.startswith("800 of 1600 frames, 8.2 frames per second ━━━") for row in text)
    assert any(row.startswith("0:10:") for row in text)


def test_interval_without_a_frame_says_why() -> None:
    lesson = Lesson(FOUR)
    lesson.tick(10.0)
    gone = SourceStatus(1, 1, 0, 12.0, 12.0, 0, "camera 0 is gone.")
    shown = snapshot(FOUR, (15, 5, 3, 1), source=gone)
    assert line(lesson.intervals[0], shown, LIVE) == "10:00:00  nothing seen  ! camera 0 is gone."


def test_summary_has_means_and_changes() -> None:
    text = closing(snapshot(FOUR, (15, 5, 3, 1)), LIVE)
    assert "Lesson: 10:00 to 10:20" in text
    assert "  looking-down: 5.0 (20%)" in text
    assert "10:10: touching-pda from 1 to 5" in text
