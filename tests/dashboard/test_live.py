"""What the Live page shows, without a browser; and the window of seconds that it shows."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from dashboard import live
from dashboard.texts import Language
from inference import summarise
from inference.annotate import colours_of
from inference.errors import ModelError
from inference.room import Room
from inference.window import Window

NAMES = ("looking-ahead", "sleep")


def window_of(*frames: tuple[float, tuple[float, float]], seconds: float = 10) -> Window:
    window = Window(seconds=seconds)
    for time, scores in frames:
        window = window.add(time, np.array(scores, np.float32))
    return window


def test_window_forgets_frames_older_than_its_seconds() -> None:
    window = window_of((0, (0.9, 0.1)), (5, (0.8, 0.2)), (10.5, (0.3, 0.7)))
    assert list(window.times) == [5, 10.5]
    assert summarise(window.scores, NAMES).counts == (1, 1)


def test_window_forgets_everything_when_the_clock_jumps_back() -> None:
    assert window_of((100, (0.9, 0.1)), (1, (0.8, 0.2))).times == (1,)


def test_window_measures_the_frame_rate() -> None:
    assert window_of((1.0, (1, 0)), (1.5, (1, 0)), (2.0, (1, 0))).frames_per_second == pytest.approx(2)
    assert window_of((1.0, (1, 0))).frames_per_second == 0
    assert Window().frames_per_second == 0


def test_window_is_empty_before_the_first_frame() -> None:
    assert Window().scores.shape == (0, 0)


def test_window_refuses_scores_of_another_model() -> None:
    with pytest.raises(ModelError, match="Expected 2 scores"):
        window_of((0, (0.9, 0.1))).add(1, np.zeros(3, np.float32))


def test_window_is_never_changed_in_place() -> None:
    first = window_of((0, (0.9, 0.1)))
    first.add(1, np.array([0.1, 0.9], np.float32))
    assert len(first.rows) == 1


@pytest.mark.parametrize(
    ("language", "name", "heading"), [("en", "Sleeping", "Last 10 seconds"), ("ja", "眠っている", "直近 10 秒")]
)
def test_live_shows_the_current_frame_and_the_last_seconds(language: Language, name: str, heading: str) -> None:
    html = live.show(window_of((0, (0.9, 0.1)), (0.5, (0.8, 0.2)), (1, (0.3, 0.7))), NAMES, language)
    assert f"<strong>{name}</strong> <span>70%</span>" in html
    assert heading in html
    assert "67%" in html
    assert "2.0" in html


ROOM = Room(
    np.array([[20, 20, 60, 60, 0.9], [80, 20, 120, 60, 0.8], [20, 80, 60, 110, 0.7]], np.float32),
    np.array([[0.1, 0.9], [0.2, 0.8], [0.7, 0.3]], np.float32),
)


@pytest.mark.parametrize(
    ("language", "name", "students"), [("en", "Sleeping", "3 students"), ("ja", "眠っている", "学生が 3 人")]
)
def test_live_counts_the_students_of_a_class(language: Language, name: str, students: str) -> None:
    html = live.show_class(ROOM, NAMES, language)
    for expected in (name, students, "2 · 67%", "1 · 33%"):
        assert expected in html


def test_live_says_when_nobody_is_there() -> None:
    empty = Room(np.zeros((0, 5), np.float32), np.zeros((0, 2), np.float32))
    assert "0 students found" in live.show_class(empty, NAMES, "en")


def test_live_marks_every_student_in_a_picture_that_is_no_file() -> None:
    html = live.picture_of(np.zeros((120, 160, 3), np.uint8), ROOM, NAMES, "en")
    found = re.search(r'src="data:image/jpeg;base64,([^"]+)"', html)
    assert found is not None
    with Image.open(io.BytesIO(base64.b64decode(found[1]))) as picture:
        pixels = np.asarray(picture).astype(int)
    assert pixels.shape == (120, 160, 3)
    for box, colour in zip(ROOM.boxes.astype(int), (colours_of(NAMES)[i] for i in (1, 1, 0)), strict=True):
        wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)])
        near = pixels[box[3] - 2 : box[3] + 3, box[0] : box[2]]
        assert (np.abs(near - wanted).max(axis=2) < 90).any()
