"""Heads in a picture are left as a few squares; what lies outside the boxes stays."""

import numpy as np
import pytest

from inference.heads import HEAD, pixelate_heads


def noise(height: int = 200, width: int = 300) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def box(*corners: float) -> np.ndarray:
    return np.array([(*corners, 0.9)], np.float32)


def test_head_part_is_left_as_a_few_squares() -> None:
    pixelated = pixelate_heads(noise(), box(100, 50, 160, 150))
    head = pixelated[50 : 50 + int(HEAD * 100), 100:160].reshape(-1, 3)
    assert len(np.unique(head, axis=0)) <= 9


def test_everything_but_the_head_stays() -> None:
    picture = noise()
    changed = (pixelate_heads(picture, box(100, 50, 160, 150)) != picture).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert (columns[0], columns[-1]) == (100, 159)
    assert rows[0] == 50 and rows[-1] <= 50 + np.ceil(HEAD * 100)


def test_picture_is_a_copy_with_all_heads() -> None:
    picture = noise()
    boxes = np.concatenate([box(10, 10, 60, 90), box(200, 100, 260, 190)])
    pixelated = pixelate_heads(picture, boxes)
    np.testing.assert_array_equal(picture, noise())
    for x, y in ((30, 30), (230, 120)):
        assert (pixelated[y : y + 5, x : x + 5] != picture[y : y + 5, x : x + 5]).any()
    assert pixelated.shape == picture.shape and pixelated.dtype == np.uint8


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_tiny_head_is_left_as_one_colour_or_two(size: int) -> None:
    pixelated = pixelate_heads(noise(), box(20, 20, 20 + size, 20 + size))
    head = pixelated[20 : 20 + max(1, int(HEAD * size)), 20 : 20 + size].reshape(-1, 3)
    assert len(np.unique(head, axis=0)) <= 9


@pytest.mark.parametrize("corners", [(-30, -30, 20, 40), (280, 150, 340, 260), (0, 0, 300, 200), (10.2, 10.7, 80.4, 95.1)])
def test_box_at_the_edge_or_between_pixels_is_pixelated(corners: tuple[float, ...]) -> None:
    picture = noise()
    assert (pixelate_heads(picture, box(*corners)) != picture).any()


def test_picture_without_students_comes_back_as_a_copy() -> None:
    picture = noise()
    pixelated = pixelate_heads(picture, np.zeros((0, 5), np.float32))
    np.testing.assert_array_equal(pixelated, picture)
    assert not np.shares_memory(pixelated, picture)
