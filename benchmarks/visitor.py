"""`Visitor`: one browser without a browser. It opens the page, calls what a page calls, and streams a webcam, over HTTP.

visitor = Visitor("http://127.0.0.1:7860")
answer = visitor.classify([("a.jpg", jpeg)])  # as an API client: upload, call, read the events
for answer in visitor.stream(frames, seconds=30): ...  # as the Live page: a frame, its answer, the next frame

It speaks the protocol of Gradio's own client. Every method raises `RefusedError` for a polite refusal of the app, which comes
before the call begins, and `FailedError` for a call that began and ended in an error.
"""

import base64
import json
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import httpx

PATIENCE_SECONDS = 120.0
"""For one answer; the calls before it have to be worked off as well."""
API = "/gradio_api"
REFUSALS = (413, 429, 503, 507)
"""Statuses of HTTP: too large, too many at once, the queue is full, the disk is full."""


class RefusedError(Exception):
    """The app said no, in words."""


class FailedError(Exception):
    """The app took the call and answered it with an error."""


class Visitor:
    """One session. Close it after use."""

    def __init__(self, address: str, *, patience: float = PATIENCE_SECONDS) -> None:
        self.session = uuid.uuid4().hex[:12]
        self._patience = patience
        self._http = httpx.Client(base_url=address, timeout=httpx.Timeout(patience, connect=30))
        self._config: dict[str, Any] | None = None

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    @property
    def config(self) -> dict[str, Any]:
        """What the page is made of."""
        if self._config is None:
            self._config = self._http.get("/config").raise_for_status().json()
        return self._config

    def classify(self, files: Sequence[tuple[str, bytes]], students: str = "whole") -> dict[str, Any]:
        """The answer of `/classify_photos`."""
        form = [("files", (name, data, "image/jpeg")) for name, data in files]
        uploaded = self._http.post(f"{API}/upload", files=form)
        _check(uploaded)
        paths = uploaded.json()
        data = [
            [
                {"path": path, "orig_name": name, "meta": {"_type": "gradio.FileData"}}
                for path, (name, _) in zip(paths, files, strict=True)
            ],
            students,
        ]
        started = self._http.post(f"{API}/call/classify_photos", json={"data": data})
        _check(started)
        event = started.json()["event_id"]
        return self._result(f"{API}/call/classify_photos/{event}")

    def _result(self, path: str) -> dict[str, Any]:
        """Of a call, once it ends."""
        name = ""
        with self._http.stream("GET", path) as answer:
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: ") and name == "complete":
                    return json.loads(line[6:])[0]
                elif line.startswith("data: ") and name == "error":
                    raise FailedError(line[6:206])
        raise ConnectionError(f"{path} ended without an answer")

    def open_page(self) -> None:
        """Everything that a page does when it is loaded, among it the session's own state."""
        for dependency in self.config["dependencies"]:
            if any(target[1] == "load" for target in dependency["targets"]):
                self.call(dependency["id"], [None] * len(dependency["inputs"]))

    def click(self, elem_id: str, event: str = "click") -> Any:
        """What a button does, with its inputs as the page shows them at first; the server keeps the state of this session."""
        dependency = self.dependency(elem_id, event)
        shown = {c["id"]: c["props"].get("value") for c in self.config["components"] if c["type"] != "state"}
        return self.call(dependency["id"], [shown.get(number) for number in dependency["inputs"]])

    def dependency(self, elem_id: str, event: str) -> dict[str, Any]:
        """What the page says of an event of the component."""
        numbers = {c["id"] for c in self.config["components"] if c["props"].get("elem_id") == elem_id}
        return next(d for d in self.config["dependencies"] if any(t[0] in numbers and t[1] == event for t in d["targets"]))

    def call(self, number: int, data: list[Any]) -> Any:
        """The output of one event of the page."""
        event = self._join(number, data)
        for message in self._messages():
            if message.get("event_id") == event and message["msg"] == "process_completed":
                if not message["success"]:
                    raise FailedError(str(message["output"])[:200])
                return message["output"]["data"]
        raise ConnectionError("the events ended without an answer")

    def stream(self, frames: Iterable[bytes], seconds: float, students: str = "whole") -> Iterator[tuple[float, Any]]:
        """Seconds until the answer, and the answer, to one JPEG after the other; None as answer when the stream begins anew."""
        number, coming, end = self.dependency("live-camera", "stream")["id"], iter(frames), time.monotonic() + seconds
        while time.monotonic() < end:
            sent_at = time.monotonic()
            event = self._join(number, _frame(next(coming), students))
            for message in self._messages():
                if message.get("event_id") != event:
                    continue
                if message["msg"] == "process_completed":
                    if not message["success"]:
                        raise FailedError(str(message["output"])[:200])
                    break
                if message["msg"] in ("process_streaming", "process_generating"):
                    yield time.monotonic() - sent_at, message["output"]["data"]
                    if time.monotonic() >= end:
                        self._http.post(f"{API}/stream/{event}/close")
                        return
                    sent_at = time.monotonic()
                    body = {"data": _frame(next(coming), students), "event_id": event, "session_hash": self.session}
                    self._http.post(f"{API}/stream/{event}", json={**body, "fn_index": number})

    def _join(self, number: int, data: list[Any]) -> str:
        body = {"data": data, "fn_index": number, "session_hash": self.session, "event_data": None, "trigger_id": None}
        joined = self._http.post(f"{API}/queue/join", json=body)
        _check(joined)
        return joined.json()["event_id"]

    def _messages(self) -> Iterator[dict[str, Any]]:
        with self._http.stream("GET", f"{API}/queue/data", params={"session_hash": self.session}) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    message = json.loads(line[6:])
                    if message["msg"] == "close_stream":
                        return
                    yield message


def _frame(jpeg: bytes, students: str) -> list[Any]:
    url = "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()
    return [{"url": url, "path": None, "meta": {"_type": "gradio.FileData"}}, None, students]


def _check(answer: httpx.Response) -> None:
    if answer.status_code in REFUSALS:
        raise RefusedError(answer.text[:200])
    answer.raise_for_status()
