"""The Video page: a recording becomes a timeline in its own times, and a marked copy that leaves nothing else behind."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from dashboard import recording, video
from dashboard.limits import Limits
from inference.classifier import Classifier
from inference.errors import SourceError
from inference.finder import Finder
from inference.limits import Limits as OfProcess
from inference.sources import open_source
from inference.students import Students, Whole

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="the program ffmpeg is not installed")
LEFT, RIGHT = (slice(80, 160), slice(80, 160)), (slice(400, 480), slice(640, 720))
RED, BLUE = (0, 0, 255), (255, 0, 0)
"""BGR."""
RATE = 8


@pytest.fixture(scope="module")
def classifier(tiny_model: Path) -> Classifier:
    return Classifier(tiny_model, provider="cpu", threads=1)


@pytest.fixture(scope="module")
def finder(tiny_finder: Path) -> Students:
    return Finder(tiny_finder, provider="cpu", threads=1)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fifteen seconds of a class of two, in which the one to the left turns from red to blue after ten."""
    path = tmp_path_factory.mktemp("film") / "lesson.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), RATE, (960, 640))
    for number in range(15 * RATE):
        frame = np.zeros((640, 960, 3), np.uint8)
        frame[LEFT], frame[RIGHT] = RED if number < 10 * RATE else BLUE, BLUE
        writer.write(frame)
    writer.release()
    return path


def test_recording_becomes_a_lesson_in_its_own_times(film: Path, classifier: Classifier, finder: Students) -> None:
    *_, (snapshot, length) = recording.watched(film, classifier, finder, 4)
    assert length == 15 * RATE / 2
    assert snapshot.finished and snapshot.problem is None
    assert [(interval.start, interval.frames) for interval in snapshot.intervals] == [(0, 40), (10, 20)]
    assert snapshot.intervals[0].counts == (1, 0, 1)
    assert snapshot.intervals[1].counts[2] > 1.5
    assert snapshot.seconds == pytest.approx(15, abs=0.3)
    page = "".join(piece for piece in video.values(snapshot, "en", single=False) if isinstance(piece, str))
    for expected in ("The whole recording: 15 s", "0:00:10", "taido-lesson.csv"):
        assert expected in page


@pytest.mark.parametrize(("asked", "frames"), [(1, 15), (8, 120), (1000, 120), (0, 2)])
def test_as_many_frames_are_looked_at_as_asked_for_and_no_more_than_there_are(
    film: Path, classifier: Classifier, asked: float, frames: int
) -> None:
    *_, (snapshot, _) = recording.watched(film, classifier, Whole(), asked)
    assert snapshot.whole.frames == frames


def test_look_through_that_is_given_up_ends(film: Path, classifier: Classifier, finder: Students) -> None:
    looking = recording.watched(film, classifier, finder, 8)
    next(looking)
    looking.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "monitor"]


def test_what_is_no_video_is_refused(classifier: Classifier, tmp_path: Path) -> None:
    path = tmp_path / "notes.mp4"
    path.write_text("no video", encoding="utf-8")
    with pytest.raises(SourceError, match="is not a video that can be read"):
        list(recording.watched(path, classifier, Whole(), 4))
    with pytest.raises(SourceError, match="is not a video that can be read"):
        list(recording.drawn(path, classifier, Whole(), 4, str(tmp_path)))


@pytest.mark.parametrize(
    ("limits", "expected"),
    [(Limits(video_hours=14.9 / 3600), "is longer than"), (Limits(video_megabytes=0.001), "has more than 0.001 MB")],
)
def test_recording_that_is_too_long_or_too_large_is_refused(
    film: Path, classifier: Classifier, limits: Limits, expected: str
) -> None:
    with pytest.raises(SourceError, match=expected):
        list(recording.watched(film, classifier, Whole(), 4, limits))


Given = Callable[[Path, Classifier, Path, Limits], Iterator[object]]


def looked_through(path: Path, classifier: Classifier, _: Path, limits: Limits) -> Iterator[object]:
    return recording.watched(path, classifier, Whole(), 4, limits)


def marked(path: Path, classifier: Classifier, cache: Path, limits: Limits) -> Iterator[object]:
    return recording.drawn(path, classifier, Whole(), 4, str(cache), limits)


@pytest.fixture(params=[looked_through, pytest.param(marked, marks=needs_ffmpeg)])
def way(request: pytest.FixtureRequest) -> Given:
    return request.param


@pytest.mark.parametrize(
    ("most", "code"), [(OfProcess(video_frames=20), "video_long"), (OfProcess(call_seconds=0), "video_slow")]
)
def test_limits_hold_while_a_recording_is_looked_through_and_while_it_is_marked(
    film: Path, classifier: Classifier, way: Given, most: OfProcess, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "of_this_process", lambda: most)
    with pytest.raises(SourceError) as refused:
        list(way(film, classifier, tmp_path, Limits()))
    assert refused.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_recording_whose_header_says_nothing_of_its_length_is_refused_once_it_is_too_long(
    classifier: Classifier, way: Given, tmp_path: Path
) -> None:
    path = tmp_path / "lesson.mjpeg"
    jpeg = cv2.imencode(".jpg", np.zeros((64, 64, 3), np.uint8))[1].tobytes()
    path.write_bytes(jpeg * 300)
    with recording.Video(path) as whole:
        assert whole.length is None
    with pytest.raises(SourceError) as refused:
        list(way(path, classifier, tmp_path, Limits(video_hours=5 / 3600)))
    assert refused.value.code == "video_long"


@needs_ffmpeg
def test_marked_copy_is_all_that_is_left(
    film: Path, classifier: Classifier, finder: Students, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    (tmp_path / "cache").mkdir()
    *states, place = recording.drawn(film, classifier, finder, 4, str(tmp_path / "cache"))
    assert isinstance(place, str)
    assert all(length == 60 for _, length in states)
    with open_source(place) as marked:
        frames = [frame for frame in marked.frames() if frame is not None]
    assert len(frames) == 60
    assert frames[0].picture.shape == (640, 960, 3)
    assert list((tmp_path / "temporary").iterdir()) == []
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == [Path(place)]


@needs_ffmpeg
def test_marked_copy_is_written_where_the_uploads_lie(
    film: Path, classifier: Classifier, finder: Students, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr(recording, "LOOK_EVERY_SECONDS", 0.01)
    for name in ("temporary", "cache"):
        (tmp_path / name).mkdir()
    drawing, written = recording.drawn(film, classifier, finder, 8, str(tmp_path / "cache")), list[Path]()
    while not written:
        next(drawing)
        written = [path for path in tmp_path.rglob("*") if path.is_file()]
    drawing.close()
    assert all(path.is_relative_to(tmp_path / "cache") for path in written)


@needs_ffmpeg
def test_marked_copy_that_is_given_up_leaves_nothing(
    film: Path, classifier: Classifier, finder: Students, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    for name in ("temporary", "cache"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(recording, "LOOK_EVERY_SECONDS", 0.01)
    drawing = recording.drawn(film, classifier, finder, 8, str(tmp_path / "cache"))
    next(drawing)
    drawing.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "annotate"]
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_answer_for_programs_withholds_shares_of_a_handful(film: Path, classifier: Classifier, finder: Students) -> None:
    *_, (snapshot, _) = recording.watched(film, classifier, finder, 4)
    answer = video.answer(snapshot)
    assert answer["whole"]["students"] == pytest.approx(2)
    assert answer["whole"]["shares"] is None
    assert [interval["start"] for interval in answer["intervals"]] == [0, 10]
    assert set(answer["whole"]["counts"]) == {"red", "green", "blue"}
