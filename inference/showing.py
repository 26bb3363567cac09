"""Show a monitor's lesson in the terminal until it ends or somebody stops it: the page, or a line per interval.

show(monitor, about, stop, headless=False, as_json=False)
"""

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import MemoryHandler

from tqdm import tqdm

from inference.monitor import Monitor
from inference.printing import close_output
from inference.snapshot import Snapshot
from inference.terminal import About, json_line, line, page

logger = logging.getLogger(__name__)

LOOK_AGAIN = 0.25
"""Seconds between two pages."""
MOST_HELD_BACK = 1000
"""Messages of the log while there is a page."""
_NEVER = logging.CRITICAL + 1


def show(monitor: Monitor, about: About, stop: threading.Event, *, headless: bool, as_json: bool) -> bool:
    """Until the lesson is over or `stop` is set, which ends the lesson. Without a terminal always a line per interval.

    False where lines could not be written: the lesson went on without them.
    """
    lines = _Lines(about, as_json=as_json)
    try:
        if headless or as_json or not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
            _print_lines(monitor, about, stop, lines)
        else:
            _show_page(monitor, about, stop)
    except BrokenPipeError:  # whoever read the lines is gone
        close_output()
    finally:
        monitor.end_lesson()
    return lines.written


def _show_page(monitor: Monitor, about: About, stop: threading.Event) -> None:
    from rich.console import Console
    from rich.live import Live

    console = Console()
    with _log_held_back(), Live(console=console, screen=True, auto_refresh=False) as live:
        while not _is_over(monitor.snapshot):
            width, height = console.size
            live.update(page(monitor.snapshot, about, width, height, ascii_only=console.options.ascii_only), refresh=True)
            if stop.wait(LOOK_AGAIN):
                return


def _print_lines(monitor: Monitor, about: About, stop: threading.Event, lines: "_Lines") -> None:
    with tqdm(total=about.length, unit="frame", file=sys.stderr, disable=True if about.live else None) as bar:
        while not _is_over(monitor.snapshot) and not stop.wait(LOOK_AGAIN):
            lines.print_new(monitor.snapshot)
            bar.update(monitor.snapshot.source.taken - bar.n)
        monitor.end_lesson()
        lines.print_new(monitor.snapshot)
        bar.update(monitor.snapshot.source.taken - bar.n)


class _Lines:
    """One per interval."""

    def __init__(self, about: About, *, as_json: bool) -> None:
        self.written = True
        self._about, self._as_json, self._done = about, as_json, -1.0

    def print_new(self, snapshot: Snapshot) -> None:
        """Of the intervals that were completed since the last call. Raises BrokenPipeError if nobody reads them."""
        new = [interval for interval in snapshot.intervals if interval.start > self._done]
        self._done = new[-1].start if new else self._done
        try:
            for interval in new:
                text = json_line(interval, snapshot) if self._as_json else line(interval, snapshot, self._about)
                sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            self.written = False
            close_output()
            logger.warning("The lines cannot be written: %s. The lesson goes on without them.", error.strerror or error)


def _is_over(snapshot: Snapshot) -> bool:
    return snapshot.finished or snapshot.state == "ended"


@contextmanager
def _log_held_back() -> Iterator[None]:
    """Messages of the log come after the page, which they would tear apart; the page says what is wrong by itself."""
    root = logging.getLogger()
    before = list(root.handlers)
    held = [MemoryHandler(MOST_HELD_BACK, _NEVER, handler) for handler in before]
    root.handlers[:] = held
    try:
        yield
    finally:
        root.handlers[:] = before
        for handler in held:
            handler.close()
