"""The Live page: the browser's camera streams, the server answers with one light piece of HTML per frame.

A frame travels as JPEG inside the request, is decoded in memory, scored and forgotten; the session keeps scores only.
"""

import time
from html import escape

import gradio as gr
import numpy as np

from dashboard.charts import card, html, percent, quiet, share_bars, waiting
from dashboard.texts import Language, attitude, language_of, shown, text
from inference import Classifier, summarise
from inference.window import Window

WINDOW_SECONDS = 10
FRAME_EVERY_SECONDS = 0.04
"""The browser sends no second frame before the answer to the first, so this only caps the rate."""
VIEWERS_AT_ONCE = 8
"""A camera that streams occupies one place until it stops; the next one waits."""
CAMERA = {"video": {"width": {"ideal": 640}, "height": {"ideal": 480}}}
"""What the browser asks its camera for; the picture is sent at that size."""


def build(classifier: Classifier) -> None:
    """Add the page to the surrounding Blocks."""
    html(shown("live_intro"), elem_id="live-intro", note=True)
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

    def watch(frame: np.ndarray | None, seen: Window, request: gr.Request) -> tuple[str, Window]:
        if frame is None:
            return waiting("live_waiting"), seen
        scores = classifier.scores_of([frame])[0]
        seen = seen.add(time.monotonic(), scores)
        return show(seen, classifier.spec.class_names, language_of(request)), seen

    camera.stream(
        watch,
        [camera, window],
        [result, window],
        stream_every=FRAME_EVERY_SECONDS,
        concurrency_limit=VIEWERS_AT_ONCE,
        show_progress="hidden",
        api_visibility="private",
    )


def show(window: Window, class_names: tuple[str, ...], language: Language) -> str:
    """The current frame's scores and the counts of the last seconds as HTML."""
    return _now(window, class_names, language) + _recent(window, class_names, language)


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
