"""Where the students are in a frame: one small interface and the ways to answer it.

    whole    the frame is one student, as before a webcam
    seats    boxes drawn once for a camera that does not move (`inference.seats`)
    finder   a detector of ours, trained on classrooms (`inference.finder`)
    faces    YuNet, a face detector of OpenCV, from a file that the user brings (`inference.faces`)

students = open_students("finder", finder=Path("models/students.onnx"), provider="auto", threads=0)
boxes = students.find(frame)  # (n, 5) float32
"""

from pathlib import Path
from typing import Protocol

import numpy as np

from inference.errors import ModelError
from inference.faces import Faces
from inference.finder import Finder
from inference.seats import Seats
from inference.session import is_ours

Found = np.ndarray
"""`(n, 5) float32`: x0, y0, x1, y1 in pixels of the frame, score 0..1; by falling score."""

WHOLE, FINDER = "whole", "finder"
"""The choices that need no file name."""


class Students(Protocol):
    """Says where the students are. One object may be asked from several threads."""

    @property
    def name(self) -> str:
        """`whole`, `seats`, `finder` or `faces`."""
        ...

    def find(self, frame: np.ndarray) -> Found:
        """`(H, W, 3) uint8 RGB` -> `(n, 5) float32`, n may be 0; no box is empty or reaches out of the frame."""
        ...


class Whole:
    """The frame is one student."""

    name = WHOLE

    def find(self, frame: np.ndarray) -> Found:
        """One box around everything, with score 1."""
        height, width = frame.shape[:2]
        return np.array([[0, 0, width, height, 1]], np.float32)


def open_students(choice: str, *, finder: Path, provider: str, threads: int) -> Students:
    """`whole`, `finder` (the model file `finder`), or the path of a `.json` file of seats or of an `.onnx` detector.

    An ONNX file is a finder of ours if it carries our fact sheet, else it is taken for YuNet.
    Raises ModelError, ProviderError or SeatsError if the file is not what its use asks for.
    """
    if choice == WHOLE:
        return Whole()
    if choice == FINDER:
        return Finder(finder, provider=provider, threads=threads)
    path = Path(choice)
    if path.suffix.lower() == ".json":
        return Seats.read(path)
    if path.suffix.lower() != ".onnx":
        raise ModelError(
            f"Expected --students to be {WHOLE}, {FINDER}, a .json file of seats or an .onnx detector, got {choice!r}. "
            "Choose one of these."
        )
    return Finder(path, provider=provider, threads=threads) if is_ours(path) else Faces(path)
