"""Further training crops for the bundled model, so that the style of a picture no longer gives its class away.

    python recipes/attitude/prepare.py --pictures DATA/attitude --frames DATA/classrooms --out output/extra

In the collected photographs every sleeper and most phones are bright stock pictures, while classroom cameras show
little else than heads up and heads down. Three kinds of crops loosen that tie; `python -m training.train ... --extra-data`
takes them for training only, never for validation or test:

    frames     every box of a classroom frame that carries one of the labels, with the person it belongs to; with --varied
               twice, as wide or narrow as a finder may draw it in a room of other habits
    persons    stock pictures cropped to the person (`person_boxes.csv` beside this file: found by a person detector,
               15 of the sleepers drawn by hand)
    pasted     persons cut out of stock pictures (GrabCut) and seated in a free spot of a classroom frame, at the size
               and in the colours of that camera

The manifest names for each crop its person (the group that splits keep together) and every camera it shows, `stock+bav`
for a stock person seated in a frame of `bav`, so that a camera that is left out is really left out.
"""

import argparse
import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

PASTED_PER_PICTURE = {"sleep": 14, "looking-down": 6, "looking-ahead": 3, "touching-pda": 2}
FRAME_MARGIN = 0.12
"""Added to each side of a labelled box, as a share of that side."""
CUTS = 2
"""Crops of one labelled box with --varied."""
WIDER, SIDE = (-0.06, 0.28), 0.06
"""Added to all sides of a labelled box alike and, up to so much, to each of them, as shares of the side. By about as much the
boxes of a finder that has not seen a room differ from those that people drew there: each room has a habit of its own."""
BOX_SCALES = {"claG": (1.0, 0.75, 2 / 3, 0.5), "claB": (1.0, 0.75, 2 / 3, 0.5), "bav": (1.0,), "tim": (1280 / 1400,)}
"""Factors from the pixels of the source picture to those of the frame, tried in turn."""
BAV_STRETCH = 1138 / 640
"""The boxes of bav were drawn on frames squashed to a square."""


@dataclass(frozen=True)
class Crop:
    """One picture to write."""

    pixels: np.ndarray
    label: str
    name: str
    person: str
    camera: str


def read_manifest(pictures: Path) -> list[dict[str, str]]:
    """Rows of `manifest.csv`."""
    with (pictures / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boxes `x0, y0, x1, y1`."""
    size = np.clip(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0, None)
    shared = float(size.prod())
    return shared / float((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - shared)


def corners(annotation: dict) -> np.ndarray:
    """COCO's `x, y, width, height` as `x0, y0, x1, y1`."""
    x, y, width, height = annotation["bbox"]
    return np.array([x, y, x + width, y + height])


def cut(frame: np.ndarray, box: np.ndarray, margin: float | np.ndarray) -> np.ndarray:
    """The box widened by `margin` on each side (one for all, or left, top, right, bottom), kept inside the frame."""
    grow = np.tile(box[2:] - box[:2], 2) * margin * np.array([-1, -1, 1, 1])
    x0, y0, x1, y1 = np.round(box + grow).astype(int)
    return frame[max(0, y0) : y1, max(0, x0) : x1]


def seats(rows: list[dict[str, str]], coco: dict, boxes: dict[int, list[dict]]) -> dict[str, list[tuple[str, np.ndarray]]]:
    """Per static camera, the known persons with their boxes in pixels of the frames."""
    frames = {image["source_path"]: image for image in coco["images"]}
    found: dict[str, list[tuple[str, np.ndarray]]] = defaultdict(list)
    for row in rows:
        image = frames.get(row["source_path"])
        if image is None or row["camera"] == "claB":
            continue
        given = np.array([float(v) for v in row["bbox"].split(",")])
        if row["camera"] == "bav":
            given = given * np.array([BAV_STRETCH, 1, BAV_STRETCH, 1])
        fits = [
            (overlap(given * scale, corners(a)), tuple(corners(a)))
            for scale in BOX_SCALES[row["camera"]]
            for a in boxes[image["id"]]
            if a["attitude"] == row["label"]
        ]
        if fits and max(fits)[0] > 0.4:
            found[row["camera"]].append((row["person"], np.array(max(fits)[1])))
    return found


def person_at(camera: str, box: np.ndarray, image_name: str, known: dict[str, list[tuple[str, np.ndarray]]]) -> str:
    """The known person whose box lies nearest to this one; a new group where nobody is known."""
    if camera == "claB":
        return f"claB-{image_name}"
    best = max(((overlap(box, other), person) for person, other in known[camera]), default=(0.0, ""))
    if best[0] > 0.25:
        return best[1]
    x, y = (box[:2] + box[2:]) / 2
    return f"{camera}-at-{int(x // 80)}-{int(y // 80)}"


def frame_crops(frames: Path, rows: list[dict[str, str]], coco: dict, rng: np.random.Generator | None) -> Iterator[Crop]:
    """Every box that carries a label: once with FRAME_MARGIN around it, or, with a generator, CUTS times at random widths."""
    boxes: dict[int, list[dict]] = defaultdict(list)
    for annotation in coco["annotations"]:
        boxes[annotation["image_id"]].append(annotation)
    known = seats(rows, coco, boxes)
    for image in coco["images"]:
        frame = cv2.imread(str(frames / "images" / image["file_name"]))
        stem = Path(image["file_name"]).stem
        for annotation in boxes[image["id"]]:
            if annotation["attitude"] is not None:
                box = corners(annotation)
                person = person_at(image["camera"], box, stem, known)
                name = f"frame-{stem}-{annotation['id']}"
                for end, margin in margins(rng):
                    yield Crop(cut(frame, box, margin), annotation["attitude"], name + end, person, image["camera"])


def margins(rng: np.random.Generator | None) -> list[tuple[str, float | np.ndarray]]:
    """Of the crops of one labelled box: the end of each name, and what is added to its sides."""
    if rng is None:
        return [("", FRAME_MARGIN)]
    return [(f"-{k}", rng.uniform(*WIDER) + rng.uniform(-SIDE, SIDE, size=4)) for k in range(CUTS)]


def persons(pictures: Path, rows: list[dict[str, str]], boxes: dict[str, np.ndarray]) -> Iterator[Crop]:
    """Stock pictures cropped to the person; a tall figure gives its upper part."""
    for row in rows:
        box = boxes.get(row["file"])
        if row["camera"] != "stock" or box is None:
            continue
        picture = cv2.imread(str(pictures / row["file"]))
        yield Crop(cut(picture, upper_body(box), 0.06), row["label"], f"person-{Path(row['file']).stem}", row["person"], "stock")


def upper_body(box: np.ndarray) -> np.ndarray:
    """At most 1.35 times as high as wide, from the top."""
    x0, y0, x1, y1 = box
    return np.array([x0, y0, x1, min(y1, y0 + 1.35 * (x1 - x0))])


def cutout(picture: np.ndarray, box: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The person in the box and a soft mask `(h, w) float32 0..1`, by GrabCut (Rother, Kolmogorov, Blake 2004)."""
    scale = min(1.0, 240 / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    x0, y0, x1, y1 = np.round(box * scale).astype(int)
    x0, y0, x1, y1 = max(1, x0), max(1, y0), min(small.shape[1] - 1, x1), min(small.shape[0] - 1, y1)
    mask = np.zeros(small.shape[:2], np.uint8)
    cv2.grabCut(small, mask, (x0, y0, x1 - x0, y1 - y0), np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_RECT)
    solid = ((mask == cv2.GC_FGD) | (mask == cv2.GC_PR_FGD)).astype(np.uint8)
    solid = cv2.morphologyEx(solid, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    soft = cv2.GaussianBlur(solid.astype(np.float32), (0, 0), 1.2)
    return small[y0:y1, x0:x1], soft[y0:y1, x0:x1]


def free_spot(rng: np.random.Generator, image: dict, annotations: list[dict]) -> np.ndarray | None:
    """A place beside the students, of the size of one of them, that covers hardly any of them."""
    taken = [corners(a) for a in annotations]
    for _ in range(60):
        x0, y0, x1, y1 = taken[rng.integers(len(taken))]
        width, height = (x1 - x0) * rng.uniform(1.15, 1.7), (y1 - y0) * rng.uniform(0.9, 1.3)
        left = x0 + rng.uniform(-2.5, 2.5) * (x1 - x0)
        top = y0 + rng.uniform(-0.6, 1.2) * (y1 - y0)
        spot = np.array([left, top, left + width, top + height])
        inside = left >= 0 and top >= 0 and left + width < image["width"] and top + height < image["height"]
        if inside and min(width, height) >= 40 and max(overlap(spot, other) for other in taken) < 0.12:
            return spot
    return None


def seat(rng: np.random.Generator, background: np.ndarray, person: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Lay the person on the background, scaled to most of its width, standing on its lower edge, in its colours; crop to it."""
    height, width = background.shape[:2]
    if rng.random() < 0.5:
        person, mask = person[:, ::-1], mask[:, ::-1]
    scale = min(width * rng.uniform(0.75, 1.05) / person.shape[1], height * rng.uniform(0.8, 1.1) / person.shape[0])
    squeeze = rng.uniform(0.85, 1.15)
    size = (max(8, round(person.shape[1] * scale * squeeze)), max(8, round(person.shape[0] * scale / squeeze)))
    person = cv2.resize(np.ascontiguousarray(person), size, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(np.ascontiguousarray(mask), size, interpolation=cv2.INTER_AREA)
    person, mask = person[:height, :width], mask[:height, :width]
    left = int(rng.integers(0, width - person.shape[1] + 1))
    top = max(0, height - person.shape[0] - int(rng.integers(0, max(1, height // 6))))
    person = towards(person, background, float(rng.uniform(0.2, 0.8)))
    result = background.astype(np.float32)
    part = result[top : top + person.shape[0], left : left + person.shape[1]]
    alpha = mask[: part.shape[0], : part.shape[1], None]
    part[:] = alpha * person[: part.shape[0], : part.shape[1]] + (1 - alpha) * part
    around = rng.uniform(0.02, 0.2, size=4) * np.array([part.shape[1], part.shape[0], part.shape[1], part.shape[0]])
    box = np.array([left, top, left + part.shape[1], top + part.shape[0]]) + around * np.array([-1, -1, 1, 1])
    return cut(result.round().astype(np.uint8), box, 0.0)


def towards(picture: np.ndarray, other: np.ndarray, amount: float) -> np.ndarray:
    """Shift mean and spread of each channel towards those of another picture (after Reinhard et al. 2001)."""
    source, target = picture.astype(np.float32), other.astype(np.float32)
    spread = np.clip(target.std((0, 1)) / np.maximum(source.std((0, 1)), 1), 0.5, 1.5)
    moved = (source - source.mean((0, 1))) * spread + target.mean((0, 1))
    return np.clip((1 - amount) * source + amount * moved, 0, 255)


def pasted(
    pictures: Path, frames: Path, rows: list[dict[str, str]], boxes: dict[str, np.ndarray], coco: dict, rng: np.random.Generator
) -> Iterator[Crop]:
    """Stock persons seated in classroom frames."""
    annotations: dict[int, list[dict]] = defaultdict(list)
    for annotation in coco["annotations"]:
        annotations[annotation["image_id"]].append(annotation)
    by_camera: dict[str, list[dict]] = defaultdict(list)
    for image in coco["images"]:
        if annotations[image["id"]]:
            by_camera[image["camera"]].append(image)
    cameras = sorted(by_camera)
    for row in rows:
        box = boxes.get(row["file"])
        if row["camera"] != "stock" or box is None:
            continue
        person, mask = cutout(cv2.imread(str(pictures / row["file"])), upper_body(box))
        if not 0.2 < mask.mean() < 0.97:
            continue
        for k in range(PASTED_PER_PICTURE[row["label"]]):
            camera = cameras[k % len(cameras)] if rng.random() < 0.5 else cameras[rng.integers(len(cameras))]
            image = by_camera[camera][rng.integers(len(by_camera[camera]))]
            spot = free_spot(rng, image, annotations[image["id"]])
            if spot is None:
                continue
            background = cut(cv2.imread(str(frames / "images" / image["file_name"])), spot, 0.0)
            name = f"pasted-{Path(row['file']).stem}-{k}"
            yield Crop(seat(rng, background, person, mask), row["label"], name, row["person"], f"stock+{camera}")


def write(crops: Iterator[Crop], out: Path) -> dict[str, int]:
    """Write pictures and manifest; returns how many of each kind and label."""
    counts: dict[str, int] = defaultdict(int)
    out.mkdir(parents=True, exist_ok=True)
    with (out / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["file", "label", "camera", "person"])
        for crop in crops:
            if min(crop.pixels.shape[:2]) < 16:
                continue
            (out / crop.label).mkdir(exist_ok=True)
            name = f"{crop.label}/{crop.name}.jpg"
            cv2.imwrite(str(out / name), crop.pixels, [cv2.IMWRITE_JPEG_QUALITY, 95])
            table.writerow([name, crop.label, crop.camera, crop.person])
            counts[f"{crop.name.split('-')[0]} {crop.camera} {crop.label}"] += 1
    return dict(sorted(counts.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=Path, required=True, help="folder of <attitude>/*.jpg with manifest.csv")
    parser.add_argument("--frames", type=Path, required=True, help="folder with images/ and annotations.json (COCO)")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--varied", action="store_true", help="labelled boxes cut twice, wider and narrower")
    given = parser.parse_args()
    if given.out.exists() and any(given.out.iterdir()):
        parser.error(f"{given.out} is not empty; crops of an earlier run would stay in it. Name a new folder.")

    rows = read_manifest(given.pictures)
    coco = json.loads((given.frames / "annotations.json").read_text(encoding="utf-8"))
    with (Path(__file__).parent / "person_boxes.csv").open(newline="", encoding="utf-8") as file:
        boxes = {row["file"]: np.array([float(row[k]) for k in ("x0", "y0", "x1", "y1")]) for row in csv.DictReader(file)}
    rng = np.random.default_rng(given.seed)

    def crops() -> Iterator[Crop]:
        yield from frame_crops(given.frames, rows, coco, rng if given.varied else None)
        yield from persons(given.pictures, rows, boxes)
        yield from pasted(given.pictures, given.frames, rows, boxes, coco, rng)

    print(json.dumps(write(crops(), given.out), indent=1))


if __name__ == "__main__":
    main()
