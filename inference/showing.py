"""Show a monitor's lesson in the terminal until it ends or somebody stops it: the page, or a line per interval.

show(monitor, about, stop, headless=False, as_json=False)

What all commands that print share is here too: `print_whatever_comes`, `close_output`.
"""

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from logging.handlers import MemoryHandler

from tqdm import tqdm

from inference.monitor import Monitor
from inference.snapshot import Snapshot
from inference.terminal import About, json_line, line, page

LOOK_AGAIN = 0.25
"""Seconds between two pages."""
MOST_HELD_BACK = 1000
"""Messages of the log while there is a page."""
_NEVER = logging.CRITICAL + 1


def show(monitor: Monitor, about: About, stop: threading.Event, *, headless: bool, as_json: bool) -> None:
    """Until the lesson is over or `stop` is set, which ends the lesson. Without a terminal always a line per interval."""
    try:
        if headless or as_json or not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
            _print_lines(monitor, about, stop, as_json=as_json)
        else:
            _show_page(monitor, about, stop)
    except BrokenPipeError:
        close_output()
    finally:
        monitor.end_lesson()


def print_whatever_comes() -> None:
    """Names of classes and files also where the terminal lacks their letters, or they are not UTF-8."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def close_output() -> None:
    """After a BrokenPipeError: whoever read the lines is gone; Python itself must not write to the pipe again when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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


def _print_lines(monitor: Monitor, about: About, stop: threading.Event, *, as_json: bool) -> None:
    done = -1.0
    with tqdm(total=about.length, unit="frame", file=sys.stderr, disable=True if about.live else None) as bar:
        while not _is_over(monitor.snapshot) and not stop.wait(LOOK_AGAIN):
            done = _print_new(monitor.snapshot, about, done, as_json=as_json)
            bar.update(monitor.snapshot.source.taken - bar.n)
        monitor.end_lesson()
        _print_new(monitor.snapshot, about, done, as_json=as_json)
        bar.update(monitor.snapshot.source.taken - bar.n)


def _print_new(snapshot: Snapshot, about: About, done: float, *, as_json: bool) -> float:
    """The intervals that begin after `done`; when the last of them begins."""
    new = [interval for interval in snapshot.intervals if interval.start > done]
    for interval in new:
        sys.stdout.write((json_line(interval, snapshot) if as_json else line(interval, snapshot, about)) + "\n")
    sys.stdout.flush()
    return new[-1].start if new else done


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
