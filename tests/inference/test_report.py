"""`report`: what a person reads of a recorded lesson, in both languages, and what it refuses."""

import csv
import os
import re
import sqlite3
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.errors import OutputError, RecordError, TaidoError
from inference.lesson import Lesson
from inference.record import Recorder, SessionFacts
from inference.report import add_arguments
from inference.summary import ClassSummary

ROOT = Path(__file__).parents[2]
NAMES = ("looking-ahead", "looking-down", "sleep", "touching-pda")
START = datetime(2026, 7, 27, 10, 2, 13, tzinfo=timezone(timedelta(hours=9)))

Record = Callable[..., Path]
Report = Callable[..., str]


@pytest.fixture
def record(tmp_path: Path) -> Record:
    """`record([(seconds, counts), ...])`: a file with one more lesson, in which each of the counts lasts that long; None is
    a time without a camera."""

    def make(
        course: Sequence[tuple[float, tuple[int, ...] | None]],
        *,
        start: datetime = START,
        names: tuple[str, ...] = NAMES,
        uncertain: int = 0,
        ended: bool = True,
        few: bool = True,
        live: bool = True,
    ) -> Path:
        path, now, lesson = tmp_path / "lessons.db", 0.0, Lesson(names)
        facts = SessionFacts(start, names, "camera 0", "attitude.onnx", "0123456789abcdef", "students.onnx", {"live": live}, 10.0)
        recorder = Recorder(path, facts, few=few)
        for seconds, counts in course:
            for _ in range(round(seconds)):
                recorder.write(lesson.tick(now) if counts is None else lesson.add(now, ClassSummary(names, counts, uncertain)))
                now += 1
        recorder.write(lesson.close(now))
        if ended:
            recorder.end(start + timedelta(seconds=now))
        assert recorder.problem is None
        return path

    return make


@pytest.fixture
def report(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Report:
    """Runs the command; what it prints."""
    monkeypatch.setenv("COLUMNS", "100")
    parser = ArgumentParser()
    add_arguments(parser)

    def run(*arguments: object) -> str:
        parsed = parser.parse_args([str(argument) for argument in arguments])
        assert parsed.run(parsed) == 0
        return capsys.readouterr().out

    return run


COURSE = [(600, (19, 4, 1, 0)), (300, None), (600, (15, 4, 5, 0))]
"""25 minutes with 24 students; the last frame before the gap holds a little into it."""


def test_lesson_is_told_with_its_means_timeline_and_changes(record: Record, report: Report) -> None:
    assert report(record(COURSE, uncertain=1)).splitlines() == [
        "Lesson 1 · 2026-07-27 10:02 to 10:27",
        "Seen      20 min 1 s of 25 min",
        "Students  25.0 on average",
        "Source    camera 0",
        "Model     attitude.onnx 01234567",
        "Finder    students.onnx",
        "",
        "               Students  Share",
        "looking-ahead      17.0    68%",
        "looking-down        4.0    16%",
        "sleep               3.0    12%",
        "touching-pda        0.0     0%",
        "uncertain           1.0     4%",
        "",
        "Time   Students  looking-ahead    looking-down  sleep     touching-pda",
        "10:02  25.0      19.0 █████████▏   4.0 █▉        1.0 ▌     0.0",
        "10:07  25.0      19.0 █████████▏   4.0 █▉        1.0 ▌     0.0",
        "10:12  25.0      19.0 █████████▏   4.0 █▉        1.0 ▌     0.0",
        "10:17  25.0      15.0 ███████▎     4.0 █▉        5.0 ██▍   0.0",
        "10:22  25.0      15.0 ███████▎     4.0 █▉        5.0 ██▍   0.0",
        "",
        "Changes",
        "  10:17: looking-ahead from 19 to 15",
        "  10:17: sleep from 1 to 5",
    ]


def test_lesson_is_told_in_japanese(record: Record, report: Report) -> None:
    told = report(record(COURSE, uncertain=1), "--language", "ja")
    assert "授業 1・2026-07-27 10:02〜10:27\n観測時間    25 分のうち 20 分 1 秒\n学生        平均 25.0 人\n" in told
    assert re.search(r"スマホを触っている +0\.0 +0%", told)
    assert re.search(r"判定できない +1\.0 +4%", told)
    assert told.endswith("変化\n  10:17 前を見ている: 19 人から 15 人へ\n  10:17 眠っている: 1 人から 5 人へ\n")


def test_time_with_too_few_students_is_told_and_has_no_numbers(record: Record, report: Report) -> None:
    told = report(record([(300, (10,)), (300, (2,)), (300, (10,))], names=("a",), few=False))
    assert "Not recorded  5 min with fewer than 5 students in view" in told
    assert re.findall(r"^(10:\d\d) +(\S+)", told, re.MULTILINE) == [("10:02", "10.0"), ("10:07", "–"), ("10:12", "10.0")]
    assert "学生が 5 人未満だった 5 分" in report(
        record([(600, (2,))], names=("a",), few=False), "--session", "1", "--language", "ja"
    )


def test_lesson_of_too_few_students_has_no_number_and_its_whole_length(record: Record, report: Report, tmp_path: Path) -> None:
    path = record([(2700, (2, 0, 0, 0))], few=False)
    told = report(path, "--language", "ja", "--csv", tmp_path / "table.csv")
    assert told.startswith("授業 1・2026-07-27 10:02〜10:47\n観測時間    45 分のうち 0 秒\n学生        –\n")
    assert "学生が 5 人未満だった 45 分" in told and "映像なし" not in told and "0.0" not in told and "変化" not in told
    assert re.findall(r"^(10:\d\d) +–", told, re.MULTILINE) == [f"10:{minute:02}" for minute in range(2, 47, 5)]
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 270
    assert {(row["students"], row["uncertain"], *(row[name] for name in NAMES)) for row in rows} == {("",) * 6}
    assert {row["frames"] for row in rows} == {"10"}


def test_part_in_which_nothing_was_seen_has_no_numbers(record: Record, report: Report) -> None:
    told = report(record([(290, (10,)), (620, None), (90, (10,))], names=("a",)))
    assert re.findall(r"^(10:\d\d) +(\S+) +(\S+)", told, re.MULTILINE) == [
        ("10:02", "10.0", "10.0"),
        ("10:07", "–", "–"),
        ("10:12", "–", "–"),
        ("10:17", "10.0", "10.0"),
    ]


def test_frame_at_the_very_end_makes_no_part_of_its_own(tmp_path: Path, report: Report) -> None:
    recorder = Recorder(tmp_path / "lessons.db", SessionFacts(START, ("a",), "", "", "", "", {}, 10.0))
    lesson = Lesson(("a",))
    for second in range(301):
        recorder.write(lesson.add(second, ClassSummary(("a",), (5,))))
    recorder.write(lesson.close(300))
    assert len(lesson.intervals) == 31
    assert re.findall(r"^10:\d\d", report(tmp_path / "lessons.db"), re.MULTILINE) == ["10:02"]


def test_shares_of_a_handful_are_withheld(record: Record, report: Report) -> None:
    told = report(record([(60, (3, 1, 0, 0))]))
    assert "%" not in told
    assert "Shares are withheld for fewer than 5 students." in told
    assert re.search(r"looking-ahead +3\.0 +–", told)


def test_lesson_without_changes_says_so(record: Record, report: Report) -> None:
    assert report(record([(60, (9, 1, 0, 0))])).endswith("Changes\n  none\n")


def test_lesson_that_was_not_ended_says_so(record: Record, report: Report) -> None:
    path = record([(60, (9, 1, 0, 0))], ended=False)
    assert "Not ended  it was interrupted, or is still running" in report(path)
    assert "未終了      中断されたか、まだ記録中です" in report(path, "--language", "ja")


def test_lesson_that_saw_nothing_is_told_and_drawn(record: Record, report: Report, tmp_path: Path) -> None:
    path = record([])
    assert "nothing seen" in report(path, "--png", tmp_path / "empty.png")
    assert (tmp_path / "empty.png").exists()


def test_every_lesson_of_the_file_is_told_and_one_can_be_chosen(record: Record, report: Report) -> None:
    for day in range(3):
        path = record([(60, (9, 1, 0, 0))], start=START + timedelta(days=day))
    assert re.findall(r"^Lesson \d · \S+", report(path), re.MULTILINE) == [f"Lesson {i} · 2026-07-{26 + i}" for i in (1, 2, 3)]
    assert re.findall(r"^Lesson \d · \S+", report(path, "--session", 2), re.MULTILINE) == ["Lesson 2 · 2026-07-28"]


def test_lesson_of_a_film_is_told_in_its_own_time_and_with_the_day_of_processing(
    record: Record, report: Report, tmp_path: Path
) -> None:
    path = record(COURSE, live=False)
    told = report(path, "--csv", tmp_path / "table.csv")
    assert told.startswith("Lesson 1 · film (processed 2026-07-27) · 25 min\n")
    assert re.findall(r"^(0:\d\d:00) ", told, re.MULTILINE) == [f"0:{minute:02}:00" for minute in range(0, 25, 5)]
    assert "  0:15:20: sleep from 1 to 5" in told and not re.search(r"(?<!:)\b10:\d\d", told)
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        assert {row["started_at"] for row in csv.DictReader(file)} == {""}


# --- comparing


def test_two_lessons_are_set_beside_one_another(record: Record, report: Report) -> None:
    record([(300, (15, 4, 1, 0))])
    path = record([(600, (10, 5, 5, 5))], start=START + timedelta(days=1))
    assert report(path, "--compare", 1, 2).splitlines() == [
        "Lesson 1 · 2026-07-27 10:02 to 10:07",
        "Lesson 2 · 2026-07-28 10:02 to 10:12",
        "",
        "                Lesson 1   Lesson 2  Difference",
        "Seen               5 min     10 min",
        "Students            20.0       25.0",
        "looking-ahead  15.0  75%  10.0  40%  -35 points",
        "looking-down    4.0  20%   5.0  20%   +0 points",
        "sleep           1.0   5%   5.0  20%  +15 points",
        "touching-pda    0.0   0%   5.0  20%  +20 points",
        "uncertain       0.0   0%   0.0   0%   +0 points",
        "",
        "A difference between two lessons says neither why it is there nor whether it is more than chance.",
    ]


def test_difference_is_withheld_where_one_lesson_had_a_handful(record: Record, report: Report) -> None:
    record([(300, (15, 4, 1, 0))])
    told = report(record([(300, (2, 1, 1, 0))]), "--compare", 1, 2)
    assert re.search(r"looking-ahead +15\.0  75% +2\.0 +– +–\n", told)
    assert "points" not in told
    assert "Shares are withheld for fewer than 5 students." in told


def test_lesson_of_which_nothing_was_kept_has_no_numbers_beside_another(record: Record, report: Report) -> None:
    record([(300, (15, 4, 1, 0))])
    told = report(record([(300, (2, 1, 1, 0))], few=False), "--compare", 1, 2)
    assert re.search(r"Students +20\.0 +–\n", told)
    for name in (*NAMES, "uncertain"):
        assert re.search(rf"{name} +\d+\.0 +\d+% +– +–\n", told)


def test_class_that_one_lesson_did_not_know_has_no_difference(record: Record, report: Report) -> None:
    record([(60, (10, 10))], names=("a", "b"))
    told = report(record([(60, (10, 10))], names=("b", "c")), "--compare", 1, 2)
    assert re.search(r"a +10\.0  50% +– +–\n", told)
    assert re.search(r"b +10\.0  50% +10\.0  50% +\+0 points\n", told)
    assert re.search(r"c +– +10\.0  50% +–\n", told)


# --- files


def test_csv_has_a_row_per_interval(record: Record, report: Report, tmp_path: Path) -> None:
    record([(20, (10, 10))], names=("a", "前"))
    path = record([(5, (2, 0)), (20, None)], names=("前", "b"), uncertain=1)
    report(path, "--csv", tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["session"], row["start"], row["seconds"]) for row in rows] == [
        ("1", "0", "10.000"),
        ("1", "10", "10.000"),
        ("2", "0", "6.000"),
        ("2", "10", "0.000"),
        ("2", "20", "0.000"),
    ]
    assert rows[0] == {
        "session": "1", "started_at": "2026-07-27T10:02:13+09:00", "start": "0", "seconds": "10.000", "frames": "10",
        "students": "20.0000", "uncertain": "0.0000", "a": "10.0000", "前": "10.0000", "b": "",
    }  # fmt: skip
    assert (rows[2]["a"], rows[2]["前"], rows[2]["b"], rows[2]["uncertain"]) == ("", "2.0000", "0.0000", "1.0000")


def test_png_is_drawn_of_the_lesson_chosen(record: Record, report: Report, tmp_path: Path) -> None:
    record([(60, (5, 5, 0, 0))])
    path = record([(60, (0, 0, 5, 5))])
    pictures = []
    for session in (1, 2):
        report(path, "--session", session, "--png", tmp_path / "lesson.png")
        pictures.append(np.asarray(Image.open(tmp_path / "lesson.png").convert("RGB")))
    assert pictures[0].shape == pictures[1].shape == (750, 1800, 3)
    assert (pictures[0] != pictures[1]).any()


@pytest.mark.parametrize("link", [False, True])
@pytest.mark.parametrize("option", ["--csv", "--png"])
def test_record_is_never_overwritten(record: Record, report: Report, tmp_path: Path, option: str, link: bool) -> None:
    path = record([(60, (9, 1, 0, 0))])
    before, out = path.read_bytes(), tmp_path / "link.db" if link else path
    if link:
        out.symlink_to(path)
    with pytest.raises(OutputError, match="one of the files that are read"):
        report(path, option, out)
    assert path.read_bytes() == out.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (["gone.db"], RecordError, "There is no record gone.db"),
        (["notes.txt"], RecordError, "no SQLite file at all"),
        (["lessons.db", "--session", "7"], RecordError, r"has no lesson 7\. It has these: 1, 2\."),
        (["lessons.db", "--compare", "1", "9"], RecordError, r"has no lesson 9\. It has these: 1, 2\."),
        (["lessons.db", "--png", "a.png"], RecordError, r"these are several: 1, 2\. Choose one with --session"),
        (["lessons.db", "--compare", "1", "2", "--png", "a.png"], RecordError, "Choose one with --session"),
        (["lessons.db", "--csv", "no/a.csv"], OutputError, "no folder no"),
        (["lessons.db", "--session", "1", "--png", "."], OutputError, "folder or a device"),
        (["empty.db"], RecordError, "holds no lesson yet"),
    ],
)
def test_what_cannot_be_told_is_an_error(
    record: Record, report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    arguments: list[str], error: type[TaidoError], message: str,
) -> None:  # fmt: skip
    record([(10, (1, 0, 0, 0))])
    path = record([(10, (1, 0, 0, 0))])
    (tmp_path / "notes.txt").write_text("no lesson " * 100)
    (tmp_path / "empty.db").write_bytes(path.read_bytes())
    with closing(sqlite3.connect(tmp_path / "empty.db")) as connection:
        connection.executescript("DELETE FROM attitude; DELETE FROM interval; DELETE FROM session")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=message):
        report(*arguments)
    assert {file.name for file in tmp_path.iterdir()} == {"lessons.db", "notes.txt", "empty.db"}


@pytest.mark.parametrize(
    "arguments", [[], ["a.db", "--session", "x"], ["a.db", "--compare", "1"], ["a.db", "--session", "1", "--compare", "1", "2"]]
)
def test_wrong_usage_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    parser = ArgumentParser()
    add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(arguments)
    assert "usage: " in capsys.readouterr().err


def test_report_can_be_printed_on_any_terminal(record: Record) -> None:
    program = "import sys\nfrom argparse import ArgumentParser\nfrom inference import report\nparser = ArgumentParser()\n"
    program += "report.add_arguments(parser)\narguments = parser.parse_args()\nsys.exit(arguments.run(arguments))"
    command = [sys.executable, "-c", program, str(record(COURSE, names=("前", "b", "c", "d")))]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Lesson 1 - 2026-07-27" in done.stdout
    assert "19.0 #########" in done.stdout
