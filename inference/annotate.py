"""Draw what was seen into a frame: a box per student in the colour of the attitude, with a short name and the score.

picture = annotate(frame, observe(frame, students, classifier), classifier.spec.class_names)
picture = annotate_followed(look.picture, look.followed, classifier.spec.class_names)

The colours are those of Okabe and Ito 2008, "Color Universal Design", which stay apart for every common kind of colour
blindness; the written name says the same without any colour.
"""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from inference.following import UNCERTAIN, Followed
from inference.room import Room

OKABE_ITO = ("#0072b2", "#e69f00", "#d55e00", "#cc79a7", "#009e73", "#56b4e9", "#f0e442")
"""By class index; later classes start again, told apart by their names."""
GREY = "#8a8a8a"
"""Of a student of whom no class can be said."""
UNKNOWN = "?"
"""The label of such a student."""
SPOKEN = {"pda": "phone"}
"""What people say today for the last word of `touching-pda`."""
_DARK = frozenset({"#0072b2", "#d55e00", "#009e73"})
"""White is read better on these, black on the others."""
_LONGEST_NAME = 12
"""Letters; a longer name would hide the neighbours."""
_NORMAL_SIDE = 1000
"""Pixels of the shorter side at which lettering has the scale 0.6 and lines are 3 pixels wide; both grow with the frame."""


def colours_of(class_names: Sequence[str]) -> tuple[str, ...]:
    """The colour of each class as `#rrggbb`."""
    return tuple(OKABE_ITO[i % len(OKABE_ITO)] for i in range(len(class_names)))


def annotate(frame: np.ndarray, room: Room, class_names: Sequence[str], states: np.ndarray | None = None) -> np.ndarray:
    """A copy of the frame `(H, W, 3) uint8 RGB` with a box, a short name and a score in percent for every student.

    The name is that of the highest score, or what `states (N,) int` say: a class, or UNCERTAIN, a grey `?`.
    """
    return _drawn(frame, room.boxes, room.scores.argmax(axis=1) if states is None else states, room.scores, class_names)


def annotate_followed(picture: np.ndarray, followed: Followed, class_names: Sequence[str]) -> np.ndarray:
    """As `annotate`, with the states and averaged scores of students who are followed; one who is UNCERTAIN has a grey `?`."""
    return _drawn(picture, followed.boxes, followed.states, followed.scores, class_names)


def _drawn(
    frame: np.ndarray, boxes: np.ndarray, states: np.ndarray, scores: np.ndarray, class_names: Sequence[str]
) -> np.ndarray:
    picture = np.array(frame, order="C")
    if len(boxes):
        names = short_names(class_names)
        labels = [_label(state, row, names) for state, row in zip(states.tolist(), scores, strict=True)]
        kinds = np.where(states == UNCERTAIN, len(class_names), states)
        _draw(picture, boxes, kinds, labels, (*colours_of(class_names), GREY))
    return picture


def _label(state: int, scores: np.ndarray, names: Sequence[str]) -> str:
    """Without a percentage where another class is ahead by now, but not yet for long enough to be the state."""
    if state == UNCERTAIN:
        return UNKNOWN
    return f"{names[state]} {scores[state]:.0%}" if scores[state] == scores.max() else names[state]


def _draw(picture: np.ndarray, boxes: np.ndarray, kinds: np.ndarray, labels: list[str], colours: Sequence[str]) -> None:
    """Into the picture itself; `kinds` are indices of `colours`."""
    import supervision as sv  # it brings matplotlib and takes seconds, which only those who draw should wait for

    scene: Any = picture  # supervision's own type for it differs from release to release
    students = sv.Detections(xyxy=boxes[:, :4].copy(), class_id=kinds)
    size = min(picture.shape[:2]) / _NORMAL_SIDE
    palette = sv.ColorPalette.from_hex([_swapped(colour) for colour in colours])
    ink = sv.ColorPalette.from_hex(["#ffffff" if colour in _DARK else "#000000" for colour in colours])
    sv.BoxAnnotator(color=palette, thickness=max(1, round(3 * size))).annotate(scene, students)
    sv.LabelAnnotator(
        color=palette,
        text_color=ink,
        text_scale=max(0.35, 0.6 * size),
        text_thickness=max(1, round(size)),
        text_padding=max(1, round(3 * size)),
        text_position=sv.Position.TOP_LEFT,
        smart_position=True,
    ).annotate(scene, students, labels)


def _swapped(colour: str) -> str:
    """Red and blue of `#rrggbb` exchanged: supervision draws in BGR, and turning the frame twice costs more than drawing."""
    return f"#{colour[5:7]}{colour[3:5]}{colour[1:3]}"


def short_names(class_names: Sequence[str]) -> tuple[str, ...]:
    """The last word of each name where these differ (`looking-down` -> `down`), else the whole names, cut if they are long; a
    word that few people know is another one (SPOKEN).

    OpenCV's lettering knows Latin only, so where a name has other letters or where cut names are alike, classes are
    numbered from 1.
    """
    last = [re.split(r"[-_ ]+", name.strip("-_ "))[-1] for name in class_names]
    last = [SPOKEN.get(name, name) for name in last]
    for names in (last, list(class_names)):
        short = [name[:_LONGEST_NAME] for name in names]
        if len(set(short)) == len(short) and all(name.isascii() and name.isprintable() and name for name in short):
            return tuple(short)
    return tuple(str(number) for number in range(1, len(class_names) + 1))
