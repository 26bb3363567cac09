"""The Lessons page: what was recorded with --record, one lesson or two beside one another.

The file is the one that was named when the app was started, never one from a page. It is read anew whenever somebody asks, so a
lesson that is still running is there as well, and nothing is ever written.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from dashboard import lessons_view
from dashboard.charts import card, html, quiet, waiting
from dashboard.error_texts import told
from dashboard.texts import Language, language_of, shown, text
from inference import TaidoError
from inference.recorded import RecordedSession, read_sessions


def build(record: Path | None, tab: gr.Tab) -> None:
    """Add the page to the surrounding tab."""
    if record is None:
        html(waiting("lessons_unrecorded"), elem_id="lessons-unrecorded")
        return
    overview = html(waiting("lessons_empty"), elem_id="lessons-list")
    refresh = gr.Button(str(shown("lessons_refresh")), elem_id="lessons-refresh", size="sm")
    with gr.Row():
        chosen = gr.Dropdown(label=shown("lessons_chosen"), elem_id="lessons-chosen", visible=False, min_width=300)
        other = gr.Dropdown(label=shown("lessons_other"), elem_id="lessons-other", visible=False, min_width=300)
    beside = html(elem_id="lessons-beside")
    lesson = html(elem_id="lessons-lesson")
    with gr.Accordion(str(shown("timeline_table")), open=False, visible=False, elem_id="lessons-table") as drawer:
        steps = gr.HTML(elem_classes=["taido", "taido-scroll"], apply_default_css=False, max_height=360)

    def look(number: int | None, against: int | None, request: gr.Request) -> list[Any]:
        return show(record, number, against, language_of(request))

    inputs, outputs = [chosen, other], [overview, chosen, other, beside, lesson, drawer, steps]
    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    for event in (tab.select, refresh.click, chosen.input, other.input):
        event(look, inputs, outputs, **quick)


def show(record: Path, number: int | None, against: int | None, language: Language) -> list[Any]:
    """What fills the page for the lesson `number` (the newest without one) beside the lesson `against`."""
    try:
        sessions = read_sessions(record) if record.exists() else []
    except TaidoError as error:
        return _nothing(card(text("lessons_problem", language), quiet(told(error, language)), extra_class="taido-problems"))
    if not sessions:
        return _nothing(card(text("lessons_list", language), quiet(text("lessons_empty", language))))
    known = {session.id: session for session in sessions}
    session = known.get(number or 0, sessions[-1])
    others = [one for one in sessions if one is not session]
    opposite = next((one for one in others if one.id == against), None)
    return [
        lessons_view.overview(sessions, language),
        gr.update(choices=_choices(sessions, language), value=session.id, visible=True),
        gr.update(
            choices=[(text("lessons_no_other", language), 0), *_choices(others, language)],
            value=0 if opposite is None else opposite.id,
            visible=len(sessions) > 1,
        ),
        "" if opposite is None else lessons_view.comparison(session, opposite, language),
        lessons_view.lesson(session, language),
        gr.update(visible=bool(session.intervals)),
        lessons_view.steps(session, language),
    ]


def _choices(sessions: Sequence[RecordedSession], language: Language) -> list[tuple[str, int]]:
    """Newest first."""
    return [(lessons_view.name_of(session, language), session.id) for session in reversed(sessions)]


def _nothing(overview: str) -> list[Any]:
    hidden = gr.update(visible=False)
    return [overview, hidden, hidden, "", "", hidden, ""]
