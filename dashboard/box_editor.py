"""`BoxEditor`: boxes drawn on a still, with the mouse, a finger or the keyboard.

editor = BoxEditor(elem_id="seats-editor")
editor.input(check, editor, problem)  # the value is a list of boxes x0, y0, x1, y1 in pixels of the still
editor_with(still, boxes, kind="seat", language="ja")  # what an event hands back to fill it

Of the components for Gradio that draw boxes none can be used with the keyboard or speaks another language than English, and they
lay the still down as a file; this one is a `gr.HTML` with the script `box_editor.js`, and the still travels inside the page.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import gradio as gr
import numpy as np

from dashboard.marked import jpeg_address
from dashboard.texts import Language, text
from inference.places import FARTHEST

SCRIPT = Path(__file__).with_suffix(".js")
WORDS = (
    "editor_add",
    "editor_boxes",
    "editor_delete",
    "editor_earlier",
    "editor_help",
    "editor_later",
    "editor_mask",
    "editor_seat",
    "editor_still",
    "editor_tools",
    "editor_undo",
)
"""Keys of the texts that the script uses."""
PLACES = {name: "{" + name + "}" for name in ("number", "x0", "y0", "x1", "y1")}
"""What the script puts into its texts."""
Kind = Literal["seat", "mask"]


def box_editor(elem_id: str) -> gr.HTML:
    """The empty editor; nothing is seen of it before there is a still."""
    return gr.HTML(
        [],
        html_template='<div class="taido-editor" hidden></div>',
        js_on_load=SCRIPT.read_text(encoding="utf-8"),
        apply_default_css=False,
        elem_id=elem_id,
        elem_classes=["taido"],
        picture="",
        width=1,
        height=1,
        kind="seat",
        words=words("en"),
    )


def editor_with(still: np.ndarray, boxes: Sequence[Sequence[float]], kind: Kind, language: Language) -> Any:
    """An update that shows `(H, W, 3) uint8 RGB` with boxes in its pixels, ready to be changed."""
    height, width = still.shape[:2]
    return gr.update(
        value=[[round(float(side), 1) for side in box] for box in boxes],
        picture=jpeg_address(still),
        width=width,
        height=height,
        kind=kind,
        words=words(language),
    )


def words(language: Language) -> dict[str, str]:
    """The texts of the script, with its own places left open."""
    return {key: text(key, language, **PLACES) for key in WORDS}


def boxes_of(value: object) -> list[tuple[float, ...]]:
    """What the browser sent as boxes; whatever cannot be a box is left out, the rest is for `Seats` and `Masks` to judge."""
    boxes = value if isinstance(value, list) else []
    return [tuple(map(float, box)) for box in boxes if isinstance(box, list) and len(box) == 4 and all(map(_is_number, box))]


def _is_number(side: object) -> bool:
    return isinstance(side, int | float) and abs(side) < FARTHEST
