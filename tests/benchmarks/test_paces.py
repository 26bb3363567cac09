"""The benchmark of paces compares what it says it compares, and ends in one JSON document."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
LEFT, RIGHT = (8, 16, 16, 24), (64, 40, 72, 48)


@pytest.fixture(scope="module")
def result(tiny_finder: Path, make_model: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Two students, of whom the second one's label is wrong in every picture."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("rooms")
    (folder / "images").mkdir()
    images, annotations = [], []
    for number in range(4):
        room = Image.new("RGB", (96, 64), "black")
        for box, colour in ((LEFT, "red"), (RIGHT, "blue")):
            room.paste(Image.new("RGB", (box[2] - box[0], box[3] - box[1]), colour), box[:2])
        room.save(folder / "images" / f"{number}.png")
        images.append({"id": number, "file_name": f"{number}.png", "width": 96, "height": 64, "camera": "hall"})
        for (x0, y0, x1, y1), attitude in ((LEFT, "looking-ahead"), (RIGHT, "looking-ahead")):
            common = {"id": len(annotations), "image_id": number, "category_id": 1, "iscrowd": 0}
            annotations.append({**common, "bbox": [x0, y0, x1 - x0, y1 - y0], "attitude": attitude})
    categories = [{"id": 1, "name": "student"}]
    content = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "annotations.json").write_text(json.dumps(content), encoding="utf-8")
    model = make_model(class_names=("looking-ahead", "looking-down", "sleep", "touching-pda"))
    command = [sys.executable, "-m", "benchmarks.paces", str(folder), "--finder", str(tiny_finder), "--model", str(model)]
    done = subprocess.run(
        [*command, "--camera", "hall", "--pace", "9x5", "--threads", "1"],
        cwd=ROOT, check=True, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def test_every_pace_is_scored_on_the_same_labels(result: dict[str, Any]) -> None:
    assert [(pace["find_every"], pace["classify_every"]) for pace in result["paces"]] == [(1, 1), (3, 1), (3, 3), (9, 5)]
    assert {pace["right"]["n"] for pace in result["paces"]} == {8}
    assert result["paces"][0]["right"]["k"] == 4, "one of the two labels is right"
    assert all(pace["cpu_ms"] > 0 for pace in result["paces"])


def test_paces_are_compared_with_the_first(result: dict[str, Any]) -> None:
    assert result["paces"][0]["counts_off"] == 0
    assert all(pace["counts_off"] < 0.5 for pace in result["paces"])
