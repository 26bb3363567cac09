"""`Caller`: who asks, under what name, from which page, and signed in or not; read from the first lines of a request."""

import base64
import binascii
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

import gradio as gr
from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from dashboard.access import Access
from dashboard.texts import Language, language_in


class RefusedError(Exception):
    """With a status of HTTP and the key of the sentence that says why."""

    def __init__(self, status: int, key: str, **values: object) -> None:
        super().__init__(key)
        self.status, self.key, self.values = status, key, values


class Caller:
    """One request; its methods raise RefusedError."""

    def __init__(self, scope: MutableMapping[str, Any], access: Access) -> None:
        self.scope, self._access = scope, access
        self.headers = Headers(scope=scope)
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.address: str = (scope.get("client") or ("?",))[0]

    @property
    def language(self) -> Language:
        """Of the browser."""
        return language_in(self.headers.get("accept-language", ""))

    @property
    def blocks(self) -> gr.Blocks:
        """The pages that are served."""
        blocks: gr.Blocks = self.scope["app"].get_blocks()
        return blocks

    @property
    def content_length(self) -> int | None:
        """In bytes, where the request says it."""
        given = self.headers.get("content-length", "")
        return int(given) if given.isascii() and given.isdigit() else None

    def announced_bytes(self) -> int:
        """Of an upload, which has to say how large it is."""
        length = self.content_length
        if length is None:
            raise RefusedError(411, "gate_length")
        return length

    def must_use_a_known_name(self) -> None:
        """Where nothing but the address protects the app, only this machine's own names lead to it."""
        if self._access.passwords or self._access.space:
            return
        if _host_name(self.headers.get("host", "")) not in self._access.names:
            raise RefusedError(421, "gate_name")

    def must_come_from_our_pages(self) -> None:
        """A page of another web site may not send requests in the name of whoever opens it."""
        origin = self.headers.get("origin")
        if origin is None or self._access.space:
            return
        if urlsplit(origin).netloc.lower() != self.headers.get("host", "").lower():
            raise RefusedError(403, "gate_origin")

    def must_be_signed_in(self) -> None:
        """Where there is a password. Programs may send it as HTTP Basic as well."""
        if self._access.passwords and not self._has_token() and not self._has_basic():
            raise RefusedError(401, "gate_login")

    def _has_token(self) -> bool:
        app = self.scope["app"]
        cookies = cookie_parser(self.headers.get("cookie", ""))
        names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
        return any(cookies.get(name) in app.tokens for name in names)

    def _has_basic(self) -> bool:
        kind, _, value = self.headers.get("authorization", "").partition(" ")
        if kind.lower() != "basic":
            return False
        try:
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return False
        return self._access.knows(name, password)


def _host_name(host: str) -> str:
    """`127.0.0.1:7860` -> `127.0.0.1`; empty for what is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""
