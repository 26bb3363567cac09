"""Uploads go with the page that sent them."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from dashboard import Access
from dashboard.caller import RefusedError
from dashboard.gate import HEARTBEAT, Gate
from dashboard.leaving import LEAST_FREE_BYTES, Uploads
from dashboard.limits import Limits


@pytest.fixture
def uploads(tmp_path: Path) -> Uploads:
    (tmp_path / "uploads").mkdir()
    return Uploads(tmp_path / "uploads")


def lay(uploads: Uploads, name: str) -> Path:
    """A file as Gradio lays it: in a folder of its own."""
    assert uploads.folder is not None
    path = uploads.folder / f"hash of {name}" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(bytes(1000))
    return path


def test_closing_a_page_deletes_its_files_and_their_folders_only(uploads: Uploads) -> None:
    mine, other = lay(uploads, "mine.jpg"), lay(uploads, "other.jpg")
    uploads.remember("me", [str(mine)])
    uploads.remember("you", [str(other)])
    assert uploads.leave("me") == 1
    assert not mine.parent.exists()
    assert other.exists()
    assert uploads.leave("me") == 0


def test_file_of_two_pages_stays_until_both_are_closed(uploads: Uploads) -> None:
    same = lay(uploads, "same.jpg")
    for page in ("me", "you"):
        uploads.remember(page, [same])
    assert uploads.leave("me") == 0
    assert same.exists()
    assert uploads.leave("you") == 1
    assert not same.exists()


def test_what_is_made_after_the_page_was_closed_is_deleted_at_once(uploads: Uploads) -> None:
    uploads.leave("me")
    late = lay(uploads, "late.csv")
    uploads.remember("me", [late])
    assert not late.exists()
    uploads.arrive("me")
    again = lay(uploads, "again.csv")
    uploads.remember("me", [again])
    assert again.exists()


@pytest.mark.parametrize("place", ["outside.jpg", "uploads/../outside.jpg", "uploads/link.jpg"])
def test_nothing_outside_the_folder_is_deleted(uploads: Uploads, tmp_path: Path, place: str) -> None:
    (tmp_path / "outside.jpg").write_bytes(b"x")
    (tmp_path / "uploads" / "link.jpg").symlink_to(tmp_path / "outside.jpg")
    uploads.remember("me", [tmp_path / place, "relative.jpg", "/etc/hostname"])
    assert uploads.leave("me") == 0
    assert (tmp_path / "outside.jpg").exists()


def test_disk_has_a_bound(uploads: Uploads) -> None:
    lay(uploads, "first.jpg")
    limits = Limits(uploads_megabytes=0.002)
    uploads.must_have_room(1000, limits)
    with pytest.raises(RefusedError) as refused:
        uploads.must_have_room(1001, limits)
    assert (refused.value.status, refused.value.key) == (507, "busy_disk")


def test_uploads_leave_room_on_the_disk_for_everything_else(uploads: Uploads, monkeypatch: pytest.MonkeyPatch) -> None:
    free = shutil.disk_usage("/")._replace(free=LEAST_FREE_BYTES + 5000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: free)
    uploads.must_have_room(5000, Limits())
    with pytest.raises(RefusedError, match="busy_disk"):
        uploads.must_have_room(5001, Limits())


def test_end_of_the_heartbeat_closes_the_page(uploads: Uploads) -> None:
    photo = lay(uploads, "photo.jpg")
    uploads.remember("page", [photo])
    seen: list[bool] = []

    async def heart(scope: Any, receive: Any, send: Any) -> None:
        seen.append(photo.exists())
        raise asyncio.CancelledError  # as when a browser goes

    async def ignore(message: Any = None) -> Any:
        return {"type": "http.disconnect"}

    gate = Gate(heart, access=Access(), uploads=uploads)
    scope = {"type": "http", "method": "GET", "path": f"{HEARTBEAT}page", "headers": [(b"host", b"127.0.0.1:7860")]}
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(gate(scope, ignore, ignore))
    assert seen == [True]
    assert not photo.exists()
