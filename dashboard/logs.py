"""The log, on stderr: lines for people, or with `--log-format json` one JSON document per line. No secrets, no names of uploads.

    with clean_log("json", access): ...
    {"time": "2026-01-31T09:00:00+00:00", "level": "INFO", "logger": "dashboard.gate", "message": "refused: busy_queue"}

Gradio and FFmpeg also write to stderr by themselves, with the paths of uploads and with addresses of cameras. So everything that
goes there passes through `Clean`, which takes out what must not stand in a log.
"""

import json
import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Literal, TextIO

from dashboard.access import Access

LogFormat = Literal["text", "json"]
UPLOAD = "(upload)"
OURS = ("dashboard", "inference", "app")
_CREDENTIALS = re.compile(r"(\w+://)[^/@\s]+@")
"""Of an address: `rtsp://name:password@camera`."""


class Clean:
    """Takes passwords and places of uploads out of a text."""

    def __init__(self, access: Access) -> None:
        self._secrets = [password for _, password in access.passwords]

    def __call__(self, text: str) -> str:
        """The text as it may be read by whoever reads logs."""
        text = _CREDENTIALS.sub(r"\1…@", text)
        for secret in self._secrets:
            text = text.replace(secret, "…")
        folder = os.environ.get("GRADIO_TEMP_DIR")
        return re.sub(re.escape(folder) + r"[/\\][^'\"\n]*", UPLOAD, text) if folder else text


class CleanStream:
    """Stands in the place of stderr for what is not written by `logging`."""

    def __init__(self, stream: TextIO, clean: Clean, log_format: LogFormat) -> None:
        self._stream, self._clean, self._format = stream, clean, log_format
        self._line = ""

    def write(self, text: str) -> int:
        """Whole lines go on; the rest waits."""
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            clean = self._clean(line)
            if self._format == "text":
                self._stream.write(clean + "\n")
            elif clean.strip():
                self._stream.write(document("ERROR", "stderr", clean) + "\n")
        return len(text)

    def flush(self) -> None:
        """Of the stream behind it."""
        self._stream.flush()

    def isatty(self) -> bool:
        """Whether a person looks at it."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """For faulthandler and the like."""
        return self._stream.fileno()


class Formatter(logging.Formatter):
    """Of either format."""

    def __init__(self, log_format: LogFormat, clean: Clean) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s")
        self._format, self._clean = log_format, clean

    def format(self, record: logging.LogRecord) -> str:
        """One line, or in the format for people several with a traceback."""
        if self._format == "text":
            return self._clean(super().format(record))
        trace = self.formatException(record.exc_info) if record.exc_info else None
        message = self._clean(record.getMessage())
        return document(record.levelname, record.name, message, None if trace is None else self._clean(trace))


def document(level: str, logger: str, message: str, trace: str | None = None) -> str:
    """A line of the log as JSON."""
    facts = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "level": level, "logger": logger, "message": message}
    return json.dumps(facts if trace is None else {**facts, "traceback": trace}, ensure_ascii=False)


@contextmanager
def clean_log(log_format: LogFormat, access: Access) -> Iterator[None]:
    """Within the block everything on stderr is clean; a program is told from INFO on, a person from WARNING."""
    clean, stream, root = Clean(access), sys.stderr, logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Formatter(log_format, clean))
    levels = {logging.getLogger(name): logging.getLogger(name).level for name in OURS}
    root.addHandler(handler)
    for ours in levels:
        ours.setLevel(logging.INFO if log_format == "json" else logging.WARNING)
    sys.stderr = CleanStream(stream, clean, log_format)
    try:
        yield
    finally:
        sys.stderr = stream
        root.removeHandler(handler)
        for ours, level in levels.items():
            ours.setLevel(level)
