"""The Live page's part for cameras of the machine: one grab and one inference of each, and any number of browsers that look on.

camera = MachineCamera(monitor, record=Path("lessons.db"))
build([camera], demo, tab)

Every browser asks for the newest snapshot a few times a second and is sent what is new in it. The sources are given when the app
is started, never from a page. A browser is sent no picture of a camera before somebody there has read what must be agreed on, and
asked for it; a camera that nobody looks at and that has no lesson is not looked at at all.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from dashboard.charts import card, html, quiet, waiting
from dashboard.error_texts import told, told_line
from dashboard.lesson_panel import LessonPanel, Sent
from dashboard.lesson_view import counts
from dashboard.marked import Newest, picture_html
from dashboard.texts import Language, language_of, shown, text
from inference import Classifier, TaidoError, words
from inference.monitor import Monitor
from inference.snapshot import Snapshot
from inference.summary import LEAST_FOR_SHARES
from inference.watching import Watcher

LOOK_EVERY_SECONDS = 0.5
"""Between two looks of a browser at the newest snapshot."""
STILL_EVERY_SECONDS = 0.1
"""Between two looks for the picture that somebody waits for."""


@dataclass(frozen=True)
class MachineCamera:
    """A camera, stream or film of this machine, and what is kept of it."""

    monitor: Monitor
    single: bool = False
    """Whether each picture is one student."""
    record: Path | None = None
    """Where the counts of lessons are kept."""
    record_few: bool = False
    """Whether also those of very few students are, which can speak of one of them."""
    newest: Newest = field(default_factory=Newest)
    classifier: Classifier | None = None
    """The model of the program, which may be exchanged; None where the camera keeps its own."""
    watcher_of: Callable[[Classifier], Watcher] | None = None

    def follow(self) -> bool:
        """Go over to the model that the program has now; False where a lesson is under way, which ends with its own."""
        if self.classifier is not None and self.watcher_of is not None:
            model = self.classifier.now
            if self.monitor.next_watcher.classifier is not model:
                self.monitor.watch_with(self.watcher_of(model), model.spec.class_names)
        return self.monitor.watcher is self.monitor.next_watcher

    def values(self, snapshot: Snapshot, language: Language, *, asked: bool) -> list[str]:
        """Problems, the marked picture and the counts, as HTML; `asked`: pictures may be shown."""
        picture = self.picture(snapshot, language) if asked else _placeholder(text("live_consent", language), "taido-consent")
        return [problems(snapshot, language), picture, self.numbers(snapshot, language)]

    def picture(self, snapshot: Snapshot, language: Language) -> str:
        """The marked picture, or why there is none."""
        address = self.newest.address(snapshot)
        if address is None or snapshot.picture is None:
            return _placeholder(text(self._why_none(snapshot), language))
        gone = snapshot.source.gone_seconds
        since = "" if gone is None else text("camera_since", language, time=_time_of_day(gone))
        return picture_html(address, text("camera_picture", language), since=since)

    def still(self, patience: float = 5.0) -> np.ndarray | None:
        """The newest picture, masked, `(H, W, 3) uint8 RGB`; None where none comes within `patience` seconds."""
        end = time.monotonic() + patience
        while (picture := self.monitor.snapshot.picture) is None and time.monotonic() < end:
            self.monitor.look_on()
            time.sleep(STILL_EVERY_SECONDS)
        return picture

    def numbers(self, snapshot: Snapshot, language: Language) -> str:
        """The counts of that picture; none while nothing is looked at."""
        if snapshot.summary is None:
            return card(text("live_now", language), quiet(text("camera_no_counts", language)))
        return counts(snapshot.summary, language)

    def _why_none(self, snapshot: Snapshot) -> str:
        if snapshot.state == "ended" and not snapshot.ran_out:
            return "camera_ended"
        if snapshot.finished:
            return "camera_finished"
        if snapshot.state == "paused":
            return "camera_paused"
        return "camera_waiting" if self.monitor.source.live else "camera_file"


def problems(snapshot: Snapshot, language: Language) -> str:
    """That the camera is gone, and whatever else is wrong at present; empty while all is well."""
    lines, gone = [], snapshot.source.gone_seconds
    if gone is not None:
        length = words.duration(gone, language)
        lines += [text("camera_gone", language, time=_time_of_day(gone), length=length)]
        lines += [told_line(snapshot.source.message, language)]
    lines += [told_line(line, language) for line in snapshot.problems]
    body = "".join(quiet(line) for line in lines if line)
    return card(text("camera_problem", language), body, extra_class="taido-problems") if body else ""


class Onlooker:
    """One browser: what it was sent, and the cameras of which it asked for pictures."""

    def __init__(self) -> None:
        self.sent, self.asked = Sent(), set[int]()


def build(cameras: Sequence[MachineCamera], demo: gr.Blocks, tab: gr.Tab) -> None:
    """Add this part to the surrounding tab; with several cameras every browser chooses one."""
    onlooker, panel = gr.State(None), LessonPanel("camera")
    which = _choice(cameras)
    about = html(elem_id="camera-about")
    trouble = html(elem_id="camera-problems")
    with gr.Row(elem_classes=["taido-live"]):
        with gr.Column(scale=3, min_width=300, elem_classes=["taido-pictures"]):
            picture = html(waiting("live_consent"), elem_id="camera-picture")
            show = gr.Button(str(shown("camera_show")), variant="primary", visible=False, elem_id="camera-show")
        with gr.Column(scale=2, min_width=300, elem_classes=["taido-numbers"]):
            result = html(waiting("live_waiting"), elem_id="camera-result")
            panel.build_controls()
            html(shown("camera_shared"), elem_id="camera-shared", note=True)
    panel.build_details()
    timer, outputs = gr.Timer(LOOK_EVERY_SECONDS, active=False), [about, show, trouble, picture, result, *panel.outputs]

    def refresh(onlooker: Onlooker, which: int, request: gr.Request) -> list[Any]:
        camera, language = cameras[which], language_of(request)
        follows = camera.follow()
        asked = which in onlooker.asked or not camera.monitor.source.live
        if asked:
            camera.monitor.look_on()
        snapshot = camera.monitor.snapshot
        about, button = _about(camera, language, follows=follows), gr.update(visible=not asked)
        values = [about, button, *camera.values(snapshot, language, asked=asked)]
        return onlooker.sent.only_new([*values, *panel.values(snapshot, language, single=camera.single)])

    def clicked(step: Callable[[Monitor], None], *, asks: bool = False) -> Callable[..., list[Any]]:
        def handle(onlooker: Onlooker, which: int, request: gr.Request) -> list[Any]:
            cameras[which].follow()
            try:
                step(cameras[which].monitor)
            except TaidoError as error:
                raise gr.Error(told(error, language_of(request)), print_exception=False) from error
            onlooker.asked.update([which] if asks else [])
            return refresh(onlooker, which, request)

        return handle

    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    inputs = [onlooker, which]
    demo.load(Onlooker, None, onlooker, **quick)
    tab.select(lambda: gr.Timer(active=True), None, timer, **quick)
    timer.tick(refresh, inputs, outputs, concurrency_limit=None, **quick)
    which.input(refresh, inputs, outputs, concurrency_limit=None, **quick)
    show.click(clicked(Monitor.look_on, asks=True), inputs, outputs, concurrency_limit=None, **quick)
    begin, *others = Monitor.begin_lesson, Monitor.pause, Monitor.resume, Monitor.end_lesson
    panel.on_click([clicked(begin, asks=True), *map(clicked, others)], inputs, outputs)


def _choice(cameras: Sequence[MachineCamera]) -> gr.Radio:
    """Which camera a browser looks at, by its number; not seen where there is one."""
    names = [(camera.monitor.source.name, number) for number, camera in enumerate(cameras)]
    return gr.Radio(names, value=0, label=shown("camera_choice"), visible=len(cameras) > 1, elem_id="camera-which")


def _about(camera: MachineCamera, language: Language, *, follows: bool = True) -> str:
    """Which source it is, what is kept of it, and whether another model waits for the lesson to end."""
    line = text("camera_unrecorded", language)
    if camera.record is not None:
        kept = "camera_recorded_few" if camera.record_few else "camera_recorded"
        line = text(kept, language, file=camera.record.name, least=LEAST_FOR_SHARES)
    lines = quiet(line) + ("" if follows else quiet(text("camera_model_waits", language)))
    return card(text("camera_title", language, source=camera.monitor.source.name), lines)


def _placeholder(line: str, extra_class: str = "") -> str:
    """What stands in the place of a picture."""
    return f'<div class="taido-no-picture {extra_class}">{quiet(line)}</div>'


def _time_of_day(seconds_ago: float) -> str:
    return words.time_of_day(datetime.now().astimezone() - timedelta(seconds=seconds_ago), 0)
