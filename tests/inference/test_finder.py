"""The finder gives boxes in pixels of the picture, whatever its size; what is not a finder is refused."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper
from PIL import Image

from inference import Classifier, ModelSpec, decode
from inference.errors import ImageError, ModelError
from inference.finder import MOST_TILES, OVERLAP, Finder, cut, tiles
from inference.session import Session
from inference.spec import METADATA_KEY

MakeModel = Callable[..., Path]
MakeRoom = Callable[..., Path]


@pytest.fixture(scope="module")
def finder(tiny_finder: Path) -> Finder:
    return Finder(tiny_finder, provider="cpu")


@pytest.fixture(scope="module")
def fine_finder(make_finder: MakeModel) -> Finder:
    return Finder(make_finder(cell=2), provider="cpu")


def test_students_are_found_where_they_are(finder: Finder, make_room: MakeRoom) -> None:
    frame = decode(make_room("a.png", {(8, 16, 16, 24): "red", (64, 40, 72, 48): "blue"}))
    found = finder.find(frame)
    assert found.dtype == np.float32
    assert sorted(found.tolist()) == [[8, 16, 16, 24, 1], [64, 40, 72, 48, 1]]


def test_best_comes_first_and_the_threshold_of_the_file_holds(finder: Finder, make_room: MakeRoom) -> None:
    colours: dict[Any, Any] = {(0, 0, 8, 8): (170, 0, 0), (32, 0, 40, 8): (150, 0, 0), (64, 0, 72, 8): (250, 0, 0)}
    found = finder.find(decode(make_room("a.png", colours)))
    assert found[:, 0].tolist() == [64, 0]
    np.testing.assert_allclose(found[:, 4], [250 / 255, 170 / 255], rtol=1e-5)


def test_threshold_can_be_set_to_another_value(tiny_finder: Path, make_room: MakeRoom) -> None:
    finder = Finder(tiny_finder, provider="cpu")
    finder.threshold = 0.3
    colours: dict[Any, Any] = {(0, 0, 8, 8): (170, 0, 0), (32, 0, 40, 8): (90, 0, 0), (64, 0, 72, 8): (60, 0, 0)}
    assert finder.find(decode(make_room("a.png", colours)))[:, 0].tolist() == [0, 32]


def test_boxes_that_overlap_too_much_are_thinned_out_as_the_fact_sheet_says(make_finder: MakeModel, make_room: MakeRoom) -> None:
    frame = decode(make_room("a.png", {(32, 32, 48, 40): "white"}))  # two cells; boxes twice as long share a third
    found = [len(Finder(make_finder(grow=2, nms_iou=limit), provider="cpu").find(frame)) for limit in (0.3, 0.4)]
    assert found == [1, 2]


def test_nobody_is_an_answer(finder: Finder) -> None:
    found = finder.find(np.zeros((480, 640, 3), np.uint8))
    assert found.shape == (0, 5)
    assert found.dtype == np.float32


def test_two_hundred_students_are_found(make_finder: MakeModel) -> None:
    frame = np.zeros((640, 960, 3), np.uint8)
    for i in range(200):
        row, column = divmod(i, 20)
        frame[row * 40 : row * 40 + 40, column * 40 : column * 40 + 40] = 255
    found = Finder(make_finder(input_size_hw=(64, 96)), provider="cpu").find(frame)
    assert len(found) == 200
    assert len(np.unique(found[:, :4], axis=0)) == 200


@settings(deadline=None, max_examples=60)
@given(st.integers(40, 400), st.floats(0.3, 5), st.floats(0, 0.5), st.floats(0, 0.5))
def test_boxes_lie_right_in_a_frame_of_any_size(
    fine_finder: Finder, height: int, proportion: float, left: float, top: float
) -> None:
    width = max(40, round(height * proportion))
    frame = np.zeros((height, width, 3), np.uint8)
    x0, y0 = int(left * width), int(top * height)
    x1, y1 = x0 + (width + 1) // 2, y0 + (height + 1) // 2
    frame[y0:y1, x0:x1] = 255
    found = fine_finder.find(frame)
    covered = [*found[:, :2].min(axis=0), *found[:, 2:4].max(axis=0)]
    pixel = max(height / 32, width / 48)  # of the finder's frame, in pixels of the picture
    np.testing.assert_allclose(covered, [x0, y0, x1, y1], atol=3 * pixel + 1)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 300), st.integers(1, 300), st.integers(0, 2**32 - 1))
def test_no_box_is_empty_or_reaches_out_of_the_frame(fine_finder: Finder, height: int, width: int, seed: int) -> None:
    frame = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    found = fine_finder.find(frame)
    assert (found[:, :2] >= 0).all()
    assert (found[:, 2:4] <= (width, height)).all()
    assert (found[:, :2] < found[:, 2:4]).all()
    assert (np.diff(found[:, 4]) <= 0).all()


def test_small_frame_is_searched(finder: Finder) -> None:
    frame = np.zeros((64, 64, 3), np.uint8)
    frame[16:32, 16:32] = 255
    found = finder.find(frame)
    np.testing.assert_allclose([*found[:, :2].min(axis=0), *found[:, 2:4].max(axis=0)], [16, 16, 32, 32])


def test_phone_photograph_that_lies_on_its_side_is_searched_upright(finder: Finder, make_room: MakeRoom, tmp_path: Path) -> None:
    with Image.open(make_room("upright.png", {(8, 16, 40, 64): "white"}, (64, 96))) as upright:
        exif = upright.getexif()
        exif[0x0112] = 6  # "turn by 90 degrees clockwise to show"
        upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "phone.png", exif=exif)
    expected = finder.find(decode(tmp_path / "upright.png"))
    assert len(expected)
    np.testing.assert_array_equal(finder.find(decode(tmp_path / "phone.png")), expected)


def test_frame_is_left_as_it_is(finder: Finder, make_room: MakeRoom) -> None:
    frame = decode(make_room("a.png", {(8, 16, 16, 24): "red"}))
    before = frame.copy()
    finder.find(frame)
    np.testing.assert_array_equal(frame, before)


@pytest.mark.parametrize("frame", [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 3), np.float32), np.zeros((0, 9, 3), np.uint8)])
def test_what_is_no_picture_is_refused(finder: Finder, frame: np.ndarray) -> None:
    with pytest.raises(ImageError, match="Expected pixels of shape"):
        finder.find(frame)


# --- very elongated frames


def test_students_of_a_panorama_are_found_once_each_and_also_where_tiles_meet(finder: Finder) -> None:
    panorama = np.zeros((2000, 12_000, 3), np.uint8)
    students = [(250, 500, 500, 750), (2750, 1000, 3000, 1250), (3000, 500, 3250, 750), (11_500, 0, 11_750, 250)]
    for x0, y0, x1, y1 in students:
        panorama[y0:y1, x0:x1] = 255
    found = finder.find(panorama)
    assert [tuple(map(round, box)) for box in sorted(found[:, :4].tolist())] == students
    assert not len(finder._look(panorama)), "the panorama as one padded frame shows them too small"


def test_part_of_a_student_whom_a_tile_cuts_is_no_student(make_finder: MakeModel) -> None:
    panorama = np.zeros((2000, 12_000, 3), np.uint8)
    panorama[1000:1250, 2750:3000] = 255  # a tile ends there; boxes are twice as long
    finder = Finder(make_finder(grow=2, nms_iou=0.9), provider="cpu")
    assert [tuple(map(round, box)) for box in finder.find(panorama)[:, :4].tolist()] == [(2625, 875, 3125, 1375)]


@settings(deadline=None)
@given(st.integers(1, 15_000), st.integers(1, 15_000))
def test_tiles_cover_an_elongated_frame_and_overlap(height: int, width: int) -> None:
    parts = tiles((height, width), (544, 960))
    proportion = width / height / (960 / 544)
    assert bool(parts) == (proportion >= 2.5 or proportion <= 1 / 2.5)
    assert len(parts) <= MOST_TILES
    if parts:
        across = width > height * 960 / 544
        length, thickness = (width, height) if across else (height, width)
        spans = [(x0, x1) if across else (y0, y1) for x0, y0, x1, y1 in parts]
        assert all((y1 - y0 if across else x1 - x0) == thickness for x0, y0, x1, y1 in parts)
        assert spans[0][0] == 0
        assert spans[-1][1] == length
        size = min(end - start for start, end in spans)
        assert all(before[1] - after[0] >= OVERLAP * size - 2 for before, after in pairwise(spans))


def test_tiles_of_a_panorama_have_the_proportions_of_the_finder() -> None:
    parts = tiles((2000, 12_000), (544, 960))
    assert [(x1 - x0) / (y1 - y0) for x0, y0, x1, y1 in parts] == pytest.approx([960 / 544] * 5, abs=0.001)


@pytest.mark.parametrize("size_hw", [(720, 1280), (1080, 1920), (3000, 4000), (4000, 3000), (64, 64)])
def test_usual_frames_are_looked_at_once(size_hw: tuple[int, int]) -> None:
    assert tiles(size_hw, (544, 960)) == []


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((100, 50, 110, 60), True),
        ((120, 50, 130, 60), False),
        ((190, 50, 200, 60), True),
        ((120, 0, 130, 10), False),  # the frame ends there as well
        ((120, 90, 130, 100), False),
        ((100, 0, 200, 100), True),
    ],
)
def test_box_that_ends_at_a_cut_is_a_part(box: tuple[int, ...], expected: bool) -> None:
    assert cut(np.array([[*box, 1]], np.float32), (100, 0, 200, 100), (100, 300)).tolist() == [expected]


# --- files that are no finders


def test_classifier_is_refused_as_a_finder(tiny_model: Path) -> None:
    with pytest.raises(ModelError, match=r"tiny\.onnx is a classifier, expected a finder of students.*--model"):
        Finder(tiny_model)


def test_finder_is_refused_as_a_classifier(tiny_finder: Path) -> None:
    with pytest.raises(ModelError, match=r"tiny-finder\.onnx is a finder of students, expected a classifier.*--finder"):
        Classifier(tiny_finder)


def test_missing_finder_says_what_else_can_be_done(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no finder file .*students\.onnx.*--finder.*--students"):
        Finder(tmp_path / "students.onnx")


def test_damaged_finder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "damaged.onnx").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"damaged\.onnx"):
        Finder(tmp_path / "damaged.onnx")


@pytest.mark.parametrize("facts", [{"thresholds": None}, {"fit": "squash"}])
def test_finder_without_threshold_or_with_another_resize_rule_is_refused(make_finder: MakeModel, facts: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="must have a threshold and the resize rule 'pad'"):
        Finder(make_finder(**facts))


def test_classifier_that_claims_to_be_a_finder_is_refused(tiny_model: Path, tiny_spec: ModelSpec, tmp_path: Path) -> None:
    model = onnx.load(tiny_model)
    helper.set_model_props(model, {METADATA_KEY: tiny_spec.replace(task="find", thresholds=(0.5,) * 3).to_json()})
    onnx.save(model, tmp_path / "claims.onnx")
    with pytest.raises(ModelError, match="disagrees with its own fact sheet"):
        Finder(tmp_path / "claims.onnx")


def test_finder_with_a_fixed_batch_is_refused(make_finder: MakeModel) -> None:
    with pytest.raises(ModelError, match="batches of exactly 2"):
        Finder(make_finder(batch=2))


def test_session_of_any_task_reads_both(tiny_model: Path, tiny_finder: Path) -> None:
    tasks = [Session(path, None, provider="cpu", threads=1).spec.task for path in (tiny_model, tiny_finder)]
    assert tasks == ["classify", "find"]
