"""The Video page: a recording becomes a timeline with what changed and, on request, a copy with every student marked.

The same look through is the endpoint `/summarise_video`:

    from gradio_client import Client, handle_file
    client = Client("http://127.0.0.1:7860")
    client.predict(handle_file("lesson.mp4"), students="finder", api_name="/summarise_video")

One recording is looked at at a time; whoever comes meanwhile waits in Gradio's queue. Times are those of the recording.
"""

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any, Literal

import gradio as gr

from dashboard import lesson_view, timeline_view
from dashboard.answers import Changed, Means, VideoAnswer, typed_json
from dashboard.charts import card, html, problems, quiet, waiting
from dashboard.choice import Choice, radio
from dashboard.error_texts import told, told_line
from dashboard.limits import Limits
from dashboard.recording import FRAMES_PER_SECOND, MOST_FRAMES_PER_SECOND, drawn, watched
from dashboard.serving import Serving
from dashboard.texts import Language, language_of, shown, text
from inference import Classifier, TaidoError, words
from inference.annotate_video import VIDEO_SUFFIXES
from inference.intervals import Interval
from inference.snapshot import Snapshot
from inference.students import WHOLE

ONE_AT_A_TIME: dict[str, Any] = {"concurrency_limit": 1, "concurrency_id": "video"}


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
            file = gr.File(file_types=sorted(VIDEO_SUFFIXES), label=shown("video_drop"), height=176, elem_id="video-drop")
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
        with gr.Column(min_width=300):
            means = html(elem_id="video-means")
        with gr.Column(min_width=300):
            changes = html(elem_id="video-changes")
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
                    progress(
                        (snapshot.source.taken, length), desc=text("video_working", language), unit=text("unit_frames", language)
                    )
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
        yield ROOM, gr.update(value=None, visible=False)
        try:
            for result in drawn(Path(path), classifier, choice.students(name), rate, marked.GRADIO_CACHE, limits):
                if not wish.is_("go"):
                    break
                if isinstance(result, str):
                    serving.uploads.remember(request.session_hash or "", [result])
                    yield quiet(text("video_heads", language)), gr.update(value=result, visible=True)
                else:
                    progress(result, desc=text("video_drawing", language), unit=text("unit_frames", language))
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


ROOM = '<div class="taido-room"></div>'
"""What the bar of the progress lies on; on nothing Gradio does not show it."""
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
        if not isinstance(frames_per_second, int | float):
            raise gr.Error("Expected a number of frames looked at per second, such as 4.", print_exception=False)
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
    return problems(_named(error, path, language), language)


def _named(error: TaidoError, path: str, language: Language = "en") -> str:
    """The message, with the file's name in the place of where it lies on the server."""
    return told(error, language).replace(path, Path(path).name)
