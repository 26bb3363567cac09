"""Front or side from the points of a face; the detector itself is the user's and is tried where its file is at hand."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.faces import Faces
from tests.shared import shared
from training import views
from training.views import view_of


class Painted(Faces):
    """Knows where the points of a painted face are."""

    def __init__(self, *faces: list[float]) -> None:
        self._known = np.array(faces, float).reshape(-1, 15)

    def faces(self, frame: np.ndarray) -> np.ndarray:
        return self._known * np.array([frame.shape[1]] * 14 + [1])


def face(nose: float, *, size: float = 0.4, roll: float = 0.0) -> list[float]:
    """Eyes a tenth of the picture apart, the nose so many distances beside their middle; turned by `roll` radians."""
    points = np.array([[-0.05, 0], [0.05, 0], [0.1 * nose, 0.05], [-0.03, 0.1], [0.03, 0.1]])
    turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    return [0.3, 0.3, size, size, *(points @ turn + 0.5).ravel().tolist(), 0.9]


PICTURE = np.zeros((100, 100, 3), np.uint8)


@pytest.mark.parametrize("roll", [0.0, 0.6, -0.6])
@pytest.mark.parametrize(
    ("nose", "view"), [(0, "front"), (0.2, "front"), (-0.2, "front"), (0.4, "side"), (-0.4, "side"), (2, "side")]
)
def test_nose_beside_the_middle_of_the_eyes_is_a_side_view_however_the_head_is_tilted(
    nose: float, view: str, roll: float
) -> None:
    assert view_of(PICTURE, Painted(face(nose, roll=roll))) == view


def test_largest_face_is_the_student() -> None:
    nose = 0.5
    assert view_of(PICTURE, Painted(face(nose, size=0.1), face(0))) == "front"
    assert view_of(PICTURE, Painted(face(nose), face(0, size=0.1))) == "side"


def test_eyes_in_one_point_are_a_side_view() -> None:
    profile = face(0)
    profile[6:8] = profile[4:6]
    assert view_of(PICTURE, Painted(profile)) == "side"


def test_no_face_is_said_to_be_none() -> None:
    assert view_of(PICTURE, Painted()) == "no face"


def test_column_is_added_to_what_the_manifest_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data" / "sleep").mkdir(parents=True)
    for name in ("a", "b"):
        Image.new("RGB", (40, 40)).save(tmp_path / "data" / "sleep" / f"{name}.png")
    (tmp_path / "data" / "sleep" / "broken.png").write_bytes(b"no picture")
    manifest = "file,label,camera,person\nsleep/a.png,sleep,x,p1\nsleep/b.png,sleep,y,p2\nsleep/broken.png,sleep,y,p3\n"
    (tmp_path / "data" / "manifest.csv").write_text(manifest, encoding="utf-8")
    monkeypatch.setattr(views, "Faces", lambda path: Painted(face(0)))
    assert views.main([str(tmp_path / "data"), "--faces", "yunet.onnx", "--out", str(tmp_path / "views.csv")]) == 0
    assert json.loads(capsys.readouterr().out) == {"front": 2, "unreadable": 1}
    with (tmp_path / "views.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], row["camera"], row["person"], row["view"]) for row in rows] == [
        ("sleep/a.png", "x", "p1", "front"),
        ("sleep/b.png", "y", "p2", "front"),
        ("sleep/broken.png", "y", "p3", ""),
    ]


def test_missing_detector_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert views.main([str(tmp_path), "--faces", str(tmp_path / "none.onnx"), "--out", str(tmp_path / "views.csv")]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1 and "--students" not in told


def test_mirrored_pictures_of_real_students_keep_their_view() -> None:
    faces = Faces(shared("peers/yunet_n_640_640.onnx"))
    folder = shared("data/attitude/looking-ahead")
    pictures = [np.asarray(Image.open(path).convert("RGB")) for path in sorted(folder.glob("*.jpg"))[::60]]
    told = [(view_of(picture, faces), view_of(np.ascontiguousarray(picture[:, ::-1]), faces)) for picture in pictures]
    assert len(told) >= 10
    assert np.mean([one == other for one, other in told]) > 0.7
