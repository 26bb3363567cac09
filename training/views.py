"""Front or side: a column `view` for `manifest.csv`, suggested by a face detector that you bring, for `--by view` of a report.

    python -m training.views DATA --faces yunet.onnx --out views.csv

A face turned by the angle t shows its nose beside the middle of its eyes, by about 0.55 tan t of the distance between these (a
nose stands out by about half that distance). From `SIDE` on, about 30 degrees, the view is `side`, below it is `front`. Where the
detector (YuNet, see `inference.faces`) finds no face, it says `no face` and not more: the student looks down or away, is covered,
or is too small. It is a suggestion: look through the column, correct it, and put it into the manifest before you report by it.
"""

import argparse
import csv
import io
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from tqdm import tqdm

from inference.errors import DataError, ImageError, TaidoError
from inference.faces import Faces
from inference.images import decode, find_images
from inference.output import write_whole
from training.data import read_manifest

View = Literal["front", "side", "no face"]
SIDE = 0.3
"""Of the distance between the eyes."""
LONGEST_SIDE = 320
"""Pixels to which a picture of one student is brought: faces of 12 pixels are missed in a picture of 60."""


def view_of(picture: np.ndarray, faces: Faces) -> View:
    """Of the largest face in `(h, w, 3) uint8 RGB`."""
    scale = LONGEST_SIDE / max(picture.shape[:2])
    size_wh = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    brought = cv2.resize(picture, size_wh, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    found = faces.faces(brought)
    if not len(found):
        return "no face"
    return _side_or_front(found[np.argmax(found[:, 2] * found[:, 3])])


def _side_or_front(face: np.ndarray) -> View:
    """`(15,)`: a box, then the points of right eye, left eye, nose and both corners of the mouth, then a score."""
    right, left, nose = face[4:6], face[6:8], face[8:10]
    between = left - right
    distance = float(np.hypot(*between))
    if distance <= 0:
        return "side"
    beside = abs(float(np.dot(nose - (left + right) / 2, between))) / distance**2
    return "side" if beside >= SIDE else "front"


def table_of(folder: Path, faces: Faces) -> tuple[str, Counter[str]]:
    """The manifest with the column `view`, as CSV, and how often each view is in it. Raises DataError without a picture."""
    rows, count, lines = read_manifest(folder), Counter[str](), []
    for file, path in tqdm(list(find_images(folder)), desc="views", unit="picture", mininterval=1, disable=None):
        try:
            view: str = view_of(decode(path, name=file), faces)
        except ImageError:
            view = ""
        count[view or "unreadable"] += 1
        lines.append({"file": file, "label": file.split("/")[0] if "/" in file else "", **rows.get(file, {}), "view": view})
    if not lines:
        raise DataError(f"There is no picture in {folder}.")
    table = io.StringIO()
    writer = csv.DictWriter(table, list(dict.fromkeys(name for line in lines for name in line)), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return table.getvalue(), count


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on stderr; the last line is one JSON document."""
    parser = argparse.ArgumentParser(
        prog="python -m training.views", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, metavar="DATA", help="folder of pictures of one student each")
    parser.add_argument("--faces", type=Path, required=True, metavar="ONNX", help="YuNet's file")
    parser.add_argument("--out", type=Path, required=True, metavar="CSV", help="the manifest with the column view")
    given = parser.parse_args(arguments)
    try:
        table, count = table_of(given.data, Faces(given.faces))
        write_whole(given.out, table.encode("utf-8"))
    except TaidoError as error:
        sys.stderr.write(f"views: {error}\n")
        return 2
    sys.stdout.write(json.dumps(dict(sorted(count.items()))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
