"""Boxes after the finder's graph: which of them stay, and where they lie in the picture."""

import cv2
import numpy as np

from inference.images import padding
from inference.spec import ModelSpec


def boxes_in(boxes: np.ndarray, scores: np.ndarray, size_hw: tuple[int, int], spec: ModelSpec, *, threshold: float) -> np.ndarray:
    """One frame's output of a finder -> `(n, 5) float32` x0, y0, x1, y1, score in pixels of the picture, best first.

    `boxes (K, 4)` and `scores (K,)` come best first, in pixels of the frame that `inference.images.fit` made by padding
    from a picture of `size_hw`.
    """
    kept = scores >= threshold
    boxes, scores = boxes[kept], scores[kept]
    alone = unsuppressed(boxes, spec.nms_iou)
    boxes, scores = boxes[alone], scores[alone]
    height, width = size_hw
    top, left, inner_h, inner_w = padding(size_hw, spec.input_size_hw)
    boxes = (boxes - np.array([left, top] * 2)) * np.array([width / inner_w, height / inner_h] * 2)
    boxes = np.clip(boxes, 0, np.array([width, height] * 2))
    whole = (boxes[:, 2] - boxes[:, 0] >= 1) & (boxes[:, 3] - boxes[:, 1] >= 1)
    return np.concatenate([boxes, scores[:, None]], axis=1)[whole].astype(np.float32)


def unsuppressed(boxes: np.ndarray, iou: float) -> np.ndarray:
    """Indices of the boxes `(K, 4)`, best first, that overlap no better one that stays by more than `iou`."""
    if not len(boxes):
        return np.zeros(0, int)
    corner_and_size = boxes.astype(np.float64)
    corner_and_size[:, 2:] -= corner_and_size[:, :2]
    in_order = np.arange(len(boxes), 0, -1, dtype=np.float32)  # the boxes come best first, equal scores included
    kept = cv2.dnn.NMSBoxes(corner_and_size, in_order, 0.0, iou)  # type: ignore[arg-type]  # it takes arrays as well
    return np.sort(np.asarray(kept, int).reshape(-1))
