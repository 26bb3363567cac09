"""Mutated calls of a running app: bodies, uploads and addresses that no client of ours would send.

Whatever comes, the app answers politely: a status below 500, or an event that says what was wrong, and never a traceback.
"""

import json
import random
import socket
import uuid
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.fuzz.areas import Area
from tests.fuzz.mutate import mutate, mutate_json

PATIENCE_SECONDS = 30.0
"""The machine may be busy; how long the slowest answer took stands in the result."""
CALL = {"data": [[{"path": "nowhere.jpg", "meta": {"_type": "gradio.FileData"}}], "whole"]}
VIDEO = {"data": [{"path": "nowhere.mp4", "meta": {"_type": "gradio.FileData"}}, "whole", 5]}
JOIN = {"data": [None, None, "whole"], "fn_index": 3, "session_hash": "abcdefgh", "trigger_id": 7, "event_data": None}
JSON_PLACES = (
    ("/gradio_api/call/classify_photos", CALL),
    ("/gradio_api/call/summarise_video", VIDEO),
    ("/gradio_api/call/model_info", {"data": []}),
    ("/gradio_api/queue/join", JOIN),
    ("/gradio_api/run/classify_photos", CALL),
    ("/gradio_api/reset", {"event_id": "abc"}),
    ("/gradio_api/cancel", {"session_hash": "abc", "fn_index": 1, "event_id": "x"}),
    ("/gradio_api/component_server", {"data": [], "component_id": 1, "fn_name": "ls", "session_hash": "a"}),
)
PATHS = (
    "/gradio_api/file=/etc/passwd",
    "/gradio_api/file=../../../../etc/passwd",
    "/gradio_api/file=app.py",
    "/gradio_api/file=http://127.0.0.1:9/secret",
    "/static/../../app.py",
    "/assets/%2e%2e/%2e%2e/app.py",
    "/gradio_api/stream/abc/1/2/playlist.m3u8",
    "/gradio_api/queue/data?session_hash=nobody",
    "/config",
    "/gradio_api/info",
    "/",
)
BOUNDARY = "taidofuzz"


class ImpoliteError(Exception):
    """The app answered as it must not."""


def requests_area(address: str) -> Area:
    """Calls of the app at that address."""
    where = urlsplit(address)

    def run(data: bytes, folder: Path) -> None:
        call = json.loads(data)
        body = bytes.fromhex(call["body"])
        status, answer = _ask(where.netloc, call["method"], call["path"], body, call["type"])
        if b"Traceback (most recent call last)" in answer or b"root:x:0:0" in answer or b"The door: `python app.py`" in answer:
            raise ImpoliteError(f"{call['method']} {call['path']}: {status} tells what it must not: {answer[:200]!r}")
        if status >= 500 and not answer.startswith(b'{"error"'):  # with which Gradio refuses the values of a call
            raise ImpoliteError(f"{call['method']} {call['path']}: {status} {answer[:200]!r}")
        if status == 200 and "/call/" in call["path"] and b"event_id" in answer:
            _follow(where.netloc, call["path"], json.loads(answer)["event_id"])

    return Area(_make, run, 0.05)


def _ask(place: str, method: str, path: str, body: bytes, kind: str) -> tuple[int, bytes]:
    connection = HTTPConnection(place, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path, body or None, {"Content-Type": kind})
        answer = connection.getresponse()
        if "event-stream" in (answer.headers.get("Content-Type") or "") and "/call/" not in path:
            return answer.status, b""  # it stays open for as long as the session may live
        return answer.status, answer.read()
    except TimeoutError as error:
        raise ImpoliteError(f"{method} {path}: no answer within {PATIENCE_SECONDS:g} seconds") from error
    except (HTTPException, ConnectionResetError, BrokenPipeError, socket.gaierror):
        return 400, b""  # closed without a word, as is right for what is no HTTP
    finally:
        connection.close()


def _follow(place: str, path: str, event: str) -> None:
    status, answer = _ask(place, "GET", f"{path}/{event}", b"", "text/plain")
    if status == 200 and b"event: complete" not in answer and b"event: error" not in answer:
        raise ImpoliteError(f"{path}: the call does not end: {answer[:200]!r}")
    if b"Traceback" in answer:
        raise ImpoliteError(f"{path}: {answer[:300]!r}")


def _make(chance: random.Random) -> bytes:
    """One call as JSON: method, path, type and body in hexadecimal digits."""
    step = chance.random()
    if step < 0.6:
        path, content = chance.choice(JSON_PLACES)
        return _call("POST", path, mutate_json(content, chance), "application/json")
    if step < 0.8:
        name = chance.choice(("a.jpg", "../../evil.py", "a\x00b.png", "x" * 3000, "", "CON", "日本.jpg"))
        return _call("POST", "/gradio_api/upload", mutate([_form(name, chance.randbytes(200))], chance), _form_type(chance))
    path = mutate([chance.choice(PATHS).encode()], chance)[:3000]
    method = chance.choice(("GET", "GET", "POST", "HEAD", "OPTIONS", "DELETE", "PUT"))
    return _call(
        method, "/" + "".join(f"%{b:02x}" if b < 33 or b > 126 else chr(b) for b in path.lstrip(b"/")), b"", "text/plain"
    )


def _form(name: str, content: bytes) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\nContent-Type: image/jpeg\r\n\r\n'
    return head.encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()


def _form_type(chance: random.Random) -> str:
    kinds = (f"multipart/form-data; boundary={BOUNDARY}", "multipart/form-data", "multipart/form-data; boundary=", "text/plain")
    return chance.choice((kinds[0], kinds[0], kinds[0], *kinds))


def _call(method: str, path: str, body: bytes, kind: str) -> bytes:
    call: dict[str, Any] = {"method": method, "path": path, "body": body.hex(), "type": kind, "id": uuid.UUID(int=0).hex}
    return json.dumps(call).encode()
