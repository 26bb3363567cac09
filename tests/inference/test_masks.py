"""Privacy masks: what lies in a region is grey before anything sees it, and nothing else is touched."""

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.errors import OutputError, SeatsError
from inference.masks import Masks
from inference.seats import Seats

MASKS = Masks((200, 100), ((0, 0, 50, 50), (60, 10.5, 120, 90.5)))


def noise(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 100, (height, width, 3), np.uint8)


def changed(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    return (before != after).any(axis=2)


def test_regions_become_one_grey_and_the_rest_stays() -> None:
    picture = noise(200, 100)
    blanked = MASKS.blank(picture)
    expected = np.zeros((100, 200), bool)
    expected[:50, :50] = expected[10:91, 60:120] = True
    np.testing.assert_array_equal(changed(picture, blanked), expected)
    grey = blanked[expected]
    assert (grey == grey[0, 0]).all()


def test_picture_itself_is_not_changed() -> None:
    picture = noise(200, 100)
    blanked = MASKS.blank(picture)
    np.testing.assert_array_equal(picture, noise(200, 100))
    assert not np.shares_memory(picture, blanked)


def test_picture_of_another_size_scales_the_regions_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    masks, picture = Masks(MASKS.frame_size_wh, MASKS.boxes), noise(400, 200)
    with caplog.at_level(logging.WARNING):
        blanked = [masks.blank(picture) for _ in range(3)]
    expected = np.zeros((200, 400), bool)
    expected[:100, :100] = expected[21:181, 120:240] = True
    for each in blanked:
        np.testing.assert_array_equal(changed(picture, each), expected)
    assert [record.getMessage() for record in caplog.records] == [
        "The masks were made for 200 x 100 pixels; scaled to 400 x 200."
    ]


@given(st.integers(1, 40), st.integers(0, 30), st.integers(0, 30), st.integers(1, 10), st.integers(1, 10))
def test_every_pixel_that_a_region_touches_is_blanked(size: int, x: int, y: int, width: int, height: int) -> None:
    masks = Masks((40, 40), ((x, y, x + width, y + height),))
    covered = changed(np.zeros((size, size, 3), np.uint8), masks.blank(np.zeros((size, size, 3), np.uint8)))
    scale = size / 40
    assert covered[int(y * scale), int(x * scale)]
    rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
    assert columns[0] <= x * scale and columns[-1] + 1 >= min(size, (x + width) * scale) - 1e-9
    assert rows[0] <= y * scale and rows[-1] + 1 >= min(size, (y + height) * scale) - 1e-9
    assert covered.sum() <= (width * scale + 2) * (height * scale + 2)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (100, 200), (206, 100)])
def test_picture_of_other_proportions_is_refused(width: int, height: int) -> None:
    with pytest.raises(SeatsError, match=rf"masks were made for frames of 200 x 100 pixels, got {width} x {height}"):
        MASKS.blank(noise(width, height))


def test_regions_may_overlap_and_cover_everything() -> None:
    masks = Masks((200, 100), ((0, 0, 150, 100), (50, 0, 200, 100), (50, 0, 200, 100)))
    assert len(np.unique(masks.blank(noise(200, 100)))) == 1


def test_masks_come_back_from_their_file(tmp_path: Path) -> None:
    MASKS.write(tmp_path / "masks.json")
    assert Masks.read(tmp_path / "masks.json") == MASKS
    assert json.loads((tmp_path / "masks.json").read_text())["taido_masks"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["masks.json"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"taido_masks": 1, "frame_size_wh": [200, 100], "masks": [[0, 0, 250, 50]]}, "Mask 1 .* reaches out of the frame"),
        ({"taido_masks": 1, "frame_size_wh": [200, 100], "masks": [[50, 0, 0, 50]]}, "Mask 1 must be x0, y0, x1, y1"),
        ({"taido_masks": 1, "frame_size_wh": [200, 100], "masks": []}, "1 to 1000 masks"),
        ({"taido_masks": 1, "frame_size_wh": [200, 100], "masks": [[0, 0, 1, 1]] * 1001}, "1 to 1000 masks"),
        ({"taido_masks": 1, "frame_size_wh": [200, 0], "masks": [[0, 0, 1, 1]]}, "frame_size_wh"),
        ({"taido_masks": 2, "frame_size_wh": [200, 100], "masks": [[0, 0, 1, 1]]}, "version 1 of the format, got 2"),
        ({"taido_masks": 1, "frame_size_wh": [200, 100]}, "lacks masks"),
        ({"taido_seats": 1, "frame_size_wh": [200, 100], "seats": [[0, 0, 1, 1]]}, "key 'taido_masks'"),
        ([], 'Write the file as {"taido_masks": 1'),
    ],
)
def test_file_that_cannot_be_right_is_refused_by_name(tmp_path: Path, content: Any, message: str) -> None:
    (tmp_path / "masks.json").write_text(json.dumps(content))
    with pytest.raises(SeatsError, match=rf"masks\.json: .*{message}"):
        Masks.read(tmp_path / "masks.json")


def test_masks_are_no_seats(tmp_path: Path) -> None:
    MASKS.write(tmp_path / "masks.json")
    with pytest.raises(SeatsError, match="key 'taido_seats'"):
        Seats.read(tmp_path / "masks.json")


def test_file_that_is_no_json_or_is_missing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "masks.json").write_bytes(b"\xff\xfe")
    with pytest.raises(SeatsError, match=r"masks\.json is not JSON"):
        Masks.read(tmp_path / "masks.json")
    with pytest.raises(SeatsError, match=r"The masks .*gone\.json cannot be read"):
        Masks.read(tmp_path / "gone.json")


def test_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no folder"):
        MASKS.write(tmp_path / "no" / "masks.json")
