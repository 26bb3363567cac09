"""`Sessions`: what Gradio remembers of each page and program is let go when nobody can come back for it.

    sessions = Sessions()
    sessions.arrive("page"); sessions.leave("page")  # a page is open, is closed
    sessions.answered(app, "event")  # the answer to a single call was fetched
    sessions.make_room(app)  # before another one begins

Gradio makes a session of about 0.2 MB for every page that is opened and for every single call of the API, and keeps the last
10,000 of them: two gigabytes. A single call cannot come back, so its session goes with its answer. Of pages that were closed, and
of programs that hold no connection, the newest `MOST_IDLE` are kept: a notebook that was shut for a while finds its lesson again.
"""

from collections import Counter
from collections.abc import Iterable

from gradio.routes import App

MOST_IDLE = 200
"""Sessions without an open page and without work that waits."""


class Sessions:
    """Used from the thread of the server alone."""

    def __init__(self, most_idle: int = MOST_IDLE) -> None:
        self._most_idle = most_idle
        self._open: Counter[str] = Counter()

    def arrive(self, session: str) -> None:
        """A page holds its connection; it may hold several for a moment, when it connects again."""
        self._open[session] += 1

    def leave(self, session: str) -> None:
        """One of its connections has ended."""
        self._open[session] -= 1
        if self._open[session] <= 0:
            del self._open[session]

    def answered(self, app: App, event: str) -> None:
        """A call that named no session is one of its own, by the name of its event; it is over when its answer was fetched."""
        if event not in self._open and not app.get_blocks()._queue.pending_event_ids_session.get(event):  # noqa: SLF001
            _forget(app, event)

    def make_room(self, app: App) -> list[str]:
        """Forget the idle sessions that were not asked for longest, all but `most_idle`; which."""
        known = app.state_holder.session_data
        if len(known) <= self._most_idle:
            return []
        idle = self._idle(app, known)  # oldest first, as Gradio keeps them
        gone = idle[: max(0, len(idle) - self._most_idle)]
        for session in gone:
            _forget(app, session)
        return gone

    def _idle(self, app: App, known: Iterable[str]) -> list[str]:
        """An event of whose end nobody wanted to hear is named as pending for ever, and is no work."""
        queue = app.get_blocks()._queue  # noqa: SLF001
        pending, working = queue.pending_event_ids_session, queue.event_ids_to_events
        return [name for name in known if name not in self._open and working.keys().isdisjoint(pending.get(name, ()))]


def _forget(app: App, session: str) -> None:
    """Gradio has no way of its own to end a session; these four are where it keeps one."""
    holder, queue = app.state_holder, app.get_blocks()._queue  # noqa: SLF001
    with holder.lock:
        holder.session_data.pop(session, None)
        holder.time_last_used.pop(session, None)
    queue.pending_messages_per_session.pop(session, None)
    queue.pending_event_ids_session.pop(session, None)
