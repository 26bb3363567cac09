import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import cv2
import numpy as np
import pytest

from inference.camera import Camera, open_live, shown_name
from inference.errors import SourceError
from inference.sources import Frame
from tests.rtsp_camera import rtsp_camera

SOON = 20.0
"""Seconds; a bound for what takes a fraction of one on a machine that is not busy."""


class Plug:
    """A camera that can be unplugged, the one thing here that cannot be had for real."""

    def __init__(self) -> None:
        self.plugged = threading.Event()
        self.plugged.set()
        self.opened = self.released = 0
        self._frames = 0

    def __call__(self, place: int | str) -> "Plug":
        self.opened += 1
        return self

    def isOpened(self) -> bool:  # noqa: N802
        return self.plugged.is_set()

    def read(self) -> tuple[bool, Any]:
        time.sleep(0.005)
        self._frames += 1
        return self.plugged.is_set(), np.full((4, 6, 3), (0, 0, self._frames % 256), np.uint8)

    def release(self) -> None:
        self.released += 1


def until(camera: Camera, wanted: Callable[[Frame | None], bool]) -> Frame | None:
    end = time.monotonic() + SOON
    for frame in camera.frames():
        if wanted(frame):
            return frame
        assert time.monotonic() < end, f"never came: {camera.status()}"
    raise AssertionError("the camera has closed")


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + SOON
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_newest_frame_wins_and_the_others_are_counted() -> None:
    with Camera(0, opens=Plug(), first_wait=0.01) as camera:
        first = until(camera, lambda frame: frame is not None)
        end = time.monotonic() + SOON
        while camera.status().grabbed < 20 and time.monotonic() < end:
            time.sleep(0.01)
        grabbed = camera.status().grabbed
        second = until(camera, lambda frame: frame is not None)
        assert first is not None and second is not None
        assert second.number >= grabbed - 1 > first.number + 1
        assert second.seconds > first.seconds
        status = camera.status()
        assert status.taken == 2 and status.skipped >= grabbed - 3
        assert status.age_seconds is not None and status.gone_seconds is None


def test_frames_are_rgb() -> None:
    with Camera(0, opens=Plug()) as camera:
        frame = until(camera, lambda frame: frame is not None)
        assert frame is not None and frame.picture[0, 0, 0] > 0 and frame.picture[0, 0, 2] == 0


def test_an_unplugged_camera_is_told_and_comes_back() -> None:
    plug = Plug()
    with Camera(0, opens=plug, first_wait=0.01) as camera:
        until(camera, lambda frame: frame is not None)
        plug.plugged.clear()
        until(camera, lambda frame: frame is None and camera.status().gone_seconds is not None)
        assert "camera 0 is gone" in camera.status().message
        plug.plugged.set()
        until(camera, lambda frame: frame is not None)
        status = camera.status()
        assert status.gone_seconds is None and status.reconnections >= 1 and status.message == ""


def test_attempts_to_open_a_camera_that_is_gone_become_rarer_and_leave_nothing_open() -> None:
    plug = Plug()
    with Camera(0, opens=plug, first_wait=0.05, stalled=0.04) as camera:
        until(camera, lambda frame: frame is not None)
        plug.plugged.clear()
        end = time.monotonic() + SOON
        while plug.opened < 5 and time.monotonic() < end:
            time.sleep(0.01)
        gone = camera.status().gone_seconds
        assert plug.opened == 5 and gone is not None
        assert gone >= 0.05 * (1 + 2 + 4), "at once, and after 0.05, 0.1 and 0.2 seconds"
    wait_until(lambda: plug.released == plug.opened)


def test_attempts_to_open_never_become_rarer_than_the_longest_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inference.camera.LONGEST_WAIT", 0.05)
    plug = Plug()
    with Camera(0, opens=plug, first_wait=0.05, stalled=0.04) as camera:
        until(camera, lambda frame: frame is not None)
        plug.plugged.clear()
        wait_until(lambda: plug.opened >= 12)  # 51 seconds, would the waits go on to double


def test_frame_that_waits_is_not_counted_as_skipped() -> None:
    class Three(Plug):
        """Gives three frames and falls silent."""

        def read(self) -> tuple[bool, Any]:
            if self._frames == 3:
                silent.wait(SOON)
            return super().read()

    silent = threading.Event()
    with Camera(0, opens=Three()) as camera:
        wait_until(lambda: camera.status().grabbed == 3)
        assert (camera.status().taken, camera.status().skipped) == (0, 2)
        assert next(camera.frames()) is not None
        assert (camera.status().taken, camera.status().skipped) == (1, 2)
        silent.set()


@pytest.mark.parametrize("error", [cv2.error("the driver fell over"), MemoryError()])
def test_an_exception_of_the_driver_is_a_camera_that_is_gone_and_comes_back(error: Exception) -> None:
    class Falls(Plug):
        falls = 0

        def __call__(self, place: int | str) -> "Falls":
            if self.falls == 2:
                self.falls = 3
                raise error
            super().__call__(place)
            return self

        def read(self) -> tuple[bool, Any]:
            if self.falls == 1:
                self.falls = 2
                raise error
            return super().read()

    plug = Falls()
    with Camera(0, opens=plug, first_wait=0.01) as camera:
        until(camera, lambda frame: frame is not None)
        plug.falls = 1
        until(camera, lambda frame: frame is not None and camera.status().reconnections == 1)
        assert plug.falls == 3


def test_a_camera_that_is_not_there_is_refused_with_advice() -> None:
    plug = Plug()
    plug.plugged.clear()
    with pytest.raises(SourceError, match="no camera 3, or another program uses it"):
        Camera(3, opens=plug)
    assert plug.released == 1


def test_closing_ends_the_frames_and_lets_go_of_the_device() -> None:
    plug = Plug()
    camera = Camera(0, opens=plug)
    frames = camera.frames()
    next(frames)
    camera.close()
    camera.close()
    assert list(frames) == []
    wait_until(lambda: plug.released == 1)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (2, "camera 2"),
        ("rtsp://anna:s3cret@10.0.0.7:554/stream1?token=abc", "rtsp://10.0.0.7:554/stream1"),
        ("http://camera.local/video", "http://camera.local/video"),
        ("rtsp://camera:notaport/x", "rtsp://camera/x"),
    ],
)
def test_the_name_holds_no_secret(place: int | str, name: str) -> None:
    assert shown_name(place) == name


def test_a_camera_of_this_machine_is_asked_for_a_large_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Capture:
        def __init__(self, place: int) -> None:
            asked.append(place)

        def set(self, name: int, value: float) -> None:
            asked.append((name, value))

    monkeypatch.setattr(cv2, "VideoCapture", Capture)
    open_live(1)
    assert asked == [1, (cv2.CAP_PROP_FRAME_WIDTH, 1280), (cv2.CAP_PROP_FRAME_HEIGHT, 720), (cv2.CAP_PROP_BUFFERSIZE, 1)]


def test_a_stream_that_does_not_open_is_refused_without_its_password() -> None:
    with pytest.raises(SourceError) as refused:
        Camera("http://anna:s3cret@127.0.0.1:9/stream")
    assert "does not open" in str(refused.value) and "s3cret" not in str(refused.value)


class Stream(BaseHTTPRequestHandler):
    """Motion JPEG as network cameras send it, which falls silent without closing while `flows` is not set."""

    flows: threading.Event

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        picture = cv2.imencode(".jpg", np.full((48, 64, 3), 90, np.uint8))[1].tobytes()
        head = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture)
        try:
            while True:
                self.flows.wait(SOON)
                self.wfile.write(head + picture + b"\r\n")
                time.sleep(0.02)
        except OSError:
            return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        return


@contextmanager
def stream() -> Iterator[tuple[str, threading.Event]]:
    flows = threading.Event()
    flows.set()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Flowing", (Stream,), {"flows": flows}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/stream.mjpg", flows
    finally:
        flows.set()
        server.shutdown()
        server.server_close()


def test_an_rtsp_stream_gives_its_frames_and_comes_back_when_the_connection_broke() -> None:
    picture = np.full((64, 96, 3), (200, 30, 30), np.uint8)
    with rtsp_camera([picture], breaks_after=5) as address, Camera(address, first_wait=0.05) as camera:
        assert "s3cret" not in camera.name and camera.name.startswith("rtsp://127.0.0.1:")
        frame = until(camera, lambda frame: frame is not None)
        assert frame is not None
        np.testing.assert_allclose(frame.picture.mean(axis=(0, 1)), (200, 30, 30), atol=4)
        until(camera, lambda frame: frame is not None and camera.status().reconnections >= 1)
        assert "s3cret" not in camera.status().message


def test_a_stream_whose_read_times_out_is_told_by_us_alone(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("inference.camera.TIMEOUT_MS", 300)
    with stream() as (address, flows), Camera(address, stalled=SOON, first_wait=0.05) as camera:
        until(camera, lambda frame: frame is not None)
        flows.clear()
        until(camera, lambda frame: frame is None and camera.status().gone_seconds is not None)
        assert "it gives no more frames" in camera.status().message and "is gone" in caplog.text
    assert "WARN" not in capfd.readouterr().err, "of OpenCV, which would tear the page of a terminal"


def test_a_real_stream_that_stalls_without_closing_is_told_and_comes_back() -> None:
    with stream() as (address, flows), Camera(address, stalled=0.5, first_wait=0.05) as camera:
        frame = until(camera, lambda frame: frame is not None)
        assert frame is not None and frame.picture.shape == (48, 64, 3)
        flows.clear()
        until(camera, lambda frame: frame is None and camera.status().gone_seconds is not None)
        assert "nothing has come" in camera.status().message
        flows.set()
        until(camera, lambda frame: frame is not None and camera.status().gone_seconds is None)
        assert camera.status().reconnections >= 1
