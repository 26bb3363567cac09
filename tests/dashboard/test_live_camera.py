"""A camera of the machine on the Live page: one grab and one inference for all who look on. Films stand in for the camera."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

import app
from dashboard import MachineCamera, live_camera
from dashboard.live_camera import problems
from inference.__main__ import main
from inference.classifier import Classifier
from inference.errors import Message, RecordError, SeatsError
from inference.finder import Finder
from inference.masks import Masks
from inference.recorded import read_sessions
from inference.snapshot import Snapshot
from inference.sources import SourceStatus, open_source
from inference.students import Students, Whole
from tests.dashboard.test_lesson_view import snapshot
from tests.dashboard.test_live import pixels_of

LEFT, RIGHT = (slice(80, 160), slice(80, 160)), (slice(400, 480), slice(640, 720))
PATIENCE_SECONDS = 60


@pytest.fixture(scope="module")
def classifier(tiny_model: Path) -> Classifier:
    return Classifier(tiny_model, provider="cpu", threads=1)


@pytest.fixture(scope="module")
def finder(tiny_finder: Path) -> Students:
    return Finder(tiny_finder, provider="cpu", threads=1)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds of a class of two, a frame a second."""
    path = tmp_path_factory.mktemp("film") / "lesson.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 1, (960, 640))
    frame = np.zeros((640, 960, 3), np.uint8)
    frame[LEFT], frame[RIGHT] = (0, 0, 255), (255, 0, 0)  # BGR
    for _ in range(12):
        writer.write(frame)
    writer.release()
    return path


OpenCamera = Callable[..., MachineCamera]


@pytest.fixture
def open_camera(film: Path, classifier: Classifier, finder: Students) -> Iterator[OpenCamera]:
    opened: list[MachineCamera] = []

    def make(*, record_few: bool = True, **options: Path) -> MachineCamera:
        opened.append(app.open_camera(open_source(str(film)), classifier, finder, record_few=record_few, **options))
        return opened[-1]

    yield make
    for camera in opened:
        camera.monitor.close()


def pictured(camera: MachineCamera) -> Snapshot:
    """A snapshot with the film's students, as it would come from a camera."""
    frame = next(iter(camera.monitor.source.frames()))
    assert frame is not None
    look = camera.monitor._watcher.look(frame.picture, 0.0)
    return replace(camera.monitor.snapshot, version=7, state="running", picture=look.picture, followed=look.followed)


def watched(camera: MachineCamera) -> Snapshot:
    """The last snapshot of a lesson that is as long as the film."""
    camera.monitor.begin_lesson()
    camera.monitor.start_thread()
    end = time.monotonic() + PATIENCE_SECONDS
    while not camera.monitor.snapshot.finished:
        assert time.monotonic() < end
        time.sleep(0.01)
    return camera.monitor.snapshot


def test_picture_is_marked_once_for_all_browsers(open_camera: OpenCamera) -> None:
    camera = open_camera()
    seen = pictured(camera)
    asked: list[str] = []
    browsers = [threading.Thread(target=lambda: asked.append(camera.picture(seen, "en"))) for _ in range(5)]
    for browser in browsers:
        browser.start()
    for browser in browsers:
        browser.join()
    assert camera.newest.made == 1
    assert len(set(asked)) == 1
    pixels = pixels_of(asked[0])
    assert pixels.shape == (640, 960, 3)
    assert tuple(pixels[120, 120] > 200) == (True, False, False)


def test_newer_picture_is_made_anew(open_camera: OpenCamera) -> None:
    camera = open_camera()
    seen = pictured(camera)
    first = camera.picture(seen, "en")
    assert seen.picture is not None
    later = replace(seen, version=8, picture=np.full_like(seen.picture, 90))
    assert camera.picture(later, "en") != first
    assert camera.newest.made == 2


def test_marked_picture_goes_with_the_picture_itself(open_camera: OpenCamera) -> None:
    camera = open_camera()
    seen = pictured(camera)
    camera.picture(seen, "en")
    later = replace(seen, version=8, picture=seen.picture.copy())
    assert camera.newest.address(later)
    assert camera.newest.address(seen), "an older one gets the newer picture"
    unseen = replace(seen, picture=None)
    del seen, later
    assert camera.newest.address(unseen) is None
    assert camera.newest.made == 2


def test_picture_of_a_camera_that_is_gone_is_pale_and_says_since_when(open_camera: OpenCamera) -> None:
    camera = open_camera()
    seen = pictured(camera)
    assert "figcaption" not in camera.picture(seen, "en")
    gone = replace(seen, version=8, followed=None, summary=None, source=SourceStatus(gone_seconds=0.0))
    html = camera.picture(gone, "en")
    assert 'class="taido-marked old"' in html
    assert re.search(r"<figcaption>No picture since \d\d:\d\d</figcaption>", html)
    assert "から映像なし" in camera.picture(gone, "ja")
    later = replace(gone, version=9, source=SourceStatus(gone_seconds=3600.0))
    assert camera.picture(later, "en") != html


def test_still_is_the_masked_picture_or_none_where_nothing_comes(open_camera: OpenCamera, tmp_path: Path) -> None:
    Masks((960, 640), ((600, 360, 760, 520),)).write(tmp_path / "masks.json")
    camera = open_camera(masks=tmp_path / "masks.json")
    assert camera.still(0.1) is None, "a film before its lesson"
    seen = pictured(camera)
    with camera.monitor._changed:
        camera.monitor._publish(picture=seen.picture)
    still = camera.still(0.1)
    assert still is not None and np.ptp(still[440, 680]) == 0


def test_no_picture_is_sent_before_somebody_asked_for_it(open_camera: OpenCamera) -> None:
    camera = open_camera()
    seen = pictured(camera)
    _, picture, _ = camera.values(seen, "en", asked=False)
    assert "<img" not in picture and "Go on only if they agree" in picture
    assert "<img" in camera.values(seen, "en", asked=True)[1]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"state": "waiting"}, "read when the lesson starts"),
        ({"state": "paused"}, "nothing is looked at"),
        ({"state": "ended"}, "The lesson has ended"),
        ({"state": "ended", "finished": True}, "The lesson has ended"),
        ({"state": "ended", "finished": True, "ran_out": True}, "come to its end"),
    ],
)
def test_reason_stands_in_the_place_of_a_picture_that_is_not_there(
    open_camera: OpenCamera, facts: dict[str, object], reason: str
) -> None:
    assert reason in open_camera().picture(snapshot(**facts), "en")


def test_camera_that_is_gone_is_told_with_the_time_and_the_reason() -> None:
    html = problems(snapshot(source=SourceStatus(gone_seconds=75.0, message="<cable> unplugged")), "en")
    assert "No picture from the camera since" in html
    assert "(1 min 15 s)" in html
    assert "&lt;cable&gt; unplugged" in html
    assert problems(snapshot(), "en") == ""
    assert "disk is full" in problems(snapshot(problems=(Message("The disk is full."),)), "ja")


def test_lesson_of_a_film_is_counted_and_kept_for_all_browsers(open_camera: OpenCamera) -> None:
    camera = open_camera()
    assert camera.numbers(camera.monitor.snapshot, "en").count("<li") == 0
    last = watched(camera)
    assert last.state == "ended"
    assert last.whole.counts == pytest.approx((1, 0, 1), abs=0.01)


def test_counts_are_recorded_only_where_that_was_asked_for(open_camera: OpenCamera, tmp_path: Path) -> None:
    watched(open_camera(record=tmp_path / "lessons.db"))
    (session,) = read_sessions(tmp_path / "lessons.db")
    assert session.facts.source == "lesson.avi"
    assert session.facts.model == "tiny.onnx"
    assert session.ended_at is not None
    assert session.whole.counts == pytest.approx((1, 0, 1), abs=0.01)
    watched(open_camera())
    assert [path.name for path in tmp_path.iterdir()] == ["lessons.db"]


def test_app_and_watch_record_the_same_of_a_lesson(
    open_camera: OpenCamera, film: Path, tiny_model: Path, tiny_finder: Path, tmp_path: Path
) -> None:
    record = tmp_path / "lessons.db"
    arguments = ["--model", tiny_model, "--finder", tiny_finder, "--students", "finder", "--provider", "cpu", "--record-few"]
    assert main(["watch", str(film), *map(str, arguments), "--headless", "--record", str(record)]) == 0
    last = watched(open_camera(record=record))
    one, other = (session.facts for session in read_sessions(record))
    assert replace(other, started_at=one.started_at) == one
    assert one.finder == f"finder {tiny_finder.name}" and {"find_every", "classify_every", "following"} <= one.settings.keys()
    assert not one.live
    assert last.recorded_as == 2


def test_film_that_somebody_stopped_has_not_come_to_its_end(open_camera: OpenCamera) -> None:
    camera = open_camera()
    camera.monitor.begin_lesson()
    camera.monitor.end_lesson()
    camera.monitor.run()
    assert camera.monitor.snapshot.finished
    assert "The lesson has ended" in camera.picture(camera.monitor.snapshot, "en")
    assert "come to its end" in (other := open_camera()).picture(watched(other), "en")


def test_masks_are_blanked_before_anything_is_shown(open_camera: OpenCamera, tmp_path: Path) -> None:
    Masks((960, 640), ((600, 360, 760, 520),)).write(tmp_path / "masks.json")
    camera = open_camera(masks=tmp_path / "masks.json")
    pixels = pixels_of(camera.picture(pictured(camera), "en"))
    assert np.ptp(pixels[440, 680]) < 10
    assert watched(open_camera(masks=tmp_path / "masks.json")).whole.counts == pytest.approx((1, 0, 0), abs=0.01)


def test_lesson_of_two_students_is_not_recorded_unless_asked_for(open_camera: OpenCamera, tmp_path: Path) -> None:
    camera = open_camera(record=tmp_path / "lessons.db", record_few=False)
    assert watched(camera).whole.counts == pytest.approx((1, 0, 1), abs=0.01)
    (session,) = read_sessions(tmp_path / "lessons.db")
    assert session.whole.students == 0
    assert session.withheld_seconds > 0
    for language, said in (("en", "not while fewer than 5 students"), ("ja", "5 人未満の間は人数も記録しません")):
        assert said in live_camera._about(camera, language)
    assert "also while very few" in live_camera._about(open_camera(record=tmp_path / "lessons.db"), "en")


def test_single_student_is_not_recorded_unless_asked_for(film: Path, classifier: Classifier, tmp_path: Path) -> None:
    source, whole = open_source(str(film)), Whole()
    with source, pytest.raises(RecordError, match="add --record-few"):
        app.open_camera(source, classifier, whole, record=tmp_path / "lessons.db")
    assert not (tmp_path / "lessons.db").exists()


def test_wrong_record_and_wrong_masks_are_refused_at_the_start(open_camera: OpenCamera, tmp_path: Path) -> None:
    (tmp_path / "lessons.db").write_text("no record", encoding="utf-8")
    with pytest.raises(RecordError):
        open_camera(record=tmp_path / "lessons.db")
    (tmp_path / "masks.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SeatsError):
        open_camera(masks=tmp_path / "masks.json")
