"""What a browser draws on the Seats page, and what the other pages are offered then."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import app
from dashboard import Choice, photos
from dashboard.box_editor import SCRIPT, WORDS, boxes_of, words
from dashboard.choice import MOST_DRAWN, radio
from dashboard.drawing import Drawing
from dashboard.error_texts import told
from dashboard.texts import ENGLISH
from inference import Classifier
from inference.drawing import read_places
from inference.errors import SeatsError
from inference.images import PAD_VALUE
from inference.masked import Masked
from inference.masks import Masks
from inference.seats import Seats
from inference.students import Whole

STILL = np.full((64, 96, 3), 200, np.uint8)


def drawing(*seats: tuple[float, ...], masks: tuple[tuple[float, ...], ...] = ()) -> Drawing:
    made = Drawing()
    made.take(STILL)
    made.boxes["seat"], made.boxes["mask"] = list(seats), list(masks)
    return made


def test_drawn_seats_are_written_as_the_command_line_reads_them(tmp_path: Path) -> None:
    made = drawing((0, 0, 40, 60), (50, 0, 90, 60)).seats()
    assert made is not None
    (tmp_path / "seats.json").write_text(made.to_json(), encoding="utf-8")
    students = app.choose(str(tmp_path / "seats.json"), None, "cpu").known["seats"]
    assert students.find(STILL)[:, :4].tolist() == [[0, 0, 40, 60], [50, 0, 90, 60]]


def test_file_without_a_still_is_drawn_on_grey() -> None:
    made = Drawing()
    made.load(Masks((96, 64), [(0, 0, 10, 10)]))
    assert made.kind == "mask" and made.still is not None
    assert made.still.shape == (64, 96, 3) and (made.still == PAD_VALUE).all()


def test_file_of_frames_that_no_picture_can_have_is_not_drawn_on_grey(tmp_path: Path) -> None:
    path = tmp_path / "seats.json"
    path.write_text('{"taido_seats": 1, "frame_size_wh": [18000, 18000], "seats": [[0, 0, 90, 90]]}', encoding="utf-8")
    made = Drawing()
    with pytest.raises(SeatsError, match="18000 x 18000 pixels") as refused:
        made.load(read_places(path))
    assert "18000 × 18000" in told(refused.value, "ja")
    assert made.still is None
    made.take(np.zeros((100, 100, 3), np.uint8))
    made.load(read_places(path))
    assert made.boxes["seat"] == [(0, 0, 0.5, 0.5)]


def test_another_still_of_the_same_proportions_keeps_the_boxes_and_one_of_others_does_not() -> None:
    made = drawing((0, 0, 40, 60), masks=((0, 0, 10, 10),))
    made.take(np.zeros((128, 192, 3), np.uint8))
    assert (made.boxes["seat"], made.boxes["mask"]) == ([(0, 0, 80, 120)], [(0, 0, 20, 20)])
    made.take(np.zeros((128, 128, 3), np.uint8))
    assert made.boxes == {"seat": [], "mask": []}


def test_masks_hide_their_part_of_the_still_while_seats_are_drawn() -> None:
    made = drawing(masks=((0, 0, 10, 10),))
    assert made.visible()[5, 5].tolist() == [PAD_VALUE] * 3
    made.turn_to("mask")
    assert made.visible() is STILL


def test_grid_and_numbers_need_a_still_and_a_grid_of_a_size() -> None:
    with pytest.raises(SeatsError, match="Choose a still"):
        Drawing().fill(2, 2)
    made = drawing()
    made.fill(2, 3)
    assert len(made.boxes["seat"]) == 6 and made.boxes["seat"][1] == (32, 0, 64, 32)
    with pytest.raises(SeatsError, match="got 0 x 3"):
        made.fill(None, 3)
    made.remove()
    assert made.seats() is None


def test_found_students_become_seats_in_reading_order(tiny_finder: Path, make_room: object) -> None:
    choice = app.choose(None, tiny_finder, "cpu")
    picture = np.zeros((64, 96, 3), np.uint8)
    picture[40:48, 8:16] = picture[8:16, 72:80] = picture[8:16, 8:16] = 255
    made = Drawing()
    made.take(picture)
    made.find(choice.finder)
    assert [(round(x), round(y)) for x, y, *_ in made.boxes["seat"]] == [(8, 8), (72, 8), (8, 40)]
    made.take(np.zeros((64, 96, 3), np.uint8))
    with pytest.raises(SeatsError, match="Nobody was found"):
        made.find(choice.finder)


def test_nothing_drawn_is_no_way_of_finding_students_and_masks_alone_need_a_finder(tiny_finder: Path) -> None:
    finder = app.choose(None, tiny_finder, "cpu").finder
    with pytest.raises(SeatsError, match="Draw at least one seat"):
        drawing().students(finder)
    with pytest.raises(SeatsError, match="Draw at least one seat"):
        drawing(masks=((0, 0, 10, 10),)).students(None)
    masked = drawing(masks=((0, 0, 10, 10),)).students(finder)
    assert isinstance(masked, Masked) and masked.students is finder
    assert isinstance(drawing((0, 0, 40, 60)).students(None), Seats)


def test_drawn_seats_are_offered_on_every_page_to_the_one_who_drew_them() -> None:
    choice = Choice({"whole": Whole()})
    first, second = radio(choice, "whole", "photos-students"), radio(choice, "whole", "live-students")
    name = choice.add_drawn(drawing((0, 0, 40, 60)).students(None))
    assert choice.radios == [first, second]
    updates = choice.offer(name, "ja")
    assert [update["value"] for update in updates] == [name, name]
    assert updates[0]["choices"][-1] == ("クラス全体（「座席」ページで描いた座席ごとに 1 人）", name)
    assert choice.students(name).name == "seats"
    assert [value for _, value in first.choices] == ["whole"]
    assert len(name) > 20


def test_only_so_many_drawings_are_known() -> None:
    choice = Choice({"whole": Whole()})
    names = [choice.add_drawn(Seats((96, 64), [(0, 0, 40, 60)])) for _ in range(MOST_DRAWN + 1)]
    assert choice.students(names[-1]).name == "seats"
    with pytest.raises(Exception, match="one of whole"):
        choice.students(names[0])


def test_photos_are_seen_with_the_masks_and_shown_with_them(tiny_model: Path, tmp_path: Path) -> None:
    Image.fromarray(np.full((64, 96, 3), (255, 0, 0), np.uint8)).save(tmp_path / "a.png")
    students = drawing((0, 0, 40, 60), (50, 0, 90, 60), masks=((0, 0, 45, 64),)).students(None)
    classifier = Classifier(tiny_model, provider="cpu", threads=1)
    predictions = photos.classify_paths(classifier, [str(tmp_path / "a.png")], students)
    grey, red = predictions.rows
    assert max(grey.scores) < 0.5 < red.scores[0]


def test_whatever_a_browser_sends_becomes_boxes_or_nothing() -> None:
    assert boxes_of([[1, 2, 3, 4], [1, 2, 3], "box", [1, 2, 3, "4"], None, [1e99, 0, 1, 1], [0, 0, 1, float("nan")]]) == [
        (1, 2, 3, 4)
    ]
    assert boxes_of({"a": 1}) == boxes_of(None) == []


def test_script_of_the_editor_uses_the_words_that_it_is_given() -> None:
    source = SCRIPT.read_text(encoding="utf-8")
    names = {f"editor_{name}" for name in ("add", "delete", "earlier", "later", "undo")}
    assert all(key in source or key in names for key in WORDS)
    assert set(words("en")) == {key for key in ENGLISH if key.startswith("editor_")}
    assert words("ja")["editor_seat"] == "座席 {number}: {x0}, {y0} から {x1}, {y1} ピクセル"
