"""`Crowd`: nobody takes more than a share of the queue, webcams have their number, and passwords are not guessed by trying."""

import time
from collections import deque
from collections.abc import Callable

import gradio as gr

from dashboard.caller import Caller, RefusedError
from dashboard.limits import Limits

BUSY = 429
GUESSES, GUESS_SECONDS = 5, 60.0
"""Wrong passwords of one address within so many seconds; then it has to wait."""
MOST_ADDRESSES = 10_000
"""That are remembered with wrong passwords."""


class Crowd:
    """What all requests ask for together. Used from the thread of the server alone."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._clock = limits, clock
        self._guesses: dict[str, deque[float]] = {}

    def must_have_a_place(self, blocks: gr.Blocks, session: str | None, function: object) -> None:
        """Raises RefusedError where the caller, or all together, have as much as they may have."""
        queue = blocks._queue  # noqa: SLF001 - Gradio says nowhere else who waits
        mine = len(_unanswered(blocks, session)) if session else 0
        if mine >= self._limits.waiting_per_person:
            raise RefusedError(BUSY, "busy_person", limit=self._limits.waiting_per_person)
        if len(queue) >= self._limits.waiting:
            raise RefusedError(BUSY, "busy_queue")
        if _streams(blocks, function) and webcams(blocks) >= self._limits.webcams:
            raise RefusedError(BUSY, "busy_webcams", limit=self._limits.webcams)

    def must_not_guess(self, caller: Caller) -> None:
        """Raises RefusedError for an address with too many wrong passwords just now."""
        if caller.method == "POST":
            self.must_wait(caller.address)

    def must_wait(self, address: str) -> None:
        """Raises RefusedError while the address has too many wrong passwords."""
        if len(self._recent(address)) >= GUESSES:
            raise RefusedError(BUSY, "busy_login")

    def guessed(self, address: str) -> None:
        """A wrong password came from there."""
        if address not in self._guesses and len(self._guesses) >= MOST_ADDRESSES:
            self._guesses.pop(next(iter(self._guesses)))
        self._guesses.setdefault(address, deque(maxlen=GUESSES)).append(self._clock())

    def heard_guess(self, caller: Caller, status: int) -> None:
        """How a request to sign in ended."""
        if caller.method != "POST":
            return
        if status == 400:
            self.guessed(caller.address)
        elif status == 200:
            self._guesses.pop(caller.address, None)

    def _recent(self, address: str) -> deque[float]:
        guesses = self._guesses.get(address, deque())
        while guesses and self._clock() - guesses[0] > GUESS_SECONDS:
            guesses.popleft()
        return guesses


def _unanswered(blocks: gr.Blocks, session: str) -> set[str]:
    """What a page or program has not heard the end of yet. Without a line to it, what has ended will never be told to it."""
    queue = blocks._queue  # noqa: SLF001 - see above
    pending: set[str] = queue.pending_event_ids_session.get(session, set())
    if session not in queue.pending_messages_per_session:
        pending.intersection_update(queue.event_ids_to_events)
    return pending


def webcams(blocks: gr.Blocks) -> int:
    """Webcams of browsers that stream or wait for it. From any thread: what changes meanwhile is copied first."""
    queue = blocks._queue  # noqa: SLF001 - see above
    waiting = [name for names in list(queue.pending_event_ids_session.values()) for name in list(names)]
    events = map(queue.event_ids_to_events.get, waiting)
    return sum(event is not None and event.streaming and not event.closed for event in events)


def _streams(blocks: gr.Blocks, function: object) -> bool:
    found = blocks.fns.get(function) if isinstance(function, int) else None
    return found is not None and found.connection == "stream"
