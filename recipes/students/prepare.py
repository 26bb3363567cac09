"""Further training frames for the bundled finder: many people of whom each fills a picture, side by side.

    python recipes/students/prepare.py --pictures DATA/attitude --cameras stock lto lin --out output/people

Four rooms show few kinds of people. Pictures of single persons are laid out in rows, at sizes at which students appear
in a frame, some mirrored, until a frame of 1280 x 720 pixels is full; the result is a folder that `python -m training.finder
--extra-frames` takes. In a stock picture the person is the box of `../attitude/person_boxes.csv`, at most 1.35 times as
high as wide; in a crop of another camera it is the whole crop but for its margin.
"""

import argparse
import csv
import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

FRAME_WH = (1280, 720)
ROW_HEIGHTS = (110, 330)
"""Smallest and largest height of a row of pictures, pixels."""
CROP_MARGIN = 0.08
"""What crops of a camera have around the person, as a share of their sides."""
LEAST_SIDE = 30
"""A person smaller than this is not labelled as one."""


def people(pictures: Path, cameras: set[str]) -> list[tuple[Path, np.ndarray]]:
    """Pictures with the box of the one person in each, x0, y0, x1, y1 as shares of width and height."""
    with (Path(__file__).parents[1] / "attitude" / "person_boxes.csv").open(newline="", encoding="utf-8") as file:
        drawn = {row["file"]: np.array([float(row[k]) for k in ("x0", "y0", "x1", "y1")]) for row in csv.DictReader(file)}
    with (pictures / "manifest.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["camera"] in cameras]
    result = []
    for row in rows:
        path = pictures / row["file"]
        if row["camera"] != "stock":
            result.append((path, np.array([CROP_MARGIN, CROP_MARGIN, 1 - CROP_MARGIN, 1 - CROP_MARGIN])))
        elif row["file"] in drawn:
            height, width = cv2.imread(str(path)).shape[:2]
            x0, y0, x1, y1 = drawn[row["file"]]
            box = np.array([x0, y0, x1, min(y1, y0 + 1.35 * (x1 - x0))])
            result.append((path, np.clip(box / [width, height, width, height], 0, 1)))
    return result


def layout(rng: np.random.Generator, known: list[tuple[Path, np.ndarray]]) -> Iterator[tuple[np.ndarray, list[list[float]]]]:
    """Frames `(720, 1280, 3)` without end, each with its boxes x, y, width, height."""
    while True:
        frame = rng.integers(40, 200, 3).astype(np.uint8) * np.ones((FRAME_WH[1], FRAME_WH[0], 1), np.uint8)
        boxes: list[list[float]] = []
        top = 0
        while top < FRAME_WH[1] - ROW_HEIGHTS[0]:
            row = int(np.exp(rng.uniform(*np.log(ROW_HEIGHTS))))
            left = 0
            while left < FRAME_WH[0]:
                path, share = known[rng.integers(len(known))]
                picture = cv2.imread(str(path))
                height = int(row * rng.uniform(0.7, 1.0))
                width = max(8, round(picture.shape[1] * height / picture.shape[0]))
                picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
                if rng.random() < 0.5:
                    picture, share = picture[:, ::-1], np.array([1 - share[2], share[1], 1 - share[0], share[3]])
                part = frame[top : top + height, left : left + width]
                part[:] = picture[: part.shape[0], : part.shape[1]]
                x0, y0, x1, y1 = share * [width, height, width, height]
                x1, y1 = min(x1, part.shape[1]), min(y1, part.shape[0])
                if min(x1 - x0, y1 - y0) >= LEAST_SIDE:
                    boxes.append([float(v) for v in np.round([left + x0, top + y0, x1 - x0, y1 - y0], 1)])
                left += width + int(rng.integers(0, 40))
            top += row
        yield frame, boxes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=Path, required=True, help="folder of <attitude>/*.jpg with manifest.csv")
    parser.add_argument("--cameras", nargs="+", required=True, help="cameras of the manifest whose pictures are taken")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--frames", type=int, default=150, help="how many frames are made")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    if given.out.exists() and any(given.out.iterdir()):
        parser.error(f"{given.out} is not empty; frames of an earlier run would stay in it. Name a new folder.")
    (given.out / "images").mkdir(parents=True)
    known = people(given.pictures, set(given.cameras))
    if not known:
        parser.error(f"manifest.csv has no picture of {' '.join(given.cameras)} with a known person.")
    images, annotations = [], []
    for number, (frame, boxes) in zip(range(given.frames), layout(np.random.default_rng(given.seed), known), strict=False):
        name = f"people-{number:04d}.jpg"
        cv2.imwrite(str(given.out / "images" / name), frame, [cv2.IMWRITE_JPEG_QUALITY, 92])
        images.append({"id": number, "file_name": name, "width": FRAME_WH[0], "height": FRAME_WH[1], "camera": "people"})
        annotations += [{"image_id": number, "category_id": 1, "bbox": box} for box in boxes]
    for number, annotation in enumerate(annotations):
        annotation["id"] = number
    content = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "student"}]}
    (given.out / "annotations.json").write_text(json.dumps(content), encoding="utf-8")
    print(json.dumps({"frames": len(images), "people": len(annotations), "pictures": len(known)}))


if __name__ == "__main__":
    main()
