"""What the Live page answers to a frame of the webcam, and which of its parts are sent again, without a browser."""

import base64
import io
import re
import weakref
from collections.abc import Callable
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from dashboard import Choice, live
from dashboard.lesson_panel import LessonPanel, Sent
from dashboard.webcam_session import WebcamSession
from inference.annotate import colours_of
from inference.classifier import Classifier
from inference.errors import ImageError, ModelError, ProviderError, TaidoError
from inference.finder import Finder
from inference.images import decode
from inference.seats import Seats
from inference.session import Session
from inference.sources import SourceStatus
from inference.students import Whole
from tests.dashboard.test_lesson_view import snapshot
from tests.dashboard.test_timeline_view import lesson

MakeRoom = Callable[..., Path]
LEFT, RIGHT = (80, 80, 160, 160), (640, 400, 720, 480)


@pytest.fixture(scope="module")
def classifier(tiny_model: Path) -> Classifier:
    return Classifier(tiny_model, provider="cpu", threads=1)


@pytest.fixture
def choice(tiny_finder: Path) -> Choice:
    seats = Seats((96, 64), ((0, 0, 48, 64), (48, 0, 96, 64)))
    return Choice({"whole": Whole(), "finder": Finder(tiny_finder, provider="cpu", threads=1), "seats": seats})


@pytest.fixture
def room(make_room: MakeRoom) -> np.ndarray:
    return decode(make_room("room.png", {LEFT: "red", RIGHT: "blue"}, (960, 640)))


@pytest.mark.parametrize(("start", "expected"), [("seats", "seats"), ("finder", "whole"), ("whole", "whole")])
def test_seats_that_were_asked_for_stand_chosen(choice: Choice, start: str, expected: str) -> None:
    assert Choice(choice.known, start).before_webcam == expected


def pixels_of(html: str) -> np.ndarray:
    """The picture that an HTML holds."""
    found = re.search(r'src="data:image/jpeg;base64,([^"]+)"', html)
    assert found is not None
    with Image.open(io.BytesIO(base64.b64decode(found[1]))) as picture:
        return np.asarray(picture).astype(int)


def test_one_student_is_answered_with_state_and_scores(classifier: Classifier, choice: Choice) -> None:
    frame = np.full((48, 64, 3), (0, 0, 200), np.uint8)
    result, marked = live.look(frame, WebcamSession(classifier), choice, "whole", "en")
    assert "<strong>blue</strong>" in result and '<span class="aside">100%</span>' in result
    assert marked == ""


def test_class_is_answered_with_counts_and_a_marked_picture_that_is_no_file(
    classifier: Classifier, choice: Choice, room: np.ndarray
) -> None:
    result, marked = live.look(room, WebcamSession(classifier), choice, "finder", "en")
    assert "2 students found" in result
    assert re.findall(r'class="count">([^<]*)<', result) == ["1", "0", "1", "0"]
    pixels, colours = pixels_of(marked), colours_of(classifier.spec.class_names)
    assert pixels.shape == room.shape
    for (x0, _, x1, y1), colour in ((LEFT, colours[0]), (RIGHT, colours[2])):
        wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
        assert (np.abs(pixels[y1 - 2 : y1 + 3, x0:x1] - wanted).max(axis=2) < 90).any()


def test_frame_that_seats_were_not_made_for_is_answered_with_the_reason(classifier: Classifier, choice: Choice) -> None:
    result, marked = live.look(np.zeros((90, 90, 3), np.uint8), WebcamSession(classifier), choice, "seats", "en")
    assert "other proportions" in result
    assert marked == ""


@pytest.mark.parametrize("error", [ModelError, ProviderError, ImageError])
def test_device_or_model_that_stops_is_answered_with_the_reason(
    error: type[TaidoError], tiny_model: Path, choice: Choice, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(session: Session, frames: np.ndarray) -> list[np.ndarray]:
        raise error("It is lost.")

    monkeypatch.setattr(Session, "run", stop)
    session = WebcamSession(Classifier(tiny_model, provider="cpu", threads=1))
    assert "It is lost." in live.look(np.zeros((48, 64, 3), np.uint8), session, choice, "whole", "en")[0]


def test_counts_of_a_camera_that_has_stopped_are_not_shown_as_those_of_now() -> None:
    result, marked = live._stopped(snapshot(source=SourceStatus(9, 9, age_seconds=live.STOPPED_SECONDS)), "en")
    assert re.search(r"No picture since \d\d:\d\d", result) and marked == ""
    for age in (None, live.STOPPED_SECONDS - 0.1):
        assert live._stopped(snapshot(source=SourceStatus(9, 9, age_seconds=age)), "en") is None


def updates(values: list[object]) -> list[bool]:
    """Which of the buttons start, pause, resume and end are there."""
    return [bool(value["visible"]) for value in values[:4] if isinstance(value, dict)]


@pytest.mark.parametrize(
    ("facts", "there"),
    [
        ({"state": "waiting"}, [True, False, False, False]),
        ({"state": "running"}, [False, True, False, True]),
        ({"state": "paused"}, [False, False, True, True]),
        ({"state": "ended"}, [True, False, False, False]),
        ({"state": "ended", "finished": True}, [False, False, False, False]),
    ],
)
def test_only_buttons_that_make_sense_are_there(facts: dict[str, object], there: list[bool]) -> None:
    assert updates(LessonPanel("live").values(snapshot(**facts), "en", single=False)) == there


def test_table_is_offered_when_the_lesson_has_ended() -> None:
    panel, intervals = LessonPanel("live"), lesson((6, 3, 1))
    ended = panel.values(snapshot(state="ended", intervals=intervals), "en", single=False)
    assert any("taido-lesson.csv" in str(value) for value in ended)
    running = panel.values(snapshot(state="running", intervals=intervals), "en", single=False)
    assert not any("taido-lesson.csv" in str(value) for value in running)


def test_single_student_has_no_changes_of_a_class() -> None:
    panel = LessonPanel("live")
    assert "What changed" in "".join(map(str, panel.values(snapshot(), "en", single=False)))
    assert "What changed" not in "".join(map(str, panel.values(snapshot(), "en", single=True)))


def test_what_a_browser_has_is_not_sent_again() -> None:
    sent = Sent()
    assert sent.only_new(["a", "b"]) == ["a", "b"]
    assert sent.only_new(["a", "c"]) == [gr.skip(), "c"]
    assert sent.only_new(["b", "c"]) == ["b", gr.skip()]
    assert Sent().only_new(["a", "c"]) == ["a", "c"]


def test_browser_that_has_left_leaves_no_picture_in_what_it_was_sent() -> None:
    class Picture(str):
        """A text that can be watched."""

    sent, picture = Sent(), Picture("data:image/jpeg;base64,...")
    seen = weakref.ref(picture)
    sent.only_new([picture, gr.update(visible=True)])
    del picture
    assert seen() is None
    assert sent.only_new(["data:image/jpeg;base64,...", gr.update(visible=True)]) == [gr.skip(), gr.skip()]
