"""The Live page: the browser's camera streams, the server answers with one light piece of HTML per frame.

A frame travels as JPEG inside the request, is decoded in memory, scored and forgotten; the session keeps scores only. The marked
picture of a class travels back inside the HTML, so that it becomes no file either.
"""

import base64
import io
import time
from html import escape

import gradio as gr
import numpy as np
from PIL import Image

from dashboard.charts import card, count_bars, html, percent, quiet, share_bars, waiting
from dashboard.choice import Choice, radio
from dashboard.texts import Language, attitude, how_many, language_of, shown, text
from inference import Classifier, summarise
from inference.annotate import annotate
from inference.errors import SeatsError
from inference.room import Room, observe
from inference.students import WHOLE
from inference.window import Window

WINDOW_SECONDS = 10
FRAME_EVERY_SECONDS = 0.04
"""The browser sends no second frame before the answer to the first, so this only caps the rate."""
VIEWERS_AT_ONCE = 8
"""A camera that streams occupies one place until it stops; the next one waits."""
CAMERA = {"video": {"width": {"ideal": 640}, "height": {"ideal": 480}}}
"""What the browser asks its camera for; the picture is sent at that size."""


def build(classifier: Classifier, choice: Choice) -> None:
    """Add the page to the surrounding Blocks."""
    html(shown("live_intro"), elem_id="live-intro", note=True)
    way = radio(choice, WHOLE, "live-students")
    window = gr.State(Window(seconds=WINDOW_SECONDS))
    with gr.Row():
        with gr.Column(scale=3, min_width=300):
            camera = gr.Image(
                sources="webcam",
                streaming=True,
                label=shown("live_camera"),
                show_label=False,
                height=400,
                buttons=[],
                webcam_options=gr.WebcamOptions(mirror=False, constraints=CAMERA),
                elem_id="live-camera",
            )
            html(shown("live_start"), elem_id="live-start", note=True)
        with gr.Column(scale=2, min_width=300):
            result = html(waiting("live_waiting"), elem_id="live-result")
    marked = html(elem_id="live-marked")

    def watch(frame: np.ndarray | None, seen: Window, name: str, request: gr.Request) -> tuple[str, str, Window]:
        if frame is None:
            return waiting("live_waiting"), "", seen
        students, names, language = choice.students(name), classifier.spec.class_names, language_of(request)
        if students.name == WHOLE:
            seen = seen.add(time.monotonic(), classifier.scores_of([frame])[0])
            return show(seen, names, language), "", seen
        try:
            room = observe(frame, students, classifier)
        except SeatsError as error:
            return card(text("live_now", language), quiet(str(error)), extra_class="taido-problems"), "", seen
        return show_class(room, names, language), picture_of(frame, room, names, language), Window(seconds=WINDOW_SECONDS)

    camera.stream(
        watch,
        [camera, window, way],
        [result, marked, window],
        stream_every=FRAME_EVERY_SECONDS,
        concurrency_limit=VIEWERS_AT_ONCE,
        show_progress="hidden",
        api_visibility="private",
    )


def show(window: Window, class_names: tuple[str, ...], language: Language) -> str:
    """The current frame's scores and the counts of the last seconds as HTML."""
    return _now(window, class_names, language) + _recent(window, class_names, language)


def show_class(room: Room, class_names: tuple[str, ...], language: Language) -> str:
    """How many students of the current frame show each attitude, as HTML."""
    summary = summarise(room.scores, class_names)
    chart = count_bars(class_names, summary.counts, summary.shares, language, text("summary_chart", language))
    return card(text("live_now", language), chart, aside=how_many(summary.students, language, found=True))


def picture_of(frame: np.ndarray, room: Room, class_names: tuple[str, ...], language: Language) -> str:
    """The frame with every student marked, as HTML that holds the picture itself."""
    packed = io.BytesIO()
    Image.fromarray(annotate(frame, room, class_names)).save(packed, "JPEG", quality=85)
    source = "data:image/jpeg;base64," + base64.b64encode(packed.getvalue()).decode()
    return f'<img class="taido-marked" src="{source}" alt="{escape(text("live_marked", language))}">'


def _now(window: Window, class_names: tuple[str, ...], language: Language) -> str:
    scores = window.scores[-1]
    best = int(scores.argmax())
    name, score = escape(attitude(class_names[best], language)), percent(float(scores[best]))
    head = f'<p class="taido-now"><strong>{name}</strong> <span>{score}</span></p>'
    chart = share_bars(class_names, [float(score) for score in scores], language, text("live_scores_chart", language))
    return card(text("live_now", language), head + chart)


def _recent(window: Window, class_names: tuple[str, ...], language: Language) -> str:
    summary = summarise(window.scores, class_names)
    chart = share_bars(class_names, summary.shares, language, text("live_window_chart", language, seconds=WINDOW_SECONDS))
    rate = text("live_rate", language, frames=summary.students, rate=f"{window.frames_per_second:.1f}")
    return card(text("live_window", language, seconds=WINDOW_SECONDS), chart + quiet(rate), extra_class="taido-recent")
