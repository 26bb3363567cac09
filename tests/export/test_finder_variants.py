"""A finder's variants: made through the same command, judged on frames of cameras that did not calibrate them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from export import comparing, found, quantise, variants
from export.__main__ import main
from export.found import TOLERANCES, Found, refusal
from export.graph import to_onnx
from inference.errors import DataError
from inference.finder import Finder
from inference.spec import ModelSpec
from training import coco
from training.coco import Frame
from training.finder_model import FinderModel


@pytest.fixture(scope="module")
def fp32(finder_model: FinderModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "fp32.onnx"
    onnx.save(to_onnx(finder_model), path)
    return path


@pytest.fixture(scope="module")
def rooms(fp32: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight frames of each of two cameras; the students are where the fp32 finder sees them, so that it is always right."""
    folder = tmp_path_factory.mktemp("rooms")
    (folder / "images").mkdir(parents=True)
    rng = np.random.default_rng(0)
    images, annotations = [], []
    for i in range(16):
        picture = cv2.resize(rng.integers(0, 255, (12, 20, 3), dtype=np.uint8), (160, 96))
        assert cv2.imwrite(str(folder / "images" / f"{i}.png"), picture)
        images.append({"id": i, "file_name": f"{i}.png", "width": 160, "height": 96, "camera": "ab"[i % 2]})
    for i in range(16):
        for x0, y0, x1, y1, _ in Finder(fp32, provider="cpu").find(cv2.imread(str(folder / "images" / f"{i}.png"))[..., ::-1]):
            box = [float(x0), float(y0), float(x1 - x0), float(y1 - y0)]
            annotations.append({"id": len(annotations), "image_id": i, "category_id": 1, "bbox": box})
    content = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "student"}]}
    (folder / "annotations.json").write_text(json.dumps(content))
    return folder


def test_variants_of_a_finder_stand_beside_it(
    fp32: Path, rooms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TOLERANCES, "int8", found.Tolerance(2.0, 1.0, 1.0))  # a head that was never trained is easily disturbed
    monkeypatch.setattr(quantise, "MOST_EXCLUDED", 0)
    out = tmp_path / "models" / "students.onnx"
    arguments = ["--variants", "fp16,int8", "--calibrate", str(rooms), "--verify", str(rooms)]
    assert main([str(fp32), "--out", str(out), *arguments]) == 0
    told = json.loads(capsys.readouterr().out)["variants"]
    assert [(entry["precision"], entry["refused"]) for entry in told] == [("fp16", None), ("int8", None)]
    assert sorted(path.name for path in out.parent.iterdir()) == ["students-fp16.onnx", "students-int8.onnx"]
    assert told[0]["images"] == 8 and told[0]["boxes"] > 0 and told[0]["lost"] == told[0]["added"] == 0
    assert {(trial["form"], trial["calibration"]) for trial in told[1]["trials"]} == {("QDQ", "minmax"), ("QOperator", "minmax")}
    int8 = Finder(out.parent / "students-int8.onnx", provider="cpu")
    assert int8.spec.measured["variant"]["precision"] == "int8"
    assert int8.spec.replace(measured={}) == Finder(fp32, provider="cpu").spec
    assert any(node.op_type in ("QuantizeLinear", "QLinearConv") for node in onnx.load(int8.path).graph.node)


def test_variant_that_finds_others_is_kept_out(
    fp32: Path, rooms: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ruined(graph: onnx.ModelProto) -> onnx.ModelProto:
        for tensor in graph.graph.initializer:
            if tensor.name.endswith("bbox_reg.bias"):
                tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor) + np.float32(1), tensor.name))
        return graph

    monkeypatch.setattr(variants, "half", ruined)
    out = tmp_path / "m" / "students.onnx"
    assert main([str(fp32), "--out", str(out), "--variants", "fp16", "--verify", str(rooms)]) == 1
    assert "boxes are lost" in capsys.readouterr().err
    assert not list(out.parent.iterdir())


def frames_of(cameras: Sequence[str], each: int = 8) -> list[Frame]:
    nobody = np.zeros((0, 4), np.float32)
    return [Frame(f"{c}{i}", Path(), c, (160, 96), nobody, (), nobody) for c in cameras for i in range(each)]


@pytest.mark.parametrize(
    ("judging", "calibrating", "left_out", "judges", "calibrates", "trained"),
    [
        ("abcd", "abcd", "", "ab", "cd", None),
        ("abcd", "abcd", "c", "c", "abd", 0),
        ("abcd", "abcd", "elsewhere", "ab", "cd", None),
        ("ab", "cd", "", "ab", "cd", None),
        ("ab", None, "", "ab", "", None),
    ],
)
def test_cameras_that_calibrate_do_not_judge(
    judging: str, calibrating: str | None, left_out: str, judges: str, calibrates: str, trained: int | None
) -> None:
    given = None if calibrating is None else frames_of(calibrating)
    calibration, verification, seen = comparing._sides(frames_of(judging), given, left_out)
    assert {frame.camera for frame in verification} == set(judges) and {frame.camera for frame in calibration} == set(calibrates)
    assert seen == trained and len(calibration) <= comparing.MOST_FRAMES


def test_frames_of_one_camera_do_not_calibrate_and_judge() -> None:
    with pytest.raises(DataError, match="another camera"):
        comparing._sides(frames_of("a"), frames_of("a"), "")


def test_boxes_lost_and_added_are_counted_one_by_one() -> None:
    boxes = np.array([[0, 0, 10, 10], [50, 50, 60, 60]], np.float32)
    assert found.alone(boxes, boxes[:1]) == 1 and found.alone(boxes[:1], boxes) == 0
    assert found.alone(boxes, boxes[:0]) == 2 and found.alone(boxes[:0], boxes) == 0
    facts: dict[str, Any] = {"mean_rgb": (0, 0, 0), "std_rgb": (1, 1, 1), "activation": "sigmoid", "thresholds": (0.5,)}
    spec = ModelSpec(class_names=("student",), input_size_hw=(96, 160), fit="pad", base_model="x", task="find", **facts)
    one = [boxes[None], np.array([[0.9, 0.8]], np.float32)]
    other = [boxes[None], np.array([[0.9, 0.4]], np.float32)]
    assert found.harm(spec, one, other) == (1, pytest.approx(0.2))
    assert found.harm(spec, one, one) == (0, 0)


def test_one_frame_gives_no_interval(fp32: Path, rooms: Path) -> None:
    frames, pictures = coco.load(coco.read(rooms)[:1])
    seen = found.compare(frames, pictures, *(Finder(fp32, provider="cpu") for _ in range(2)))
    assert seen.as_dict()["f1_drop_interval"] is None and seen.ap50_drop_interval is None
    assert "frames cannot tell" in str(refusal(seen, TOLERANCES["int8"]))


FINE: dict[str, Any] = {
    "images": 100,
    "students": 900,
    "boxes": 1000,
    "lost": 10,
    "added": 10,
    "f1": (0.9, 0.9),
    "ap50": (0.7, 0.7),
    "f1_drop": 0.0,
    "f1_drop_interval": (-0.01, 0.01),
    "ap50_drop": 0.0,
    "ap50_drop_interval": (-0.01, 0.01),
}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"boxes": 0}, "finds nobody"),
        ({"lost": 80}, "80 of 1000 boxes are lost"),
        ({"images": 5}, "5 frames cannot tell"),
        ({"images": 1, "f1_drop_interval": None, "ap50_drop_interval": None}, "1 frames cannot tell"),
        ({"f1_drop": 0.02}, "F1 falls by 0.020"),
        (
            {"ap50_drop": -0.004, "ap50_drop_interval": (-0.02, 0.03)},
            "AP50 rises by 0.004 (a fall of 0.01 is allowed) and may fall by 0.030",
        ),
    ],
)
def test_gate_of_a_finder_says_why(change: dict[str, Any], reason: str | None) -> None:
    said = refusal(Found(**{**FINE, **change}), TOLERANCES["int8"])
    assert said is None if reason is None else reason in (said or "")
