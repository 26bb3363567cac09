"""Heads made unrecognisable in a picture that is to be kept or shown elsewhere.

picture = pixelate_heads(frame, followed.boxes)

Only heads of students who were found are pixelated; who was not found stays as in the frame.
"""

import numpy as np

HEAD = 0.7
"""Share of a box of head and upper body, from its upper edge, that holds the head wherever it is turned or bent to."""


def pixelate_heads(picture: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """A copy of `(H, W, 3) uint8` in which the head of every box `(n, 4 or 5)` is left as two or three squares a side."""
    import supervision as sv

    heads = np.array(boxes, np.float64)[:, :4]
    heads[:, 3] = heads[:, 1] + HEAD * (heads[:, 3] - heads[:, 1])
    pixelated = picture.copy()
    if len(heads):
        low, high = np.floor(heads[:, :2]), np.ceil(heads[:, 2:])
        sv.PixelateAnnotator().annotate(pixelated, sv.Detections(xyxy=np.concatenate([low, high], axis=1)))
    return pixelated
