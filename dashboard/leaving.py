"""`Uploads`: which page has which files on the disk; they go when the page is closed, and there is a bound to all of them.

    uploads = Uploads(folder)
    uploads.remember("the page", ["/.../photo.jpg"])
    uploads.leave("the page")  # the photograph is deleted, unless another open page has the same one

Programs that keep no connection open are left to Gradio's `delete_cache`, which deletes by age.
"""

import logging
import math
import os
import shutil
from collections import defaultdict, deque
from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from dashboard.caller import RefusedError
from dashboard.limits import Limits

logger = logging.getLogger(__name__)

LEAST_FREE_BYTES = 500_000_000
"""Of the disk that uploads leave to everything else, the record of a lesson among it."""
MOST_LEFT = 1000
"""Closed pages that are remembered, for work that was under way when they were closed."""


class Uploads:
    """From any thread."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder`: only files below it are deleted; None: GRADIO_TEMP_DIR as it is then."""
        self._folder = folder
        self._lock = Lock()
        self._files: defaultdict[str, set[Path]] = defaultdict(set)
        self._left: deque[str] = deque(maxlen=MOST_LEFT)

    @property
    def folder(self) -> Path | None:
        """Where uploads lie; None where it is not known, and nothing is deleted."""
        named = os.environ.get("GRADIO_TEMP_DIR")
        return self._folder or (Path(named) if named else None)

    def remember(self, session: str, paths: Iterable[str | Path]) -> None:
        """The page has these files, sent or received; what lies elsewhere is not ours to delete."""
        ours = {path for path in map(Path, paths) if self._is_ours(path)}
        if not ours:
            return
        with self._lock:
            self._files[session] |= ours
            gone = session in self._left
        if gone:
            self.leave(session)

    def arrive(self, session: str) -> None:
        """The page is open, for the first time or again."""
        with self._lock:
            if session in self._left:
                self._left.remove(session)

    def leave(self, session: str) -> int:
        """The page is closed: its files are deleted, unless another page has them too. Returns how many."""
        with self._lock:
            if session not in self._left:
                self._left.append(session)
            mine = self._files.pop(session, set())
            free = mine.difference(*self._files.values())
        return sum(_delete(path) for path in free)

    def forget(self, session: str) -> None:
        """It is not known any more who has these files; they go when they are old enough."""
        with self._lock:
            self._files.pop(session, None)

    def bytes(self) -> int:
        """Of all files that lie there."""
        if self.folder is None or not self.folder.is_dir():
            return 0
        return sum(_size(path) for path in self.folder.rglob("*"))

    def must_have_room(self, coming: int, limits: Limits) -> None:
        """Raises RefusedError for an upload of so many bytes if it, or all together, would be too large."""
        if self.bytes() + coming > 1e6 * limits.uploads_megabytes or self._free() < coming + LEAST_FREE_BYTES:
            raise RefusedError(507, "busy_disk")

    def _free(self) -> float:
        """Bytes on the disk; endless where it cannot be told."""
        try:
            return shutil.disk_usage(self.folder).free if self.folder is not None else math.inf
        except OSError:
            return math.inf

    def foreign(self, paths: Iterable[str]) -> list[str]:
        """Those that lie elsewhere than uploads do; nothing is said where that is not known."""
        return [] if self.folder is None else [path for path in paths if not self._is_ours(Path(path))]

    def _is_ours(self, path: Path) -> bool:
        folder = self.folder
        try:
            return folder is not None and path.is_absolute() and path.resolve().is_relative_to(folder.resolve())
        except (OSError, ValueError):  # no name of a file at all
            return False


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else 0
    except OSError:  # deleted in the meantime
        return 0


def _delete(path: Path) -> bool:
    """The file, and its folder where nothing else is in it: Gradio makes one for each upload."""
    try:
        path.unlink(missing_ok=True)
        path.parent.rmdir()
    except OSError as error:
        if path.exists():
            logger.warning("An upload could not be deleted (%s).", error.strerror)
            return False
    return True
