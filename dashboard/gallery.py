"""Pictures for the gallery of the Photos page: small, upright and, where a class was looked for, with every student marked.

Each is written into Gradio's cache as soon as it is drawn, so that only few lie in memory; it is deleted from there with the
photographs.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from gradio.processing_utils import save_pil_to_cache
from PIL import Image, ImageDraw, ImageFont, ImageOps

from dashboard.charts import percent
from dashboard.texts import Language, answer, attitude, how_many
from inference import decode
from inference.annotate import annotate
from inference.decision import UNCERTAIN_NAME
from inference.following import UNCERTAIN
from inference.masks import Masks
from inference.predictions import Prediction, Predictions
from inference.room import Room
from inference.spec import SEPARATOR

THUMBNAIL_WH = (640, 640)
"""Largest size of a picture of one student, pixels."""
MARKED_WH = (1280, 1280)
"""Largest size of a picture of a class, pixels: thirty students can still be told apart."""
MAX_DRAWN = 4
"""Pictures of one student that are drawn at the same time; each is read at a reduced size."""
NUMBER_HEIGHT = 14
"""Of a student's number in such a picture, pixels."""
Card = tuple[str, str]
"""Path of the picture in the cache, and what stands below it."""


def cards(
    predictions: Predictions, places: Mapping[str, Path], language: Language, cache: str, masks: Masks | None = None
) -> Iterator[Card]:
    """One picture per student or per class, in the order of the photographs; `places` says where each of them lies.

    `masks`: regions of a class that nobody may look at.
    """
    if predictions.rooms is None:
        with ThreadPoolExecutor(min(MAX_DRAWN, os.cpu_count() or 1)) as pool:
            drawn = pool.map(lambda row: _kept(thumbnail(places[row.file], THUMBNAIL_WH)[0], cache), predictions.rows)
            yield from (
                (place, _student(row, predictions.class_names, language))
                for place, row in zip(drawn, predictions.rows, strict=True)
            )
        return
    rows = defaultdict(list)
    for row in predictions.rows:
        rows[row.file].append(row)
    for name in predictions.rooms:
        picture = marked(places[name], rows[name], predictions.class_names, masks)
        yield _kept(picture, cache), _class(name, rows[name], predictions.class_names, language)


def marked(path: Path, rows: Sequence[Prediction], class_names: tuple[str, ...], masks: Masks | None = None) -> Image.Image:
    """The picture, no larger than MARKED_WH, with a box around each of its students and the masks blanked."""
    picture, scale = thumbnail(path, MARKED_WH)
    frame = np.asarray(picture)
    frame = frame if masks is None else masks.blank(frame)
    boxes = [(*(scale * side for side in row.place.box), row.place.found) for row in rows if row.place is not None]
    scores = [row.scores for row in rows]
    room = Room(np.array(boxes, np.float32).reshape(-1, 5), np.array(scores, np.float32).reshape(-1, len(class_names)))
    states = np.array([class_names.index(row.label) if row.label in class_names else UNCERTAIN for row in rows], np.int64)
    drawn = Image.fromarray(annotate(frame, room, class_names, states))
    _number(drawn, rows, scale)
    return drawn


def _number(picture: Image.Image, rows: Sequence[Prediction], scale: float) -> None:
    """Write each student's number of the table into the lower left corner of the box."""
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(NUMBER_HEIGHT)
    for place in (row.place for row in rows if row.place is not None):
        corner = (scale * place.box[0] + 4, scale * place.box[3] - 4)
        draw.text(corner, str(place.student), "white", font, "ls", stroke_width=2, stroke_fill="black")


def thumbnail(path: Path, size_wh: tuple[int, int]) -> tuple[Image.Image, float]:
    """The picture upright and no larger than `size_wh`, and by how much it was shrunk (1: not at all).

    A JPEG is read at reduced size, which is several times faster.
    """
    with Image.open(path) as picture:
        longest = max(picture.size)
        if picture.format == "JPEG":
            picture.draft("RGB", size_wh)
            small = ImageOps.exif_transpose(picture).convert("RGB")
        else:
            small = Image.fromarray(decode(path))
    small.thumbnail(size_wh)
    return small, max(small.size) / longest


def _kept(picture: Image.Image, cache: str) -> str:
    return str(save_pil_to_cache(picture, cache, format="jpeg"))


def _student(row: Prediction, class_names: tuple[str, ...], language: Language) -> str:
    said, known = answer(row.label, class_names, language), row.label in (*class_names, UNCERTAIN_NAME)
    return f"{said} {percent(max(row.scores))} · {row.file}" if known else f"{said} · {row.file}"


def _class(name: str, rows: Sequence[Prediction], class_names: tuple[str, ...], language: Language) -> str:
    known = (*class_names, UNCERTAIN_NAME)
    counts = Counter(name for row in rows for name in ([row.label] if row.label in known else row.label.split(SEPARATOR)))
    shown = [f"{attitude(label, language)} {counts[label]}" for label in known if counts[label]]
    return " · ".join([name, how_many(len(rows), language, found=True), *shown])
