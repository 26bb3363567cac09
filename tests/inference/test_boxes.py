"""Which boxes stay and where they lie: compared with the plain definition, one box after the other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.boxes import boxes_in, unsuppressed
from inference.spec import ModelSpec

corner, side = st.integers(0, 40), st.integers(1, 30)
boxes = st.lists(st.tuples(corner, corner, side, side), max_size=25).map(
    lambda rows: np.array([[x, y, x + w, y + h] for x, y, w, h in rows], np.float32).reshape(-1, 4)
)


def iou(a: np.ndarray, b: np.ndarray) -> float:
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (a, b)]
    return float(width * height / (sum(areas) - width * height))


def greedy(boxes: np.ndarray, limit: float) -> list[int]:
    kept: list[int] = []
    for i, box in enumerate(boxes):
        if all(iou(box, boxes[j]) <= limit for j in kept):
            kept.append(i)
    return kept


@settings(deadline=None)
@given(boxes, st.sampled_from([0.15, 0.31, 0.51, 0.77, 1.0]))
def test_suppression_is_the_greedy_one(boxes: np.ndarray, limit: float) -> None:
    assert unsuppressed(boxes, limit).tolist() == greedy(boxes, limit)


@pytest.fixture
def spec(tiny_spec: ModelSpec) -> ModelSpec:
    return tiny_spec.replace(task="find", class_names=("student",), input_size_hw=(100, 200), nms_iou=0.5)


def test_boxes_are_mapped_out_of_the_border_and_to_the_size_of_the_picture(spec: ModelSpec) -> None:
    found = np.array([[60, 10, 70, 30]], np.float32)  # a square picture fills the middle 100 x 100 of 100 x 200
    np.testing.assert_allclose(boxes_in(found, np.array([0.9]), (300, 300), spec, threshold=0.5), [[30, 30, 60, 90, 0.9]])


def test_boxes_are_cut_at_the_edge_of_the_picture_and_those_beyond_it_go(spec: ModelSpec) -> None:
    found = np.array([[40, -5, 70, 30], [0, 0, 45, 100]], np.float32)
    np.testing.assert_allclose(boxes_in(found, np.array([0.9, 0.8]), (100, 100), spec, threshold=0.5), [[0, 0, 20, 30, 0.9]])


def test_score_at_the_threshold_counts(spec: ModelSpec) -> None:
    found = np.array([[60, 0, 80, 20], [90, 0, 110, 20]], np.float32)
    scores = np.array([0.5, 0.499], np.float32)
    assert boxes_in(found, scores, (100, 100), spec, threshold=0.5)[:, 4].tolist() == [0.5]
