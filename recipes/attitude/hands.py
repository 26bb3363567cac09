"""Hands, with a telephone and without, laid before students of classroom frames: phones as a room camera sees them.

A phone in a lesson is held low, 15 to 30 pixels long in the frame; the photographs that show phones show them large and near.
Here the hands of those photographs (`hand_boxes.csv`: with what they hold, drawn by eye) are cut out and laid before a student
of a classroom frame, small, at the height of the desk, in the colours of that room. Hands that hold a pen or nothing are laid
in the same way and change no label, so that a laid hand as such says nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

LAYINGS = {"phone": 5, "hands": 8}
"""How often each pair of hands is laid before a student."""
LEAST_SIDE = 48
"""Pixels of the crop of a student; in a smaller one no phone can be made out."""
PHONE_LABEL = "touching-pda"
SHARES_OF_WIDTH = (0.22, 0.42)
"""Width of the hands as a share of the crop's width."""


@dataclass(frozen=True)
class Hands:
    """Cut out of a photograph."""

    pixels: np.ndarray
    """`(h, w, 3) uint8`."""
    mask: np.ndarray
    """`(h, w) float32`, 0..1."""
    kind: str
    """`phone` or `hands`."""
    person: str
    camera: str


@dataclass(frozen=True)
class Student:
    """A labelled crop of a classroom frame, who it shows and where."""

    pixels: np.ndarray
    label: str
    person: str
    camera: str


Towards = Callable[[np.ndarray, np.ndarray, float], np.ndarray]


def hands_of(pictures: Path, rows: Sequence[dict[str, str]], boxes: Sequence[dict[str, str]]) -> Iterator[Hands]:
    """The hands of the boxes (`file,x0,y0,x1,y1,kind`, shares of the picture's sides), cut out of what surrounds them."""
    of_file = {row["file"]: row for row in rows}
    for box in boxes:
        row = of_file.get(box["file"])
        if row is None:
            continue
        picture = cv2.imread(str(pictures / box["file"]))
        height, width = picture.shape[:2]
        corners = np.array([float(box[k]) for k in ("x0", "y0", "x1", "y1")]) * np.array([width, height, width, height])
        if min(corners[2:] - corners[:2]) < 12:
            continue
        around = 0.35 * np.tile(corners[2:] - corners[:2], 2) * np.array([-1, -1, 1, 1])
        x0, y0, x1, y1 = np.clip(np.round(corners + around).astype(int), 0, np.array([width, height, width, height]))
        pixels, mask = cutout(picture[y0:y1, x0:x1], np.round(corners).astype(int) - np.array([x0, y0, x0, y0]))
        yield Hands(pixels, mask, box["kind"], row["person"], row["camera"])


def cutout(around: np.ndarray, box: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The hands in the box and a soft mask `(h, w) float32 0..1`, by GrabCut (Rother, Kolmogorov, Blake 2004).

    What lies outside the box is background, the middle of the box hands; the rest is decided by colour.
    """
    x0, y0, x1, y1 = box
    centre, radii = ((x0 + x1) // 2, (y0 + y1) // 2), ((x1 - x0) // 2, (y1 - y0) // 2)
    mask = np.full(around.shape[:2], cv2.GC_BGD, np.uint8)
    mask[y0:y1, x0:x1] = cv2.GC_PR_BGD
    cv2.ellipse(mask, centre, radii, 0, 0, 360, int(cv2.GC_PR_FGD), -1)
    cv2.ellipse(mask, centre, (radii[0] * 3 // 5, radii[1] * 3 // 5), 0, 0, 360, int(cv2.GC_FGD), -1)
    cv2.grabCut(around, mask, None, np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK)
    solid = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.uint8)
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    soft = cv2.GaussianBlur(solid.astype(np.float32), (0, 0), 1.0)
    return around[y0:y1, x0:x1], soft[y0:y1, x0:x1]


def lay(rng: np.random.Generator, student: np.ndarray, hands: Hands, towards: Towards) -> np.ndarray:
    """The hands before the student, in the middle of the lower part, in that part's colours."""
    height, width = student.shape[:2]
    pixels, mask = hands.pixels, hands.mask
    if rng.random() < 0.5:
        pixels, mask = pixels[:, ::-1], mask[:, ::-1]
    scale = width * rng.uniform(*SHARES_OF_WIDTH) / pixels.shape[1]
    scale = min(scale, 0.4 * height / pixels.shape[0])
    size = (max(6, round(pixels.shape[1] * scale)), max(6, round(pixels.shape[0] * scale)))
    pixels = cv2.resize(np.ascontiguousarray(pixels), size, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(np.ascontiguousarray(mask), size, interpolation=cv2.INTER_AREA)
    left = int(np.clip(width * rng.uniform(0.3, 0.7) - size[0] / 2, 0, width - size[0]))
    top = int(np.clip(height * rng.uniform(0.6, 0.95) - size[1] / 2, 0, height - size[1]))
    result = student.astype(np.float32)
    part = result[top : top + size[1], left : left + size[0]]
    pixels = towards(pixels, student[height // 3 :], float(rng.uniform(0.2, 0.7)))
    part[:] = mask[..., None] * pixels + (1 - mask[..., None]) * part
    if rng.random() < 0.3:  # somebody or something stands before a part of them
        cover = int(size[1] * rng.uniform(0.1, 0.35))
        part[size[1] - cover :] = student[top + size[1] - cover : top + size[1], left : left + size[0]]
    return np.clip(result, 0, 255).round().astype(np.uint8)


def laid(
    every: Sequence[Hands], students: Sequence[Student], rng: np.random.Generator, towards: Towards
) -> Iterator[tuple[Student, str]]:
    """New crops with a name for each; every room equally often. A phone makes `touching-pda` of any label."""
    rooms: dict[tuple[str, str], list[Student]] = defaultdict(list)
    for student in students:
        if min(student.pixels.shape[:2]) >= LEAST_SIDE:
            rooms[student.camera, student.label].append(student)
    cameras = sorted({camera for camera, _ in rooms})
    for number, hands in enumerate(every):
        for k in range(LAYINGS[hands.kind]):
            camera = cameras[(number + k) % len(cameras)]
            # A phone on the desk is looked at: most of those who get one look down.
            label = "looking-down" if rng.random() < (0.8 if hands.kind == "phone" else 0.6) else "looking-ahead"
            choice = rooms[camera, label]
            if not choice:
                continue
            student = choice[int(rng.integers(len(choice)))]
            pixels = lay(rng, student.pixels, hands, towards)
            new = PHONE_LABEL if hands.kind == "phone" else student.label
            persons, rooms_shown = f"{student.person}+{hands.person}", f"{hands.camera}+{student.camera}"
            yield Student(pixels, new, persons, rooms_shown), f"hands-{number}-{k}"
