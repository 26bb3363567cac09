"""A camera of the network that speaks RTSP (RFC 2326), with motion JPEG (RFC 2435) inside the same connection.

with rtsp_camera([red, blue]) as address: ...
"""

import socketserver
import struct
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count, cycle, islice
from typing import ClassVar

import cv2
import numpy as np

EVERY_SECONDS = 0.05
CLOCK = 90_000
"""Ticks of a time stamp in a second."""
LARGEST = 1400
"""Bytes of a picture in one packet."""
SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=room\r\nt=0 0\r\nm=video 0 RTP/AVP 26\r\na=control:track0\r\n"


class Rtsp(socketserver.StreamRequestHandler):
    """One viewer: it asks for the description, sets a track up, and plays it."""

    pictures: ClassVar[Sequence[tuple[bytes, bytes, int, int]]]
    breaks_after: ClassVar[int | None]

    def handle(self) -> None:
        try:
            while request := self.rfile.readline().decode().split():
                headers = dict(line.split(": ", 1) for line in iter(lambda: self.rfile.readline().decode().strip(), ""))
                self._answer(request[0], headers)
                if request[0] == "PLAY":
                    self._play()
                    return
        except OSError:
            return

    def _answer(self, method: str, headers: dict[str, str]) -> None:
        body, more = "", ""
        if method == "OPTIONS":
            more = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        elif method == "DESCRIBE":
            body, more = SDP, "Content-Type: application/sdp\r\n"
        elif method == "SETUP":
            wanted = headers.get("Transport", "")
            if "TCP" not in wanted:
                self.wfile.write(f"RTSP/1.0 461 Unsupported Transport\r\nCSeq: {headers['CSeq']}\r\n\r\n".encode())
                return
            more = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n"
        head = f"RTSP/1.0 200 OK\r\nCSeq: {headers['CSeq']}\r\nSession: 1\r\n{more}Content-Length: {len(body)}\r\n\r\n"
        self.wfile.write((head + body).encode())

    def _play(self) -> None:
        number = count()
        for shown, (tables, scan, width, height) in enumerate(islice(cycle(self.pictures), self.breaks_after)):
            for offset in range(0, len(scan), LARGEST):
                part = scan[offset : offset + LARGEST]
                last = offset + LARGEST >= len(scan)
                jpeg = struct.pack("!I", offset) + bytes([1, 255, width // 8, height // 8])
                if not offset:
                    jpeg += struct.pack("!BBH", 0, 0, len(tables)) + tables
                stamp = int(shown * EVERY_SECONDS * CLOCK)
                rtp = struct.pack("!BBHII", 0x80, 26 | (0x80 if last else 0), next(number) & 0xFFFF, stamp, 7) + jpeg + part
                self.wfile.write(struct.pack("!cBH", b"$", 0, len(rtp)) + rtp)
            time.sleep(EVERY_SECONDS)


def packed(picture: np.ndarray) -> tuple[bytes, bytes, int, int]:
    """`(H, W, 3) uint8 RGB`, sides divisible by 8 -> quantisation tables, scan, width and height."""
    jpeg = cv2.imencode(".jpg", picture[..., ::-1])[1].tobytes()
    tables, place = b"", 2
    while True:
        marker, length = struct.unpack_from("!HH", jpeg, place)
        if marker == 0xFFDB:
            tables += b"".join(jpeg[at + 1 : at + 65] for at in range(place + 4, place + 2 + length, 65))
        place += 2 + length
        if marker == 0xFFDA:
            return tables, jpeg[place:-2], picture.shape[1], picture.shape[0]


@contextmanager
def rtsp_camera(pictures: Sequence[np.ndarray], *, breaks_after: int | None = None) -> Iterator[str]:
    """The address of a stream, with a password in it; `breaks_after`: the connection ends after so many pictures."""

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads, allow_reuse_address = True, True

    handler = type("Camera", (Rtsp,), {"pictures": [packed(picture) for picture in pictures], "breaks_after": breaks_after})
    with Server(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"rtsp://anna:s3cret@127.0.0.1:{server.server_address[1]}/room"
        finally:
            server.shutdown()
