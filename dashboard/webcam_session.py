"""`WebcamSession`: what one browser's camera shows, from its first frame on, and the lesson within that.

session = WebcamSession(classifier)
look = session.see(frame, students, steady())
session.begin_lesson(steady(), datetime.now().astimezone())
session.snapshot(steady())  # the same that a camera of the machine gives

Frames are followed and shown as soon as they come; the lesson counts them between its start and its end, and not while it is
paused. One per browser, in memory, without pictures; `now` is any steady clock in seconds. May be asked from several threads.
"""

from datetime import datetime
from threading import Lock

import numpy as np

from inference import Classifier
from inference.lesson import Lesson
from inference.pace import Pace
from inference.snapshot import Snapshot, State
from inference.sources import SourceStatus
from inference.students import WHOLE, Students
from inference.summary import ClassSummary, summarise_states
from inference.watching import Look, Watcher

LAST_SECONDS, LAST_MINUTE = 10.0, 60.0


class WebcamSession:
    """One browser's camera and its lesson."""

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier.now
        """The model of this session, also after another one was chosen."""
        self.class_names = self.classifier.spec.class_names
        self._lock = Lock()
        self._state: State = "waiting"
        self._students: Students | None = None
        self._watcher: Watcher | None = None
        self._summary: ClassSummary | None = None
        self._always, self._lesson = Lesson(self.class_names), Lesson(self.class_names)
        self._always_began = self._began = self._ended = 0.0
        self._started_at: datetime | None = None
        self._pace = Pace()
        self._seen_at: float | None = None
        self._frames = 0

    @property
    def single(self) -> bool:
        """Whether each picture is one student."""
        return self._students is None or self._students.name == WHOLE

    @property
    def counting(self) -> bool:
        """Whether a lesson has begun and not ended."""
        return self._state in ("running", "paused")

    @property
    def has_lesson(self) -> bool:
        """Whether a lesson has begun, also one that has ended: what it counted stays until the next one."""
        return self._state != "waiting"

    def see(self, frame: np.ndarray, students: Students, now: float) -> tuple[Look, ClassSummary]:
        """The next frame `(H, W, 3) uint8 RGB`. Within a lesson `students` stay what they were. Raises as `Watcher.look`."""
        with self._lock:
            look = self._watcher_of(students, now).look(frame, now)
            self._summary = summarise_states(look.followed.states, self.class_names)
            self._always.add(now - self._always_began, self._summary)
            if self._state == "running":
                self._lesson.add(now - self._began, self._summary)
            self._pace.add(now, look.milliseconds)
            self._seen_at, self._frames = now, self._frames + 1
            return look, self._summary

    def begin_lesson(self, now: float, started_at: datetime) -> None:
        """A new lesson begins, unless one is running or paused; the one before is forgotten."""
        with self._lock:
            if not self.counting:
                self._lesson, self._began, self._started_at = Lesson(self.class_names), now, started_at
                self._state = "running"

    def pause(self, now: float) -> None:
        """Time passes, and nothing counts."""
        with self._lock:
            if self._state == "running":
                self._lesson.pause(now - self._began)
                self._state = "paused"

    def resume(self, now: float) -> None:
        """A paused lesson goes on."""
        with self._lock:
            if self._state == "paused":
                self._lesson.tick(now - self._began)
                self._state = "running"

    def end_lesson(self, now: float) -> None:
        """The lesson is over; what it counted stays until the next one."""
        with self._lock:
            if self.counting:
                self._lesson.close(now - self._began)
                self._ended, self._state = now, "ended"

    def snapshot(self, now: float) -> Snapshot:
        """Everything that a page shows of it. The last seconds and the last minute are also there without a lesson."""
        with self._lock:
            self._always.tick(now - self._always_began)
            seconds = 0.0 if self._started_at is None else (now if self.counting else self._ended) - self._began
            if self.counting:
                self._lesson.tick(seconds)
            age = None if self._seen_at is None else now - self._seen_at
            return Snapshot(
                version=self._frames,
                state=self._state,
                class_names=self.class_names,
                source=SourceStatus(self._frames, self._frames, age_seconds=age),
                summary=self._summary,
                started_at=self._started_at,
                seconds=seconds,
                last_seconds=self._always.window(LAST_SECONDS),
                last_minute=self._always.window(LAST_MINUTE),
                whole=self._lesson.window(None),
                interval_seconds=self._lesson.interval_seconds,
                intervals=self._lesson.intervals,
                changes=self._lesson.changes,
                frames_per_second=self._pace.frames_per_second(now),
                milliseconds=self._pace.milliseconds,
            )

    def _watcher_of(self, students: Students, now: float) -> Watcher:
        """The one that follows the students; a new one for another way of finding them, which begins anew."""
        if self._watcher is None or (students is not self._students and not self.counting):
            self._watcher, self._students = Watcher(self.classifier, students), students
            self._always, self._always_began = Lesson(self.class_names), now
        return self._watcher
