"""`Polite`: whatever a request holds, the answer is a sentence and a status below 500, and no traceback fills the log.

Between the server and Gradio. A body beyond `Limits.request_bytes` is refused while it comes (uploads have limits of their own);
a request that Gradio's own readers stumble over is answered with 400. Errors within a call never come here: Gradio's queue
answers them.
"""

import json
import logging

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inference.limits import limits

logger = logging.getLogger(__name__)

UPLOADS = "/upload"
"""How the path of uploads ends."""


class TooLargeError(Exception):
    """The body goes on beyond what is taken."""


class Polite:
    """ASGI middleware; `app` is what it stands before."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one of the server's other messages, which pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answered = False

        async def watched(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        bounded = receive if scope["path"].rstrip("/").endswith(UPLOADS) else _bounded(receive, limits().request_bytes)
        try:
            await self._app(scope, bounded, watched)
        except Exception as error:  # of any reader between the server and a call
            if answered:
                raise
            await _refuse(send, error)


def _bounded(receive: Receive, most: int) -> Receive:
    """Gives on what comes up to so many bytes."""
    taken = 0

    async def give() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise TooLargeError
        return message

    return give


async def _refuse(send: Send, error: Exception) -> None:
    large = isinstance(error, TooLargeError)
    if not large:  # without its text, in which may stand what was sent
        logger.warning("A request could not be read (%s).", type(error).__name__)
    detail = f"At most {limits().request_bytes / 1e6:g} MB are taken." if large else "This request cannot be read."
    body = json.dumps({"detail": detail}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413 if large else 400, "headers": headers})
    await send({"type": "http.response.body", "body": body})
