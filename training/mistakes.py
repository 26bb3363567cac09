"""The wrong answers as pictures, the surest first, on a page of its own: it shows persons, the report does not.

write_pages(model, scored, Path("output/evaluation"), "attitude.onnx", most=60, method="gradcam")
"""

import base64
import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from urllib.parse import quote

import numpy as np
from PIL import Image

from inference.images import decode, framed
from inference.output import write_whole
from training import report_page
from training.explain import Method, explain, overlay
from training.serving import Scored, Scorer

METHODS = ("none", "smoothgrad", "gradcam", "occlusion")
LONGEST_SIDE = 240
"""Of a picture on the page, pixels."""
_NAMES = {"none": "", "smoothgrad": "SmoothGrad", "gradcam": "Grad-CAM", "occlusion": "Occlusion"}


@dataclass(frozen=True)
class Card:
    """One wrong answer."""

    file: str
    camera: str
    link: str
    """Relative to the page."""
    picture: str
    """As a `data:` address."""
    overlay: str
    """The same, or empty."""
    answer: str
    score: float
    label: str
    label_score: float


def worst_first(scored: Scored, class_names: tuple[str, ...]) -> list[int]:
    """Rows of the wrong answers: by how much the answer's score exceeds that of the label."""
    truth, predicted = scored.truth(class_names), scored.scores.argmax(axis=1)
    rows = np.arange(len(truth))
    margin = scored.scores[rows, predicted] - scored.scores[rows, truth]
    return [int(i) for i in np.argsort(-margin, kind="stable") if predicted[i] != truth[i]]


def write_pages(model: Scorer, scored: Scored, folder: Path, name: str, *, most: int, method: str = "none") -> int:
    """Both languages; returns how many answers are shown, 0 if no page was written."""
    wrong = worst_first(scored, model.spec.class_names)
    cards = [_card(model, scored, row, folder, method) for row in wrong[:most]]
    if not cards:
        return 0
    for language, file in report_page.MISTAKES.items():
        html = report_page.render(
            "mistakes.html",
            language,
            model=name,
            cards=cards,
            n=len(wrong),
            method=_NAMES[method],
            report_file=report_page.FILES[language],
            other_file=report_page.MISTAKES["ja" if language == "en" else "en"],
        )
        write_whole(folder / file, html.encode("utf-8"))
    return len(cards)


def _card(model: Scorer, scored: Scored, row: int, folder: Path, method: str) -> Card:
    sample, scores, names = scored.samples[row], scored.scores[row], model.spec.class_names
    answer = int(scores.argmax())
    picture = decode(sample.path, name=sample.file)
    drawn = ""
    if method != "none":
        frame = framed(picture, model.spec)
        drawn = address(overlay(frame, explain(model, frame, answer, cast(Method, method))))
    return Card(
        file=sample.file,
        camera=sample.camera,
        link=link(sample.path, folder),
        picture=address(picture),
        overlay=drawn,
        answer=names[answer],
        score=float(scores[answer]),
        label=sample.label,
        label_score=float(scores[names.index(sample.label)]),
    )


def link(path: Path, folder: Path) -> str:
    """From a page in `folder` to a picture: relative, so that the page says nothing of the machine, unless the drives differ."""
    try:
        return quote(Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix())
    except ValueError:  # of two drives of Windows
        return path.resolve().as_uri()


def address(pixels: np.ndarray) -> str:
    """A small JPEG as a `data:` address."""
    picture = Image.fromarray(pixels)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(written.getvalue()).decode('ascii')}"
