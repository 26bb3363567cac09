"""Between the server and Gradio: no request ends in a traceback or fills the memory."""

import asyncio
import json
import logging
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from dashboard import polite
from dashboard.polite import Polite
from inference.limits import Limits


def ask(app: Any, parts: list[bytes], path: str = "/gradio_api/queue/join") -> list[Message]:
    """What is sent back for a body that comes in parts."""
    sent: list[Message] = []
    coming = [{"type": "http.request", "body": part, "more_body": True} for part in parts]

    async def receive() -> Message:
        return coming.pop(0) if coming else {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(Polite(app)({"type": "http", "path": path}, receive, send))
    return sent


async def reads_all(scope: Scope, receive: Receive, send: Send) -> None:
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message["body"]), message["more_body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


async def stumbles(scope: Scope, receive: Receive, send: Send) -> None:
    raise UnicodeEncodeError("utf-8", "secret \ud800", 7, 8, "surrogates not allowed")


async def breaks_off(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    raise KeyError("later")


def test_body_within_the_limit_passes_whole() -> None:
    assert ask(reads_all, [b"a" * 1000] * 3)[1]["body"] == b"3000"


def test_body_beyond_the_limit_is_refused_while_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polite, "limits", lambda: Limits(request_bytes=2500))
    start, body = ask(reads_all, [b"a" * 1000] * 1000)
    assert start["status"] == 413
    assert "At most" in json.loads(body["body"])["detail"]
    assert ask(reads_all, [b"a" * 1000] * 3, path="/gradio_api/upload")[0]["status"] == 200


def test_request_that_a_reader_stumbles_over_is_answered_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        start, body = ask(stumbles, [])
    assert start["status"] == 400
    assert "secret" not in body["body"].decode() + caplog.text
    assert "UnicodeEncodeError" in caplog.text


def test_answer_that_has_begun_is_not_answered_twice() -> None:
    with pytest.raises(KeyError):
        ask(breaks_off, [])
