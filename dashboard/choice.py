"""What is in the pictures: one student each, or a class whose students are found first. Every page offers the same choice.

name = choice.add_drawn(students)  # what a visitor has drawn on the Seats page, known under a name that nobody guesses
radio.update(...) of every page: choice.offer(name)
"""

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import gradio as gr

from dashboard.charts import html
from dashboard.texts import Language, shown, text
from inference.finder import Finder
from inference.students import FINDER, WHOLE, Students

_LABELS = {
    WHOLE: "students_whole",
    FINDER: "students_finder",
    "seats": "students_seats",
    "faces": "students_faces",
}
_DRAWN_LABELS = {"seats": "students_drawn", FINDER: "students_masked"}
MOST_DRAWN = 200
"""Drawings that are known at the same time; the oldest goes first."""


@dataclass(frozen=True)
class Choice:
    """The ways of saying where the students are that this run of the app has."""

    known: Mapping[str, Students]
    """By their names, in the order of the page; `whole` is always there."""
    start: str = WHOLE
    """What stands chosen when a page is opened."""
    radios: list[gr.Radio] = field(default_factory=list, compare=False)
    """The places on the pages where it is chosen."""
    _drawn: OrderedDict[str, Students] = field(default_factory=OrderedDict, compare=False, repr=False)

    def __post_init__(self) -> None:
        if WHOLE not in self.known or self.start not in self.known:
            raise ValueError(f"Expected {WHOLE!r} and the start value {self.start!r} among {', '.join(self.known)}.")

    @property
    def before_webcam(self) -> str:
        """What stands chosen on the Live page: a webcam mostly sees one student, but seats or faces were asked for."""
        return WHOLE if self.start == FINDER else self.start

    def students(self, name: str | None) -> Students:
        """The one of that name, `whole` for none; `gr.Error`, which travels to the client, if this run does not have it."""
        found = self.known.get(name or WHOLE) or self._drawn.get(name or "")
        if found is None:
            hint = " Start the app with --finder FILE to have a finder." if name == FINDER else ""
            message = f"Expected students to be one of {', '.join(self.known)}, got {name!r}.{hint}"
            raise gr.Error(message, print_exception=False)
        return found

    def add_drawn(self, students: Students) -> str:
        """The name under which what one visitor drew is known until the program ends, or until many others have drawn."""
        name = f"drawn-{secrets.token_urlsafe(12)}"
        self._drawn[name] = students
        while len(self._drawn) > MOST_DRAWN:
            self._drawn.popitem(last=False)
        return name

    def offer(self, name: str, language: Language) -> list[Any]:
        """Updates of `radios`, in their order, that offer and choose what was drawn beside what is there for everybody."""
        label = _DRAWN_LABELS[self._drawn[name].name]
        choices = [(text(_LABELS[known], language), known) for known in self.known]
        choices.append((text(label, language), name))
        return [gr.update(choices=choices, value=name, visible=True) for _ in self.radios]

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
    choice.radios.append(buttons)
    if len(choice.known) == 1:
        html(shown("students_no_finder"), elem_id=f"{elem_id}-note", note=True)
    return buttons
