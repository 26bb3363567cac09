"""The door: flags, messages, and a start without torch."""

import argparse
import io
import os
import shutil
import signal
import socket
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import app
from benchmarks.visitor import Visitor
from tests.dashboard import served
from tests.dashboard.served import PATIENCE_SECONDS, running_app, start

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="the program ffmpeg is not installed")
_FILE = io.BytesIO()
Image.new("RGB", (64, 64), "red").save(_FILE, "JPEG")
JPEG = _FILE.getvalue()


def page_of(address: str) -> str:
    with urllib.request.urlopen(address, timeout=30) as answer:
        return str(answer.read().decode())


def test_app_starts_without_torch_prints_its_address_and_leaves_nothing_behind(tiny_model: Path, tmp_path: Path) -> None:
    with running_app(["--model", str(tiny_model)], tmp_path) as running:
        assert "態度 Taido" in page_of(running.address)
        assert len(list(tmp_path.glob("taido-*"))) == 1
        running.process.terminate()
        printed, _ = running.process.communicate(timeout=30)
    assert running.address in printed
    assert running.process.returncode == 0
    assert list(tmp_path.glob("taido-*")) == []


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGHUP])
def test_app_whose_terminal_is_closed_leaves_no_upload(
    asked: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRADIO_TEMP_DIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    held: list[Path] = []

    def serve(_: argparse.Namespace) -> None:
        with app.private_uploads() as folder:
            (folder / "a-child.jpg").write_bytes(JPEG)
            held.extend(tmp_path.rglob("*.jpg"))
            os.kill(os.getpid(), asked)
            time.sleep(PATIENCE_SECONDS)

    monkeypatch.setattr(app, "serve", serve)
    before = signal.signal(asked, signal.SIG_DFL)  # tests that are run with `nohup` ignore it
    try:
        assert app.main([]) == 0
    finally:
        signal.signal(asked, before)
    assert held
    assert list(tmp_path.iterdir()) == []


ENDLESS_CALLS = """
import runpy, sys, time
import inference.predictions as predictions
predictions.decode = lambda *rest, **more: time.sleep(3600)
sys.argv = ["app.py", *sys.argv[1:]]
runpy.run_path("app.py", run_name="__main__")
"""


def test_app_that_still_works_on_calls_ends_at_once_and_leaves_no_upload(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "WITHOUT_TORCH", ENDLESS_CALLS)
    with running_app(["--model", str(tiny_model), "--students", "whole"], tmp_path) as running, ThreadPoolExecutor(4) as pool:
        visitors = [Visitor(running.address, patience=60) for _ in range(4)]
        calls = [pool.submit(visitor.classify, [("a-child-s-name.jpg", JPEG)]) for visitor in visitors]
        end = time.monotonic() + PATIENCE_SECONDS
        while len(list(tmp_path.glob("taido-*/*/a-child-s-name.jpg"))) < 1 and time.monotonic() < end:
            time.sleep(0.2)
        time.sleep(1)
        running.process.terminate()
        _, said = running.process.communicate(timeout=30)
        assert all(isinstance(call.exception(), Exception) for call in calls)
        for visitor in visitors:
            visitor.close()
    assert running.process.returncode == 0
    assert list(tmp_path.glob("taido-*")) == []
    assert "child" not in said


SLOW_FILM = """
import runpy, sys, time
import inference.annotate_video as annotate_video
marked = annotate_video._marked
annotate_video._marked = lambda *given: (time.sleep(0.1), marked(*given))[1]
sys.argv = ["app.py", *sys.argv[1:]]
runpy.run_path("app.py", run_name="__main__")
"""


@needs_ffmpeg
def test_app_that_is_stopped_while_it_marks_a_film_leaves_nothing_of_it(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "WITHOUT_TORCH", SLOW_FILM)
    film, temporary = tmp_path / "a-child-s-name.avi", tmp_path / "temporary"
    temporary.mkdir()
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*"MJPG"), 4, (64, 64))
    for _ in range(1000):
        writer.write(np.full((64, 64, 3), 200, np.uint8))
    writer.release()
    with running_app(["--model", str(tiny_model), "--students", "whole"], temporary) as running:
        visitor = Visitor(running.address)
        visitor.open_page()
        files = [("files", (film.name, film.read_bytes(), "video/avi"))]
        (place,) = visitor._http.post("/gradio_api/upload", files=files).raise_for_status().json()
        given = {"path": place, "orig_name": film.name, "meta": {"_type": "gradio.FileData"}}
        visitor._join(visitor.dependency("video-mark", "click")["id"], [given, "whole", 4, None])
        end = time.monotonic() + PATIENCE_SECONDS
        while not list(temporary.rglob("*.mp4")) and time.monotonic() < end:
            time.sleep(0.2)
        assert list(temporary.rglob("*.mp4"))
        running.process.terminate()
        running.process.communicate(timeout=30)
        visitor.close()
    assert running.process.returncode == 0
    assert [path for path in temporary.rglob("*") if path.is_file()] == []


@pytest.mark.skipif(not app.DEFAULT_MODEL.is_file(), reason="there is no bundled model yet")
def test_app_starts_with_the_bundled_model(tmp_path: Path) -> None:
    with running_app([], tmp_path) as running:
        assert "Taido" in page_of(running.address)


def test_missing_model_is_one_line_and_status_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--model", str(tmp_path / "none.onnx")]) == 2
    message = capsys.readouterr().err
    assert message.startswith("app.py: There is no model file")
    assert message.count("\n") == 1


def test_wrong_finder_is_one_line_and_status_2(tiny_model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--model", str(tiny_model), "--finder", str(tiny_model)]) == 2
    message = capsys.readouterr().err
    assert message.startswith(f"app.py: {tiny_model} is a classifier")
    assert message.count("\n") == 1


@pytest.mark.parametrize("more", [[], ["--record", "lessons.db"], ["--source", "0"]])
def test_flag_that_would_do_nothing_is_refused(more: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        app.parse(["--record-few", *more])
    assert "give it with --source and --record" in capsys.readouterr().err


def test_port_in_use_is_one_line_and_status_2(tiny_model: Path, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        process = start(["--port", str(port), "--model", str(tiny_model)], tmp_path)
        _, message = process.communicate(timeout=90)
    assert process.returncode == 2
    assert message.startswith(f"app.py: Cannot listen on 127.0.0.1:{port}")
    assert "--port" in message
    assert message.count("\n") == 1


def test_space_hands_host_and_port_through_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADIO_SERVER_NAME", raising=False)
    monkeypatch.delenv("GRADIO_SERVER_PORT", raising=False)
    assert (app.parse([]).host, app.parse([]).port) == ("127.0.0.1", 7860)
    monkeypatch.setenv("GRADIO_SERVER_NAME", "0.0.0.0")
    monkeypatch.setenv("GRADIO_SERVER_PORT", "8123")
    assert (app.parse([]).host, app.parse([]).port) == ("0.0.0.0", 8123)
    assert app.parse(["--port", "9000"]).port == 9000


def test_missing_source_is_one_line_and_status_2(tiny_model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["--model", str(tiny_model), "--source", str(tmp_path / "none.mp4")]) == 2
    message = capsys.readouterr().err
    assert message.startswith("app.py: There is no file or folder")
    assert message.count("\n") == 1


def test_masks_need_a_source(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        app.parse(["--masks", "some.file"])
    assert ended.value.code == 2
    assert "--source" in capsys.readouterr().err


def test_every_source_has_its_own_masks_or_none(capsys: pytest.CaptureFixture[str]) -> None:
    options = app.parse(["--source", "0", "--masks", "door.json", "--source", "rtsp://camera/1", "--masks", "-"])
    assert (options.source, options.masks) == (["0", "rtsp://camera/1"], [Path("door.json"), None])
    assert app.parse(["--source", "0", "--source", "1"]).masks == []
    for wrong in (["--source", "0", "--source", "1", "--masks", "door.json"], ["--source", "0", "--source", "0"]):
        with pytest.raises(SystemExit):
            app.parse(wrong)
    printed = capsys.readouterr().err
    assert "give one with each --source" in printed and "once only" in printed


def test_uploads_are_private_and_deleted_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRADIO_TEMP_DIR", raising=False)
    with app.private_uploads() as folder:
        assert folder.stat().st_mode & 0o077 == 0
        assert os.environ["GRADIO_TEMP_DIR"] == str(folder)
        (folder / "photo.jpg").write_bytes(b"x")
    assert not folder.exists()
    assert "GRADIO_TEMP_DIR" not in os.environ


def test_gradio_reports_nothing_home() -> None:
    assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"
