"""`Monitor`: source, watcher, lesson and recorder in one thread; any number of readers see what is known at the moment.

monitor = Monitor(open_source("0"), Watcher(classifier, students), classifier.spec.class_names)
monitor.start_thread()
monitor.begin_lesson()
monitor.snapshot  # the newest `Snapshot`, from any thread, for the price of a reference
monitor.end_lesson()
monitor.close()

Before a lesson a camera is looked at only while somebody looks on (`look_on`): an idle program costs next to nothing, and holds
no picture of a room that nobody asked for.

How a lesson is timed is in `inference.lesson_time`; the wall clock only labels. Nothing is held but the newest picture.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from inference.clock import steady
from inference.errors import Message, SourceError, TaidoError
from inference.lesson_time import LessonTime
from inference.looking import Looking, Seen
from inference.record import Recorder
from inference.running_lesson import RunningLesson
from inference.snapshot import Snapshot, State
from inference.sources import Frame, Source
from inference.watching import Watcher

__all__ = ["Monitor", "Snapshot", "State"]

logger = logging.getLogger(__name__)

CLOSE_WITHIN = 10.0
"""Seconds to wait for the thread when closing; it may be within a frame."""
LOOKED_ON = 5.0
"""Seconds for which a camera is looked at without a lesson after somebody asked for that."""
NOTHING = {"picture": None, "followed": None, "summary": None}
"""In a snapshot, of what is seen at the moment."""


class Monitor:
    """One source, watched from one thread; all other methods may be called from any thread, and again without effect."""

    def __init__(
        self,
        source: Source,
        watcher: Watcher,
        class_names: Sequence[str],
        *,
        recorder_of: Callable[[datetime], Recorder] | None = None,
        per_seat: bool = False,
        interval_seconds: float = 10.0,
        until_seconds: float | None = None,
        clock: Callable[[], float] = steady,
        wall: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        """The source and the watcher are the monitor's own from now on.

        `recorder_of`: makes the recorder of a lesson that begins at that time, None if nothing is recorded; `per_seat`: it is
        also told what each seat showed; `until_seconds`: a lesson ends by itself when it is so old.
        """
        self.source = source
        self._watcher, self._recorder_of, self._clock, self._wall = watcher, recorder_of, clock, wall
        self._next: tuple[Watcher, tuple[str, ...]] | None = None
        self._class_names = tuple(class_names)
        self._settings: dict[str, Any] = {
            "per_seat": per_seat,
            "interval_seconds": interval_seconds,
            "until_seconds": until_seconds,
        }
        self._lesson = RunningLesson(self._class_names, **self._settings)
        self._time, self._looking = LessonTime(clock, live=source.live), Looking(clock)
        self._asked_at: float | None = None
        self._thread: threading.Thread | None = None
        self._closing = self._ran_out = False
        self._changed = threading.Condition(threading.RLock())
        self._snapshot = Snapshot(
            version=0,
            state="waiting",
            class_names=self._class_names,
            source=source.status(),
            of_day=source.live,
            **self._lesson.shown(),
        )

    @property
    def snapshot(self) -> Snapshot:
        """What is known at the moment."""
        return self._snapshot

    def start_thread(self) -> None:
        """`run` in a thread of its own."""
        self._thread = threading.Thread(target=self.run, name="monitor", daemon=True)
        self._thread.start()

    def run(self) -> None:
        """Watch until the source ends or `close` is called; a file also until the lesson ends. Once per monitor."""
        try:
            for frame in self.source.frames():
                if not self._is_wanted():
                    break
                self._take(frame)
                del frame
            else:
                self._ran_out = not self._closing
        except TaidoError as error:
            self._looking.problem = error.message
        except Exception as error:  # whatever it was, readers are told that nothing more comes
            line = f"{self.source.name} is no longer watched: {error!r}."
            self._looking.problem = Message(line, code="source_unwatched", name=self.source.name, reason=repr(error))
            logger.exception("%s is no longer watched", self.source.name)
        finally:
            self._finish()

    def look_on(self) -> None:
        """Somebody wants to see what a camera sees, for LOOKED_ON seconds from now. A file is not looked at before its lesson."""
        self._asked_at = self._clock()

    @property
    def watcher(self) -> Watcher:
        """What looks at present."""
        return self._watcher

    @property
    def next_watcher(self) -> Watcher:
        """What looks in the next lesson, for whose recorder it says which model that is."""
        return self._watcher if self._next is None else self._next[0]

    def watch_with(self, watcher: Watcher, class_names: Sequence[str]) -> None:
        """Another watcher, at once where there is no lesson; a lesson ends with the one that it began with."""
        with self._changed:
            self._next = watcher, tuple(class_names)
            if self._snapshot.state == "waiting":
                self._exchange()
                self._publish(**NOTHING)

    def _exchange(self) -> None:
        """With the lock held, before a lesson."""
        if self._next is not None:
            (self._watcher, self._class_names), self._next = self._next, None
            self._lesson = RunningLesson(self._class_names, **self._settings)
            fresh: dict[str, Any] = {**self._lesson.shown(), **NOTHING}
            self._snapshot = replace(self._snapshot, class_names=self._class_names, **fresh)

    def begin_lesson(self) -> None:
        """A new lesson begins, unless one is running or paused.

        Raises RecordError if it cannot be recorded, SourceError if the source has come to its end.
        """
        with self._changed:
            if self._snapshot.state in ("running", "paused"):
                return
            if self._snapshot.finished:
                raise SourceError(
                    f"{self.source.name} has come to its end. Open it again for another lesson.",
                    code="source_ended",
                    name=self.source.name,
                )
            started_at = self._wall()
            recorder = None if self._recorder_of is None else self._recorder_of(started_at)
            self._leave_lesson()
            self._exchange()
            self._lesson = RunningLesson(self._class_names, started_at=started_at, recorder=recorder, **self._settings)
            self._time.begin()
            self._publish(state="running", failed=0)

    def _leave_lesson(self) -> None:
        """With the lock held: the last try to record the lesson before, now that the next one's recorder could use the file."""
        if self._lesson.ended:
            self._lesson.end(self._now())
            if self._lesson.problem is not None:
                logger.warning("Another lesson begins, and this is lost: %s", self._lesson.problem)

    def pause(self) -> None:
        """Nothing is looked at until `resume`; of a camera this time is missing in the lesson, a file waits."""
        with self._changed:
            if self._snapshot.state == "running":
                if self.source.live:
                    self._lesson.pause(self._now())
                self._publish(state="paused", **NOTHING)

    def resume(self) -> None:
        """A paused lesson goes on."""
        with self._changed:
            if self._snapshot.state == "paused":
                self._publish(state="running")

    def end_lesson(self) -> None:
        """The lesson is over; when this returns, it is recorded, or a problem says why not. Another call tries that again."""
        with self._changed:
            if self._snapshot.state != "waiting":
                self._lesson.end(self._now())
                self._publish()

    def close(self) -> None:
        """End the lesson, let go of the source, and wait for the thread."""
        with self._changed:
            self._closing = True
        self._finish()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(CLOSE_WITHIN)

    def _is_wanted(self) -> bool:
        """Whether the next frame is taken; that of a file waits for the lesson to begin or to go on."""
        with self._changed:
            if not self.source.live:
                self._changed.wait_for(lambda: self._closing or self._snapshot.state in ("running", "ended"))
            return not self._closing and (self.source.live or self._snapshot.state == "running")

    def _take(self, frame: Frame | None) -> None:
        """A frame, or, with None, time in which none came."""
        taken_at = self._clock()
        wanted = self._is_looked_at(taken_at)
        seen = self._look(frame) if frame is not None and wanted else None
        with self._changed:
            if seen is not None and seen.watcher is not self._watcher:  # exchanged while it looked
                seen, wanted = None, False
            if self._snapshot.state == "running":
                self._count(self._time.of(frame, taken_at), seen)
            elif self._lesson.ended:
                self._lesson.pass_time(self._time.of(frame, taken_at))
            if seen is not None and self._snapshot.state in ("waiting", "running"):
                self._publish(picture=seen.picture, followed=seen.followed, summary=seen.summary)
            elif frame is not None or not wanted:
                self._publish(**NOTHING, failed=self._snapshot.failed + (wanted and seen is None))
            elif self.source.status().gone_seconds is not None:
                self._publish(followed=None, summary=None)
            else:
                self._publish()

    def _is_looked_at(self, now: float) -> bool:
        """Whether what a frame shows is for anybody."""
        looked_on = self._asked_at is not None and now - self._asked_at < LOOKED_ON
        return self._snapshot.state == "running" or (self._snapshot.state == "waiting" and looked_on)

    def _look(self, frame: Frame) -> Seen | None:
        """Without the lock, which is taken only to know what looks at present."""
        with self._changed:
            watcher, class_names = self._watcher, self._class_names
        return self._looking.look(watcher, class_names, frame)

    def _count(self, now: float, seen: Seen | None) -> None:
        if seen is None:
            self._lesson.pass_time(now)
        else:
            self._lesson.add(now, seen.summary, seen.followed)

    def _now(self) -> float:
        """Seconds of the lesson."""
        return self._time.after(self._lesson.seconds)

    def _publish(self, **changes: Any) -> None:
        """A new snapshot: the one before, and what is different now. A lesson that is over leaves nothing to be seen."""
        if self._lesson.ended:
            changes = {**changes, **NOTHING, "state": "ended"}
        if changes.get("state", self._snapshot.state) in ("paused", "ended"):
            self._looking.rest()
        self._snapshot = replace(
            self._snapshot,
            version=self._snapshot.version + 1,
            source=self.source.status(),
            frames_per_second=self._looking.pace.frames_per_second(self._clock()),
            milliseconds=self._looking.pace.milliseconds,
            problems=tuple(filter(None, (self._looking.problem, self._lesson.problem))),
            **self._lesson.shown(),
            **changes,
        )
        self._changed.notify_all()

    def _finish(self) -> None:
        """Nothing more comes."""
        self.end_lesson()
        self.source.close()
        with self._changed:
            self._publish(finished=True, ran_out=self._ran_out, **NOTHING)
