"""`Tracker`: boxes of one frame after another get numbers that stay with the student. Numbers live in memory for one session.

tracker = Tracker(hidden_seconds=3.0)
numbers = tracker.numbers(now, boxes)  # (n,) int64, from 1

It is BoT-SORT (Aharon, Orfaig, Bobrovsky 2022, "BoT-SORT: Robust Associations Multi-Pedestrian Tracking") of the package
`trackers`, without its camera motion, which a camera of a classroom does not have, and without the scores of the boxes, so that
no box that a finder gives out is left without a number. Of ByteTrack, OC-SORT, BoT-SORT and C-BIoU it broke the fewest numbers
of seated students where boxes are jittered (10 % of a side) and missing (30 %), and was as good as the best elsewhere.
"""

import math

import numpy as np

FRAME_RATE = 2.0
"""Frames per second for which the tracker's motion model was made: one step of it, and the longest, is half a second. With a
longer step those who sit are carried away from their seats (8 a second: two to twelve times the breaks at 1 to 2 frames)."""
LEAST_OVERLAP = 0.1
"""Intersection over union of a box with the place where its student is expected; 0.2, the library's own, breaks more numbers."""
SHORTEST_STEP = 1e-3
"""Seconds between two frames with the same time; the library warns of a clock that stands still."""
BUFFER_RATE = 30.0
"""Frames per second in which the library counts how long a student is kept."""


class Tracker:
    """One per session."""

    def __init__(self, hidden_seconds: float) -> None:
        """`hidden_seconds`: how long a student who is not found is waited for, above 0."""
        from trackers import BoTSORTTracker  # it brings supervision and takes seconds

        self._tracker = BoTSORTTracker(
            lost_track_buffer=math.ceil(BUFFER_RATE * hidden_seconds),
            frame_rate=FRAME_RATE,
            track_activation_threshold=0.0,
            minimum_consecutive_frames=1,
            minimum_iou_threshold_first_assoc=LEAST_OVERLAP,
            high_conf_det_threshold=0.0,
            enable_cmc=False,
        )
        self._asked_at: float | None = None
        self._clock = 0.0

    def numbers(self, now: float, boxes: np.ndarray) -> np.ndarray:
        """A number from 1 for each box `(n, 4 or 5)`, `(n,) int64`; `now` in seconds, never falling."""
        import supervision as sv

        step = 0.0 if self._asked_at is None else now - self._asked_at
        self._asked_at = now
        self._clock += min(max(step, SHORTEST_STEP), 1 / FRAME_RATE)
        self._tracker.frame_id = 0  # on what it takes for its first frame it numbers everybody at once, else one frame later
        rows = np.arange(len(boxes))
        students = sv.Detections(xyxy=np.array(boxes[:, :4], np.float32), data={"row": rows})
        tracked = self._tracker.update(students, timestamp=self._clock)
        numbers = np.zeros(len(boxes), np.int64)
        if len(tracked):
            numbers[tracked.data["row"]] = np.asarray(tracked.tracker_id) + 1
        return numbers
