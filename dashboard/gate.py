"""`Gate`: what stands before every request to the app, as ASGI middleware. What it does not know, it refuses.

    launch(app_kwargs={"middleware": [Middleware(Gate, access=access, limits=limits)]})

In this order: only the addresses that our pages need; under a known name, from no foreign page; signed in, where there is a
password, and no faster than a person guesses; no larger than the limits; nobody more than their share of the queue; and no
address of a file that the server would have to fetch. Gradio by itself checks some of these and leaves others open: it fetches
addresses that a visitor sends in the place of an upload, relays them, and lets anybody post into a running stream.
"""

import logging
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import orjson
from starlette.responses import JSONResponse, PlainTextResponse, Response

from dashboard.access import Access
from dashboard.caller import Caller, RefusedError
from dashboard.crowd import Crowd
from dashboard.leaving import Uploads
from dashboard.limits import HOME, Limits
from dashboard.payload import fetched_addresses, session_of, uploaded_files
from dashboard.sessions import Sessions
from dashboard.texts import text

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

logger = logging.getLogger(__name__)

API = "/gradio_api"
UPLOAD, JOIN, HEARTBEAT, CALL = f"{API}/upload", f"{API}/queue/join", f"{API}/heartbeat/", f"{API}/call/"
FILE, MCP, LOGIN = f"{API}/file=", f"{API}/mcp", "/login"
OPEN = frozenset(
    {
        *("/", LOGIN, "/logout", "/healthz", "/theme.css", "/robots.txt", "/favicon.ico", "/manifest.json"),
        *(f"{API}/{name}" for name in ("login_check", "startup-events", "theme.css", "app_id", "user")),
    }
)
"""Needed to show the page that asks for the password, and to see that the app runs."""
OPEN_BELOW = ("/assets/", "/static/", "/svelte/")
KNOWN = frozenset(
    {
        *("/config", "/metrics", "/status", JOIN, UPLOAD),
        *(
            f"{API}/{name}"
            for name in ("info", "openapi.json", "queue/data", "queue/status", "upload_progress", "cancel", "reset")
        ),
    }
)
KNOWN_BELOW = (FILE, HEARTBEAT, *(f"{API}/{name}/" for name in ("stream", "run", "api", "call", "custom_component")))
LOG_EVERY = 100
BUSY_STATUS = 429
"""Gradio's pages show the sentence that comes with it; with 503 they show one of their own."""
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (
        b"content-security-policy",
        b"default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; object-src 'none'; base-uri 'self'; form-action 'self'",
    ),
)
"""The last one makes the browser itself refuse to ask another host for anything. Gradio needs its own inline scripts."""


class Gate:
    """In front of a Gradio app, from whose `scope["app"]` it learns who has signed in and who waits."""

    def __init__(
        self,
        app: App,
        *,
        access: Access,
        limits: Limits = HOME,
        uploads: Uploads | None = None,
        mcp: bool = False,
        refused: Counter[str] | None = None,
    ) -> None:
        """`refused` counts refusals by the key of their sentence, for those who watch the app."""
        self._app, self._access, self._limits = app, access, limits
        self._uploads = uploads or Uploads()
        self._sessions = Sessions()
        self._crowd = Crowd(limits)
        self._mcp = mcp
        self._refused = Counter[str]() if refused is None else refused
        framed = b"" if access.space else b"; frame-ancestors 'self'"
        self._headers = [*HEADERS[:-1], (HEADERS[-1][0], HEADERS[-1][1] + framed)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._answer(Caller(scope, self._access), receive, send)

    async def _answer(self, caller: Caller, receive: Receive, send: Send) -> None:
        send = self._with_headers(caller, send)
        try:
            self._check(caller)
            receive = await self._checked_body(caller, receive)
        except RefusedError as refused:
            self._tell(refused.key)
            await _sentence(caller, refused)(caller.scope, receive, send)
            return
        if caller.path.startswith(HEARTBEAT):
            await self._hold(caller, receive, send)
            return
        try:
            await self._app(caller.scope, receive, send)
        finally:
            if caller.method == "GET" and caller.path.startswith(CALL):
                self._sessions.answered(caller.scope["app"], caller.path.rstrip("/").rpartition("/")[2])

    async def _hold(self, caller: Caller, receive: Receive, send: Send) -> None:
        """The connection of a page, for as long as that is open."""
        session = caller.path.removeprefix(HEARTBEAT)
        self._uploads.arrive(session)
        self._sessions.arrive(session)
        try:
            await self._app(caller.scope, receive, send)
        finally:
            self._sessions.leave(session)
            self._uploads.leave(session)

    def _tell(self, key: str) -> None:
        """Each refusal is counted; the log hears of the first of each kind, and then of every hundredth."""
        self._refused[key] += 1
        if self._refused[key] % LOG_EVERY == 1:
            logger.info("refused: %s (%d so far)", key, self._refused[key])

    def _check(self, caller: Caller) -> None:
        """What can be said from the first lines of a request. Raises RefusedError."""
        if caller.path not in OPEN and not caller.path.startswith(OPEN_BELOW):
            if not self._is_known(caller.path):
                raise RefusedError(404, "gate_unknown")
            self._must_be_signed_in(caller)
        caller.must_use_a_known_name()
        caller.must_come_from_our_pages()
        if caller.path.startswith(FILE) and "://" in caller.path:
            raise RefusedError(403, "gate_address")
        if caller.path.rstrip("/") == LOGIN:
            self._crowd.must_not_guess(caller)

    def _must_be_signed_in(self, caller: Caller) -> None:
        """A wrong password of HTTP Basic is a guess like any other."""
        guesses = "authorization" in caller.headers
        if guesses:
            self._crowd.must_wait(caller.address)
        try:
            caller.must_be_signed_in()
        except RefusedError:
            if guesses:
                self._crowd.guessed(caller.address)
            raise

    def _is_known(self, path: str) -> bool:
        if self._mcp and (path == MCP or path.startswith(f"{MCP}/")):
            return True
        return path.rstrip("/") in KNOWN or path.startswith(KNOWN_BELOW)

    async def _checked_body(self, caller: Caller, receive: Receive) -> Receive:
        """What brings the same body again, where it had to be read. Raises RefusedError."""
        if caller.method != "POST":
            return receive
        if caller.path.rstrip("/") == UPLOAD:
            self._uploads.must_have_room(caller.announced_bytes(), self._limits)
            return receive
        body = await _read(receive, int(1e6 * self._limits.request_megabytes), caller.content_length)
        if caller.path.rstrip("/") != LOGIN and body:
            self._check_payload(caller, body)
        return _again(body, receive)

    def _check_payload(self, caller: Caller, body: bytes) -> None:
        try:
            payload = orjson.loads(body)
        except orjson.JSONDecodeError:
            raise RefusedError(400, "gate_json") from None
        if fetched_addresses(payload, everywhere=caller.path.startswith(MCP)):
            raise RefusedError(400, "gate_address")
        if not isinstance(payload, dict):
            raise RefusedError(400, "gate_json")
        if self._uploads.foreign(uploaded_files(payload)):  # Gradio would refuse it too, with a traceback in the log for each
            raise RefusedError(400, "gate_file")
        session = session_of(payload)
        if caller.path.rstrip("/") == JOIN or caller.path.startswith(CALL):
            self._crowd.must_have_a_place(caller.blocks, session, payload.get("fn_index"))
            for gone in self._sessions.make_room(caller.scope["app"]):
                self._uploads.forget(gone)
        if session:
            self._uploads.remember(session, uploaded_files(payload))

    def _with_headers(self, caller: Caller, send: Send) -> Send:
        """Adds ours to the answer, and says in the visitor's language that the queue is full."""
        full = False

        async def sent(message: Message) -> None:
            nonlocal full
            if message["type"] == "http.response.start":
                if caller.path.rstrip("/") == LOGIN:
                    self._crowd.heard_guess(caller, message["status"])
                full = message["status"] == 503 and caller.path.startswith(API)
                if full:
                    self._tell("busy_queue")
                    return
                kept = [pair for pair in message.get("headers", ()) if pair[0].lower() != b"server"]
                message = {**message, "headers": [*kept, *self._headers]}
            elif full:
                if not message.get("more_body"):
                    full = False
                    await _sentence(caller, RefusedError(BUSY_STATUS, "busy_queue"))(caller.scope, _nothing, sent)
                return
            await send(message)

        return sent


def _sentence(caller: Caller, refused: RefusedError) -> Response:
    line = text(refused.key, caller.language, **refused.values)
    headers = {"Retry-After": "60"} if refused.status == BUSY_STATUS else {}
    if refused.status == 401 and caller.path in ("/status", "/metrics"):
        headers["WWW-Authenticate"] = 'Basic realm="Taido", charset="UTF-8"'
    if caller.path.rstrip("/") == UPLOAD:
        return PlainTextResponse(line, refused.status, headers)
    return JSONResponse({"detail": line}, refused.status, headers)


async def _read(receive: Receive, most: int, announced: int | None) -> bytes:
    """The whole body. Raises RefusedError as soon as it is larger than `most`."""
    if announced is not None and announced > most:
        raise RefusedError(413, "gate_large", megabytes=f"{most / 1e6:g}")
    parts, size = [], 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise RefusedError(413, "gate_large", megabytes=f"{most / 1e6:g}")
        parts.append(part)
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """The body at once, then whatever comes next, which is that the client is gone."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
