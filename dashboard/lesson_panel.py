"""`LessonPanel`: what the Live page shows of a lesson, the same for a webcam and for a camera of the machine.

panel = LessonPanel("webcam")
panel.build_controls(); panel.build_details()  # where they belong on the page
panel.outputs; panel.values(snapshot, "en", single=False)

`Sent` remembers for one browser what it was sent, so that what has not changed is not sent again.
"""

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import gradio as gr

from dashboard import lesson_view, timeline_view
from dashboard.charts import html
from dashboard.texts import Language, shown
from inference.snapshot import Snapshot

Step = Callable[..., Any]


class LessonPanel:
    """Buttons and numbers of one lesson. `name` begins the ids of its parts."""

    def __init__(self, name: str) -> None:
        self.name = name

    def build_controls(self) -> None:
        """How the lesson stands, and the buttons that make sense then."""
        self.status = html(elem_id=f"{self.name}-status")
        self.headline = html(elem_id=f"{self.name}-headline")
        with gr.Row(elem_classes=["taido-buttons"]):
            self.start = _button("lesson_start", f"{self.name}-start", variant="primary", visible=True)
            self.pause = _button("lesson_pause", f"{self.name}-pause")
            self.resume = _button("lesson_resume", f"{self.name}-resume", variant="primary")
            self.end = _button("lesson_end", f"{self.name}-end", variant="stop")
        self.download = html(elem_id=f"{self.name}-download")

    def build_details(self) -> None:
        """Averages, changes and the timeline."""
        with gr.Row(equal_height=True):
            with gr.Column(min_width=300):
                self.means = html(elem_id=f"{self.name}-means")
            with gr.Column(min_width=300):
                self.changes = html(elem_id=f"{self.name}-changes")
        self.chart = html(elem_id=f"{self.name}-timeline")
        with gr.Accordion(str(shown("timeline_table")), open=False, elem_id=f"{self.name}-table"):
            self.table = gr.HTML(elem_classes=["taido", "taido-scroll"], apply_default_css=False, max_height=360)

    @property
    def outputs(self) -> list[gr.components.Component]:
        """What `values` fills."""
        pieces = [self.headline, self.download, self.status, self.means, self.changes, self.chart, self.table]
        return [self.start, self.pause, self.resume, self.end, *pieces]

    def values(self, snapshot: Snapshot, language: Language, *, single: bool) -> list[Any]:
        """In the order of `outputs`; `single`: each picture is one student, who has no changes of a class."""
        state = snapshot.state
        start = state in ("waiting", "ended") and not snapshot.finished
        visible = [start, state == "running", state == "paused", state in ("running", "paused")]
        return [
            *(gr.update(visible=seen) for seen in visible),
            lesson_view.headline(snapshot, language),
            timeline_view.csv_link(snapshot, language) if state == "ended" else "",
            lesson_view.status(snapshot, language),
            lesson_view.means(snapshot, language, single=single),
            "" if single else lesson_view.changes(snapshot, language),
            timeline_view.chart(snapshot, language, single=single),
            timeline_view.table(snapshot, language, single=single),
        ]

    def on_click(self, steps: Sequence[Step], inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """What start, pause, resume and end do."""
        for button, step in zip((self.start, self.pause, self.resume, self.end), steps, strict=True):
            button.click(
                step, list(inputs), list(outputs), show_progress="hidden", concurrency_limit=None, api_visibility="private"
            )


class Sent:
    """What one browser was sent last. Of texts, pictures among them, only the hash: a session outlives its browser."""

    def __init__(self) -> None:
        self._lock, self._values = Lock(), list[Any]()

    def only_new(self, values: Sequence[Any]) -> list[Any]:
        """The values, with `gr.skip()` for each that the browser has already."""
        now = [hash(value) if isinstance(value, str) else value for value in values]
        with self._lock:
            known, self._values = self._values or [None] * len(values), now
        return [gr.skip() if new == old else value for value, new, old in zip(values, now, known, strict=True)]


def _button(key: str, elem_id: str, *, variant: Any = "secondary", visible: bool = False) -> gr.Button:
    return gr.Button(str(shown(key)), variant=variant, visible=visible, elem_id=elem_id, min_width=120)
