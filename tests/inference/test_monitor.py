"""A source becomes a lesson in one thread, whatever happens on the way, and everybody reads the same moment."""

import logging
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import cv2
import numpy as np
import pytest

from inference import record as record_module
from inference.classifier import Classifier
from inference.errors import RecordError, SourceError
from inference.following import FollowingSettings
from inference.masks import Masks
from inference.monitor import LOOKED_ON, Monitor
from inference.record import Recorder, SessionFacts
from inference.recorded import RecordedSession, read_sessions
from inference.seats import Seats
from inference.sources import Frame, SourceStatus, open_source
from inference.students import Students, Whole
from inference.summary import ClassSummary
from inference.watching import Watcher

NAMES = ("red", "green", "blue")
RED, BLUE = (255, 0, 0), (0, 0, 255)
START = datetime(2026, 7, 27, 10, 0, tzinfo=UTC)
QUICK = FollowingSettings(half_life=0.001, agreeing=1)
"""A state is that of the last frame."""
SOON = 30.0
"""Seconds after which a thread that should have done something counts as stuck."""


class Clock:
    """Steady seconds that stand still unless a test moves them."""

    now = 5000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Camera:
    """A live source that plays a script: a picture, None for a second in which none came, something to do, or an error."""

    clock: Clock
    script: list[Any] = field(default_factory=list)
    step: float = 1.0
    live: bool = True
    name: str = "camera 9"
    length: int | None = None
    gone: float | None = None
    closed: bool = False
    taken: int = 0

    def frames(self) -> Iterator[Frame | None]:
        for part in self.script:
            if self.closed:
                return
            if isinstance(part, Exception):
                raise part
            if callable(part):
                part()
            elif part is None:
                self.clock.now += self.step
                yield None
            else:
                self.taken += 1
                yield Frame(painted(part), self.clock.now, self.taken - 1)
                self.clock.now += self.step

    def status(self) -> SourceStatus:
        return SourceStatus(self.taken, self.taken, 0, 0.1, self.gone, 0, "" if self.gone is None else "it is unplugged")

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def painted(part: Any) -> np.ndarray:
    return part if isinstance(part, np.ndarray) else np.full((40, 48, 3), part, np.uint8)


@pytest.fixture(scope="module")
def classifier(tiny_model: Path) -> Classifier:
    return Classifier(tiny_model, provider="cpu", threads=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def camera(clock: Clock) -> Camera:
    return Camera(clock)


@pytest.fixture
def watch(classifier: Classifier, camera: Camera, clock: Clock) -> Callable[..., Monitor]:
    """A monitor of the camera, in which each frame is one student."""

    def make(students: Students | None = None, masks: Masks | None = None, source: Any = None, **options: Any) -> Monitor:
        watcher = Watcher(classifier, students or Whole(), masks=masks, settings=QUICK)
        return Monitor(source or camera, watcher, NAMES, **{"clock": clock, "wall": lambda: START, **options})

    return make


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """Three seconds of red, then three of blue, five frames each second."""
    path = tmp_path / "lesson.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 5, (48, 40))
    for i in range(30):
        writer.write(painted(RED if i < 15 else BLUE)[..., ::-1])
    writer.release()
    return path


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "lessons.db"


def recorder_of(path: Path, **options: Any) -> Callable[[datetime], Recorder]:
    facts = lambda start: SessionFacts(start, NAMES, "camera 9", "tiny.onnx", "0f3a", "whole", {}, 2.0)  # noqa: E731
    return lambda start: Recorder(path, facts(start), few=True, **options)


def only(path: Path) -> RecordedSession:
    (session,) = read_sessions(path)
    return session


# --- a lesson from its source


def test_video_becomes_a_lesson(watch: Callable[..., Monitor], video: Path) -> None:
    monitor = watch(source=open_source(str(video)), interval_seconds=2.0)
    monitor.begin_lesson()
    monitor.run()
    snapshot = monitor.snapshot
    assert [interval.counts for interval in snapshot.intervals] == [
        (1, 0, 0),
        (pytest.approx(0.5), 0, pytest.approx(0.5)),
        (0, 0, 1),
    ]
    assert [interval.frames for interval in snapshot.intervals] == [10, 10, 10]
    assert snapshot.whole.seconds == pytest.approx(6.0), "the last frame lasts as long as the one before"
    assert (snapshot.state, snapshot.finished, snapshot.failed, snapshot.problem) == ("ended", True, 0, None)


def test_video_gives_the_same_timeline_however_fast_it_is_processed(watch: Callable[..., Monitor], video: Path) -> None:
    class Slow(Clock):
        def __call__(self) -> float:
            self.now += 7.0
            return self.now

    lessons = []
    for clock in (Clock(), Slow()):
        monitor = watch(source=open_source(str(video)), interval_seconds=1.0, clock=clock)
        monitor.begin_lesson()
        monitor.run()
        lessons.append((monitor.snapshot.intervals, monitor.snapshot.whole))
    assert lessons[0] == lessons[1]


@pytest.mark.parametrize(("stop", "ran_out"), [(None, True), (Monitor.end_lesson, False), (Monitor.close, False)])
def test_film_came_to_its_end_unless_somebody_stopped_it(
    watch: Callable[..., Monitor], camera: Camera, clock: Clock, stop: Any, ran_out: bool
) -> None:
    clock.now, camera.live = 0.0, False
    monitor = watch()
    camera.script = [RED, *([] if stop is None else [lambda: stop(monitor)]), BLUE]
    monitor.begin_lesson()
    monitor.run()
    assert (monitor.snapshot.finished, monitor.snapshot.state, monitor.snapshot.ran_out) == (True, "ended", ran_out)


def test_single_picture_lasts_a_second(watch: Callable[..., Monitor], make_photo: Callable[..., Path]) -> None:
    monitor = watch(source=open_source(str(make_photo("a.png", "blue"))))
    monitor.begin_lesson()
    monitor.run()
    assert (monitor.snapshot.whole.counts, monitor.snapshot.whole.seconds) == ((0, 0, 1), 1.0)


def test_lesson_of_a_camera_is_timed_by_the_steady_clock(watch: Callable[..., Monitor], camera: Camera, record: Path) -> None:
    wall = iter([START, START - timedelta(days=9)])
    monitor = watch(recorder_of=recorder_of(record), wall=lambda: next(wall), interval_seconds=2.0)
    camera.script = [RED, RED, BLUE, BLUE, monitor.end_lesson]
    monitor.begin_lesson()
    monitor.run()
    assert [interval.counts for interval in only(record).intervals] == [(1, 0, 0), (0, 0, 1)]
    assert only(record).ended_at == START + timedelta(seconds=4), "whatever the wall clock says meanwhile"


def test_camera_that_somebody_looks_at_is_seen_before_the_lesson_but_nothing_counts(
    watch: Callable[..., Monitor], camera: Camera
) -> None:
    monitor, seen = watch(), []
    camera.script = [
        monitor.look_on,
        RED,
        RED,
        lambda: seen.append(monitor.snapshot),
        monitor.begin_lesson,
        BLUE,
        monitor.end_lesson,
    ]
    monitor.run()
    (before,) = seen
    assert (before.state, before.started_at, before.whole.frames) == ("waiting", None, 0)
    assert before.summary == ClassSummary(NAMES, (1, 0, 0))
    np.testing.assert_array_equal(before.picture, painted(RED))
    assert monitor.snapshot.whole.counts == (0, 0, 1)
    assert monitor.snapshot.whole.frames == 1


def test_camera_is_not_looked_at_before_the_lesson_unless_somebody_looks_on(
    watch: Callable[..., Monitor], camera: Camera, clock: Clock
) -> None:
    class Counted(Whole):
        asked = 0

        def find(self, frame: np.ndarray) -> np.ndarray:
            self.asked += 1
            return super().find(frame)

    students, seen = Counted(), []
    monitor = watch(students)
    look = lambda: seen.append((students.asked, monitor.snapshot.picture is not None, monitor.snapshot.frames_per_second > 0))  # noqa: E731
    camera.script = [RED, RED, look, monitor.look_on, RED, RED, look, *[BLUE] * 20, look, monitor.look_on, RED, *[None] * 9, look]
    monitor.run()
    looked = round(LOOKED_ON)
    assert seen == [(0, False, False), (2, True, True), (looked, False, False), (looked + 1, False, False)]
    assert monitor.snapshot.failed == 0


def test_nothing_is_looked_at_in_a_pause_and_its_time_is_missing(watch: Callable[..., Monitor], camera: Camera) -> None:
    class Counted(Whole):
        asked = 0

        def find(self, frame: np.ndarray) -> np.ndarray:
            self.asked += 1
            return super().find(frame)

    students, seen = Counted(), []
    monitor = watch(students, interval_seconds=5.0)
    pause = [monitor.pause, *[BLUE] * 10, lambda: seen.append((students.asked, monitor.snapshot)), monitor.resume]
    camera.script = [RED, RED, RED, *pause, RED, RED, monitor.end_lesson]
    monitor.begin_lesson()
    monitor.run()
    ((asked, paused),) = seen
    assert asked == 3
    assert (paused.state, paused.picture, paused.followed, paused.summary) == ("paused", None, None, None)
    assert paused.frames_per_second == 0
    snapshot = monitor.snapshot
    assert snapshot.whole.counts == (1, 0, 0)
    assert [interval.frames for interval in snapshot.intervals] == [3, 0, 2]
    assert snapshot.intervals[1].seconds == 0
    assert (snapshot.seconds, snapshot.whole.seconds) == (15.0, 5.0), "three seconds before the pause and two after it"


def test_file_waits_for_the_lesson_and_through_a_pause(watch: Callable[..., Monitor], video: Path) -> None:
    source = open_source(str(video))
    monitor = watch(source=source)
    monitor.start_thread()
    monitor.begin_lesson()
    monitor.pause()
    held = source.status().taken
    monitor.resume()
    wait_for(lambda: monitor.snapshot.finished)
    assert held < 30
    assert monitor.snapshot.whole.frames == 30
    monitor.close()


def test_lesson_ends_by_itself_when_it_is_old_enough(watch: Callable[..., Monitor], video: Path) -> None:
    monitor = watch(source=open_source(str(video)), interval_seconds=2.0, until_seconds=3.0)
    monitor.begin_lesson()
    monitor.run()
    snapshot = monitor.snapshot
    assert (snapshot.state, snapshot.seconds, snapshot.whole.seconds) == ("ended", 3.0, pytest.approx(3.0))
    assert [interval.seconds for interval in snapshot.intervals] == pytest.approx([2.0, 1.0])


def test_machine_that_sleeps_leaves_a_gap_in_which_nobody_counts(
    watch: Callable[..., Monitor], camera: Camera, clock: Clock, record: Path
) -> None:
    def sleep() -> None:
        clock.now += 1200

    monitor = watch(recorder_of=recorder_of(record), interval_seconds=2.0)
    camera.script = [RED, RED, sleep, BLUE, monitor.end_lesson]
    monitor.begin_lesson()
    monitor.run()
    seen = [interval for interval in only(record).intervals if interval.students]
    assert [(interval.start, interval.seconds) for interval in seen] == [(0.0, 2.0), (2.0, 1.0), (1202.0, 1.0)]
    assert [interval.counts for interval in seen] == [(1, 0, 0), (1, 0, 0), (0, 0, 1)]
    assert len(only(record).intervals) == 602
    assert only(record).ended_at == START + timedelta(seconds=1203)


def test_lesson_that_should_have_ended_while_the_machine_slept_ends_then(
    watch: Callable[..., Monitor], camera: Camera, clock: Clock, record: Path
) -> None:
    def sleep() -> None:
        clock.now += 1200

    monitor = watch(recorder_of=recorder_of(record), interval_seconds=2.0, until_seconds=600.0)
    camera.script = [RED, RED, sleep, BLUE]
    monitor.begin_lesson()
    monitor.run()
    assert (monitor.snapshot.state, monitor.snapshot.seconds) == ("ended", 600.0)
    assert only(record).whole.counts == (1, 0, 0)
    assert only(record).ended_at == START + timedelta(seconds=600)


# --- begin, pause, end


def test_every_lesson_has_its_own_record_and_begins_at_nothing(
    watch: Callable[..., Monitor], camera: Camera, record: Path
) -> None:
    monitor = watch(recorder_of=recorder_of(record), interval_seconds=2.0)
    lesson = [monitor.begin_lesson, RED, RED, RED, monitor.end_lesson]
    camera.script = [*lesson, BLUE, BLUE, monitor.begin_lesson, BLUE, monitor.end_lesson]
    monitor.run()
    one, other = read_sessions(record)
    assert [interval.counts for interval in one.intervals] == [(1, 0, 0), (1, 0, 0)]
    assert [(interval.counts, interval.seconds) for interval in other.intervals] == [((0, 0, 1), 1.0)]
    assert one.ended_at is not None and other.ended_at is not None


def test_asking_twice_changes_nothing(watch: Callable[..., Monitor], camera: Camera, record: Path) -> None:
    monitor = watch(recorder_of=recorder_of(record))
    states: list[str] = []

    def do(*names: str) -> list[Callable[[], object]]:
        actions: list[Callable[[], object]] = []
        for name in names:
            actions += [getattr(monitor, name), lambda: states.append(monitor.snapshot.state)]
        return actions

    camera.script = [
        *do("pause", "resume", "end_lesson", "begin_lesson", "begin_lesson", "resume", "pause", "pause", "begin_lesson"),
        *do("end_lesson", "end_lesson", "pause", "resume"),
    ]
    monitor.run()
    assert states == ["waiting"] * 3 + ["running"] * 3 + ["paused"] * 3 + ["ended"] * 4
    assert len(read_sessions(record)) == 1


def test_record_that_cannot_be_used_is_refused_when_the_lesson_begins(watch: Callable[..., Monitor], tmp_path: Path) -> None:
    monitor = watch(recorder_of=recorder_of(tmp_path / "nowhere" / "lessons.db"))
    with pytest.raises(RecordError, match="there is no folder"):
        monitor.begin_lesson()
    assert monitor.snapshot.state == "waiting"


def test_source_that_is_over_gives_no_other_lesson(watch: Callable[..., Monitor], camera: Camera) -> None:
    monitor = watch()
    monitor.run()
    with pytest.raises(SourceError, match="camera 9 has come to its end"):
        monitor.begin_lesson()


def test_close_ends_the_lesson_and_lets_go_of_the_source(watch: Callable[..., Monitor], camera: Camera, record: Path) -> None:
    monitor = watch(recorder_of=recorder_of(record))
    waits, at_picture = threading.Event(), threading.Event()
    camera.script = [RED, at_picture.set, lambda: waits.wait(SOON), BLUE, BLUE]
    monitor.begin_lesson()
    monitor.start_thread()
    assert at_picture.wait(SOON)
    closing = threading.Thread(target=monitor.close)
    closing.start()
    wait_for(lambda: camera.closed)
    waits.set()
    closing.join(SOON)
    monitor.close()
    assert not closing.is_alive()
    assert only(record).ended_at is not None
    assert (monitor.snapshot.state, monitor.snapshot.finished, monitor.snapshot.picture) == ("ended", True, None)


# --- what goes wrong


def test_frame_that_fails_is_told_and_the_lesson_goes_on(
    watch: Callable[..., Monitor], camera: Camera, caplog: pytest.LogCaptureFixture
) -> None:
    monitor, seen = watch(masks=Masks((48, 40), ((0, 0, 8, 8),))), []
    square = np.full((40, 40, 3), RED, np.uint8)
    camera.script = [RED, *[square] * 20, lambda: seen.append(monitor.snapshot), RED, lambda: seen.append(monitor.snapshot)]
    monitor.begin_lesson()
    with caplog.at_level(logging.WARNING):
        monitor.run()
    wrong, right = seen
    assert "got 40 x 40" in (wrong.problem or "")
    assert (wrong.failed, wrong.picture, wrong.summary) == (20, None, None)
    assert (right.problem, right.failed, right.summary) == (None, 20, ClassSummary(NAMES, (1, 0, 0)))
    assert monitor.snapshot.whole.frames == 2
    assert len(caplog.records) == 1, "not a line for each of them"


def test_error_of_any_kind_in_a_frame_is_told(watch: Callable[..., Monitor], camera: Camera) -> None:
    class Failing(Whole):
        def find(self, frame: np.ndarray) -> np.ndarray:
            raise RuntimeError("CUDA error 700")

    monitor, seen = watch(Failing()), []
    camera.script = [RED, lambda: seen.append(monitor.snapshot), RED]
    monitor.begin_lesson()
    monitor.run()
    assert "CUDA error 700" in (seen[0].problem or "")
    assert monitor.snapshot.failed == 2


@pytest.mark.parametrize(
    ("error", "told"),
    [(SourceError("the video is cut short"), "the video is cut short"), (ValueError("odd"), "no longer watched: ValueError")],
)
def test_source_that_breaks_off_ends_the_lesson(
    watch: Callable[..., Monitor], camera: Camera, record: Path, error: Exception, told: str
) -> None:
    monitor = watch(recorder_of=recorder_of(record))
    camera.script = [RED, RED, error]
    monitor.begin_lesson()
    monitor.run()
    assert told in (monitor.snapshot.problem or "")
    assert (monitor.snapshot.state, monitor.snapshot.finished) == ("ended", True)
    assert only(record).whole.frames == 2
    assert only(record).ended_at is not None


def test_camera_that_vanishes_leaves_its_picture_and_a_gap(watch: Callable[..., Monitor], camera: Camera, record: Path) -> None:
    monitor, seen = watch(recorder_of=recorder_of(record), interval_seconds=5.0), []

    def vanish() -> None:
        camera.gone = 0.0

    def come_back() -> None:
        seen.append(monitor.snapshot)
        camera.gone = None

    camera.script = [*[RED] * 5, vanish, *[None] * 10, come_back, *[BLUE] * 5, monitor.end_lesson]
    monitor.begin_lesson()
    monitor.run()
    (gone,) = seen
    np.testing.assert_array_equal(gone.picture, painted(RED))
    assert (gone.followed, gone.summary, gone.source.message) == (None, None, "it is unplugged")
    assert gone.frames_per_second == 0
    assert [interval.frames for interval in only(record).intervals] == [5, 0, 0, 5]
    assert only(record).intervals[2].seconds == 0


def test_record_that_fails_within_the_lesson_is_told_and_caught_up(
    watch: Callable[..., Monitor], camera: Camera, record: Path, tmp_path: Path
) -> None:
    monitor, seen = watch(recorder_of=recorder_of(record), interval_seconds=2.0), []
    away = tmp_path / "away.db"
    look = [lambda: seen.append(monitor.snapshot.problem)]
    camera.script = [*[RED] * 3, lambda: record.rename(away), *[RED] * 2, *look, lambda: away.rename(record), *[RED] * 2, *look]
    monitor.begin_lesson()
    monitor.run()
    assert "no longer there" in (seen[0] or "")
    assert seen[1] is None
    assert sum(interval.frames for interval in only(record).intervals) == 7


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_module, "PATIENT", 0.05)
    monkeypatch.setattr(record_module, "IMPATIENT", 0.05)


@pytest.fixture
def other(record: Path) -> Iterator[sqlite3.Connection]:
    """Another program's connection to the record."""
    with closing(sqlite3.connect(record, isolation_level=None, check_same_thread=False)) as connection:
        yield connection


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("later", ["frames", "begin_lesson", "end_lesson", "close"])
def test_lesson_whose_record_is_locked_at_its_end_is_recorded_when_that_is_over(
    watch: Callable[..., Monitor], camera: Camera, record: Path, other: sqlite3.Connection, later: str
) -> None:
    monitor, seen = watch(recorder_of=recorder_of(record), interval_seconds=2.0), []
    look = lambda: seen.append(monitor.snapshot.problem)  # noqa: E731
    ended = [*[RED] * 3, lambda: other.execute("BEGIN EXCLUSIVE"), *[RED] * 2, monitor.end_lesson, look, *[RED] * 3, look]
    after = [RED, None, RED, look] if later == "frames" else [lambda: (getattr(monitor, later)(), look())]
    camera.script = [*ended, lambda: other.execute("ROLLBACK"), *after]
    monitor.begin_lesson()
    monitor.run()
    assert seen[0] is not None and "The lesson is over; its end and 2 intervals are not recorded yet." in seen[0]
    assert seen == [seen[0], seen[0], None]
    first, *_ = read_sessions(record)
    assert [interval.frames for interval in first.intervals] == [2, 2, 1]
    assert first.ended_at == START + timedelta(seconds=5)


@pytest.mark.usefixtures("impatient")
def test_record_is_tried_once_an_interval_after_the_end(
    watch: Callable[..., Monitor], camera: Camera, record: Path, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[float] = []
    end = Recorder.end
    monkeypatch.setattr(Recorder, "end", lambda self, at: (tried.append(camera.clock.now), end(self, at))[1])
    monitor = watch(recorder_of=recorder_of(record), interval_seconds=10.0)
    camera.script = [RED, lambda: other.execute("BEGIN EXCLUSIVE"), monitor.end_lesson, *[RED] * 15, *[None] * 10, monitor.close]
    monitor.begin_lesson()
    monitor.run()
    assert [now - tried[0] for now in tried[:3]] == [0, 10, 20]
    assert "are not recorded yet" in (monitor.snapshot.problem or "")


@pytest.mark.usefixtures("impatient")
def test_lesson_that_can_never_be_recorded_does_not_stop_the_next_and_the_log_says_that_it_is_lost(
    watch: Callable[..., Monitor], camera: Camera, record: Path, caplog: pytest.LogCaptureFixture
) -> None:
    walls = iter([START, START + timedelta(hours=1)])
    monitor = watch(recorder_of=recorder_of(record), wall=lambda: next(walls))
    camera.script = [RED, record.unlink, monitor.end_lesson, monitor.begin_lesson, BLUE, monitor.end_lesson]
    monitor.begin_lesson()
    with caplog.at_level(logging.WARNING):
        monitor.run()
    assert only(record).whole.counts == (0, 0, 1)
    assert monitor.snapshot.problem is None
    (told,) = [line.getMessage() for line in caplog.records]
    assert "this is lost" in told and "another file than before" in told and "its end and 1 intervals" in told


# --- readers


def test_readers_see_rising_versions_and_cannot_change_the_picture(watch: Callable[..., Monitor], camera: Camera) -> None:
    monitor = watch()
    camera.script = [RED] * 50
    over, seen = threading.Event(), ([], [])

    def read(into: list[Any]) -> None:
        while not over.wait(0.001):
            into.append(monitor.snapshot)

    readers = [threading.Thread(target=read, args=(into,)) for into in seen]
    for reader in readers:
        reader.start()
    monitor.begin_lesson()
    monitor.run()
    over.set()
    for reader in readers:
        reader.join(SOON)
    for snapshots in seen:
        assert all(one.version <= other.version for one, other in pairwise(snapshots))
        assert len({snapshot.version for snapshot in snapshots}) == len({id(snapshot) for snapshot in snapshots})
    pictures = [snapshot.picture for snapshots in seen for snapshot in snapshots if snapshot.picture is not None]
    assert not any(picture.flags.writeable for picture in pictures)


def test_every_snapshot_has_its_own_version(watch: Callable[..., Monitor], camera: Camera) -> None:
    monitor, versions = watch(), [-1]
    look = lambda: versions.append(monitor.snapshot.version)  # noqa: E731
    camera.script = [look, RED, look, monitor.begin_lesson, look, RED, look, monitor.pause, look, RED, look, None, look]
    monitor.run()
    assert all(one < other for one, other in pairwise(versions))


def test_only_the_newest_picture_is_held(watch: Callable[..., Monitor], camera: Camera) -> None:
    alive: list[weakref.ref[np.ndarray]] = []
    counts: list[int] = []

    class Forgetful(Camera):
        def frames(self) -> Iterator[Frame | None]:
            for number in range(8):
                picture = painted(RED)
                alive.append(weakref.ref(picture))
                yield Frame(picture, float(number), number)
                del picture
                counts.append(sum(one() is not None for one in alive))
                if number == 5:
                    monitor.pause()

    monitor = watch(source=Forgetful(camera.clock))
    monitor.begin_lesson()
    monitor.run()
    assert counts == [1, 1, 1, 1, 1, 1, 0, 0]


def test_pace_is_that_of_the_last_seconds(watch: Callable[..., Monitor], camera: Camera) -> None:
    monitor, seen = watch(), []
    camera.step = 0.25
    look = lambda: seen.append(monitor.snapshot)  # noqa: E731
    camera.script = [RED, look, *[RED] * 40, look]
    monitor.begin_lesson()
    monitor.run()
    assert [snapshot.frames_per_second for snapshot in seen] == [0, 4]
    assert seen[-1].milliseconds.keys() == {"mask", "find", "crop", "classify", "follow"}


# --- seats


def test_what_each_seat_showed_is_recorded_only_if_asked_for(
    watch: Callable[..., Monitor], camera: Camera, tmp_path: Path
) -> None:
    halves = np.concatenate([painted(RED), painted(BLUE)], axis=1)
    turned = halves[:, ::-1]
    seats = Seats.grid((96, 40), 1, 2)
    for per_seat, expected in ((True, [(1, "red", 0.75), (1, "blue", 0.25), (2, "blue", 0.75), (2, "red", 0.25)]), (False, [])):
        path = tmp_path / f"{per_seat}.db"
        camera.script = [halves, halves, halves, turned]
        monitor = watch(
            seats, source=Camera(camera.clock, camera.script), recorder_of=recorder_of(path, per_seat=per_seat), per_seat=per_seat
        )
        monitor.begin_lesson()
        monitor.run()
        assert sorted(seat_rows(path)) == sorted(expected)


def seat_rows(path: Path) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT seat, name, share FROM seat").fetchall()


def wait_for(condition: Callable[[], bool]) -> None:
    over = threading.Event()
    for _ in range(int(SOON / 0.01)):
        if condition():
            return
        over.wait(0.01)
    pytest.fail("waited in vain")


def test_other_watcher_looks_at_once_before_a_lesson_and_after_it_within_one(
    watch: Callable[..., Monitor], camera: Camera, make_model: Callable[..., Path]
) -> None:
    other = Watcher(Classifier(make_model(class_names=("a", "b", "c")), provider="cpu", threads=1), Whole(), settings=QUICK)
    monitor = watch()
    first = monitor.watcher
    states: list[tuple[str, ...]] = []

    def see() -> None:
        states.append(monitor.snapshot.class_names)

    camera.script = [
        monitor.begin_lesson,
        200,
        lambda: monitor.watch_with(other, ("a", "b", "c")),
        200,
        see,
        monitor.end_lesson,
        see,
        monitor.begin_lesson,
        200,
        see,
        monitor.end_lesson,
    ]
    monitor.run()
    assert states == [NAMES, NAMES, ("a", "b", "c")]
    assert monitor.watcher is other is monitor.next_watcher and first is not other
    assert len(monitor.snapshot.whole.counts) == 3 and monitor.snapshot.problem is None


def test_other_watcher_before_any_lesson_shows_its_classes(
    watch: Callable[..., Monitor], make_model: Callable[..., Path]
) -> None:
    other = Watcher(Classifier(make_model(class_names=("a", "b", "c")), provider="cpu", threads=1), Whole(), settings=QUICK)
    monitor = watch()
    monitor.watch_with(other, ("a", "b", "c"))
    assert monitor.watcher is other and monitor.snapshot.class_names == ("a", "b", "c")
    assert len(monitor.snapshot.last_seconds.counts) == 3
