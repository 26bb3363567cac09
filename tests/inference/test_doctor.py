"""`python -m inference doctor` tells what works, and ends with 1 when what was asked for does not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference import doctor, providers
from inference.__main__ import main

without_gpu = pytest.mark.skipif(providers.cuda_devices() > 0, reason="this machine has an NVIDIA GPU")


@pytest.fixture
def examined(
    tiny_model: Path, tiny_finder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, dict[str, dict[str, str]]]]:
    """`examined("--host", "0.0.0.0")`: exit status and findings by what they are about; packages are as they should be."""
    monkeypatch.setattr(doctor, "packages_by_module", dict)

    def examine(*arguments: str) -> tuple[int, dict[str, dict[str, str]]]:
        status = main(["doctor", "--model", str(tiny_model), "--finder", str(tiny_finder), "--json", *arguments])
        return status, {finding["about"]: finding for finding in json.loads(capsys.readouterr().out)["findings"]}

    return examine


def test_machine_where_all_works_is_told_in_order_with_status_0(examined: Callable[..., Any]) -> None:
    status, found = examined("--provider", "cpu")
    assert status == 0
    assert found["classifier"]["state"] == found["finder"]["state"] == "ok"
    assert "runs on cpu" in found["classifier"]["text"]
    assert "onnxruntime" in found["packages"]["text"] and "cpu" in found["providers"]["text"]


def test_findings_are_lines_for_people(
    tiny_model: Path, tiny_finder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "packages_by_module", dict)
    main(["doctor", "--model", str(tiny_model), "--finder", str(tiny_finder)])
    assert "[ok   ] classifier: " in capsys.readouterr().out


@without_gpu
def test_cuda_asked_for_and_not_there_is_wrong(examined: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.ort, "preload_dlls", lambda: print("Failed to load libcublas.so.13: no such file"))
    monkeypatch.setattr(doctor, "CUDNN", "libcudnn-that-is-nowhere.so")
    status, found = examined("--provider", "cuda")
    assert status == 1
    assert found["NVIDIA driver"]["state"] == found["cuda"]["state"] == found["classifier"]["state"] == "wrong"
    assert "libcublas.so.13, libcudnn-that-is-nowhere.so not found" in found["CUDA and cuDNN"]["text"]
    assert "requirements-gpu.txt" in found["CUDA and cuDNN"]["text"]


def test_missing_library_is_a_hint_while_nobody_asks_for_the_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.ort, "preload_dlls", lambda: None)
    monkeypatch.setattr(doctor, "CUDNN", "libcudnn-that-is-nowhere.so")
    assert [finding.state for finding in doctor.cuda_libraries(1, needed=False)] == ["ok", "hint"]


def test_model_that_is_missing_is_wrong(examined: Callable[..., Any], tmp_path: Path) -> None:
    status, found = examined("--model", str(tmp_path / "none.onnx"))
    assert status == 1 and "no model file" in found["classifier"]["text"]


@pytest.mark.parametrize(
    ("packages", "titles"),
    [
        ({"onnxruntime": {"onnxruntime-gpu"}, "cv2": {"opencv-python"}}, []),
        ({"onnxruntime": {"onnxruntime", "onnxruntime-gpu"}}, ["ONNX Runtime"]),
        ({"cv2": {"opencv-python", "opencv-python-headless"}, "onnxruntime": {"a", "b"}}, ["ONNX Runtime", "OpenCV"]),
    ],
)
def test_packages_that_overwrite_one_another_are_named(packages: dict[str, set[str]], titles: list[str]) -> None:
    found = list(doctor.conflicts(packages))
    assert [finding.about for finding in found] == titles
    assert all(finding.state == "wrong" and "pip uninstall" in finding.text for finding in found)


class FakeCamera:
    """Stands in for a camera: this machine has none."""

    def __init__(self, opened: bool, frames: list[Any]) -> None:
        self.opened, self.frames, self.released = opened, frames, False

    def isOpened(self) -> bool:  # noqa: N802
        return self.opened

    def read(self) -> tuple[bool, Any]:
        frame = self.frames.pop(0) if self.frames else None
        return frame is not None, frame

    def release(self) -> None:
        self.released = True


@pytest.mark.parametrize(
    ("opened", "frames", "state", "text"),
    [
        (True, [None, np.zeros((720, 1280, 3), np.uint8)], "ok", "1280 x 720"),
        (True, [], "wrong", "no frame"),
        (False, [], "wrong", "does not open"),
    ],
)
def test_camera_is_tried_and_let_go(opened: bool, frames: list[Any], state: str, text: str) -> None:
    camera = FakeCamera(opened, frames)
    finding = doctor.camera("0", opens=lambda place: camera, seconds=0.3)
    assert finding.state == state and text in finding.text and camera.released


def test_camera_that_was_asked_for_and_is_not_there_ends_with_1(examined: Callable[..., Any]) -> None:
    status, found = examined("--camera", "97")
    assert status == 1 and found["camera"]["state"] == "wrong"


def test_camera_is_not_touched_unless_asked_for(examined: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "camera", lambda *a: pytest.fail("a camera was opened"))
    assert "camera" not in examined("--provider", "cpu")[1]


def test_page_for_other_machines_is_told_of_https(examined: Callable[..., Any]) -> None:
    assert "https" in examined("--host", "0.0.0.0")[1]["webcam on the page"]["text"]
    assert examined()[1]["webcam on the page"]["state"] == "ok"
    assert doctor.page("127.0.0.7").state == "ok"
