"""Uploads that a run left because it was killed or the power went: the next start removes them, and says so.

with tempfile.TemporaryDirectory(prefix=PREFIX) as folder, in_use(Path(folder)): ...
sweep(Path(tempfile.gettempdir()))

A running app holds a lock on a file in its folder, which the system lets go of however the process ends. On Windows, which has
no such locks here, nothing is swept.
"""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

logger = logging.getLogger(__name__)

PREFIX = "taido-"
LOCK_NAME = ".in-use"


@contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """The folder belongs to this process until the block ends."""
    with (folder / LOCK_NAME).open("w") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def sweep(temporary: Path) -> int:
    """Remove the folders of uploads whose process is no more; how many there were."""
    swept = 0
    for folder in temporary.glob(f"{PREFIX}*") if fcntl is not None else ():
        if _is_left(folder):
            shutil.rmtree(folder, ignore_errors=True)
            swept += not folder.exists()
    if swept:
        logger.warning("Removed the uploads of %d earlier runs that were killed before they could do it themselves.", swept)
    return swept


def _is_left(folder: Path) -> bool:
    """Whether the folder has our lock and nobody holds it. Other people's folders cannot be opened and stay."""
    lock = folder / LOCK_NAME
    if folder.is_symlink() or lock.is_symlink() or not lock.is_file():
        return False
    try:
        with lock.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
