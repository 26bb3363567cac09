"""The Teach page: photographs are gathered and labelled in the browser, for training. Only with `app.py --teach DIR`.

It is the one page that stores pictures of people. What somebody keeps is written into the folder that was named when the app was
started, and it says so; nothing can be taken before somebody has said that everybody in the pictures agrees.
"""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from dashboard.charts import card, html, percent, quiet
from dashboard.choice import Choice, radio
from dashboard.enough import table
from dashboard.error_texts import told
from dashboard.hold_button import hold_button, is_held, named, presses
from dashboard.marked import jpeg_address, picture_html
from dashboard.texts import Language, attitude, language_of, shown, text
from inference import Classifier, TaidoError, decode
from inference.candidates import Candidate, Waiting
from inference.gathering import Gathering, checked_name
from inference.images import IMAGE_SUFFIXES
from inference.students import WHOLE, Students

FRAME_EVERY_SECONDS = 0.25
"""Between two pictures while the button is held; most of them are refused as near copies until something moves."""
MOST_NAME = 60


class Visitor:
    """One browser."""

    def __init__(self, gathering: Gathering) -> None:
        self.waiting, self.presses, self.names = Waiting(gathering), 0, list(gathering.class_names)


def build(classifier: Classifier, choice: Choice, gathering: Gathering, demo: gr.Blocks) -> None:
    """Add the page to the surrounding tab."""
    promise = html(elem_id="teach-promise")
    agreed = gr.Checkbox(label=shown("teach_agreed"), elem_id="teach-agreed")
    visitor = gr.State(None)
    with gr.Row(visible=False, elem_id="teach-work") as work:
        with gr.Column(scale=3, min_width=300):
            way = radio(choice, WHOLE, "teach-students")
            with gr.Row():
                camera = gr.Textbox(label=shown("teach_camera"), max_length=MOST_NAME, min_width=130, elem_id="teach-camera")
                person = gr.Textbox(label=shown("teach_person"), max_length=MOST_NAME, min_width=130, elem_id="teach-person")
                other = gr.Button(str(shown("teach_next_person")), min_width=130, elem_id="teach-next-person")
            html(shown("teach_seats"), elem_id="teach-seats", note=True)
            webcam = _webcam()
            hold = hold_button("teach-hold")
            files = gr.File(
                file_count="multiple",
                file_types=sorted(IMAGE_SUFFIXES),
                label=shown("teach_files"),
                height=176,
                elem_id="teach-files",
            )
        with gr.Column(scale=2, min_width=300):
            status = html(elem_id="teach-status")
            picture = html(elem_id="teach-picture")
            label = gr.Radio(label=shown("teach_label"), elem_id="teach-label")
            with gr.Row(elem_classes=["taido-buttons"]):
                keep = gr.Button(str(shown("teach_keep")), variant="primary", min_width=100, elem_id="teach-keep")
                skip = gr.Button(str(shown("teach_skip")), min_width=100, elem_id="teach-skip")
                undo = gr.Button(str(shown("editor_undo")), min_width=100, elem_id="teach-undo")
            with gr.Accordion(str(shown("teach_another")), open=False):
                name = gr.Textbox(label=shown("teach_name"), max_length=MOST_NAME, elem_id="teach-name")
                add = gr.Button(str(shown("teach_add")), elem_id="teach-add")
    counts = html(elem_id="teach-counts")

    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    outputs = [status, picture, label, counts]

    def page(step: Callable[..., str | None]) -> Callable[..., list[Any]]:
        """An event after which another picture may stand there; it returns what is to be said."""

        def handle(visitor: Visitor, request: gr.Request, *given: Any) -> list[Any]:
            language = language_of(request)
            before = visitor.waiting.current
            try:
                line, wrong = step(visitor, language, *given), False
            except TaidoError as error:
                line, wrong = told(error, language), True
            visitor.waiting.ready()
            return shown_of(visitor, before, line or "", language, wrong=wrong)

        return handle

    def take(visitor: Visitor, language: Language, paths: list[str] | None, way: str, camera: str, person: str) -> str:
        students, found, refused, unread = choice.students(way), 0, 0, list[str]()
        for path in paths or []:
            name = Path(path).name
            try:
                new, near = taken(visitor, decode(path, name=name), students, classifier, camera, person)
            except TaidoError as error:  # the others are taken all the same
                said = told(error, language)
                unread.append(said if name in said else f"{name}: {said}")
                continue
            found, refused = found + new, refused + near
        said = text("teach_taken", language, found=found, refused=refused)
        return " ".join([said, text("teach_unread", language, count=len(unread)), *unread] if unread else [said])

    def watch(
        frame: np.ndarray | None, held: object, visitor: Visitor, way: str, camera: str, person: str, request: gr.Request
    ) -> list[Any]:
        pressed = presses(held) > visitor.presses
        visitor.presses = max(visitor.presses, presses(held))
        if frame is None or not (is_held(held) or pressed):
            return [gr.skip()] * len(outputs)

        def step(visitor: Visitor, language: Language) -> str:
            found, refused = taken(visitor, frame, choice.students(way), classifier, camera, person)
            return text("teach_taken", language, found=found, refused=refused)

        return page(step)(visitor, request)

    def introduce(request: gr.Request) -> list[Any]:
        language, new = language_of(request), Visitor(gathering)
        return [
            new, _promise(gathering, language), named(language), gathering.next_person(), _choices(new, None, language),
            table(gathering, language),
        ]  # fmt: skip

    def agree(visitor: Visitor, yes: bool) -> Any:
        visitor.waiting.agreed = yes
        return gr.update(visible=yes)

    demo.load(introduce, None, [visitor, promise, hold, person, label, counts], **quick)
    agreed.input(agree, [visitor, agreed], work, **quick)
    other.click(gathering.next_person, None, person, **quick)
    files.upload(page(take), [visitor, files, way, camera, person], outputs, **quick)
    webcam.stream(
        watch,
        [webcam, hold, visitor, way, camera, person],
        outputs,
        stream_every=FRAME_EVERY_SECONDS,
        concurrency_limit=4,
        **quick,
    )
    keep.click(page(_keep), [visitor, label], outputs, **quick)
    skip.click(page(lambda visitor, _: visitor.waiting.skip()), visitor, outputs, **quick)
    undo.click(page(lambda visitor, _: visitor.waiting.undo()), visitor, outputs, **quick)
    add.click(page(_add_name), [visitor, name], outputs, **quick)


def _webcam() -> gr.Image:
    return gr.Image(
        sources="webcam",
        streaming=True,
        label=shown("live_camera"),
        show_label=False,
        height=300,
        buttons=[],
        webcam_options=gr.WebcamOptions(
            mirror=False, constraints={"video": {"width": {"ideal": 1280}, "height": {"ideal": 720}}}
        ),
        elem_id="teach-webcam",
    )


def taken(
    visitor: Visitor, frame: np.ndarray, students: Students, classifier: Classifier, camera: str, person: str
) -> tuple[int, int]:
    """How many students of a frame wait now, and how many were near copies."""
    name = f"frame {secrets.token_hex(4)}"
    return visitor.waiting.take(frame, students, classifier, camera=camera.strip(), person=person.strip() or name, name=name)


def _keep(visitor: Visitor, language: Language, label: str | None) -> str:
    current = visitor.waiting.current
    file = visitor.waiting.keep(label or (current.guess if current else ""))
    return text("teach_kept", language, file=file)


def _add_name(visitor: Visitor, language: Language, name: str) -> str:
    added = checked_name(name.strip())
    if added not in visitor.names:
        visitor.names.append(added)
    return text("teach_added", language, name=added)


def shown_of(visitor: Visitor, before: Candidate | None, line: str, language: Language, *, wrong: bool = False) -> list[Any]:
    """What the page shows, in the order of its outputs; picture and choice stay as they are for the same candidate."""
    waiting = visitor.waiting
    current = waiting.current
    body = quiet(line) if line else ""
    stands = text("teach_waiting", language, waiting=waiting.count + (current is not None), kept=waiting.kept)
    head = card(stands, body, extra_class="taido-problems" if wrong else "")
    same = current is before and current is not None
    label = gr.update(choices=_named(visitor, language)) if same else _choices(visitor, current, language)
    return [head, gr.skip() if same else _picture(current, language), label, table(waiting.gathering, language)]


def _picture(current: Candidate | None, language: Language) -> str:
    if current is None:
        return f'<div class="taido-no-picture">{quiet(text("teach_nothing", language))}</div>'
    guess = text("teach_guess", language, attitude=attitude(current.guess, language), score=percent(current.certainty))
    facts = " · ".join(filter(None, (guess, current.camera, current.person)))
    return picture_html(jpeg_address(current.picture), text("teach_picture", language)) + quiet(facts)


def _named(visitor: Visitor, language: Language) -> list[tuple[str, str]]:
    current = visitor.waiting.current
    if current is not None and current.guess not in visitor.names:  # the model was switched
        visitor.names.append(current.guess)
    return [(attitude(name, language), name) for name in visitor.names]


def _choices(visitor: Visitor, current: Candidate | None, language: Language) -> Any:
    return gr.update(choices=_named(visitor, language), value=None if current is None else current.guess)


def _promise(gathering: Gathering, language: Language) -> str:
    return card(text("teach_promise_title", language), quiet(text("teach_promise", language, folder=gathering.folder.name)))
