"""The Video page: a recording becomes a timeline with what changed and, on request, a copy with every student marked.

The same look through is the endpoint `/summarise_video`:

    from gradio_client import Client, handle_file
    client = Client("http://127.0.0.1:7860")
    client.predict(handle_file("lesson.mp4"), students="finder", api_name="/summarise_video")

One recording is looked at at a time; whoever comes meanwhile waits in Gradio's queue. Times are those of the recording.
"""

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any, Literal

import gradio as gr
from gradio.processing_utils import save_file_to_cache

from dashboard import lesson_view, timeline_view
from dashboard.answers import Changed, Means, VideoAnswer, typed_json
from dashboard.charts import card, html, quiet, waiting
from dashboard.choice import Choice, radio
from dashboard.error_texts import told, told_line
from dashboard.limits import HOME, Limits
from dashboard.serving import Serving
from dashboard.texts import Language, language_of, shown, text
from inference import Classifier, TaidoError, words
from inference.annotate_video import VIDEO_SUFFIXES, annotate_video
from inference.errors import SourceError
from inference.intervals import Interval
from inference.limits import limits as of_this_process
from inference.monitor import Monitor
from inference.snapshot import Snapshot
from inference.sources import Video
from inference.students import WHOLE, Students
from inference.watching import Watcher

UPLOADED = "The recording"
"""What messages and the log call what somebody uploaded."""
FRAMES_PER_SECOND = 4
"""That are looked at, where the page or a program says nothing else."""
MOST_FRAMES_PER_SECOND = 10
LOOK_EVERY_SECONDS = 0.5
"""Between two states of the page while a recording is looked through."""
ONE_AT_A_TIME: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "video"}
MARKED_NAME = "taido-marked.mp4"


class Wish:
    """What one browser asked for last. Gradio's own way to cancel fails for an event that was cancelled before."""

    def __init__(self) -> None:
        self.asked: Literal["go", "stop", "clear"] = "go"

    def is_(self, asked: Literal["go", "stop", "clear"]) -> bool:
        """At this moment; other threads change it."""
        return self.asked == asked

    def stop(self) -> None:
        """What was made so far stays on the page."""
        self.asked = "stop"


def build(classifier: Classifier, choice: Choice, demo: gr.Blocks, serving: Serving) -> None:
    """Add the page and the endpoint to the surrounding Blocks."""
    limits = serving.limits
    html(shown("video_intro"), elem_id="video-intro", note=True)
    way, wish = radio(choice, choice.start, "video-students"), gr.State(None)
    with gr.Row():
        with gr.Column(scale=3, min_width=300):
            file = gr.File(file_types=sorted(VIDEO_SUFFIXES), label=shown("video_drop"), height=150, elem_id="video-drop")
        with gr.Column(scale=2, min_width=300):
            rate = gr.Slider(
                1, MOST_FRAMES_PER_SECOND, FRAMES_PER_SECOND, step=1, label=shown("video_rate"), buttons=[], elem_id="video-rate"
            )
    with gr.Row():
        start = gr.Button(str(shown("video_start")), variant="primary", interactive=False, min_width=180, elem_id="video-start")
        mark = gr.Button(str(shown("video_mark")), interactive=False, min_width=180, elem_id="video-mark")
        stop = gr.Button(str(shown("video_stop")), variant="stop", min_width=180, elem_id="video-stop")
    status = html(waiting("video_waiting"), elem_id="video-status")
    marked = gr.Video(label=shown("video_marked"), visible=False, interactive=False, height=440, elem_id="video-marked")
    with gr.Row(equal_height=True):
        means, changes = (html(elem_id=f"video-{name}") for name in ("means", "changes"))
    chart, download = html(elem_id="video-timeline"), html(elem_id="video-download")
    with gr.Accordion(str(shown("timeline_table")), open=False, visible=False, elem_id="video-table") as drawer:
        table = gr.HTML(elem_classes=["taido", "taido-scroll"], apply_default_css=False, max_height=360)

    def look(
        path: str | None,
        name: str,
        rate: float,
        wish: Wish,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[list[Any]]:
        language = language_of(request)
        wish.asked = "go"
        if path is None:
            yield [waiting("video_waiting"), *EMPTY]
            return
        single = choice.students(name).name == WHOLE
        try:
            for snapshot, length in watched(Path(path), classifier, choice.students(name), rate, limits):
                if not wish.is_("go"):
                    break
                if length:
                    progress((snapshot.source.taken, length), desc=text("video_working", language), unit="frames")
                yield values(snapshot, language, single=single)
        except TaidoError as error:
            yield [_problem(error, path, language), *EMPTY]
        if wish.is_("clear"):
            yield [waiting("video_waiting"), *EMPTY]

    def draw(
        path: str | None,
        name: str,
        rate: float,
        wish: Wish,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> Iterator[tuple[Any, Any]]:
        language = language_of(request)
        wish.asked = "go"
        if path is None:
            yield waiting("video_waiting"), gr.skip()
            return
        yield quiet(text("video_heads", language)), gr.update(value=None, visible=False)
        try:
            for result in drawn(Path(path), classifier, choice.students(name), rate, marked.GRADIO_CACHE, limits):
                if not wish.is_("go"):
                    break
                if isinstance(result, str):
                    serving.uploads.remember(request.session_hash or "", [result])
                    yield quiet(text("video_heads", language)), gr.update(value=result, visible=True)
                else:
                    progress(result, desc=text("video_drawing", language), unit="frames")
        except TaidoError as error:
            yield _problem(error, path, language), gr.update(visible=False)
        if wish.is_("clear"):
            yield waiting("video_waiting"), gr.update(value=None, visible=False)

    def clear(wish: Wish) -> list[Any]:
        wish.asked = "clear"
        return [waiting("video_waiting"), *EMPTY, gr.update(value=None, visible=False)]

    quiet_api: dict[str, Any] = {"api_visibility": "private", **ONE_AT_A_TIME}
    outputs = [status, means, changes, chart, download, drawer, table]
    private: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    demo.load(Wish, None, wish, **private)
    file.change(lambda path: [gr.update(interactive=path is not None)] * 2, file, [start, mark], **private)
    start.click(look, [file, way, rate, wish], outputs, show_progress_on=status, **quiet_api)
    mark.click(draw, [file, way, rate, wish], [status, marked], show_progress_on=status, **quiet_api)
    stop.click(Wish.stop, wish, None, **private)
    file.clear(clear, wish, [*outputs, marked], **private)
    _add_endpoint(classifier, choice, limits)


EMPTY: list[Any] = ["", "", "", "", gr.update(visible=False), ""]
"""What stands on the page below its status before there is a timeline."""


def _add_endpoint(classifier: Classifier, choice: Choice, limits: Limits) -> None:
    file = gr.File(visible=False, label="video")
    way = gr.Textbox(WHOLE, visible=False, label="students", info=f"one of {', '.join(choice.known)}")
    rate = gr.Number(FRAMES_PER_SECOND, visible=False, label="frames looked at per second")
    result = typed_json(VideoAnswer, "means, intervals and changes")

    def summarise_video(
        video: str | None, students: str | None = WHOLE, frames_per_second: float = FRAMES_PER_SECOND
    ) -> VideoAnswer:
        """Mean counts and shares of a recording, per interval and in all, and what changed; times in seconds of the recording."""
        if video is None:
            raise gr.Error("Expected a video.", print_exception=False)
        try:
            *_, (snapshot, _) = watched(Path(video), classifier, choice.students(students), frames_per_second, limits)
        except TaidoError as error:
            raise gr.Error(_named(error, video), print_exception=False) from error
        return answer(snapshot)

    gr.Button(visible=False).click(summarise_video, [file, way, rate], result, api_name="summarise_video", **ONE_AT_A_TIME)


def answer(snapshot: Snapshot) -> VideoAnswer:
    """A lesson as plain lists, texts and numbers; withheld shares are None."""
    names = snapshot.class_names

    def means(interval: Interval) -> Means:
        shares = None if interval.shares is None else dict(zip(names, interval.shares, strict=True))
        return {
            "start": interval.start,
            "seconds": interval.seconds,
            "frames": interval.frames,
            "students": interval.students,
            "uncertain": interval.uncertain,
            "counts": dict(zip(names, interval.counts, strict=True)),
            "shares": shares,
        }

    changes: list[Changed] = [
        {"seconds": c.seconds, "name": names[c.class_index], "before": c.before, "after": c.after} for c in snapshot.changes
    ]
    return {"whole": means(snapshot.whole), "intervals": [means(i) for i in snapshot.intervals], "changes": changes}


def watched(
    path: Path, classifier: Classifier, students: Students, frames_per_second: float, limits: Limits = HOME
) -> Iterator[tuple[Snapshot, int | None]]:
    """Looks through a recording: how it stands twice a second, with the number of frames in all where that is known.

    Closing the iterator ends it. Raises SourceError for what is no video or too long.
    """
    with _opened(path, frames_per_second, limits) as source:
        monitor = Monitor(source, Watcher(classifier, students), classifier.spec.class_names)
        began = time.monotonic()
        monitor.begin_lesson()
        monitor.start_thread()
        try:
            while not monitor.snapshot.finished:
                time.sleep(LOOK_EVERY_SECONDS)
                _check_length(monitor.snapshot, path, began, limits.video_hours)
                yield monitor.snapshot, source.length
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


def _check_length(snapshot: Snapshot, path: Path, began: float, hours: float) -> None:
    """A header may say nothing of the length, or something wrong."""
    most = of_this_process()
    if snapshot.source.grabbed > most.video_frames or snapshot.seconds > 3600 * hours:
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

    Closing the iterator ends it and leaves nothing. Raises SourceError, OutputError or ImageError.
    """
    with _opened(path, frames_per_second, limits) as source:
        every, length = source.every, source.length
    done, stopped, failed = [0], threading.Event(), list[Exception]()

    def advance(count: int) -> None:
        done[0] = count
        if stopped.is_set():
            raise InterruptedError

    with tempfile.TemporaryDirectory() as folder:
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


def values(snapshot: Snapshot, language: Language, *, single: bool) -> list[Any]:
    """What fills the page, in the order of its outputs."""
    over = snapshot.finished
    stands = text("video_done" if over else "video_running", language, length=words.duration(snapshot.seconds, language))
    return [
        f'<p class="taido-headline">{escape(stands)}</p>{_broken(snapshot, language)}',
        lesson_view.whole(snapshot.whole, snapshot.class_names, language, single=single),
        "" if single else lesson_view.changes(snapshot, language),
        timeline_view.chart(snapshot, language, single=single),
        timeline_view.csv_link(snapshot, language) if over else "",
        gr.update(visible=bool(snapshot.intervals)),
        timeline_view.table(snapshot, language, single=single),
    ]


def _broken(snapshot: Snapshot, language: Language) -> str:
    body = "".join(quiet(told_line(line, language)) for line in (snapshot.source.message, *snapshot.problems) if line)
    return card(text("camera_problem", language), body, extra_class="taido-problems") if body else ""


def _problem(error: TaidoError, path: str, language: Language) -> str:
    return card(text("camera_problem", language), quiet(_named(error, path, language)), extra_class="taido-problems")


def _named(error: TaidoError, path: str, language: Language = "en") -> str:
    """The message, with the file's name in the place of where it lies on the server."""
    return told(error, language).replace(path, Path(path).name)
