"""The recipe of the bundled model's training crops, on generated pictures."""

import csv
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from training import coco, data

RECIPE = Path(__file__).parents[1] / "recipes" / "attitude"
CUTS, WIDER, SIDE = 2, (-0.06, 0.28), 0.06
"""Those of the recipe: crops of a box, and how much wider than the box they are."""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Two stock pictures that the box list names, one classroom crop, and one frame with two labelled boxes."""
    with (RECIPE / "person_boxes.csv").open(newline="") as file:
        boxes = [next(row for row in csv.DictReader(file) if row["file"].startswith("sleep/"))]
    rng = np.random.default_rng(0)
    rows = [["file", "label", "camera", "person", "source_path", "bbox"]]
    for row in boxes:
        x0, y0, x1, y1 = (int(row[k]) for k in ("x0", "y0", "x1", "y1"))
        picture = np.full((y1 + 40, x1 + 40, 3), 240, np.uint8)
        cv2.ellipse(
            picture, ((x0 + x1) // 2, (y0 + y1) // 2), ((x1 - x0) * 2 // 5, (y1 - y0) * 2 // 5), 0, 0, 360, (60, 40, 90), -1
        )
        _write(tmp_path / "pictures" / row["file"], picture)
        rows.append([row["file"], "sleep", "stock", "sleeper", "", ""])
    _write(tmp_path / "pictures" / "looking-ahead" / "crop.jpg", np.full((60, 50, 3), 100, np.uint8))
    rows.append(["looking-ahead/crop.jpg", "looking-ahead", "tim", "tim-seat1", "frame-one", "109,219,219,350"])
    with (tmp_path / "pictures" / "manifest.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    _write(tmp_path / "frames" / "images" / "f1.jpg", rng.integers(0, 256, (800, 1280, 3), dtype=np.uint8))
    annotations = {
        "images": [{"id": 1, "file_name": "f1.jpg", "width": 1280, "height": 800, "camera": "tim", "source_path": "frame-one"}],
        "annotations": [_box(1, [100, 200, 100, 120], "looking-ahead"), _box(2, [600, 300, 100, 120], "looking-down")],
    }
    (tmp_path / "frames" / "annotations.json").write_text(json.dumps(annotations))
    return tmp_path


def _write(path: Path, picture: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), picture)


def _box(number: int, bbox: list[int], attitude: str) -> dict[str, object]:
    return {"id": number, "image_id": 1, "category_id": 1, "bbox": bbox, "attitude": attitude}


@pytest.mark.parametrize("varied", [False, True])
def test_recipe_makes_a_labelled_folder_that_keeps_persons_and_cameras(varied: bool, sources: Path) -> None:
    command = [
        sys.executable,
        str(RECIPE / "prepare.py"),
        "--pictures",
        str(sources / "pictures"),
        "--frames",
        str(sources / "frames"),
    ]
    subprocess.run([*command, "--out", str(sources / "extra"), *["--varied"] * varied], check=True, capture_output=True)
    samples = data.scan(sources / "extra")
    kinds = Counter(Path(s.file).name.split("-")[0] for s in samples)
    assert kinds["frame"] == 2 * (CUTS if varied else 1) and kinds["person"] == 1 and kinds["pasted"] >= 5
    sizes = {
        tuple(cv2.imread(str(sources / "extra" / s.file)).shape[:2]) for s in samples if Path(s.file).name.startswith("frame-")
    }
    if varied:
        assert len(sizes) == 2 * CUTS, "each box is cut wider and narrower"
        least, most = 1 + 2 * (WIDER[0] - SIDE), 1 + 2 * (WIDER[1] + SIDE)
        assert all(120 * least - 1 <= h <= 120 * most + 1 and 100 * least - 1 <= w <= 100 * most + 1 for h, w in sizes)
    else:
        assert sizes == {(148, 124)}
    persons = {s.label: s.person for s in samples if Path(s.file).name.startswith("frame-")}
    assert persons["looking-ahead"] == "tim-seat1"  # the box of a crop that the manifest knows
    assert persons["looking-down"] != "tim-seat1"
    pasted = [s for s in samples if Path(s.file).name.startswith("pasted-")]
    assert {s.person for s in pasted} == {"sleeper"} and {s.cameras for s in pasted} == {frozenset({"stock", "tim"})}
    assert {s.label for s in pasted} == {"sleep"}


def test_people_side_by_side_are_frames_that_the_finder_trains_on(sources: Path) -> None:
    recipe = RECIPE.parent / "students" / "prepare.py"
    command = [sys.executable, str(recipe), "--pictures", str(sources / "pictures"), "--cameras", "stock", "tim", "--frames", "3"]
    subprocess.run([*command, "--out", str(sources / "people")], check=True, capture_output=True)
    frames, _ = coco.load(coco.read(sources / "people"))
    assert [frame.size_wh for frame in frames] == [(1280, 720)] * 3
    assert {frame.camera for frame in frames} == {"people"}
    boxes = np.concatenate([frame.students for frame in frames])
    assert len(boxes) > 10
    assert (boxes[:, :2] >= 0).all() and (boxes[:, 2:] <= (1280.5, 720.5)).all()
    again = subprocess.run([*command, "--out", str(sources / "people")], check=False, capture_output=True, text=True)
    assert again.returncode == 2 and "is not empty" in again.stderr
