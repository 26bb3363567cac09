"""Augmentation changes pictures in the stated ways and in no other."""

import numpy as np
import pytest

from inference.errors import DataError
from inference.images import fit
from training.augment import Augmentation, Augmenter, Style, erase, move, part, recolour, restyle

NOTHING = Augmentation(hflip=0, shift=0, rotate=0, stretch=0, style=0, colour=0, reprob=0)


@pytest.fixture
def picture() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (60, 40, 3), dtype=np.uint8)


def augmenter(settings: Augmentation, style: Style | None = None) -> Augmenter:
    chosen = style or Style(30, np.array([90.0, 90.0, 90.0]), np.array([20.0, 20.0, 20.0]))
    return Augmenter(settings, (32, 32), "pad", lambda rng: chosen)


def test_all_off_is_what_serving_sees(picture: np.ndarray) -> None:
    frame = augmenter(NOTHING)(picture, np.random.default_rng(0))
    assert np.abs(frame.astype(int) - fit(picture, (32, 32), "pad")).max() <= 1


def test_same_generator_state_gives_the_same_frame(picture: np.ndarray) -> None:
    first = augmenter(Augmentation())(picture, np.random.default_rng(5))
    assert np.array_equal(first, augmenter(Augmentation())(picture, np.random.default_rng(5)))
    assert not np.array_equal(first, augmenter(Augmentation())(picture, np.random.default_rng(6)))


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 200, 3), (200, 3, 3), (500, 700, 3)])
def test_any_shape_becomes_a_frame(shape: tuple[int, int, int]) -> None:
    picture = np.full(shape, 100, np.uint8)
    for seed in range(20):
        frame = augmenter(Augmentation(style=1.0))(picture, np.random.default_rng(seed))
        assert frame.shape == (32, 32, 3) and frame.dtype == np.uint8


def test_mirror_flips_left_and_right(picture: np.ndarray) -> None:
    mirrored = move(picture, np.random.default_rng(0), shift=0, rotate=0, stretch=0, mirror=True)
    assert np.abs(mirrored.astype(int) - picture[:, ::-1]).max() <= 1


def test_sides_move_by_up_to_the_share_asked_for() -> None:
    picture = np.zeros((200, 100, 3), np.uint8)
    picture[50:150, 25:75] = 255
    lefts, heights = [], []
    for seed in range(60):
        moved = move(picture, np.random.default_rng(seed), shift=0.2, rotate=0, stretch=0, mirror=False)
        white = np.argwhere(moved[..., 0] > 127)
        lefts.append(white[:, 1].min())
        heights.append(moved.shape[0])
    assert 3 <= min(lefts) < 12 and 38 < max(lefts) <= 47
    assert 120 <= min(heights) < 160 and 240 < max(heights) <= 280


def test_style_moves_colours_towards_the_donor() -> None:
    picture = np.random.default_rng(0).normal(200, 10, (80, 80, 3)).clip(0, 255).astype(np.uint8)
    donor = Style(40, np.array([60.0, 60.0, 60.0]), np.array([10.0, 10.0, 10.0]))
    moved = [restyle(picture, donor, np.random.default_rng(seed)) for seed in range(40)]
    assert max(max(m.shape[:2]) for m in moved) <= 44
    means = [m.mean() for m in moved]
    assert sum(m < 170 for m in means) > 20 and min(means) < 90


def test_erasing_changes_between_two_and_twenty_percent() -> None:
    for seed in range(30):
        frame = np.zeros((50, 50, 3), np.uint8)
        erase(frame, np.random.default_rng(seed))
        assert 0.01 <= (frame.max(axis=2) > 0).mean() <= 0.22


def test_recolour_by_nothing_changes_nothing(picture: np.ndarray) -> None:
    assert np.abs(recolour(picture, np.random.default_rng(0), 0.0).astype(int) - picture).max() <= 1


def test_part_shows_at_least_its_share_of_the_picture() -> None:
    picture = np.arange(100 * 80 * 3, dtype=np.uint32).reshape(100, 80, 3)
    shares = []
    for seed in range(50):
        shown = part(picture, np.random.default_rng(seed), 0.5)
        top, left = np.argwhere((picture == shown[0, 0]).all(axis=2))[0]
        assert (shown == picture[top : top + shown.shape[0], left : left + shown.shape[1]]).all()
        shares.append(shown.shape[0] * shown.shape[1] / 8000)
    assert min(shares) >= 0.45 and min(shares) < 0.6 and max(shares) > 0.85


def test_policy_changes_frames_and_repeats_for_the_same_seed(picture: np.ndarray) -> None:
    still = {"hflip": 0.0, "shift": 0.0, "rotate": 0.0, "stretch": 0.0, "style": 0.0, "colour": 0.0, "reprob": 0.0}
    with_policy, without = augmenter(Augmentation(**still, policy="rand-m9-mstd0.5")), augmenter(Augmentation(**still))
    frames = [with_policy(picture, np.random.default_rng(seed)) for seed in (0, 0, *range(1, 9))]
    plain = without(picture, np.random.default_rng(0))
    assert (frames[0] == frames[1]).all()
    assert sum((frame != plain).any() for frame in frames[1:]) >= 3


def test_unknown_policy_is_refused() -> None:
    with pytest.raises(DataError, match="no augmentation 'sharpen'"):
        augmenter(Augmentation(policy="sharpen"))
