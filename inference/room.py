"""One frame of a room: find the students, crop them, and score all crops in one batched call.

room = observe(frame, students, classifier)
summarise(room.scores, classifier.spec.class_names)
"""

from dataclasses import dataclass

import numpy as np

from inference.classifier import Classifier
from inference.masked import unmasked
from inference.spec import ModelSpec
from inference.students import WHOLE, Students


@dataclass(frozen=True)
class Room:
    """What was seen in one frame. Rows of both arrays belong together, one per student."""

    boxes: np.ndarray
    """`(n, 5) float32`: x0, y0, x1, y1 in pixels of the frame, score 0..1 of the finding."""
    scores: np.ndarray
    """`(n, C) float32`, 0..1, columns in the order of the class names."""

    def __post_init__(self) -> None:
        if self.boxes.ndim != 2 or self.boxes.shape[1] != 5 or self.scores.ndim != 2 or len(self.boxes) != len(self.scores):
            raise ValueError(f"expected boxes (n, 5) and scores (n, C), got {self.boxes.shape} and {self.scores.shape}")


def observe(frame: np.ndarray, students: Students, classifier: Classifier) -> Room:
    """`(H, W, 3) uint8 RGB` -> the students in it and their scores; a room without students is an answer.

    Where the students carry masks, these are not looked at.
    """
    frame = unmasked(frame, students)
    boxes = students.find(frame)
    return Room(boxes, classifier.scores_of(crops(frame, boxes, margin_of(students, classifier.spec))))


def margin_of(students: Students, spec: ModelSpec) -> float:
    """What the classifier wants around the boxes of these students, a share of a side; nothing where the frame is the student."""
    return 0.0 if students.name == WHOLE else spec.crop_margin


def crops(frame: np.ndarray, boxes: np.ndarray, margin: float) -> list[np.ndarray]:
    """Views of the frame, one per box `(n, 4 or 5)`, none of them empty.

    Each box is widened on every side by `margin` times that side's length, narrowed where it is negative, and kept inside
    the frame.
    """
    height, width = frame.shape[:2]
    corners = np.asarray(boxes, np.float64)[:, :4]
    sides = corners[:, 2:] - corners[:, :2]
    low = np.floor(corners[:, :2] - margin * sides).astype(int)
    high = np.ceil(corners[:, 2:] + margin * sides).astype(int)
    low = np.clip(low, 0, (width - 1, height - 1))
    high = np.maximum(np.minimum(high, (width, height)), low + 1)
    return [frame[y0:y1, x0:x1] for (x0, y0), (x1, y1) in zip(low.tolist(), high.tolist(), strict=True)]
