"""Pictures of single students that wait to be labelled: cut out of a frame, with the model's guess; least certain first.

waiting = Waiting(gathering)
waiting.take(frame, students, classifier, camera="room 2", person="person-3")
waiting.ready()
waiting.current  # its guess is what is proposed
waiting.keep("sleep"); waiting.undo()

Only in memory; a picture is written when somebody keeps it. One per browser.
"""

import bisect
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from inference.classifier import Classifier
from inference.decision import must_say_one
from inference.errors import DataError
from inference.gathering import NEARLY_SAME, Gathering, perceptual_hash, small
from inference.masked import unmasked
from inference.room import crops, margin_of
from inference.seats import Seats
from inference.students import WHOLE, Students

MOST_WAITING = 300
"""Pictures of at most three megabytes each."""
MOST_UNDONE = 20
"""Pictures that were kept last and can be taken back; only these stay in memory."""


@dataclass(frozen=True)
class Candidate:
    """One student."""

    picture: np.ndarray
    """`(h, w, 3) uint8 RGB`."""
    guess: str
    certainty: float
    """The guess's score, 0..1."""
    camera: str
    person: str
    mark: Any
    """The perceptual hash."""


class Waiting:
    """What one browser has taken and not yet labelled, and what it may take back."""

    def __init__(self, gathering: Gathering) -> None:
        self.gathering = gathering
        self.agreed = False
        """Whether somebody said that everybody in the pictures agrees."""
        self.current: Candidate | None = None
        self.kept = 0
        """Pictures that were kept and not taken back."""
        self._lock = threading.RLock()
        self._queue: list[Candidate] = []
        self._last: deque[tuple[Candidate, str]] = deque(maxlen=MOST_UNDONE)

    @property
    def count(self) -> int:
        """Without the current one."""
        return len(self._queue)

    def take(
        self, frame: np.ndarray, students: Students, classifier: Classifier, *, camera: str, person: str, name: str = ""
    ) -> tuple[int, int]:
        """Queue every student of a frame `(H, W, 3) uint8 RGB`: how many, and how many were refused as near copies.

        `person` is who a picture of one student shows. Students of a class get a name of their own from `name` of the frame,
        those on drawn seats that of the seat. Raises DataError without consent or with too many waiting.
        """
        self._check_agreed()
        classifier = classifier.now
        must_say_one(classifier)
        frame = unmasked(frame, students)
        boxes = students.find(frame)
        cut = crops(frame, boxes, margin_of(students, classifier.spec))
        scores = classifier.scores_of(cut)
        found = 0
        for number, (picture, row) in enumerate(zip(cut, scores, strict=True), 1):
            who = person if students.name == WHOLE else _person(students, camera, name, number)
            guess, certainty = classifier.spec.class_names[int(row.argmax())], float(row.max())
            found += self._add(Candidate(small(picture).copy(), guess, certainty, camera, who, perceptual_hash(picture)))
        return found, len(cut) - found

    def ready(self) -> None:
        """After all that was taken at once: the least certain one is the current one, unless somebody looks at another."""
        with self._lock:
            if self.current is None:
                self._next()

    def keep(self, label: str) -> str:
        """Write the current one under that label, and go on to the next. Raises as `Gathering.add`."""
        with self._lock:
            self._check_agreed()
            current = self._needed()
            file = self.gathering.add(current.picture, label, camera=current.camera, person=current.person)
            self._last.append((current, file))
            self.kept += 1
            self._next()
            return file

    def skip(self) -> None:
        """Forget the current one."""
        with self._lock:
            self._needed()
            self._next()

    def undo(self) -> None:
        """Delete what was kept last; it is the current one again.

        Raises DataError where there is nothing, OutputError where it cannot be deleted; then it stays kept.
        """
        with self._lock:
            if not self._last:
                raise DataError(
                    f"Nothing was kept that could be taken back; only the last {MOST_UNDONE} can be.",
                    code="teach_nothing_kept",
                    most=MOST_UNDONE,
                )
            candidate, file = self._last[-1]
            self.gathering.remove(file)
            self._last.pop()
            self.kept -= 1
            if self.current is not None:
                self._insert(self.current)
            self.current = candidate

    def _add(self, candidate: Candidate) -> bool:
        with self._lock:
            if self.count >= MOST_WAITING:
                raise DataError(
                    f"{MOST_WAITING} pictures are waiting. Label some of them first.", code="teach_full", most=MOST_WAITING
                )
            here = [*self._queue, *([] if self.current is None else [self.current])]
            if any(candidate.mark - other.mark <= NEARLY_SAME for other in here):
                return False
            try:
                self.gathering.check_new(candidate.picture)
            except DataError:
                return False
            self._insert(candidate)
            return True

    def _insert(self, candidate: Candidate) -> None:
        bisect.insort(self._queue, candidate, key=lambda waiting: waiting.certainty)

    def _next(self) -> None:
        self.current = self._queue.pop(0) if self._queue else None

    def _needed(self) -> Candidate:
        if self.current is None:
            raise DataError("No picture is waiting. Take or choose one first.", code="teach_nothing")
        return self.current

    def _check_agreed(self) -> None:
        if not self.agreed:
            raise DataError("Say first that everybody in the pictures agrees.", code="teach_agree")


def _person(students: Students, camera: str, name: str, number: int) -> str:
    """The same seat is the same person; of a student who was only found nobody knows where else he or she was."""
    if students.name == Seats.name:
        return " ".join(filter(None, (camera, f"seat {number}")))
    return f"{name} {number}"
