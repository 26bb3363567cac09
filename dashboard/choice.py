"""What is in the pictures: one student each, or a class whose students are found first. Every page offers the same choice."""

from collections.abc import Mapping
from dataclasses import dataclass

import gradio as gr

from dashboard.charts import html
from dashboard.texts import shown
from inference.finder import Finder
from inference.students import FINDER, WHOLE, Students

_LABELS = {
    WHOLE: "students_whole",
    FINDER: "students_finder",
    "seats": "students_seats",
    "faces": "students_faces",
}


@dataclass(frozen=True)
class Choice:
    """The ways of saying where the students are that this run of the app has."""

    known: Mapping[str, Students]
    """By their names, in the order of the page; `whole` is always there."""
    start: str = WHOLE
    """What stands chosen when a page is opened."""

    def __post_init__(self) -> None:
        if WHOLE not in self.known or self.start not in self.known:
            raise ValueError(f"Expected {WHOLE!r} and the start value {self.start!r} among {', '.join(self.known)}.")

    def students(self, name: str | None) -> Students:
        """The one of that name, `whole` for none; `gr.Error`, which travels to the client, if this run does not have it."""
        found = self.known.get(name or WHOLE)
        if found is None:
            hint = " Start the app with --finder FILE to have a finder." if name == FINDER else ""
            message = f"Expected students to be one of {', '.join(self.known)}, got {name!r}.{hint}"
            raise gr.Error(message, print_exception=False)
        return found

    @property
    def finder(self) -> Finder | None:
        """The finder of this run, if it has one."""
        found = self.known.get(FINDER)
        return found if isinstance(found, Finder) else None


def radio(choice: Choice, start: str, elem_id: str) -> gr.Radio:
    """The choice as a person sees it, or a note that says why there is none."""
    buttons = gr.Radio(
        [(shown(_LABELS[name]), name) for name in choice.known],
        value=start,
        label=shown("students_choice"),
        visible=len(choice.known) > 1,
        elem_id=elem_id,
    )
    if len(choice.known) == 1:
        html(shown("students_no_finder"), elem_id=f"{elem_id}-note", note=True)
    return buttons
