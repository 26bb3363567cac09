"""`Faces`: YuNet, a face detector that OpenCV runs, from a file that the user brings; a proof that finders can be exchanged.

faces = Faces("face_detection_yunet.onnx")
boxes = faces.find(decode("class.jpg"))  # (n, 5) float32

A face alone shows neither hands nor desk, so each box is widened to head and upper body. Who looks away or down is often missed.
Wu, Peng, Yu 2023, "YuNet: A Tiny Millisecond-level Face Detector".
"""

import threading
from pathlib import Path

import cv2
import numpy as np

from inference.errors import ImageError, ModelError

MOST_PIXELS = 1280 * 960
"""Larger frames are shrunk to this size before the search."""
THRESHOLD, NMS_IOU = 0.5, 0.3
CANDIDATES = 5000
"""Before the overlapping ones are taken out (OpenCV's own default)."""
SIDES = np.array([-1.0, -0.7, 2.0, 2.2])
"""x0, y0, x1, y1 of head and upper body, in widths and heights of the face from its upper left corner: of 48 choices the one
of the highest mean AP50 on 20 frames of four classrooms."""
_SMALLEST_FRAME = np.zeros((64, 64, 3), np.uint8)


class Faces:
    """One face detector on the CPU. Raises ModelError when OpenCV cannot run the file as YuNet."""

    name = "faces"

    def __init__(self, model: str | Path) -> None:
        self.path = Path(model)
        if not self.path.is_file():
            raise ModelError(f"There is no detector file {self.path}. Give the path of a finder or of YuNet, an .onnx file.")
        self.threshold = THRESHOLD
        """Least score of a face, 0..1; may be set to another value."""
        self._turn = threading.Lock()  # the detector keeps the size of the frame it is given next
        try:
            self._detector = cv2.FaceDetectorYN.create(str(self.path), "", (64, 64), THRESHOLD, NMS_IOU, CANDIDATES)
            self.faces(_SMALLEST_FRAME)
        except (cv2.error, TypeError) as error:
            raise ModelError(
                f"{self.path} has no Taido fact sheet, and OpenCV cannot run it as the face detector YuNet. "
                "Give a finder written by python -m export, or YuNet's file."
            ) from error

    def find(self, frame: np.ndarray) -> np.ndarray:
        """`(H, W, 3) uint8 RGB` -> `(n, 5) float32`: head and upper body x0, y0, x1, y1 in pixels, score; best first."""
        if frame.ndim != 3 or frame.shape[2] != 3 or frame.dtype != np.uint8 or 0 in frame.shape:
            raise ImageError(f"Expected pixels of shape (h, w, 3) uint8, got {frame.shape} {frame.dtype}.")
        height, width = frame.shape[:2]
        scale = min(1.0, (MOST_PIXELS / (width * height)) ** 0.5)
        size_wh = max(1, round(width * scale)), max(1, round(height * scale))
        small = cv2.resize(frame, size_wh, interpolation=cv2.INTER_AREA) if scale < 1 else frame
        faces = self.faces(small)
        boxes = faces[:, [0, 1, 0, 1]] + faces[:, [2, 3, 2, 3]] * SIDES
        boxes = np.clip(boxes * np.array([width / size_wh[0], height / size_wh[1]] * 2), 0, np.array([width, height] * 2))
        found = np.column_stack([boxes, faces[:, -1]]).astype(np.float32)
        found = found[(boxes[:, 2] - boxes[:, 0] >= 1) & (boxes[:, 3] - boxes[:, 1] >= 1)]
        return found[np.argsort(-found[:, 4], kind="stable")]

    def faces(self, frame: np.ndarray) -> np.ndarray:
        """`(n, 15)` in pixels of the frame: x, y, width, height of a face, five landmarks, score."""
        with self._turn:
            self._detector.setInputSize((frame.shape[1], frame.shape[0]))
            self._detector.setScoreThreshold(self.threshold)
            faces = self._detector.detect(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))[1]
        return np.zeros((0, 15)) if faces is None else faces.astype(np.float64)
