"""`fit` brings any crop to the model's size; its three rules differ in what they keep."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.errors import ImageError
from inference.images import PAD_VALUE, fit, framed
from inference.spec import FitRule, ModelSpec

RULES: tuple[FitRule, ...] = ("pad", "squash", "crop")
sides = st.integers(1, 90)


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height * 1000 + width).integers(0, 256, (height, width, 3), np.uint8)


def striped(height: int, width: int) -> np.ndarray:
    """Red in the outer tenths of the longer side, blue between."""
    image = np.zeros((height, width, 3), np.uint8)
    image[..., 2] = 255
    edge = max(height, width) // 10
    view = image if height >= width else image.transpose(1, 0, 2)
    view[:edge] = view[-edge:] = (255, 0, 0)
    return image


@settings(deadline=None, max_examples=60)
@given(sides, sides, st.integers(16, 64), st.integers(16, 64), st.sampled_from(RULES))
def test_fit_gives_the_size_asked_for(h: int, w: int, height: int, width: int, rule: FitRule) -> None:
    frame = fit(noise(h, w), (height, width), rule)
    assert frame.shape == (height, width, 3)
    assert frame.dtype == np.uint8


@settings(deadline=None, max_examples=60)
@given(sides, sides, st.sampled_from(RULES), st.tuples(*[st.integers(0, 255)] * 3))
def test_fit_keeps_a_colour_as_it_is(h: int, w: int, rule: FitRule, colour: tuple[int, int, int]) -> None:
    frame = fit(np.full((h, w, 3), colour, np.uint8), (32, 48), rule)
    expected = np.all(frame == colour, axis=2) | (np.all(frame == PAD_VALUE, axis=2) if rule == "pad" else False)
    assert expected.all()
    assert np.all(frame == colour, axis=2).any()


@settings(deadline=None, max_examples=30)
@given(st.integers(16, 64), st.integers(16, 64), st.sampled_from(RULES))
def test_fit_leaves_a_crop_of_the_right_size_untouched(h: int, w: int, rule: FitRule) -> None:
    np.testing.assert_array_equal(fit(noise(h, w), (h, w), rule), noise(h, w))


@settings(deadline=None, max_examples=30)
@given(sides, sides, st.sampled_from(RULES))
def test_fit_leaves_its_input_alone_and_is_repeatable(h: int, w: int, rule: FitRule) -> None:
    image = noise(h, w)
    first = fit(image, (32, 32), rule)
    np.testing.assert_array_equal(image, noise(h, w))
    np.testing.assert_array_equal(first, fit(image, (32, 32), rule))


@pytest.mark.parametrize(("h", "w"), [(200, 100), (100, 200), (300, 20), (20, 300)])
def test_pad_keeps_proportions_and_edges_on_a_grey_border(h: int, w: int) -> None:
    frame = fit(striped(h, w), (64, 64), "pad")
    inside = np.argwhere(np.any(frame != PAD_VALUE, axis=2))
    top, left = inside.min(axis=0)
    bottom, right = inside.max(axis=0) + 1
    assert (bottom - top) / (right - left) == pytest.approx(h / w, rel=0.15)
    assert abs(top - (64 - bottom)) <= 1
    assert abs(left - (64 - right)) <= 1
    assert (frame[top, left] == (255, 0, 0)).all()
    assert (frame[bottom - 1, right - 1] == (255, 0, 0)).all()


@pytest.mark.parametrize(("h", "w"), [(200, 100), (100, 200)])
def test_squash_keeps_all_edges_and_adds_no_border(h: int, w: int) -> None:
    frame = fit(striped(h, w), (64, 64), "squash")
    assert (frame[0, 0] == (255, 0, 0)).all()
    assert (frame[-1, -1] == (255, 0, 0)).all()
    red = np.mean(frame[..., 0] > 127)
    assert red == pytest.approx(0.2, abs=0.03)


@pytest.mark.parametrize(("h", "w"), [(200, 100), (100, 200)])
def test_crop_keeps_the_middle_and_drops_the_edges(h: int, w: int) -> None:
    assert (fit(striped(h, w), (64, 64), "crop") == (0, 0, 255)).all()


@pytest.mark.parametrize("rule", RULES)
def test_one_pixel_fills_the_frame(rule: FitRule) -> None:
    assert (fit(np.full((1, 1, 3), 9, np.uint8), (32, 32), rule) == 9).all()


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("shape", [(1, 4000), (4000, 1)])
def test_a_line_of_pixels_is_fitted(rule: FitRule, shape: tuple[int, int]) -> None:
    frame = fit(np.full((*shape, 3), 9, np.uint8), (32, 48), rule)
    assert frame.shape == (32, 48, 3)
    assert (frame == 9).any()


def test_shrinking_averages_instead_of_skipping_pixels() -> None:
    stripes = np.zeros((640, 640, 3), np.uint8)
    stripes[:, ::2] = 200
    assert (fit(stripes, (32, 32), "squash") == 100).all()


@pytest.mark.parametrize("factor", [2, 3, 5, 20])
def test_quick_shrinking_passes_no_pixel_over(factor: int) -> None:
    stripes = np.zeros((32 * factor, 32 * factor, 3), np.uint8)
    stripes[:, ::2] = 200
    assert np.abs(fit(stripes, (32, 32), "pad", quick=True).astype(int) - 100).mean() <= (0 if factor % 2 == 0 else 20)


@settings(deadline=None, max_examples=30)
@given(st.integers(20, 300), st.integers(20, 300))
def test_quick_resize_is_nearly_the_slow_one(h: int, w: int) -> None:
    smooth = cv2.resize(noise(3, 3), (w, h), interpolation=cv2.INTER_LINEAR)
    slow, quick = (fit(smooth, (32, 48), "pad", quick=quick).astype(int) for quick in (False, True))
    assert quick.shape == (32, 48, 3)
    assert np.abs(quick - slow).mean() <= 3


def test_only_a_finders_frames_are_resized_quickly() -> None:
    spec = ModelSpec(
        class_names=("a", "b"), input_size_hw=(32, 48), fit="pad", mean_rgb=(0.5,) * 3, std_rgb=(0.5,) * 3, base_model="none"
    )
    finder = spec.replace(task="find", class_names=("student",), thresholds=(0.5,))
    picture = noise(48, 72)
    slow, quick = (fit(picture, (32, 48), "pad", quick=quick) for quick in (False, True))
    assert (slow != quick).any()
    np.testing.assert_array_equal(framed(picture, spec), slow)
    np.testing.assert_array_equal(framed(picture, finder), quick)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((1, 4, 4, 3), np.uint8),
    ],
)
def test_fit_refuses_what_is_no_rgb_picture(image: np.ndarray) -> None:
    with pytest.raises(ImageError, match=r"Expected pixels of shape \(h, w, 3\) uint8, got"):
        fit(image, (32, 32), "pad")
