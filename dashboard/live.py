"""The Live page: a lesson before a webcam of the browser, and, where the app was started with one, a camera of the machine.

A frame of the webcam travels as JPEG inside the request, is decoded in memory, looked at and forgotten; its answer is one light
piece of HTML, and for a class the marked picture within another. Averages, timeline and changes follow once a second, and only
what is new of them. The session keeps counts; pictures are never written.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import gradio as gr
import numpy as np

from dashboard import live_camera
from dashboard.charts import card, html, quiet, waiting
from dashboard.choice import Choice, radio
from dashboard.crowd import webcams as streaming
from dashboard.error_texts import told
from dashboard.lesson_panel import LessonPanel, Sent
from dashboard.lesson_view import counts, recently, student
from dashboard.live_camera import MachineCamera
from dashboard.marked import marked_address, picture_html
from dashboard.texts import Language, language_of, shown, text
from dashboard.webcam_session import WebcamSession
from inference import Classifier, TaidoError, words
from inference.clock import steady
from inference.snapshot import Snapshot
from inference.students import WHOLE

FRAME_EVERY_SECONDS = 0.04
"""The browser sends no second frame before the answer to the first, so this only caps the rate."""
SLOW_EVERY_SECONDS = 1.0
"""Between two looks at what changes slowly."""
STOPPED_SECONDS = 10.0
"""Without a frame, after which a camera counts as stopped."""
ONE_WH, CLASS_WH = (640, 480), (1280, 720)
"""What the browser asks its camera for; the picture is sent at that size. The students of a class are small in it."""


STEPS: tuple[Callable[[WebcamSession], None], ...] = (
    lambda session: session.begin_lesson(steady(), datetime.now().astimezone()),
    lambda session: session.pause(steady()),
    lambda session: session.resume(steady()),
    lambda session: session.end_lesson(steady()),
)
"""What the buttons do, in the order of `LessonPanel.on_click`."""


class Visitor:
    """One browser: its camera, its lesson, and what it was sent. Made when the page is loaded."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier, self._session, self.sent = classifier, WebcamSession(classifier), Sent()

    @property
    def session(self) -> WebcamSession:
        """A new one when another model was chosen, unless there is a lesson, whose counts are nowhere else."""
        return self._session if self._session.has_lesson else self._of_the_model()

    def press(self, step: Callable[[WebcamSession], None]) -> None:
        """One of STEPS; a new lesson begins with the model that was chosen meanwhile."""
        begins = step is STEPS[0] and not self._session.counting
        step(self._of_the_model() if begins else self._session)

    def _of_the_model(self) -> WebcamSession:
        if self._session.classifier is not self._classifier.now:
            self._session = WebcamSession(self._classifier)
        return self._session


def build(
    classifier: Classifier, choice: Choice, demo: gr.Blocks, tab: gr.Tab, cameras: Sequence[MachineCamera], webcams: int
) -> None:
    """Add the page to the surrounding tab; `cameras` are those of this machine, `webcams` how many browsers may stream."""
    html(shown("live_intro"), elem_id="live-intro", note=True)
    if not cameras:
        _build_webcam(classifier, choice, demo, tab, webcams)
        return
    live_camera.build(cameras, demo, tab)
    with gr.Accordion(str(shown("webcam_title")), open=False, elem_id="live-webcam"):
        _build_webcam(classifier, choice, demo, tab, webcams)


def _build_webcam(classifier: Classifier, choice: Choice, demo: gr.Blocks, tab: gr.Tab, webcams: int) -> None:
    way = radio(choice, choice.before_webcam, "live-students")
    visitor, panel = gr.State(None), LessonPanel("live")
    with gr.Row(elem_classes=["taido-live"]):
        with gr.Column(scale=3, min_width=300, elem_classes=["taido-pictures"]):
            marked = html(elem_id="live-marked")
            html(shown("live_consent"), elem_id="live-consent", note=True)
            camera = _camera(choice.before_webcam)
            html(shown("live_start"), elem_id="live-start-note", note=True)
        with gr.Column(scale=2, min_width=300, elem_classes=["taido-numbers"]):
            result = html(waiting("live_waiting"), elem_id="live-result")
            recent = html(elem_id="live-recent")
            panel.build_controls()
    panel.build_details()
    html(shown("live_kept"), elem_id="live-kept", note=True)
    timer, slow = gr.Timer(SLOW_EVERY_SECONDS, active=False), [way, result, marked, recent, *panel.outputs]

    def watch(frame: np.ndarray | None, visitor: Visitor, name: str, request: gr.Request) -> tuple[Any, Any]:
        if frame is None:
            return waiting("live_waiting"), ""
        return look(frame, visitor.session, choice, name, language_of(request))

    def refresh(visitor: Visitor, request: gr.Request) -> list[Any]:
        session, language = visitor.session, language_of(request)
        snapshot = session.snapshot(steady())
        values = [_recent(session, snapshot, language), *panel.values(snapshot, language, single=session.single)]
        found = _stopped(snapshot, language) or _full(snapshot, language, demo, webcams) or (gr.skip(), gr.skip())
        return visitor.sent.only_new([gr.update(interactive=not session.counting), *found, *values])

    def clicked(step: Callable[[WebcamSession], None]) -> Callable[..., list[Any]]:
        def handle(visitor: Visitor, request: gr.Request) -> list[Any]:
            visitor.press(step)
            return refresh(visitor, request)

        return handle

    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    demo.load(lambda: Visitor(classifier), None, visitor, **quick)
    tab.select(lambda: gr.Timer(active=True), None, timer, **quick)
    timer.tick(refresh, visitor, slow, concurrency_limit=None, **quick)
    way.change(lambda name: gr.Image(webcam_options=_webcam(name)), way, camera, **quick)
    panel.on_click([clicked(step) for step in STEPS], [visitor], slow)
    camera.stream(
        watch,
        [camera, visitor, way],
        [result, marked],
        stream_every=FRAME_EVERY_SECONDS,
        concurrency_limit=webcams,  # a camera that streams occupies its place until it stops
        **quick,
    )


def _camera(name: str) -> gr.Image:
    return gr.Image(
        sources="webcam",
        streaming=True,
        label=shown("live_camera"),
        show_label=False,
        height=400,
        buttons=[],
        webcam_options=_webcam(name),
        elem_id="live-camera",
    )


def _webcam(name: str) -> gr.WebcamOptions:
    width, height = ONE_WH if name == WHOLE else CLASS_WH
    return gr.WebcamOptions(mirror=False, constraints={"video": {"width": {"ideal": width}, "height": {"ideal": height}}})


def look(frame: np.ndarray, session: WebcamSession, choice: Choice, name: str, language: Language) -> tuple[str, str]:
    """What is seen in a frame, and for a class the marked picture, as HTML."""
    names = session.class_names
    try:
        seen, summary = session.see(frame, choice.students(name), steady())
    except TaidoError as error:
        return card(text("live_now", language), quiet(told(error, language)), extra_class="taido-problems"), ""
    if session.single:
        return student(seen.followed, names, language), ""
    return counts(summary, language), picture_html(
        marked_address(seen.picture, seen.followed, names), text("live_marked", language)
    )


def _stopped(snapshot: Snapshot, language: Language) -> tuple[Any, Any] | None:
    """In the place of result and marked picture, where no frame has come for a while; what a minute ago was is not now."""
    age = snapshot.source.age_seconds
    if age is None or age < STOPPED_SECONDS:
        return None
    since = words.time_of_day(datetime.now().astimezone() - timedelta(seconds=age), 0)
    return card(text("live_now", language), quiet(text("camera_since", language, time=since))), ""


def _full(snapshot: Snapshot, language: Language, demo: gr.Blocks, most: int) -> tuple[Any, Any] | None:
    """In the same place, before this browser's first frame: whether there is a place for its webcam."""
    if snapshot.source.age_seconds is not None:
        return None
    if streaming(demo) < most:
        return waiting("live_waiting"), ""
    return card(text("live_now", language), quiet(text("busy_webcams", language, limit=most)), extra_class="taido-problems"), ""


def _recent(session: WebcamSession, snapshot: Snapshot, language: Language) -> str:
    """The last seconds of a single student; of a class they are among the averages."""
    return recently(snapshot, language) if session.single and snapshot.last_seconds.seconds else ""
