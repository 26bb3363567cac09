"""`Watcher`: one frame after another of a room becomes students with states. Masks first; then find, crop, classify, follow.

watcher = Watcher(classifier, students, masks=Masks.read("masks.json"))
look = watcher.look(frame.picture, frame.seconds)
summarise_states(look.followed.states, classifier.spec.class_names)

A finder costs about as much as classifying a class, and people sit: it looks at every `find_every`-th frame, and between the
boxes of its last find are carried on, but never for CARRIED_SECONDS. Drawn seats and the whole frame cost nothing and are asked
in every frame. Scores are averaged over about a second anyhow: of many students the `classify_every`-th part is scored in each
frame, those whose turn is the oldest, and with them everybody who is new or was not scored for SCORED_SECONDS. Only boxes,
numbers and scores are kept from one frame to the next, no pixels.
"""

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from inference.classifier import Classifier
from inference.decision import following_settings, must_say_one
from inference.following import Followed, Following, FollowingSettings
from inference.masked import masks_of
from inference.masks import Masks
from inference.room import crops, margin_of
from inference.seats import Seats
from inference.students import WHOLE, Students
from inference.tally import TALLY

FIXED = frozenset({WHOLE, Seats.name})
"""Names of what gives the same places in every frame."""
FIND_EVERY = 3
CARRIED_SECONDS = 1.0
"""A find that is so old is not used again: pictures of a folder may show anything, and slow machines see few frames."""


CLASSIFY_EVERY = 3
SCORED_SECONDS = 0.3
"""After which a student is scored whoever's turn it is: where frames are few nobody is left out."""
STAGES = ("mask", "find", "crop", "classify", "follow")
"""Of one frame."""


@dataclass(frozen=True)
class Look:
    """What was seen in one frame."""

    picture: np.ndarray
    """The frame with the masks blanked; without masks the frame itself."""
    followed: Followed
    milliseconds: dict[str, float]
    """What `mask`, `find`, `crop`, `classify` and `follow` took."""


class Watcher:
    """One per session, used from one thread. The classifier and the students may be shared between sessions."""

    def __init__(
        self,
        classifier: Classifier,
        students: Students,
        *,
        masks: Masks | None = None,
        find_every: int = FIND_EVERY,
        classify_every: int = CLASSIFY_EVERY,
        settings: FollowingSettings | None = None,
    ) -> None:
        """`find_every`: 1 asks a finder in every frame; without meaning for seats and the whole frame. `classify_every`: 1 scores
        everybody in every frame. `masks`: those of the students themselves, where they carry some, without it. Raises ModelError
        for a model of several labels at once.
        """
        if find_every < 1 or classify_every < 1:
            raise ValueError(f"find_every and classify_every must be from 1, got {find_every} and {classify_every}")
        self._classifier, self._students = classifier.now, students
        must_say_one(self._classifier)
        spec = self._classifier.spec
        self._margin = margin_of(students, spec)
        self._masks = masks_of(students) if masks is None else masks
        self._fixed = students.name in FIXED
        self._classify_every = classify_every
        self._find_every = 1 if self._fixed else find_every
        self._following = Following(len(spec.class_names), fixed=self._fixed, settings=settings or following_settings(spec))
        self._boxes = np.zeros((0, 5), np.float32)
        self._frame_hw: tuple[int, int] | None = None
        self._carried, self._found_at = 0, 0.0

    @property
    def classifier(self) -> Classifier:
        """The model that scores here, which stays the same."""
        return self._classifier

    def look(self, picture: np.ndarray, now: float) -> Look:
        """The next frame `(H, W, 3) uint8 RGB`, never changed; `now` in seconds, never falling.

        Raises SeatsError for a frame that masks or seats were not made for, ImageError for what is no picture.
        """
        try:
            look = self._look(picture, now)
        except Exception:
            TALLY.count("frames_failed")
            raise
        TALLY.add("frames", look.milliseconds)
        return look

    def _look(self, picture: np.ndarray, now: float) -> Look:
        took = dict.fromkeys(STAGES, 0.0)
        frame_hw = picture.shape[0], picture.shape[1]
        with _timed(took, "mask"):
            masked = picture if self._masks is None else self._masks.blank(picture)
        with _timed(took, "find"):
            found = self._find(masked, frame_hw, now)
        with _timed(took, "follow"):
            rows = self._turn(self._following.place(now, frame_hw, self._boxes, found=found))
        with _timed(took, "crop"):
            frames = self._classifier.prepare(crops(masked, self._boxes[rows], self._margin))
        with _timed(took, "classify"):
            scores = self._classifier.scores(frames)
        with _timed(took, "follow"):
            followed = self._following.score(rows, scores)
        self._frame_hw = frame_hw
        return Look(masked, followed, took)

    def _turn(self, unscored: np.ndarray) -> np.ndarray:
        """Rows of those who are scored in this frame, by the seconds for which they were not."""
        oldest_first = np.argsort(-unscored, kind="stable")
        due = max(math.ceil(len(unscored) / self._classify_every), int((unscored >= SCORED_SECONDS).sum()))
        return np.sort(oldest_first[:due])

    def _find(self, picture: np.ndarray, frame_hw: tuple[int, int], now: float) -> bool:
        """Whether somebody was looked for, or the boxes are those of the frame before."""
        fresh = self._carried < self._find_every - 1 and now - self._found_at < CARRIED_SECONDS
        carry = fresh and frame_hw == self._frame_hw
        self._frame_hw = None  # until this frame is through: after an error somebody is looked for anew
        self._carried = self._carried + 1 if carry else 0
        if not carry:
            self._boxes, self._found_at = self._students.find(picture), now
        return not carry


@contextmanager
def _timed(took: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    took[stage] += 1000 * (time.perf_counter() - start)
