"""What the endpoints answer, as types; their JSON schemas stand in `/gradio_api/info` and in the app's page "Use via API".

    result = typed_json(PhotosAnswer, "rows, failures and summary")

`docs/API.md` describes them for people. A share is null where it is withheld: there are fewer than five students.
"""

from typing import Any, NotRequired

import gradio as gr
from pydantic import TypeAdapter
from typing_extensions import TypedDict

ByClass = dict[str, float]
"""A number for every class of the model, by its name."""


class Row(TypedDict):
    """One student; `student`, `box` and `found` only where students were looked for."""

    file: str
    student: NotRequired[int]
    """1, 2 ... within the picture; with seats the number of the seat."""
    box: NotRequired[tuple[float, float, float, float]]
    """x0, y0, x1, y1 in pixels of the upright picture."""
    found: NotRequired[float]
    """Score of the finding, 0 to 1."""
    label: str
    """Class of the highest score, or `uncertain`; of a model of several labels at once those that are present, joined by `;`."""
    scores: ByClass
    """0 to 1."""


class Unread(TypedDict):
    """A picture that could not be read, and why."""

    file: str
    message: str


class ClassNumbers(TypedDict):
    """Of all students in all pictures together."""

    students: int
    counts: dict[str, int]
    uncertain: NotRequired[int]
    """Of the students those of whom no class can be said; only where there are any."""
    shares: ByClass | None


class PhotosAnswer(TypedDict):
    """Of `/classify_photos` and `/classify_encoded`."""

    rows: list[Row]
    students: NotRequired[dict[str, int]]
    """How many were found in each picture; only where they were looked for."""
    failures: list[Unread]
    summary: ClassNumbers


class Means(TypedDict):
    """On average over an interval, seconds."""

    start: float
    seconds: float
    frames: int
    students: float
    uncertain: float
    counts: ByClass
    shares: ByClass | None


class Changed(TypedDict):
    """A change of the class that lasted."""

    seconds: float
    name: str
    before: float
    after: float


class VideoAnswer(TypedDict):
    """Of `/summarise_video`."""

    whole: Means
    intervals: list[Means]
    changes: list[Changed]


class CameraAnswer(TypedDict):
    """Of `/class_summary`: the first camera of this machine at this moment, and its lesson."""

    state: str
    """waiting, running, paused or ended."""
    now: ClassNumbers | None
    """None while nothing is looked at."""
    uncertain: int | None
    """Students whose attitude does not stand out at present."""
    frames_per_second: float
    problem: str | None
    lesson: VideoAnswer


def typed_json(kind: Any, label: str) -> gr.JSON:
    """JSON of a known type. No class of its own: of those Gradio writes stubs beside the source while it is imported."""
    component, schema = gr.JSON(visible=False, label=label), inlined(TypeAdapter(kind).json_schema())
    component.api_info = lambda: schema  # type: ignore[method-assign]
    return component


def inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Without references: readers of Gradio's description do not follow them."""
    known = schema.get("$defs", {})

    def whole(part: Any) -> Any:
        if isinstance(part, dict):
            if "$ref" in part:
                return whole(known[part["$ref"].rsplit("/", 1)[1]])
            return {key: whole(value) for key, value in part.items() if key != "$defs"}
        return [whole(value) for value in part] if isinstance(part, list) else part

    return dict(whole(schema))
