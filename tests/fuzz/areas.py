"""What is fuzzed: for each area its good files, how they are mutated, and what the program does with the result.

An `Area` makes its seeds once; `make` gives one mutated input; `run` uses it as the program would. Anything but a TaidoError is
a finding. The API is an area of its own, in `tests.fuzz.requests`, because it needs a running app.
"""

import dataclasses
import io
import json
import random
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
from onnx import helper
from PIL import Image

from inference.classifier import Classifier
from inference.errors import RecordError
from inference.finder import Finder
from inference.images import decode, fit
from inference.intervals import Interval
from inference.masks import Masks
from inference.record import Recorder, SessionFacts
from inference.recorded import read_sessions
from inference.report import csv_text, lesson_text
from inference.seats import Seats
from inference.sources import Video
from inference.spec import METADATA_KEY, ModelSpec
from inference.students import open_students
from tests.conftest import FINDER_SPEC, TINY_SPEC, bright_cells_graph, colour_graph
from tests.fuzz.mutate import HOSTILE, mutate, mutate_json, mutate_value

FRAME = np.random.default_rng(0).integers(0, 256, (72, 96, 3), dtype=np.uint8)
NAMES = ("red", "green", "blue")
MOST_FRAMES = 12
"""Of a mutated video that are looked at."""


@dataclasses.dataclass(frozen=True)
class Area:
    """One kind of input."""

    make: Callable[[random.Random], bytes]
    run: Callable[[bytes, Path], object]
    """With a folder of its own, which is empty."""
    share: float
    """Of all inputs of a run."""


# --- pictures and videos


def _picture_seeds() -> list[bytes]:
    colour, exif = Image.fromarray(FRAME), Image.Exif()
    exif[0x0112] = 6
    grey16 = Image.fromarray(FRAME[..., 0].astype(np.uint16) * 257)
    second = Image.fromarray(FRAME[::-1].copy())
    kinds: list[tuple[Image.Image, str, dict[str, Any]]] = [
        (colour, "JPEG", {"exif": exif}),
        (colour, "JPEG", {"progressive": True, "comment": b"room 12"}),
        (colour.convert("CMYK"), "JPEG", {}),
        (colour, "PNG", {}),
        (colour.convert("RGBA"), "PNG", {"compress_level": 0}),
        (colour.convert("P"), "PNG", {"transparency": 3}),
        (grey16, "PNG", {}),
        (colour, "WEBP", {"quality": 60}),
        (colour.convert("RGBA"), "WEBP", {"lossless": True}),
        (colour, "WEBP", {"save_all": True, "append_images": [second]}),
        (colour, "BMP", {}),
        (colour.convert("L"), "BMP", {}),
        (colour, "GIF", {"save_all": True, "append_images": [second]}),
        (colour, "TIFF", {"compression": "tiff_lzw"}),
        (colour, "TIFF", {"compression": "tiff_adobe_deflate"}),
        (colour, "TIFF", {"compression": "jpeg"}),
        (colour, "TIFF", {}),
        (grey16, "TIFF", {}),
        (colour.convert("1"), "TIFF", {"compression": "group4"}),
    ]
    return [_encoded(picture, kind, options) for picture, kind, options in kinds]


def _encoded(picture: Image.Image, kind: str, options: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _run_picture(data: bytes, folder: Path) -> None:
    pixels = decode(data, name="photo")
    assert pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3
    for rule in ("pad", "squash", "crop"):
        assert fit(pixels, (32, 48), rule).shape == (32, 48, 3)


def _video_seeds() -> list[bytes]:
    seeds = []
    with tempfile.TemporaryDirectory() as folder:
        for name, code in (("a.avi", "MJPG"), ("a.mp4", "mp4v"), ("a.mkv", "mp4v")):
            path = Path(folder) / name
            writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), 5, (96, 72))
            for number in range(8):
                writer.write(np.roll(FRAME, 5 * number, axis=1))
            writer.release()
            seeds.append(path.read_bytes())
    return seeds


def _run_video(data: bytes, folder: Path) -> None:
    path = folder / "lesson.mp4"
    path.write_bytes(data)
    with Video(path) as video:
        for number, frame in enumerate(video.frames()):
            assert frame is None or frame.picture.dtype == np.uint8
            if number >= MOST_FRAMES:
                break


# --- models


MEASURED_SPEC = TINY_SPEC.replace(
    measured={
        "tests": [
            {
                "images": 40,
                "persons": 8,
                **{rate: {"value": 0.7, "lo": 0.6, "hi": 0.8} for rate in ("accuracy", "balanced_accuracy")},
            }
        ]
    }
)


def _model(spec: ModelSpec, sheet: bytes | None = None) -> bytes:
    model = colour_graph(spec) if spec.task == "classify" else bright_cells_graph(spec)
    helper.set_model_props(model, {METADATA_KEY: spec.to_json()})
    if sheet is not None:
        model.metadata_props[0].value = sheet.decode("utf-8", errors="ignore")
    return model.SerializeToString()


def _make_model(seeds: list[bytes], chance: random.Random) -> bytes:
    """Half of them have a changed fact sheet in a good file, the others changed bytes."""
    if chance.random() < 0.5:
        spec = chance.choice((MEASURED_SPEC, FINDER_SPEC))
        return _model(spec, mutate_json(json.loads(spec.to_json()), chance))
    if chance.random() < 0.3:
        return _with_changed_graph(chance)
    return mutate(seeds, chance)


def _with_changed_graph(chance: random.Random) -> bytes:
    """A file that is well formed, and whose graph is not what it says."""
    model = onnx.load_model_from_string(_model(chance.choice((TINY_SPEC, FINDER_SPEC))))
    graph = model.graph
    step = chance.randrange(5)
    if step == 0:
        node = chance.choice(graph.node)
        node.op_type = chance.choice(("Relu", "Loop", "If", "Nothing", "Reshape", "Expand", "Tile"))
    elif step == 1:
        weights = chance.choice(graph.initializer)
        weights.raw_data = mutate([weights.raw_data], chance)
    elif step == 2:
        weights = chance.choice(graph.initializer)
        weights.dims[:] = [chance.choice((-1, 0, 1, 2**31, 2**62)) for _ in weights.dims]
    elif step == 3:
        weights = chance.choice(graph.initializer)
        weights.ClearField("raw_data")
        weights.data_location = onnx.TensorProto.EXTERNAL
        for key, value in (("location", chance.choice(("/etc/passwd", "../../secret.bin", "x" * 5000))), ("length", "99999999")):
            weights.external_data.add(key=key, value=value)
    else:
        graph.node.append(copy_of(chance.choice(graph.node)))
    return model.SerializeToString()


def copy_of(node: onnx.NodeProto) -> onnx.NodeProto:
    """Another node with the same outputs."""
    copied = onnx.NodeProto()
    copied.CopyFrom(node)
    return copied


def _run_model(data: bytes, folder: Path) -> None:
    path = folder / "model.onnx"
    path.write_bytes(data)
    if b'"find"' in data:
        finder = Finder(path, provider="cpu", threads=1)
        boxes = finder.find(FRAME)
        assert boxes.ndim == 2 and boxes.shape[1] == 5 and np.isfinite(boxes).all()
        spec = finder.spec
    else:
        classifier = Classifier(path, provider="cpu", threads=1)
        scores = classifier.scores_of([FRAME, FRAME[:9]])
        assert scores.shape == (2, len(classifier.spec.class_names)) and np.isfinite(scores).all()
        spec = classifier.spec
    spec.to_json().encode("utf-8")


def _run_detector(data: bytes, folder: Path) -> None:
    """A file that is given with --students: ours, or else OpenCV is asked whether it is a face detector."""
    path = folder / "students.onnx"
    path.write_bytes(data)
    boxes = open_students(str(path), finder=path, provider="cpu", threads=1).find(FRAME)
    assert boxes.ndim == 2 and boxes.shape[1] == 5


# --- checkpoints


def _checkpoint_content() -> dict[str, Any]:
    """As `training.checkpoint.save` writes it, of the smallest network that timm has."""
    from training.checkpoint import FORMAT
    from training.config import TrainConfig
    from training.model import create

    config = TrainConfig(data="data", model="test_efficientnet", img_size=32)
    model = create(config, ("a", "b"))
    return {
        "format": FORMAT,
        "spec": model.spec.to_json(),
        "config": dataclasses.asdict(config),
        "weights": model.network.state_dict(),
        "state": {"epoch": 1, "best": 0.5},
    }


def _make_checkpoint(content: dict[str, Any], seed: bytes, chance: random.Random) -> bytes:
    import torch

    if chance.random() < 0.4:
        return mutate([seed], chance)
    changed: dict[str, Any] = {**content, "weights": dict(content["weights"])}
    step = chance.randrange(5)
    if step == 0:
        changed["spec"] = json.dumps(mutate_value(json.loads(content["spec"]), chance))
    elif step == 1:
        changed["spec"] = chance.choice(HOSTILE)
    elif step == 2:
        del changed[chance.choice(list(changed))]
    elif step == 3:
        name = chance.choice(list(changed["weights"]))
        changed["weights"][name] = chance.choice((None, "weights", torch.zeros(0), torch.zeros(3, 3, dtype=torch.complex64)))
    else:
        changed[chance.choice(list(changed))] = chance.choice(HOSTILE)
    file = io.BytesIO()
    torch.save(changed, file)
    return file.getvalue()


def _run_checkpoint(data: bytes, folder: Path) -> None:
    from training import checkpoint

    path = folder / "model.pth.tar"
    path.write_bytes(data)
    checkpoint.load(path)


# --- seats, masks and records

SEATS = {"taido_seats": 1, "frame_size_wh": [96, 72], "seats": [[0, 0, 30, 30], [40, 10.5, 90, 70.25], [2, 40, 30, 70]]}
MASKS = {"taido_masks": 1, "frame_size_wh": [96, 72], "masks": [[0, 0, 30, 30], [1, 1, 90, 70.25]]}


def _run_places(data: bytes, folder: Path) -> None:
    path = folder / "places.json"
    path.write_bytes(data)
    if b"seat" in data:
        boxes = Seats.read(path).find(FRAME)
        assert (boxes[:, :2] < boxes[:, 2:4]).all()
    else:
        assert Masks.read(path).blank(FRAME).shape == FRAME.shape


START = datetime(2026, 7, 27, 10, 0, tzinfo=UTC)
FACTS = SessionFacts(START, NAMES, "camera 0", "a.onnx", "0f3a", "finder", {"masks": None}, 10.0)


def _record_seeds() -> list[bytes]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lessons.db"
        for length in (3, 30):
            recorder = Recorder(path, FACTS, per_seat=True)
            parts = [Interval(10.0 * i, 9.5, 80, (4.0, 2.5, 1.0), 0.5, 8.0) for i in range(length)]
            recorder.write(parts, {1: {0: 0.5}})
            recorder.end(START + timedelta(minutes=9))
        return [path.read_bytes()]


def _make_record(seeds: list[bytes], chance: random.Random) -> bytes:
    """Changed bytes, or a file that SQLite finds whole with values in it that nobody expects."""
    if chance.random() < 0.5:
        return mutate(seeds, chance)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lessons.db"
        path.write_bytes(seeds[0])
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            for _ in range(chance.choice((1, 1, 2))):
                _spoil(connection, chance)
        return path.read_bytes()


def _spoil(connection: sqlite3.Connection, chance: random.Random) -> None:
    table = chance.choice(("session", "interval", "attitude"))
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    column, value = chance.choice(columns), chance.choice(HOSTILE)
    if not isinstance(value, int | float | None) or (isinstance(value, int) and abs(value) > 2**62):
        value = json.dumps(value) if chance.random() < 0.7 else b"\xff\x00\xfe"
    step = chance.randrange(4)
    try:
        if step == 0:
            connection.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO other")
        elif step == 1:
            connection.execute(f"DELETE FROM {table} WHERE rowid % 2" if table == "session" else f"DELETE FROM {table}")
        else:
            connection.execute(f"UPDATE {table} SET {column} = ?", (value,))
    except sqlite3.Error:
        return  # the tables refuse this value


def _run_record(data: bytes, folder: Path) -> None:
    path = folder / "lessons.db"
    path.write_bytes(data)
    try:
        sessions = read_sessions(path)
        csv_text(sessions).encode("utf-8")
        for session in sessions:
            lesson_text(session, "ja").encode("utf-8")
    except RecordError:
        pass  # and another lesson may still be tried
    recorder = Recorder(path, FACTS)
    recorder.write([Interval(0.0, 10.0, 80, (4.0, 2.5, 1.0), 0.5, 8.0)])
    recorder.end(START)


def areas() -> dict[str, Callable[[], Area]]:
    """By name, each made when it is needed: torch is loaded for checkpoints only."""

    def pictures() -> Area:
        seeds = _picture_seeds()
        return Area(lambda chance: mutate(seeds, chance), _run_picture, 0.35)

    def videos() -> Area:
        seeds = _video_seeds()
        return Area(lambda chance: mutate(seeds, chance), _run_video, 0.05)

    def models() -> Area:
        seeds = [_model(TINY_SPEC), _model(FINDER_SPEC)]
        return Area(lambda chance: _make_model(seeds, chance), _run_model, 0.2)

    def detectors() -> Area:
        seeds = [_model(FINDER_SPEC), _model(FINDER_SPEC).replace(METADATA_KEY.encode(), b"other_sheet")]
        return Area(lambda chance: mutate(seeds, chance), _run_detector, 0.05)

    def checkpoints() -> Area:
        import torch

        torch.set_num_threads(1)
        content, file = _checkpoint_content(), io.BytesIO()
        torch.save(content, file)
        return Area(lambda chance: _make_checkpoint(content, file.getvalue(), chance), _run_checkpoint, 0.07)

    def places() -> Area:
        return Area(lambda chance: mutate_json(chance.choice((SEATS, MASKS)), chance), _run_places, 0.13)

    def records() -> Area:
        seeds = _record_seeds()
        return Area(lambda chance: _make_record(seeds, chance), _run_record, 0.1)

    every = (pictures, videos, models, detectors, checkpoints, places, records)
    return {area.__name__: area for area in every}
