"""`Following`: the students of frame after frame, each with a temporary number and a state that does not flicker.

following = Following(classes=4, fixed=False)
followed = following.update(now_seconds, (720, 1280), boxes, scores)
following.place(now_seconds, (720, 1280), boxes)  # the same in two steps, where not everybody is scored in every frame
followed = following.score(rows, scores_of_rows)
summarise_states(followed.states, class_names)

Who is who: with seats or the whole frame (`fixed`) the place is the number; else `inference.tracking` numbers the boxes. Numbers
live in memory and end with the session. Every box counts from its first frame. A student who is no longer found is hidden:
counted with the last box and the last state, as long as there had been finds before (so that a single false find is not counted
for seconds) but at most for `hidden_seconds`, and not while somebody found covers that place.

The state, for each number:
1. The scores are averaged over time, a frame's weight halving every `half_life` seconds: s = sum(w_i s_i) / sum(w_i),
   w_i = 0.5 ** ((now - t_i) / half_life). This is the exponential moving average without its bias towards the first frame
   (Kingma and Ba 2015, "Adam", section 3), and it does not depend on the frame rate.
2. The state changes when the best class of the averaged scores was the same other one in `agreeing` consecutive frames, not
   counting those in which the student was not scored. The
   first state needs no such agreement where its averaged score reaches `sure_score`.
3. While the best averaged score is below `least_score`, and before the first state, the answer is UNCERTAIN.
"""

import math
from dataclasses import dataclass

import numpy as np

from inference.errors import ModelError
from inference.tracking import Tracker

UNCERTAIN = -1
"""The state of a student of whom no class can be said."""
SAME_PLACE = 0.3
"""A hidden student whose box overlaps one that was found by a larger intersection over union is not counted. (On found boxes of
three classrooms that left nobody counted twice; 0.5 left up to one a frame.)"""


@dataclass(frozen=True, kw_only=True)
class FollowingSettings:
    """How scores become states. Raises ValueError for values that make no sense."""

    half_life: float = 1.0
    """Seconds after which a frame weighs half of a new one. Above 0."""
    agreeing: int = 3
    """Consecutive frames that change a state. From 1."""
    hidden_seconds: float = 3.0
    """How long a student who is not found stays. Above 0. A pause between two frames counts at most half of it."""
    least_score: float = 0.5
    """Averaged score, 0..1, below which a state is UNCERTAIN: about half of such answers are right, and another class may be as
    likely. (Of 11 labelled classroom crops below it 6 were right, of 901 above it 93 %; the model had trained on these rooms.)"""
    sure_score: float = 0.8
    """Averaged score, 0..1, that gives a first state at once, so that a single picture has states as well. (Of the same crops
    two thirds reached 0.8, and 98 % of those were right.)"""

    def __post_init__(self) -> None:
        if not (self.half_life > 0 and self.hidden_seconds > 0 and math.isfinite(self.half_life + self.hidden_seconds)):
            raise ValueError(f"half_life and hidden_seconds must be above 0, got {self.half_life} and {self.hidden_seconds}")
        if self.agreeing < 1:
            raise ValueError(f"agreeing must be from 1, got {self.agreeing}")
        if not 0 <= self.least_score <= self.sure_score <= 1:
            raise ValueError(f"expected 0 <= least_score <= sure_score <= 1, got {self.least_score} and {self.sure_score}")


DEFAULT_SETTINGS = FollowingSettings()


@dataclass(frozen=True)
class Followed:
    """The students of one frame and what is known of each over time; rows belong together. Those found come first."""

    boxes: np.ndarray
    """`(n, 5) float32` as `inference.students.Found`, in no order of score; of hidden students where they were seen last."""
    numbers: np.ndarray
    """`(n,) int64`: the temporary number, from 1; that of the seat with seats, 1 with the whole frame."""
    scores: np.ndarray
    """`(n, C) float32`, 0..1: averaged over time."""
    states: np.ndarray
    """`(n,) int64`: index of a class, or UNCERTAIN."""

    def __post_init__(self) -> None:
        n = len(self.boxes)
        shapes = self.boxes.shape, self.numbers.shape, self.scores.shape[:1], self.states.shape
        if self.scores.ndim != 2 or shapes != ((n, 5), (n,), (n,), (n,)):
            raise ValueError(f"expected boxes (n, 5), numbers (n,), scores (n, C) and states (n,), got {shapes}")


@dataclass
class _Student:
    """What is remembered of one number."""

    box: np.ndarray
    scores: np.ndarray
    weight: float = 0.0
    """Sum of the weights of all frames that were averaged."""
    state: int = UNCERTAIN
    rival: int = UNCERTAIN
    """The class that was best in the last frames and is not the state."""
    agreed: int = 0
    """Consecutive frames in which it was."""
    known: float = 0.0
    """Seconds between the first and the last frame with this student."""
    hidden: float = 0.0
    """Seconds since the last one."""
    unscored: float = math.inf
    """Seconds since the student was scored."""

    def see(self, box: np.ndarray) -> None:
        self.box = box.copy()
        self.known, self.hidden = self.known + self.hidden, 0.0

    def average(self, scores: np.ndarray) -> None:
        self.weight, self.unscored = self.weight + 1.0, 0.0
        self.scores = self.scores + (scores - self.scores) / self.weight

    def decide(self, settings: FollowingSettings) -> None:
        best = int(self.scores.argmax())
        if best == self.state:
            self.agreed = 0
            return
        self.agreed = self.agreed + 1 if best == self.rival else 1
        self.rival = best
        sure = self.state == UNCERTAIN and self.scores[best] >= settings.sure_score
        if sure or self.agreed >= settings.agreeing:
            self.state, self.agreed = best, 0

    def shown(self, settings: FollowingSettings) -> int:
        return self.state if self.scores.max() >= settings.least_score else UNCERTAIN


class Following:
    """One per session, used from one thread."""

    def __init__(self, classes: int, *, fixed: bool, settings: FollowingSettings = DEFAULT_SETTINGS) -> None:
        """`classes`: how many the model has; `fixed`: row i is place i in every frame (the whole frame, seats)."""
        self._classes, self._fixed, self._settings = classes, fixed, settings
        self._students: dict[int, _Student] = {}
        self._tracker = None if fixed else Tracker(settings.hidden_seconds)
        self._numbers = np.zeros(0, np.int64)
        self._boxes = np.zeros((0, 5), np.float32)
        self._frame_hw: tuple[int, int] | None = None
        self._asked_at: float | None = None
        self._time = 0.0

    def update(
        self, now: float, frame_hw: tuple[int, int], boxes: np.ndarray, scores: np.ndarray, *, found: bool = True
    ) -> Followed:
        """Boxes `(n, 5)` and scores `(n, C)` of the next frame, n may be 0, to what is known of everybody.

        `now` is in seconds on any clock; one that stands still, falls or is not finite counts as no time passing. A frame of
        another size than before begins anew, unless places are fixed. `found=False` says that nobody was looked for: the
        boxes are those of the frame before. Raises ModelError for another number of classes.
        """
        if scores.ndim != 2 or scores.shape[1] != self._classes:
            raise ModelError(f"Expected scores of shape (n, {self._classes}) like the model's classes, got {scores.shape}.")
        if boxes.shape != (len(scores), 5):
            raise ValueError(f"expected boxes ({len(scores)}, 5), one for each row of scores, got {boxes.shape}")
        self.place(now, frame_hw, boxes, found=found)
        return self.score(np.arange(len(boxes)), scores)

    def place(self, now: float, frame_hw: tuple[int, int], boxes: np.ndarray, *, found: bool = True) -> np.ndarray:
        """As `update`, without scores: for how many seconds each of the boxes has not been scored, `(n,)`; inf for never."""
        self._begin_anew_if(frame_hw)
        self._pass_time(now)
        self._boxes = boxes
        for number, box in zip(self._numbered(boxes, found).tolist(), boxes, strict=True):
            self._students.setdefault(number, _Student(box, np.zeros(self._classes))).see(box)
        self._forget(set(self._numbers.tolist()))
        return np.array([self._students[number].unscored for number in self._numbers.tolist()])

    def score(self, rows: np.ndarray, scores: np.ndarray) -> Followed:
        """Scores `(k, C)` of the boxes `rows` of the frame that was placed; k may be 0."""
        for number, row in zip(self._numbers[rows].tolist(), scores, strict=True):
            student = self._students[number]
            student.average(row.astype(np.float64))
            student.decide(self._settings)
        return self._followed(self._numbers, self._boxes)

    def _begin_anew_if(self, frame_hw: tuple[int, int]) -> None:
        """Other pixels are other places, except for those that are fixed."""
        if frame_hw != self._frame_hw and self._students and not self._fixed:
            self._students.clear()
            self._tracker = Tracker(self._settings.hidden_seconds)
        self._frame_hw = frame_hw

    def _pass_time(self, now: float) -> None:
        elapsed = 0.0
        if math.isfinite(now):
            elapsed = max(0.0, now - self._asked_at) if self._asked_at is not None else 0.0
            self._asked_at = now
        self._time += elapsed
        for student in self._students.values():
            student.weight *= 0.5 ** (elapsed / self._settings.half_life)
            student.hidden += min(elapsed, self._settings.hidden_seconds / 2)
            student.unscored += elapsed

    def _numbered(self, boxes: np.ndarray, found: bool) -> np.ndarray:
        if not found and len(boxes) != len(self._numbers):
            raise ValueError(f"expected the {len(self._numbers)} boxes of the frame before, got {len(boxes)}")
        if found and self._tracker is not None:
            self._numbers = self._tracker.numbers(self._time, boxes)
        elif found:
            self._numbers = np.arange(1, len(boxes) + 1)
        return self._numbers

    def _forget(self, seen: set[int]) -> None:
        """Nobody is remembered who has been hidden for longer than is waited for."""
        for number in [number for number in self._students if number not in seen]:
            student = self._students[number]
            if student.hidden > min(student.known, self._settings.hidden_seconds):
                del self._students[number]

    def _followed(self, numbers: np.ndarray, boxes: np.ndarray) -> Followed:
        rows = [*numbers.tolist(), *self._hidden(set(numbers.tolist()), boxes)]
        students = [self._students[number] for number in rows]
        return Followed(
            np.array([student.box for student in students], np.float32).reshape(-1, 5),
            np.array(rows, np.int64),
            np.array([student.scores for student in students], np.float32).reshape(-1, self._classes),
            np.array([student.shown(self._settings) for student in students], np.int64),
        )

    def _hidden(self, seen: set[int], boxes: np.ndarray) -> list[int]:
        """Numbers of the hidden students whose place nobody covers."""
        hidden = [number for number in self._students if number not in seen]
        if not hidden or not len(boxes):
            return hidden
        import supervision as sv

        places = np.array([self._students[number].box[:4] for number in hidden])
        shares: np.ndarray = sv.box_iou_batch(places, boxes[:, :4])
        covered = shares.max(axis=1) > SAME_PLACE
        return [number for number, behind in zip(hidden, covered.tolist(), strict=True) if not behind]
