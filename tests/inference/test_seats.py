"""Seats fixed once for a camera: they fit its frames, and a file that cannot be right is refused with the reason."""

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.errors import OutputError, SeatsError
from inference.seats import Seats

SEATS = Seats((200, 100), ((0, 0, 50, 50), (60, 10, 120, 90.5)))


def frame(width: int, height: int) -> np.ndarray:
    return np.zeros((height, width, 3), np.uint8)


def document(**changes: Any) -> dict[str, Any]:
    return {"taido_seats": 1, "frame_size_wh": [200, 100], "seats": [[0, 0, 50, 50]], **changes}


def test_seats_are_found_in_their_order_each_with_score_1() -> None:
    found = SEATS.find(frame(200, 100))
    assert found.dtype == np.float32
    assert found.tolist() == [[0, 0, 50, 50, 1], [60, 10, 120, 90.5, 1]]


def test_seats_come_back_from_their_file(tmp_path: Path) -> None:
    SEATS.write(tmp_path / "seats.json")
    assert Seats.read(tmp_path / "seats.json") == SEATS
    assert [path.name for path in tmp_path.iterdir()] == ["seats.json"]


def test_frame_of_another_size_scales_the_seats_and_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    seats = Seats(SEATS.frame_size_wh, SEATS.boxes)
    with caplog.at_level(logging.WARNING):
        found = [seats.find(frame(400, 200)) for _ in range(3)]
    assert found[0].tolist() == [[0, 0, 100, 100, 1], [120, 20, 240, 181, 1]]
    assert [record.getMessage() for record in caplog.records] == [
        "The seats were made for 200 x 100 pixels; scaled to 400 x 200."
    ]


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (100, 200), (200, 103), (206, 100)])
def test_frame_of_other_proportions_is_refused(width: int, height: int) -> None:
    with pytest.raises(SeatsError, match=rf"made for frames of 200 x 100 pixels, got {width} x {height}"):
        SEATS.find(frame(width, height))


@pytest.mark.parametrize(("width", "height"), [(200, 101), (201, 100), (1138, 571)])
def test_proportions_may_differ_by_one_percent(width: int, height: int) -> None:
    found = SEATS.find(frame(width, height))
    np.testing.assert_allclose(found[1, :4], np.array([60, 10, 120, 90.5]) * np.array([width / 200, height / 100] * 2), rtol=1e-5)


# --- a grid


def test_grid_fills_the_frame_row_by_row() -> None:
    assert Seats.grid((200, 100), 2, 2).boxes == (
        (0, 0, 100, 50),
        (100, 0, 200, 50),
        (0, 50, 100, 100),
        (100, 50, 200, 100),
    )


def test_grid_fills_the_area_given() -> None:
    assert Seats.grid((200, 100), 1, 2, (20, 40, 100, 80)).boxes == ((20, 40, 60, 80), (60, 40, 100, 80))


@given(st.integers(1, 30), st.integers(1, 30), st.integers(100, 4000), st.integers(100, 4000))
def test_seats_of_any_grid_cover_the_frame_and_nothing_twice(rows: int, columns: int, width: int, height: int) -> None:
    boxes = np.array(Seats.grid((width, height), rows, columns).boxes)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    assert len(boxes) == rows * columns
    assert areas.sum() == pytest.approx(width * height)


@pytest.mark.parametrize(("rows", "columns"), [(0, 3), (3, 0), (100, 100)])
def test_grid_of_no_seats_or_of_too_many_is_refused(rows: int, columns: int) -> None:
    with pytest.raises(SeatsError, match="grid of 1 to 1000 seats"):
        Seats.grid((200, 100), rows, columns)


def test_grid_that_reaches_out_of_the_frame_is_refused() -> None:
    with pytest.raises(SeatsError, match="reaches out of the frame of 200 x 100"):
        Seats.grid((200, 100), 1, 1, (0, 0, 210, 100))


# --- files


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"seats": [[0, 0, 250, 50]]}, r"Seat 1 \[0.0, 0.0, 250.0, 50.0\] reaches out of the frame of 200 x 100"),
        ({"seats": [[0, 0, 50, 50], [-20, 0, 50, 50]]}, "Seat 2 .* reaches out"),
        ({"seats": [[200.5, 0, 200.9, 50]]}, "Seat 1 .* reaches out"),
        ({"seats": [[0, 0, 50, 50], [100, 0, 150, 50], [5, 5, 50, 50]]}, "Seat 3 .* covers the place of a seat before it"),
        ({"seats": [[0, 0, 50, 50], [0, 0, 50, 50]]}, "Seat 2 .* covers the place"),
        ({"seats": []}, "1 to 1000 seats"),
        ({"seats": [[0, 0, 1, 1]] * 1001}, "1 to 1000 seats"),
        ({"seats": {"a": 1}}, "1 to 1000 seats"),
        ({"seats": [[50, 0, 0, 50]]}, "Seat 1 must be x0, y0, x1, y1"),
        ({"seats": [[0, 0, 0, 50]]}, "Seat 1 must be"),
        ({"seats": [[0, 0, 50]]}, "Seat 1 must be"),
        ({"seats": [["a", 0, 50, 50]]}, "Seat 1 must be"),
        ({"seats": [[True, 0, 50, 50]]}, "Seat 1 must be"),
        ({"seats": [[0, 0, float("nan"), 50]]}, "Seat 1 must be"),
        ({"seats": [[0, 0, float("inf"), 50]]}, "Seat 1 must be"),
        ({"seats": [[0, 0, 10**400, 50]]}, "Seat 1 must be"),
        ({"seats": [None]}, "Seat 1 must be"),
        ({"frame_size_wh": [200]}, "frame_size_wh to be two whole numbers"),
        ({"frame_size_wh": [200, 0]}, "frame_size_wh"),
        ({"frame_size_wh": [200.5, 100]}, "frame_size_wh"),
        ({"frame_size_wh": None}, "frame_size_wh"),
        ({"taido_seats": 2}, "Expected version 1 of the format, got 2"),
    ],
)
def test_file_that_cannot_be_right_is_refused_by_name(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    path = tmp_path / "seats.json"
    path.write_text(json.dumps(document(**changes)))
    with pytest.raises(SeatsError, match=rf"seats\.json: .*{message}"):
        Seats.read(path)


@pytest.mark.parametrize("missing", ["frame_size_wh", "seats"])
def test_missing_part_is_named(tmp_path: Path, missing: str) -> None:
    content = document()
    del content[missing]
    (tmp_path / "seats.json").write_text(json.dumps(content))
    with pytest.raises(SeatsError, match=f"lacks {missing}"):
        Seats.read(tmp_path / "seats.json")


@pytest.mark.parametrize("content", [b"", b"not json", b"\xff\xfe", b"[" * 100_000])
def test_file_that_is_no_json_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "seats.json").write_bytes(content)
    with pytest.raises(SeatsError, match=r"seats\.json is not JSON"):
        Seats.read(tmp_path / "seats.json")


@pytest.mark.parametrize("content", ["[]", '{"a.jpg": [[0, 0, 5, 5, 0.9]]}', "null"])
def test_other_json_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "seats.json").write_text(content)
    with pytest.raises(SeatsError, match="key 'taido_seats'"):
        Seats.read(tmp_path / "seats.json")


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SeatsError, match=r"gone\.json cannot be read"):
        Seats.read(tmp_path / "gone.json")


def test_neighbours_may_overlap_as_rows_do_in_any_picture() -> None:
    assert len(Seats((200, 100), ((0, 0, 50, 50), (0, 25, 50, 75))).boxes) == 2


def test_seat_that_reaches_out_by_a_rounding_error_is_cut() -> None:
    assert Seats((200, 100), ((-0.4, 0, 50, 100.9),)).boxes == ((0, 0, 50, 100),)


def test_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no folder"):
        SEATS.write(tmp_path / "no" / "seats.json")
