"""The Live page's part for a camera of the machine: one grab and one inference, and any number of browsers that look on.

camera = MachineCamera(monitor, record=Path("lessons.db"))
build(camera, demo, tab)

Every browser asks for the newest snapshot a few times a second and is sent what is new in it. The source is given when the app is
started, never from a page.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import gradio as gr

from dashboard.charts import card, html, quiet, waiting
from dashboard.lesson_panel import LessonPanel, Sent
from dashboard.lesson_view import counts
from dashboard.marked import Newest, picture_html
from dashboard.texts import Language, language_of, shown, text
from inference import TaidoError, words
from inference.monitor import Monitor
from inference.snapshot import Snapshot

LOOK_EVERY_SECONDS = 0.5
"""Between two looks of a browser at the newest snapshot."""


@dataclass(frozen=True)
class MachineCamera:
    """A camera, stream or film of this machine, and what is kept of it."""

    monitor: Monitor
    single: bool = False
    """Whether each picture is one student."""
    record: Path | None = None
    """Where the counts of lessons are kept."""
    newest: Newest = field(default_factory=Newest)

    def values(self, snapshot: Snapshot, language: Language) -> list[str]:
        """Problems, the marked picture and the counts, as HTML."""
        return [problems(snapshot, language), self.picture(snapshot, language), self.numbers(snapshot, language)]

    def picture(self, snapshot: Snapshot, language: Language) -> str:
        """The marked picture, or why there is none."""
        address = self.newest.address(snapshot)
        if address is None or snapshot.picture is None:
            return f'<div class="taido-no-picture">{quiet(text(self._why_none(snapshot), language))}</div>'
        return picture_html(address, text("camera_picture", language), old=snapshot.followed is None)

    def numbers(self, snapshot: Snapshot, language: Language) -> str:
        """The counts of that picture; none while nothing is looked at."""
        if snapshot.summary is None:
            return card(text("live_now", language), quiet(text("camera_no_counts", language)))
        return counts(snapshot.summary, language)

    def _why_none(self, snapshot: Snapshot) -> str:
        if snapshot.finished:
            return "camera_finished"
        if snapshot.state == "paused":
            return "camera_paused"
        if snapshot.state == "ended":
            return "camera_ended"
        return "camera_waiting" if self.monitor.source.live else "camera_file"


def problems(snapshot: Snapshot, language: Language) -> str:
    """That the camera is gone, and whatever else is wrong at present; empty while all is well."""
    lines, gone = [], snapshot.source.gone_seconds
    if gone is not None:
        since = datetime.now().astimezone() - timedelta(seconds=gone)
        length = words.duration(gone, language)
        lines += [text("camera_gone", language, time=words.time_of_day(since, 0), length=length), snapshot.source.message]
    lines += [snapshot.problem or ""]
    body = "".join(quiet(line) for line in lines if line)
    return card(text("camera_problem", language), body, extra_class="taido-problems") if body else ""


def build(camera: MachineCamera, demo: gr.Blocks, tab: gr.Tab) -> None:
    """Add this part to the surrounding tab."""
    sent, panel = gr.State(None), LessonPanel("camera")
    about = html(elem_id="camera-about")
    trouble = html(elem_id="camera-problems")
    with gr.Row(elem_classes=["taido-live"]):
        with gr.Column(scale=3, min_width=300, elem_classes=["taido-pictures"]):
            picture = html(waiting("camera_waiting"), elem_id="camera-picture")
        with gr.Column(scale=2, min_width=300, elem_classes=["taido-numbers"]):
            result = html(waiting("live_waiting"), elem_id="camera-result")
            panel.build_controls()
            html(shown("camera_shared"), elem_id="camera-shared", note=True)
    panel.build_details()
    timer, outputs = gr.Timer(LOOK_EVERY_SECONDS, active=False), [trouble, picture, result, *panel.outputs]

    def refresh(sent: Sent, request: gr.Request) -> list[Any]:
        snapshot, language = camera.monitor.snapshot, language_of(request)
        values = [*camera.values(snapshot, language), *panel.values(snapshot, language, single=camera.single)]
        return sent.only_new(values)

    def clicked(step: Callable[[], None]) -> Callable[..., list[Any]]:
        def handle(sent: Sent, request: gr.Request) -> list[Any]:
            try:
                step()
            except TaidoError as error:
                raise gr.Error(str(error), print_exception=False) from error
            return refresh(sent, request)

        return handle

    def introduce(request: gr.Request) -> tuple[Sent, str]:
        return Sent(), _about(camera, language_of(request))

    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    monitor = camera.monitor
    demo.load(introduce, None, [sent, about], **quick)
    tab.select(lambda: gr.Timer(active=True), None, timer, **quick)
    timer.tick(refresh, sent, outputs, concurrency_limit=None, **quick)
    panel.on_click(
        [clicked(step) for step in (monitor.begin_lesson, monitor.pause, monitor.resume, monitor.end_lesson)], [sent], outputs
    )


def _about(camera: MachineCamera, language: Language) -> str:
    """Which source it is, and what is kept of it."""
    kept = "camera_unrecorded" if camera.record is None else "camera_recorded"
    line = text(kept, language, file="" if camera.record is None else camera.record.name)
    return card(text("camera_title", language, source=camera.monitor.source.name), quiet(line))
