"""YuNet, a detector that is not ours, stands behind the same interface; its file is the user's."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from inference import decode
from inference.errors import ImageError, ModelError
from inference.faces import Faces
from tests.shared import shared


@pytest.fixture(scope="module")
def faces() -> Faces:
    return Faces(shared("peers/yunet_n_640_640.onnx"))


def labelled_frame(camera: str) -> tuple[np.ndarray, np.ndarray]:
    """A real frame and the boxes of its students `(n, 4)`."""
    content = json.loads(shared("data/classrooms/annotations.json").read_text())
    image = next(image for image in content["images"] if image["camera"] == camera)
    boxes = [a["bbox"] for a in content["annotations"] if a["image_id"] == image["id"] and a["category_id"] == 1]
    corners = np.array([[x, y, x + w, y + h] for x, y, w, h in boxes])
    return decode(shared(f"data/classrooms/images/{image['file_name']}")), corners


def hits(found: np.ndarray, students: np.ndarray) -> float:
    """Share of the students in whose box the centre of a found box lies."""
    centres = (found[:, :2] + found[:, 2:4])[None] / 2
    inside = (centres > students[:, None, :2]) & (centres < students[:, None, 2:])
    return float(inside.all(axis=2).any(axis=1).mean())


@pytest.mark.parametrize("scale", [1, 2])
def test_most_students_of_a_real_frame_are_found_in_its_own_pixels(faces: Faces, scale: int) -> None:
    frame, students = labelled_frame("claB")
    found = faces.find(frame.repeat(scale, axis=0).repeat(scale, axis=1))
    assert hits(found / scale, students) > 0.7
    assert (np.diff(found[:, 4]) <= 0).all()
    assert (found[:, :2] >= 0).all()
    assert (found[:, 2:4] <= (scale * frame.shape[1], scale * frame.shape[0])).all()


def test_box_is_larger_than_a_face(faces: Faces) -> None:
    frame, students = labelled_frame("claB")
    areas = [float(np.median((b[:, 2] - b[:, 0]) * (b[:, 3] - b[:, 1]))) for b in (faces.find(frame), students)]
    assert 0.5 < areas[0] / areas[1] < 2


def test_threshold_can_be_set_to_another_value(faces: Faces) -> None:
    frame, _ = labelled_frame("claB")
    sure = Faces(faces.path)
    sure.threshold = 0.85
    assert 0 < len(sure.find(frame)) < len(faces.find(frame))
    assert sure.find(frame)[:, 4].min() >= 0.85


@pytest.mark.parametrize("shape", [(1, 1), (64, 64), (1, 4000), (2000, 12_000), (480, 640)])
def test_frame_without_faces_of_any_size_has_none(faces: Faces, shape: tuple[int, int]) -> None:
    found = faces.find(np.zeros((*shape, 3), np.uint8))
    assert found.shape == (0, 5)
    assert found.dtype == np.float32


@pytest.mark.parametrize("frame", [np.zeros((9, 9), np.uint8), np.zeros((9, 9, 3), np.float32), np.zeros((0, 9, 3), np.uint8)])
def test_what_is_no_picture_is_refused(faces: Faces, frame: np.ndarray) -> None:
    with pytest.raises(ImageError, match="Expected pixels of shape"):
        faces.find(frame)


def test_other_network_is_refused(make_model: Callable[..., Path]) -> None:
    with pytest.raises(ModelError, match=r"tiny\.onnx has no Taido fact sheet, and OpenCV cannot run it as .*YuNet"):
        Faces(make_model(metadata=None))


@pytest.mark.parametrize("content", [b"", b"no model", b"\x00" * 5000])
def test_damaged_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "damaged.onnx").write_bytes(content)
    with pytest.raises(ModelError, match=r"damaged\.onnx"):
        Faces(tmp_path / "damaged.onnx")


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no detector file .*gone\.onnx"):
        Faces(tmp_path / "gone.onnx")
