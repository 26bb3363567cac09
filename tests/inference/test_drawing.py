"""Drawn boxes: reading order, files of both kinds, and masks that go with a way of finding students."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.classifier import Classifier
from inference.drawing import boxes_on, in_rows, read_places
from inference.errors import SeatsError
from inference.finder import Finder
from inference.images import PAD_VALUE
from inference.masked import Masked, masks_of, unmasked
from inference.masks import Masks
from inference.room import observe
from inference.seats import Seats
from inference.students import Whole
from inference.watching import Watcher


def test_boxes_are_numbered_row_by_row_although_rows_are_not_level() -> None:
    front = [(10, 200, 60, 260), (80, 205, 130, 262), (150, 196, 200, 255)]
    back = [(20, 100, 50, 140), (90, 108, 120, 148)]
    mixed = [front[2], back[1], front[0], back[0], front[1]]
    assert in_rows(mixed) == [*back, *front]
    assert in_rows([]) == []


@pytest.mark.parametrize("made", [Seats, Masks])
def test_file_is_read_back_as_what_it_holds(tmp_path: Path, made: Callable[..., Seats | Masks]) -> None:
    places = made((1280, 720), [(0.0, 0.0, 100.0, 100.0), (200.5, 0.0, 300.0, 100.0)])
    (tmp_path / "any name.json").write_text(places.to_json(), encoding="utf-8")
    assert read_places(tmp_path / "any name.json") == places
    assert boxes_on(places, (360, 640))[1] == (100.25, 0.0, 150.0, 50.0)


@pytest.mark.parametrize("content", ["{}", "[]", "not JSON", '{"seats": []}', ""])
def test_file_of_something_else_is_refused_by_its_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "notes.json").write_text(content, encoding="utf-8")
    with pytest.raises(SeatsError, match=r"^notes\.json is not a file of seats or masks"):
        read_places(tmp_path / "notes.json")


def test_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "huge.json").write_bytes(b" " * 1_000_001)
    with pytest.raises(SeatsError, match="more than 1000 kB"):
        read_places(tmp_path / "huge.json")


def test_masked_students_are_found_and_seen_outside_of_the_masks_only(
    tiny_model: Path, tiny_finder: Path, make_room: Callable[..., Path]
) -> None:
    path = make_room("room.png", {(8, 8, 16, 16): "red", (72, 40, 80, 48): "blue"})
    frame = np.asarray(Image.open(path))
    finder = Finder(tiny_finder, provider="cpu", threads=1)
    masked = Masked(finder, Masks((96, 64), [(60, 30, 96, 64)]))
    classifier = Classifier(tiny_model, provider="cpu", threads=1)
    assert len(observe(frame, finder, classifier).boxes) == 2
    assert [box[:2].round().tolist() for box in observe(frame, masked, classifier).boxes] == [[8, 8]]
    look = Watcher(classifier, masked).look(frame, 0.0)
    assert len(look.followed.boxes) == 1
    assert (look.picture[30:, 60:] == PAD_VALUE).all()
    assert (masked.name, masks_of(masked), masks_of(finder)) == ("finder", masked.masks, None)


def test_seats_under_a_mask_are_seen_as_grey() -> None:
    frame = np.full((64, 96, 3), 200, np.uint8)
    masked = Masked(Seats((96, 64), [(0, 0, 48, 64)]), Masks((96, 64), [(0, 0, 20, 20)]))
    assert unmasked(frame, masked)[0, 0].tolist() == [PAD_VALUE] * 3
    assert unmasked(frame, Whole()) is frame
