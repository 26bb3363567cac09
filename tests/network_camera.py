"""A camera of the network that shows pictures over and over, for tests that watch a real stream.

with network_camera([red, blue]) as address: ...
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from typing import Any, ClassVar

import cv2
import numpy as np

EVERY_SECONDS = 0.05


class MotionJpeg(BaseHTTPRequestHandler):
    """One viewer of the stream."""

    pictures: ClassVar[Sequence[bytes]]

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        try:
            for picture in cycle(self.pictures):
                self.wfile.write(b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(picture))
                self.wfile.write(picture + b"\r\n")
                time.sleep(EVERY_SECONDS)
        except OSError:
            return

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        return


@contextmanager
def network_camera(pictures: Sequence[np.ndarray]) -> Iterator[str]:
    """The address of a stream of `(H, W, 3) uint8 RGB`, with a password in it."""
    packed = [cv2.imencode(".jpg", picture[..., ::-1])[1].tobytes() for picture in pictures]
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Camera", (MotionJpeg,), {"pictures": packed}))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://anna:s3cret@127.0.0.1:{server.server_port}/stream.mjpg"
    finally:
        server.shutdown()
        server.server_close()
