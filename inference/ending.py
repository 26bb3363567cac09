"""What asks a program to end: the system, or the terminal when it is closed.

with heeded((signal.SIGINT, *ENDING), stop.set): ...  # is told, and ends when it is ready
with orderly_end(): ...  # every `with` and `finally` inside still does its part
"""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))
"""The last one says that the terminal was closed; on Windows it is SIGBREAK."""


@contextmanager
def heeded(numbers: Sequence[signal.Signals], told: Callable[[signal.Signals], object]) -> Iterator[None]:
    """`told` is called with each of these signals. One that is ignored from the start, as under `nohup`, stays ignored."""
    before = {number: signal.getsignal(number) for number in numbers}
    heard = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in heard:
        signal.signal(number, lambda number, _: told(signal.Signals(number)))
    try:
        yield
    finally:
        for number, handler in heard.items():
            signal.signal(number, handler)


@contextmanager
def orderly_end(status: int | None = None) -> Iterator[None]:
    """ENDING raises SystemExit with that status or, with None, the one that shells give: 128 and the number of the signal.

    Only the first does: a terminal that is closed may tell so twice, and the second must not cut short the tidying up.
    """

    def leave(number: signal.Signals) -> None:
        for other in ENDING:
            signal.signal(other, signal.SIG_IGN)
        raise SystemExit(128 + number if status is None else status)

    with heeded(ENDING, leave):
        yield
