"""What the JSON of a request says before Gradio reads it: addresses to fetch, files of uploads, whose request it is."""

from collections.abc import Iterator
from typing import Any


def fetched_addresses(payload: Any, *, everywhere: bool = False) -> list[str]:
    """Addresses of other hosts that Gradio would fetch: those that stand for the path of an uploaded file.

    `everywhere`: any string that begins as one, for the arguments of MCP tools, which name files by an address.
    """
    found = []
    for key, value in _walk(payload):
        if isinstance(value, str) and (everywhere or key in ("path", "url", "")) and _is_address(value, key):
            found.append(value)
    return found


def _is_address(value: str, key: str) -> bool:
    """`url` is what pages write beside the path of their own upload; Gradio does not read it there, only in the place of it."""
    return key != "url" and value.lstrip().lower().startswith(("http://", "https://", "ftp://", "//"))


def uploaded_files(payload: Any) -> list[str]:
    """Paths of uploads that are named in a request."""
    return [value for key, value in _walk(payload) if key == "path" and isinstance(value, str)]


def session_of(payload: dict[str, Any]) -> str | None:
    """The page or program, by the name that Gradio gives it."""
    session = payload.get("session_hash")
    return session if isinstance(session, str) and session else None


def _walk(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every value within, with the name it has there; values of lists have none."""
    waiting = [(key, value)]
    while waiting:
        key, value = waiting.pop()
        yield key, value
        if isinstance(value, dict):
            waiting.extend(value.items())
        elif isinstance(value, list):
            waiting.extend(("", item) for item in value)
