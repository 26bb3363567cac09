"""What Gradio remembers of pages and programs has a bound, and goes when nobody can come back for it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.sessions import MOST_IDLE, Sessions
from tests.dashboard.launched import Launched, launched

MakePhoto = Callable[..., Path]
QUEUED = ("pending_messages_per_session", "pending_event_ids_session", "event_ids_to_events")


@pytest.fixture(scope="module")
def home(tiny_model: Path, tiny_finder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    with launched(tiny_model, tiny_finder, tmp_path_factory.mktemp("uploads")) as app:
        yield app


def asked(home: Launched, session: str | None = None) -> str:
    """A call of the API, worked off and fetched; the name of its event."""
    body = {"data": []} if session is None else {"data": [], "session_hash": session}
    event: str = home.http.post("/gradio_api/call/model_info", json=body).json()["event_id"]
    answer = home.http.get(f"/gradio_api/call/model_info/{event}").text
    assert "event: complete" in answer
    return event


def kept(home: Launched) -> dict[str, int]:
    queue = home.demo._queue
    return {"sessions": len(home.app.state_holder.session_data), **{name: len(getattr(queue, name)) for name in QUEUED[:2]}}


def test_single_calls_leave_nothing_of_themselves_in_memory(home: Launched) -> None:
    before = kept(home)
    for _ in range(12):
        asked(home)
    assert kept(home) == before


def test_program_that_names_its_session_finds_it_again(home: Launched) -> None:
    asked(home, "notebook")
    state = home.app.state_holder.session_data["notebook"]
    asked(home, "notebook")
    assert home.app.state_holder.session_data["notebook"] is state


def test_programs_that_never_come_back_are_forgotten_one_after_the_other(home: Launched) -> None:
    for number in range(MOST_IDLE + 20):
        home.app.state_holder[f"program {number}"]
    asked(home)
    known = home.app.state_holder.session_data
    assert len(known) <= MOST_IDLE
    assert f"program {MOST_IDLE + 19}" in known
    assert "program 0" not in known


def test_open_pages_and_waiting_work_are_never_forgotten(home: Launched, monkeypatch: pytest.MonkeyPatch) -> None:
    sessions, queue = Sessions(most_idle=1), home.demo._queue
    sessions.arrive("open")
    for name in ("open", "working", "idle", "closed", "latest"):
        home.app.state_holder[name]
    sessions.arrive("closed")
    sessions.leave("closed")
    monkeypatch.setitem(queue.pending_event_ids_session, "working", {"event"})
    monkeypatch.setitem(queue.event_ids_to_events, "event", object())
    monkeypatch.setitem(queue.pending_event_ids_session, "idle", {"an event that ended unheard"})
    gone = sessions.make_room(home.app)
    known = home.app.state_holder.session_data
    assert {"idle", "closed"} <= set(gone)
    assert {"open", "working", "latest"} <= set(known)
    assert "idle" not in queue.pending_event_ids_session


def test_page_that_connects_again_stays_open_when_its_old_connection_ends(home: Launched) -> None:
    sessions = Sessions(most_idle=0)
    for step in (sessions.arrive, sessions.arrive, sessions.leave):
        step("page")
    home.app.state_holder["page"]
    assert "page" not in sessions.make_room(home.app)
    sessions.leave("page")
    assert "page" in sessions.make_room(home.app)


def test_connection_that_broke_off_often_does_not_use_up_a_page_s_places(home: Launched, monkeypatch: pytest.MonkeyPatch) -> None:
    lost: set[Any] = {f"event {number}" for number in range(home.serving.limits.waiting_per_person)}
    monkeypatch.setitem(home.demo._queue.pending_event_ids_session, "flaky", lost)
    asked(home, "flaky")


def test_files_of_a_forgotten_program_are_left_to_their_age(home: Launched) -> None:
    upload = home.folder / "folder" / "photo.jpg"
    upload.parent.mkdir()
    upload.write_bytes(b"x")
    uploads = home.serving.uploads
    for session in ("somebody", *(f"later program {number}" for number in range(MOST_IDLE))):
        home.app.state_holder[session]
    uploads.remember("somebody", [upload])
    asked(home)  # the gate makes room first
    assert "somebody" not in home.app.state_holder.session_data
    assert uploads.leave("somebody") == 0
    assert upload.exists()
