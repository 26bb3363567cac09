"""The Seats page: where the students of a camera sit, and what nothing may look at, drawn once on a still.

Seats and masks are written as the very files that the command line reads (`inference.seats`, `inference.masks`), and read back
from them. Until the page is closed they can also be used on the other pages of this browser, without file or restart.
Nothing is written here: the files are links that hold their content.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from dashboard.box_editor import box_editor, boxes_of, editor_with
from dashboard.charts import card, download, html, problems, quiet, waiting
from dashboard.choice import Choice
from dashboard.drawing import Drawing
from dashboard.error_texts import told
from dashboard.live_camera import MachineCamera
from dashboard.texts import Language, language_of, shown, text
from inference import TaidoError, decode
from inference.drawing import read_places
from inference.errors import SourceError

STILL_WH = (1280, 720)
"""What the browser asks its camera for: the same as the Live page does for a class."""
ROWS, COLUMNS, MOST = 4, 6, 20
"""Of the grid: at first, and at most."""


def build(choice: Choice, demo: gr.Blocks, camera: MachineCamera | None) -> Callable[[], None]:
    """Add the page to the surrounding tab. What it returns is called when all other pages are there, which it then serves."""
    html(shown("seats_intro"), elem_id="seats-intro", note=True)
    drawing = gr.State(None)
    with gr.Row():
        with gr.Column(scale=3, min_width=300):
            still = _still()
            grab = gr.Button(str(shown("seats_camera")), visible=camera is not None, elem_id="seats-camera")
        with gr.Column(scale=2, min_width=300):
            file = gr.File(file_types=[".json"], label=shown("seats_file"), height=160, elem_id="seats-file")
            kind = gr.Radio(
                [(shown("seats_seats"), "seat"), (shown("seats_masks"), "mask")],
                value="seat",
                label=shown("seats_kind"),
                elem_id="seats-kind",
            )
    problem = html(waiting("seats_waiting"), elem_id="seats-problem")
    editor = box_editor("seats-editor")
    with gr.Row(visible=False) as tools:
        find = gr.Button(str(shown("seats_find")), visible=choice.finder is not None, min_width=150, elem_id="seats-find")
        number = gr.Button(str(shown("seats_number")), min_width=150, elem_id="seats-number")
        remove = gr.Button(str(shown("seats_remove")), variant="stop", min_width=150, elem_id="seats-remove")
    with gr.Row(visible=False, equal_height=True) as grid_tools:
        rows, columns = (
            gr.Number(value, label=shown(key), minimum=1, maximum=MOST, precision=0, min_width=90, elem_id=key.replace("_", "-"))
            for key, value in (("seats_rows", ROWS), ("seats_columns", COLUMNS))
        )
        grid = gr.Button(str(shown("seats_grid")), min_width=150, elem_id="seats-grid")
    files = html(elem_id="seats-files")
    use = gr.Button(str(shown("seats_use")), variant="primary", visible=False, elem_id="seats-use")

    outputs = [editor, kind, problem, files, tools, grid_tools, use]
    quick: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}

    def page(step: Callable[..., object]) -> Callable[..., list[Any]]:
        """An event that changes the drawing: everything that the page shows of it then, or what was wrong."""

        def handle(drawing: Drawing, value: object, request: gr.Request, *given: Any) -> list[Any]:
            language = language_of(request)
            if drawing.still is not None:
                drawing.boxes[drawing.kind] = boxes_of(value)
            try:
                step(drawing, *given)
                return _page(drawing, language)
            except TaidoError as error:
                return [gr.skip(), gr.skip(), problems(told(error, language), language), *[gr.skip()] * 4]

        return handle

    def put(drawing: Drawing, value: object, request: gr.Request) -> list[Any]:
        language = language_of(request)
        drawing.boxes[drawing.kind] = boxes_of(value)
        try:
            name = choice.add_drawn(drawing.students(choice.finder))
        except TaidoError as error:
            return [problems(told(error, language), language), *[gr.skip()] * len(choice.radios)]
        return [card(text("seats_tab", language), quiet(text("seats_used", language))), *choice.offer(name, language)]

    def check(drawing: Drawing, value: object, request: gr.Request) -> list[Any]:
        drawing.boxes[drawing.kind] = boxes_of(value)
        return _state(drawing, language_of(request))

    drawn = [drawing, editor]
    demo.load(Drawing, None, drawing, **quick)
    still.change(page(_decoded), [*drawn, still], outputs, **quick)
    grab.click(page(lambda drawing: drawing.take(picture_of(camera))), drawn, outputs, **quick)
    file.upload(page(lambda drawing, path: drawing.load(read_places(path))), [*drawn, file], outputs, **quick)
    kind.input(page(Drawing.turn_to), [*drawn, kind], outputs, **quick)
    find.click(page(lambda drawing: drawing.find(choice.finder)), drawn, outputs, **quick)
    grid.click(page(Drawing.fill), [*drawn, rows, columns], outputs, **quick)
    number.click(page(Drawing.number), drawn, outputs, **quick)
    remove.click(page(Drawing.remove), drawn, outputs, **quick)
    editor.input(check, drawn, outputs[2:], trigger_mode="always_last", **quick)

    def connect() -> None:
        use.click(put, drawn, [problem, *choice.radios], **quick)

    return connect


def _still() -> gr.Image:
    width, height = STILL_WH
    constraints = {"video": {"width": {"ideal": width}, "height": {"ideal": height}}}
    return gr.Image(
        sources=["upload", "webcam"],
        type="filepath",
        label=shown("seats_still"),
        height=260,
        buttons=[],
        webcam_options=gr.WebcamOptions(mirror=False, constraints=constraints),
        elem_id="seats-still",
    )


def _decoded(drawing: Drawing, path: str | None) -> None:
    if path is not None:
        drawing.take(decode(path, name=Path(path).name))


def picture_of(camera: MachineCamera | None) -> np.ndarray:
    """What the camera of this machine shows; raises SourceError if that is nothing."""
    picture = None if camera is None else camera.still()
    if picture is None:
        raise SourceError("The camera gives no picture at present. Try again in a moment.", code="camera_dark")
    return picture


def _page(drawing: Drawing, language: Language) -> list[Any]:
    """Everything that the page shows of a drawing, in the order of its outputs."""
    if drawing.still is None:
        return [gr.skip(), drawing.kind, waiting("seats_waiting"), *[gr.skip()] * 4]
    editor = editor_with(drawing.visible(), drawing.boxes[drawing.kind], drawing.kind, language)
    return [editor, drawing.kind, *_state(drawing, language)]


def _state(drawing: Drawing, language: Language) -> list[Any]:
    """All but the editor, into which somebody may be drawing."""
    tools = [gr.update(visible=True)] * 2
    try:
        files = _files(drawing, language)
    except TaidoError as error:
        return [problems(told(error, language), language), "", *tools, gr.update(visible=False)]
    counted = text("seats_counted", language, seats=len(drawing.boxes["seat"]), masks=len(drawing.boxes["mask"]))
    return [f'<p class="taido-headline">{counted}</p>', files, *tools, gr.update(visible=bool(files))]


def _files(drawing: Drawing, language: Language) -> str:
    """Links that hold the files; raises SeatsError for boxes that cannot be seats or masks."""
    parts = (("seats", drawing.seats(), "seats_save"), ("masks", drawing.masks(), "seats_save_masks"))
    links = [
        download(places.to_json(), f"{name}.json", "application/json", text(key, language))
        for name, places, key in parts
        if places is not None
    ]
    return f'<div class="taido-downloads">{"".join(links)}</div>' if links else ""
