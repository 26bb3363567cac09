"""A recording that somebody uploaded, looked through and drawn into, in steps that a page can show and end.

for snapshot, frames in watched(path, classifier, students, 4): ...
*_, place = drawn(path, classifier, students, 4, cache)

The log, and what is told of a look that goes on, call it by what it is, never by the name that somebody gave the file. Only the
errors that are raised hold its place and name: they go to whoever uploaded it.
"""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gradio.processing_utils import save_file_to_cache

from dashboard.limits import HOME, Limits
from inference import Classifier
from inference.annotate_video import annotate_video
from inference.errors import SourceError
from inference.limits import limits as of_this_process
from inference.monitor import Monitor
from inference.snapshot import Snapshot
from inference.sources import Frame, Video
from inference.students import Students
from inference.watching import Watcher

UPLOADED = "The recording"
"""What the log calls what somebody uploaded."""
FRAMES_PER_SECOND = 4
"""That are looked at, where the page or a program says nothing else."""
MOST_FRAMES_PER_SECOND = 10
LOOK_EVERY_SECONDS = 0.5
"""Between two states of the page while a recording is looked through."""
MARKED_NAME = "taido-marked.mp4"


def watched(
    path: Path, classifier: Classifier, students: Students, frames_per_second: float, limits: Limits = HOME
) -> Iterator[tuple[Snapshot, int | None]]:
    """Looks through a recording: how it stands twice a second, with the number of frames in all where that is known.

    Closing the iterator ends it. Raises SourceError for what is no video or too long.
    """
    classifier = classifier.now
    with _opened(path, frames_per_second, limits) as source:
        monitor = Monitor(source, Watcher(classifier, students), classifier.spec.class_names)
        began = time.monotonic()
        monitor.begin_lesson()
        monitor.start_thread()
        try:
            while not monitor.snapshot.finished:
                time.sleep(LOOK_EVERY_SECONDS)
                snapshot = monitor.snapshot
                _check_length(snapshot.source.grabbed, snapshot.seconds, path, began, limits.video_hours)
                yield snapshot, source.length
        finally:
            monitor.close()
        if not monitor.snapshot.whole.frames:
            raise _nothing_seen(monitor.snapshot, path)
        yield monitor.snapshot, source.length


def _nothing_seen(snapshot: Snapshot, path: Path) -> SourceError:
    """Why there was not one frame."""
    if snapshot.problems:
        first = snapshot.problems[0]
        return SourceError(snapshot.problem or "", code=first.code, **first.values)
    return SourceError(f"{path} has no frame that can be read. Use another file.", code="video_empty")


def _check_length(frames: int, seconds: float, path: Path, began: float, hours: float) -> None:
    """Of what was read so far: a header may say nothing of the length, or something wrong."""
    most = of_this_process()
    if frames > most.video_frames or seconds > 3600 * hours:
        raise SourceError(
            f"{path} is longer than {hours:g} hours or {most.video_frames} frames. Cut it into lessons.",
            code="video_long",
            name=path.name,
            hours=f"{hours:g}",
        )
    if time.monotonic() - began > most.call_seconds:
        raise SourceError(
            f"{path} took more than {most.call_seconds} seconds. Cut it, or look at fewer frames a second.",
            code="video_slow",
            name=path.name,
            seconds=most.call_seconds,
        )


def drawn(
    path: Path, classifier: Classifier, students: Students, frames_per_second: float, cache: str, limits: Limits = HOME
) -> Iterator[tuple[int, int | None] | str]:
    """Writes the marked copy: how many frames are done, of how many, twice a second; at the end its place in Gradio's cache.

    Closing the iterator ends it and leaves nothing. Raises SourceError as `watched` does, OutputError or ImageError.
    """
    classifier = classifier.now
    with _opened(path, frames_per_second, limits) as source:
        every, length = source.every, source.length
    began = time.monotonic()
    done, stopped, failed = [0], threading.Event(), list[Exception]()

    def advance(count: int, frame: Frame) -> None:
        done[0] = count
        if stopped.is_set():
            raise InterruptedError
        _check_length(frame.number + 1, frame.seconds, path, began, limits.video_hours)

    with tempfile.TemporaryDirectory(dir=cache) as folder:  # goes with the uploads, however the program ends
        target = Path(folder) / MARKED_NAME

        def work() -> None:
            try:
                watcher = Watcher(classifier, students)
                annotate_video(path, target, watcher, classifier.spec.class_names, every=every, progress=advance, name=UPLOADED)
            except Exception as error:  # raised again in the thread that waits
                failed.append(error)

        thread = threading.Thread(target=work, name="annotate", daemon=True)
        thread.start()
        try:
            while thread.is_alive():
                thread.join(LOOK_EVERY_SECONDS)
                yield done[0], length
        finally:
            stopped.set()
            thread.join()
        if failed:
            raise failed[0]
        yield str(save_file_to_cache(target, cache))


@contextmanager
def _opened(path: Path, frames_per_second: float, limits: Limits) -> Iterator[Video]:
    """The recording, of which about so many frames a second are taken."""
    with Video(path) as whole:
        rate, length = whole.frames_per_second, whole.length
    if length is not None and length / rate > 3600 * limits.video_hours:
        raise SourceError(
            f"{path} is longer than {limits.video_hours:g} hours. Cut it into lessons.",
            code="video_long",
            name=path.name,
            hours=f"{limits.video_hours:g}",
        )
    if path.stat().st_size > 1e6 * limits.video_megabytes:
        raise SourceError(
            f"{path} has more than {limits.video_megabytes:g} MB. Cut it or make it smaller.",
            code="video_heavy",
            name=path.name,
            most=f"{limits.video_megabytes:g}",
        )
    every = max(1, round(rate / min(max(frames_per_second, 0.1), MOST_FRAMES_PER_SECOND)))
    with Video(path, every=every) as video:
        video.name = UPLOADED  # a log is no place for the names that people give their files
        yield video
