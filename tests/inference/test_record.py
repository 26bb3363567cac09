"""The record of lessons: what was written is there after any crash, and whatever the file does, the lesson goes on."""

import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath
from typing import Any

import pytest

from inference import record, record_file
from inference.errors import RecordError
from inference.lesson import Interval, Lesson
from inference.record import Recorder, SessionFacts
from inference.recorded import RecordedSession, read_sessions
from inference.summary import ClassSummary

ROOT = Path(__file__).parents[2]
NAMES = ("looking-ahead", "居眠り")
START = datetime(2026, 7, 27, 10, 0, tzinfo=timezone(timedelta(hours=9)))
END = START + timedelta(minutes=45)


def facts(**changes: Any) -> SessionFacts:
    values: dict[str, Any] = {
        "started_at": START,
        "class_names": NAMES,
        "source": "camera 0",
        "model": "attitude.onnx",
        "model_hash": "0f3a",
        "finder": "students.onnx",
        "settings": {"find_every": 2, "masks": None},
        "interval_seconds": 10.0,
    }
    return SessionFacts(**{**values, **changes})


def interval_of(*counts: float, uncertain: float = 0.0) -> Interval:
    return Interval(0.0, 9.5, 80, counts, uncertain, sum(counts) + uncertain)


def intervals(count: int, first: int = 0) -> tuple[Interval, ...]:
    return tuple(Interval(10.0 * i, 9.5, 80, (20.1, 1 / 3), 0.25, 20.1 + 1 / 3 + 0.25) for i in range(first, first + count))


@pytest.mark.parametrize(
    ("interval", "kept"),
    [
        (interval_of(1.0, 0.0), False),
        (interval_of(0.0, 0.0, uncertain=1.0), False),
        (interval_of(0.02, 0.0), False),
        (interval_of(3.0, 1.9), False),
        (interval_of(4.0, 1.0), True),
        (interval_of(3.0, 1.0, uncertain=1.0), True),
        (interval_of(0.0, 0.0), True),
    ],
)
def test_counts_that_could_be_of_one_student_are_not_recorded_unless_asked_for(
    path: Path, interval: Interval, kept: bool
) -> None:
    Recorder(path, facts()).write([interval])
    Recorder(path, facts(started_at=END), few=True).write([interval])
    unasked, asked = read_sessions(path)
    assert asked.intervals == (interval,)
    assert unasked.intervals == ((interval,) if kept else (Interval(0.0, 0.0, 80, (0.0, 0.0), 0.0, 0.0),))
    assert unasked.withheld_seconds == (0 if kept else 10)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT students FROM attitude WHERE session = 1 AND students > 0").fetchall()
    assert bool(rows) == (kept and any(interval.counts))


def test_means_of_a_lesson_leave_out_what_was_withheld(path: Path) -> None:
    few = Interval(30.0, 9.0, 80, (1.0, 0.0), 0.0, 1.0)
    Recorder(path, facts()).write([*intervals(3), few, *intervals(2, 4)])
    (lesson,) = read_sessions(path)
    assert lesson.whole.counts == pytest.approx((20.1, 1 / 3))
    assert lesson.withheld_seconds == 10


FEW = tuple(Interval(10.0 * i, 10.0, 80, (1.0, 0.0), 0.0, 1.0) for i in range(4))


@pytest.mark.parametrize(("ended_after", "length"), [(40.0, 40.0), (37.5, 37.5), (None, 40.0), (-9e6, 40.0)])
def test_lesson_of_too_few_students_is_as_long_as_what_was_withheld(path: Path, ended_after: float | None, length: float) -> None:
    recorder = Recorder(path, facts())
    recorder.write(FEW)
    if ended_after is not None:
        recorder.end(START + timedelta(seconds=ended_after))
    (session,) = read_sessions(path)
    assert (session.length, session.withheld_seconds, session.whole.seconds) == (length, length, 0)
    assert len(session.lasting) == 4


@pytest.mark.parametrize(("ended_after", "withheld", "lasting"), [(40.0, 10.0, 4), (30.0, 0.0, 3), (None, 0.0, 3)])
def test_end_of_the_lesson_says_whether_its_last_interval_was_withheld(
    path: Path, ended_after: float | None, withheld: float, lasting: int
) -> None:
    recorder = Recorder(path, facts())
    recorder.write([*intervals(3), FEW[3]])
    if ended_after is not None:
        recorder.end(START + timedelta(seconds=ended_after))
    (session,) = read_sessions(path)
    assert (session.length, session.withheld_seconds, len(session.lasting)) == (30.0 + withheld, withheld, lasting)


def test_last_frame_that_held_for_no_time_is_not_called_withheld(path: Path) -> None:
    Recorder(path, facts()).write([*intervals(2), Interval(20.0, 0.0, 1, (0.0, 0.0), 0.0, 0.0)])
    assert read_sessions(path)[0].withheld_seconds == 0


def test_every_withheld_interval_counts_also_the_last_of_several(path: Path) -> None:
    few = [Interval(start, 9.0, 80, (1.0, 0.0), 0.0, 1.0) for start in (20.0, 30.0)]
    Recorder(path, facts()).write([*intervals(2), *few])
    assert read_sessions(path)[0].withheld_seconds == 20


def test_counts_of_few_are_kept_where_every_seat_is(path: Path) -> None:
    Recorder(path, facts(), per_seat=True).write([interval_of(1.0, 1.0)])
    (lesson,) = read_sessions(path)
    assert lesson.intervals == (interval_of(1.0, 1.0),) and lesson.withheld_seconds == 0


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lessons.db"


@pytest.fixture
def recorder(path: Path) -> Recorder:
    return Recorder(path, facts())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "PATIENT", 0.05)
    monkeypatch.setattr(record, "IMPATIENT", 0.05)


@pytest.fixture
def lock(path: Path) -> Iterator[Callable[[], sqlite3.Connection]]:
    """Another program that takes the file for itself; closing what it returns lets go."""
    held = []

    def take() -> sqlite3.Connection:
        held.append(sqlite3.connect(path, isolation_level=None))
        held[-1].execute("BEGIN EXCLUSIVE")
        return held[-1]

    yield take
    for connection in held:
        connection.close()


def query(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def change(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(sql)


# --- what is written is read


def test_lesson_comes_back_as_it_was(recorder: Recorder, path: Path) -> None:
    for interval in intervals(3):
        recorder.write([interval])
    recorder.end(END)
    assert recorder.problem is None
    assert read_sessions(path) == [RecordedSession(1, facts(), END, intervals(3))]


def test_live_lesson_comes_back_number_by_number(recorder: Recorder, path: Path) -> None:
    lesson = Lesson(NAMES)
    for tenth in range(400):
        recorder.write(lesson.add(tenth / 9.7, ClassSummary(NAMES, (5 + tenth % 7, tenth % 3), tenth % 2)))
    recorder.write(lesson.close(50))
    assert len(lesson.intervals) == 5
    assert read_sessions(path)[0].intervals == lesson.intervals


def test_many_lessons_lie_in_one_file_in_their_order(path: Path) -> None:
    for number in range(3):
        recorder = Recorder(path, facts(source=f"camera {number}", class_names=(*NAMES, "x")[: number + 1]))
        recorder.write([Interval(0.0, 10.0, 1, (1.0,) * (number + 1), 0.0, number + 1.0)])
        recorder.end(END)
    assert [(session.id, session.facts.source) for session in read_sessions(path)] == [(i + 1, f"camera {i}") for i in range(3)]


def test_lesson_that_was_not_ended_counts_as_interrupted(recorder: Recorder, path: Path) -> None:
    recorder.write(intervals(2))
    assert read_sessions(path)[0].ended_at is None


def test_wall_clock_that_jumps_does_no_harm(recorder: Recorder, path: Path) -> None:
    recorder.write(intervals(2))
    recorder.end(START - timedelta(days=365))
    (session,) = read_sessions(path)
    assert session.intervals == intervals(2)


def test_start_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        facts(started_at=datetime(2026, 7, 27))


@pytest.mark.parametrize(
    ("settings", "live"), [({}, True), ({"live": True}, True), ({"live": False}, False), ({"live": 0}, True)]
)
def test_lesson_is_live_unless_its_record_says_otherwise(path: Path, settings: dict[str, Any], live: bool) -> None:
    Recorder(path, facts(settings=settings))
    assert read_sessions(path)[0].facts.live is live


def test_file_name_that_is_not_utf8_is_recorded(path: Path) -> None:
    Recorder(path, facts(source=os.fsdecode(b"lesson-\xff.mp4")))
    assert read_sessions(path)[0].facts.source == r"lesson-\udcff.mp4"


def test_record_may_have_any_name(tmp_path: Path) -> None:
    path = tmp_path / "1st lesson? #1 %41 記録.db"
    Recorder(path, facts()).write(intervals(1))
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert read_sessions(path)[0].intervals == intervals(1)


# --- privacy


def test_seats_are_left_out_unless_asked_for(path: Path) -> None:
    Recorder(path, facts()).write(intervals(1), {3: {0: 1.0}})
    assert query(path, "SELECT * FROM seat") == []


def test_seats_belong_to_the_last_interval_in_which_anything_was_seen(path: Path) -> None:
    empty = Interval(20.0, 0.0, 0, (0.0, 0.0), 0.0, 0.0)
    recorder = Recorder(path, facts(), per_seat=True)
    recorder.write([*intervals(2), empty], {3: {0: 0.75, -1: 0.25}, 12: {1: 1.0}})
    assert query(path, "SELECT start, seat, name, share FROM seat") == [(10, 3, NAMES[0], 0.75), (10, 12, NAMES[1], 1)]


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no such modes")
def test_new_file_is_for_its_owner_only_and_an_old_one_keeps_its_mode(path: Path) -> None:
    Recorder(path, facts())
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    Recorder(path, facts())
    assert path.stat().st_mode & 0o777 == 0o640


def test_file_is_written_through_and_nothing_lies_beside_it(recorder: Recorder, path: Path) -> None:
    recorder.write(intervals(1))
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    with record_file.opened(path, 1) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_file_says_what_it_is(recorder: Recorder, path: Path) -> None:
    assert path.read_bytes()[68:72] == b"taid"
    assert query(path, "PRAGMA user_version") == [(1,)]


# --- a file that cannot be used from the start


def other_database(path: Path) -> None:
    change(path, "CREATE TABLE recipe (name TEXT)")


def newer(path: Path) -> None:
    Recorder(path, facts())
    change(path, "PRAGMA user_version = 2")


def no_database(path: Path) -> None:
    path.write_text("Dear diary, " * 100)


def broken(path: Path) -> None:
    Recorder(path, facts()).write(intervals(200))
    content = bytearray(path.read_bytes())
    content[-4096:] = b"x" * 4096
    path.write_bytes(bytes(content))


UNUSABLE = [
    (other_database, r"not a record of lessons but another SQLite file\. Give another name"),
    (newer, r"Expected a record of lessons of version 1, but .*lessons\.db has version 2\. Update Taido"),
    (no_database, r"no SQLite file at all\. Give another name"),
    (broken, r"is damaged\. Record into another file"),
    (Path.mkdir, "is a folder or a device"),
]


@pytest.mark.parametrize(("make", "message"), UNUSABLE)
def test_file_that_cannot_be_used_is_refused_and_left_as_it_was(path: Path, make: Callable[[Path], None], message: str) -> None:
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(RecordError, match=message):
        Recorder(path, facts())
    assert (path.read_bytes() if path.is_file() else None) == before


@pytest.mark.parametrize(("make", "message"), [case for case in UNUSABLE if case[0] is not Path.mkdir])
def test_file_that_is_no_record_is_not_read(path: Path, make: Callable[[Path], None], message: str) -> None:
    make(path)
    with pytest.raises(RecordError, match=message):
        read_sessions(path)


def test_file_without_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"there is no folder .*nowhere\. Create it"):
        Recorder(tmp_path / "nowhere" / "lessons.db", facts())


def test_missing_record_is_not_made_by_reading_it(path: Path) -> None:
    with pytest.raises(RecordError, match="There is no record"):
        read_sessions(path)
    assert not path.exists()


def test_empty_file_becomes_a_record(path: Path) -> None:
    path.touch()
    Recorder(path, facts()).write(intervals(1))
    assert read_sessions(path)[0].intervals == intervals(1)


@pytest.mark.usefixtures("impatient", "recorder")
def test_locked_file_is_refused_at_the_start_and_when_reading(path: Path, lock: Callable[[], sqlite3.Connection]) -> None:
    lock()
    with pytest.raises(RecordError, match=r"is in use by another program\. Close that program"):
        Recorder(path, facts())
    with pytest.raises(RecordError, match="is in use by another program"):
        read_sessions(path)


@pytest.mark.usefixtures("recorder")
def test_start_waits_for_another_program_that_needs_a_moment(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN EXCLUSIVE")
        letting_go = threading.Timer(0.2, other.execute, ["COMMIT"])
        letting_go.start()
        Recorder(path, facts())
        letting_go.join()
    assert len(read_sessions(path)) == 2


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM attitude WHERE start = 0",
        "UPDATE session SET class_names = '['",
        "UPDATE session SET started_at = 'yesterday'",
        "UPDATE session SET started_at = '2026-07-27'",
    ],
)
def test_content_that_cannot_be_right_is_told(recorder: Recorder, path: Path, damage: str) -> None:
    recorder.write(intervals(2))
    change(path, damage)
    with pytest.raises(RecordError, match=r"lessons\.db is damaged"):
        read_sessions(path)


def started(program: str, path: Path) -> "subprocess.Popen[str]":
    """A Python program, with this module's names and the record as its argument."""
    program = f"import os, resource, sys\nfrom pathlib import Path\nfrom test_record import *\n{program}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(Path(__file__).parent)))}
    return subprocess.Popen([sys.executable, "-c", program, str(path)], env=environment, stdout=subprocess.PIPE, text=True)


def printed(program: str, path: Path) -> str:
    with started(program, path) as running:
        text, _ = running.communicate()
    assert running.returncode == 0
    return text


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of Unix")
@pytest.mark.parametrize(("mode_of_folder", "mode_of_file"), [(0o755, None), (0o755, 0o644), (0o755, 0o600), (0o700, None)])
def test_file_that_may_not_be_written_is_refused(mode_of_folder: int, mode_of_file: int | None) -> None:
    program = """
if os.geteuid() == 0:
    os.setuid(65534)  # nobody
try:
    Recorder(Path(sys.argv[1]), facts())
except RecordError as error:
    print(error)
"""
    with tempfile.TemporaryDirectory() as folder:  # pytest's own are for their owner only
        path = Path(folder, "lessons.db")
        if mode_of_file is not None:
            Recorder(path, facts())
            path.chmod(mode_of_file)
        path.parent.chmod(mode_of_folder if os.geteuid() == 0 else mode_of_folder & 0o555)
        message = printed(program, path)
        path.parent.chmod(0o755)
    assert re.search(r"cannot be (opened|written).*\. Check ", message)


# --- trouble within a lesson


@pytest.mark.usefixtures("impatient")
def test_lock_is_waited_out_and_nothing_is_lost(recorder: Recorder, path: Path, lock: Callable[[], sqlite3.Connection]) -> None:
    recorder.write(intervals(1))
    other = lock()
    recorder.write(intervals(1, first=1))
    recorder.write(intervals(1, first=2))
    assert recorder.problem is not None
    assert "in use by another program" in recorder.problem
    assert "The lesson goes on; 2 intervals wait to be recorded." in recorder.problem
    other.close()
    recorder.write(intervals(1, first=3))
    assert recorder.problem is None
    assert read_sessions(path)[0].intervals == intervals(4)


@pytest.mark.usefixtures("impatient")
def test_end_can_be_tried_again(recorder: Recorder, path: Path, lock: Callable[[], sqlite3.Connection]) -> None:
    other = lock()
    recorder.write(intervals(1))
    recorder.end(END)
    assert recorder.problem is not None
    other.close()
    recorder.end(END)
    assert recorder.problem is None
    assert read_sessions(path) == [RecordedSession(1, facts(), END, intervals(1))]


@pytest.mark.usefixtures("impatient")
def test_reader_of_the_file_does_not_stop_the_lesson(recorder: Recorder, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM session").fetchall()
        recorder.write(intervals(1))
        assert recorder.problem is not None
    recorder.write([])
    assert recorder.problem is None
    assert read_sessions(path)[0].intervals == intervals(1)


def test_what_waits_is_bounded_and_what_is_lost_is_told(recorder: Recorder, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "MOST_WAITING", 5)
    path.rename(path.with_name("away.db"))
    recorder.write(intervals(8))
    assert recorder.problem is not None
    assert "5 intervals wait to be recorded, 3 before them are lost" in recorder.problem
    path.with_name("away.db").rename(path)
    recorder.write([])
    assert read_sessions(path)[0].intervals == intervals(5, first=3)


def test_file_that_is_deleted_is_told_and_not_made_again(recorder: Recorder, path: Path) -> None:
    path.unlink()
    recorder.write(intervals(1))
    assert recorder.problem is not None
    assert "is no longer there. Put it back. The lesson goes on; 1 intervals wait" in recorder.problem
    recorder.end(END)
    assert "The lesson is over; its end and 1 intervals are not recorded yet." in recorder.problem
    assert not path.exists()


def test_folder_that_is_deleted_is_told(tmp_path: Path) -> None:
    path = tmp_path / "drive" / "lessons.db"
    path.parent.mkdir()
    recorder = Recorder(path, facts())
    shutil.rmtree(path.parent)
    recorder.write(intervals(1))
    assert recorder.problem is not None
    assert "is no longer there" in recorder.problem


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: Recorder(path, facts(started_at=END)), "another file than before, without this lesson"),
        (other_database, "another SQLite file"),
        (no_database, "no SQLite file at all"),
        (newer, "has version 2"),
        (Path.mkdir, "cannot be opened"),
    ],
)
def test_file_that_is_exchanged_is_not_written(
    recorder: Recorder, path: Path, make: Callable[[Path], object], message: str
) -> None:
    path.unlink()
    make(path)
    before = path.read_bytes() if path.is_file() else None
    recorder.write(intervals(1))
    assert recorder.problem is not None
    assert message in recorder.problem
    assert (path.read_bytes() if path.is_file() else None) == before


@pytest.mark.skipif(sys.platform == "win32", reason="limits of Unix")
def test_full_disk_keeps_the_intervals_until_there_is_room(path: Path) -> None:
    program = """
path = Path(sys.argv[1])
recorder = Recorder(path, facts())
before = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 1000, before[1]))
for number in range(100):
    recorder.write(intervals(5, first=5 * number))
print(recorder.problem)
try:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    Recorder(path.with_name("another.db"), facts())
except RecordError as error:
    print(error, [file.name for file in path.parent.iterdir()])
resource.setrlimit(resource.RLIMIT_FSIZE, before)
recorder.end(END)
print(recorder.problem)
"""
    within, at_start, after = printed(program, path).splitlines()
    assert "the disk is full, failing or gone. Make room" in within
    assert "The lesson goes on; " in within
    assert "Make room" in at_start
    assert at_start.endswith("['lessons.db']")
    assert after == "None"
    assert read_sessions(path)[0] == RecordedSession(1, facts(), END, intervals(500))


def test_kill_at_any_moment_loses_nothing_that_was_written(path: Path) -> None:
    program = """
recorder = Recorder(Path(sys.argv[1]), facts())
for number in range(1_000_000):
    recorder.write(intervals(1, first=number))
    print(recorder.problem or number + 1, flush=True)
"""
    chance = random.Random(4)
    for number in range(1, 6):
        with started(program, path) as writing:
            assert writing.stdout is not None
            told = [writing.stdout.readline() for _ in range(chance.randrange(1, 60))]
            with pytest.raises(subprocess.TimeoutExpired):
                writing.wait(chance.random() / 200)
            writing.kill()
            told += writing.stdout.readlines()
        sessions = read_sessions(path)
        assert [session.ended_at for session in sessions] == [None] * number
        assert sessions[-1].intervals == intervals(len(sessions[-1].intervals))
        assert len(sessions[-1].intervals) >= int(told[-1])
    Recorder(path, facts()).end(END)
    assert [session.ended_at for session in read_sessions(path)] == [None] * 5 + [END]


def test_power_cut_in_the_middle_of_writing_leaves_what_was_there_before(recorder: Recorder, path: Path) -> None:
    recorder.write(intervals(2000))
    after_the_cut = path.parent / "after" / path.name
    after_the_cut.parent.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 1")  # pages go to the disk before the end of the transaction
        connection.execute("BEGIN")
        connection.execute("UPDATE interval SET seconds = 0")
        for suffix in ("", "-journal"):
            shutil.copyfile(f"{path}{suffix}", f"{after_the_cut}{suffix}")
    assert after_the_cut.read_bytes() != path.read_bytes()
    assert read_sessions(after_the_cut)[0].intervals == intervals(2000)


@pytest.mark.parametrize(
    ("path", "address"),
    [
        (PurePosixPath("/home/a b/lessons.db"), "file:///home/a%20b/lessons.db?mode=rw"),
        (PurePosixPath("//home/lessons.db"), "file:////home/lessons.db?mode=rw"),
        (PureWindowsPath(r"C:\Lessons\50%.db"), "file:///C:/Lessons/50%25.db?mode=rw"),
        (PureWindowsPath(r"\\server\share\lessons #1?.db"), "file:////server/share/lessons%20%231%3F.db?mode=rw"),
    ],
)
def test_address_of_any_path_is_one_that_sqlite_takes(path: PurePath, address: str) -> None:
    assert record_file.address_of(path) == address
    with pytest.raises(sqlite3.OperationalError, match="unable to open database file"):  # and no "invalid uri authority"
        sqlite3.connect(address, uri=True)


def test_times_of_other_zones_are_kept(path: Path) -> None:
    Recorder(path, facts(started_at=START.astimezone(UTC)))
    (session,) = read_sessions(path)
    assert session.facts.started_at == START
    assert session.facts.started_at.utcoffset() == timedelta(0)
