"""One browser's camera: frames are followed at once, and count into a lesson between its start and its end."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from dashboard.webcam_session import WebcamSession
from inference.classifier import Classifier
from inference.errors import SeatsError
from inference.finder import Finder
from inference.images import decode
from inference.seats import Seats
from inference.students import Students, Whole

MakeRoom = Callable[..., Path]
TEN_O_CLOCK = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
RED, BLUE = np.full((48, 64, 3), (200, 0, 0), np.uint8), np.full((48, 64, 3), (0, 0, 200), np.uint8)
WHOLE = Whole()


@pytest.fixture(scope="module")
def classifier(tiny_model: Path) -> Classifier:
    return Classifier(tiny_model, provider="cpu", threads=1)


@pytest.fixture
def session(classifier: Classifier) -> WebcamSession:
    return WebcamSession(classifier)


@pytest.fixture
def finder(tiny_finder: Path) -> Students:
    return Finder(tiny_finder, provider="cpu", threads=1)


@pytest.fixture
def room(make_room: MakeRoom) -> np.ndarray:
    return decode(make_room("room.png", {(8, 16, 16, 24): "red", (40, 40, 48, 48): "red", (64, 40, 72, 48): "blue"}))


def stream(session: WebcamSession, frame: np.ndarray, start: float, end: float, students: Students = WHOLE) -> None:
    """A frame every half second."""
    for now in np.arange(start, end, 0.5).tolist():
        session.see(frame, students, now)


def test_frames_are_looked_at_before_any_lesson(session: WebcamSession) -> None:
    look, summary = session.see(RED, WHOLE, 100.0)
    assert summary.counts == (1, 0, 0)
    assert look.followed.states.tolist() == [0]
    snapshot = session.snapshot(100.0)
    assert (snapshot.state, snapshot.whole.frames, snapshot.started_at) == ("waiting", 0, None)


def test_last_seconds_are_known_without_a_lesson(session: WebcamSession) -> None:
    stream(session, RED, 100, 120)
    snapshot = session.snapshot(120.0)
    assert snapshot.last_seconds.counts == pytest.approx((1, 0, 0))
    assert snapshot.last_seconds.seconds == pytest.approx(10)
    assert snapshot.last_minute.seconds == pytest.approx(20)
    assert snapshot.frames_per_second == pytest.approx(2, rel=0.1)


def test_only_what_comes_between_start_and_end_counts(session: WebcamSession) -> None:
    stream(session, BLUE, 0, 20)
    session.begin_lesson(20.0, TEN_O_CLOCK)
    stream(session, RED, 30, 50)  # by now blue is forgotten
    session.end_lesson(50.0)
    stream(session, BLUE, 50, 70)
    snapshot = session.snapshot(70.0)
    assert (snapshot.state, snapshot.started_at, snapshot.seconds) == ("ended", TEN_O_CLOCK, 30.0)
    assert snapshot.whole.frames == 40
    assert snapshot.whole.counts[2] < 0.1
    assert [interval.seconds for interval in snapshot.intervals] == pytest.approx([0, 10, 10])


def test_pause_counts_for_nothing_though_pictures_are_shown(session: WebcamSession) -> None:
    session.begin_lesson(0.0, TEN_O_CLOCK)
    stream(session, RED, 0, 20)
    session.pause(20.0)
    stream(session, BLUE, 20, 40)
    assert session.snapshot(40.0).state == "paused"
    assert session.snapshot(40.0).last_seconds.counts[2] == pytest.approx(1)
    session.resume(40.0)
    stream(session, BLUE, 40, 50)
    session.end_lesson(50.0)
    snapshot = session.snapshot(50.0)
    assert snapshot.whole.frames == 60
    assert snapshot.intervals[3].seconds == 0
    assert snapshot.whole.seconds == pytest.approx(30)
    assert snapshot.whole.counts[2] == pytest.approx(1 / 3, abs=0.1)


def test_lesson_grows_while_the_camera_is_off(session: WebcamSession) -> None:
    session.begin_lesson(0.0, TEN_O_CLOCK)
    stream(session, RED, 0, 10)
    snapshot = session.snapshot(35.0)
    assert [round(interval.seconds) for interval in snapshot.intervals] == [10, 2, 0]
    assert snapshot.source.age_seconds == pytest.approx(25.5)


def test_next_lesson_begins_anew(session: WebcamSession) -> None:
    session.begin_lesson(0.0, TEN_O_CLOCK)
    stream(session, RED, 0, 20)
    session.end_lesson(20.0)
    session.begin_lesson(100.0, TEN_O_CLOCK.replace(hour=11))
    snapshot = session.snapshot(101.0)
    assert (snapshot.state, snapshot.seconds, snapshot.intervals) == ("running", 1.0, ())
    assert snapshot.started_at == TEN_O_CLOCK.replace(hour=11)


def test_buttons_out_of_turn_change_nothing(session: WebcamSession) -> None:
    session.pause(1.0)
    session.resume(1.0)
    session.end_lesson(1.0)
    assert session.snapshot(1.0).state == "waiting"
    session.begin_lesson(2.0, TEN_O_CLOCK)
    session.begin_lesson(9.0, TEN_O_CLOCK.replace(hour=11))
    assert session.snapshot(12.0).seconds == 10


def test_students_of_a_class_are_counted(session: WebcamSession, finder: Students, room: np.ndarray) -> None:
    _, summary = session.see(room, finder, 0.0)
    assert summary.counts == (2, 0, 1)
    assert not session.single


def test_way_of_finding_is_kept_within_a_lesson(session: WebcamSession, finder: Students, room: np.ndarray) -> None:
    session.see(room, finder, 0.0)
    session.begin_lesson(1.0, TEN_O_CLOCK)
    assert session.see(room, WHOLE, 2.0)[1].students == 3
    session.end_lesson(3.0)
    assert session.see(room, WHOLE, 4.0)[1].students == 1
    assert session.single


def test_another_way_of_finding_forgets_the_last_seconds(session: WebcamSession, finder: Students, room: np.ndarray) -> None:
    stream(session, room, 0, 8, finder)
    session.see(room, WHOLE, 8.0)
    assert session.snapshot(9.0).last_seconds.students == pytest.approx(1)


def test_frame_that_seats_were_not_made_for_is_refused_and_the_lesson_goes_on(session: WebcamSession) -> None:
    seats = Seats((96, 64), ((0, 0, 48, 64), (48, 0, 96, 64)))
    session.begin_lesson(0.0, TEN_O_CLOCK)
    with pytest.raises(SeatsError, match="other proportions"):
        session.see(np.zeros((90, 90, 3), np.uint8), seats, 1.0)
    assert session.see(np.full((64, 96, 3), (200, 0, 0), np.uint8), seats, 2.0)[1].counts == (2, 0, 0)


def test_browsers_know_nothing_of_one_another(classifier: Classifier) -> None:
    one, other = WebcamSession(classifier), WebcamSession(classifier)
    one.begin_lesson(0.0, TEN_O_CLOCK)
    one.see(RED, WHOLE, 1.0)
    assert other.snapshot(2.0).state == "waiting"
    assert other.snapshot(2.0).source.grabbed == 0
