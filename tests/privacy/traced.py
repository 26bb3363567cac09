"""Runs app.py and keeps a copy of every file that it writes, also of those that it deletes again.

    TRACE=folder python -m tests.privacy.traced --port 7861 ...

An audit hook of Python sees each file that is opened for writing, renamed or removed. Before that its content is copied
to TRACE, and `written.txt` there names each file once. What libraries write without Python (FFmpeg, SQLite) is found by
looking through the folders that the process was given, see `test_privacy`.
"""

import os
import runpy
import sys
import threading
from pathlib import Path
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_busy = threading.local()
_turn = threading.Lock()
_count = [0]


def watch(folder: Path) -> None:
    """From now on."""
    names, known = (folder / "written.txt").open("a", buffering=1, encoding="utf-8", errors="backslashreplace"), set[str]()

    def name(path: str) -> None:
        if path not in known:
            known.add(path)
            names.write(path + "\n")

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in ("open", "os.remove", "os.rename", "sqlite3.connect") or getattr(_busy, "now", False):
            return
        _busy.now = True
        try:
            _see(event, arguments, folder, name)
        finally:
            _busy.now = False

    sys.addaudithook(hook)


def _see(event: str, arguments: tuple[Any, ...], folder: Path, name: Any) -> None:
    path = arguments[0]
    if not isinstance(path, str | bytes | os.PathLike):
        return
    path = os.fsdecode(path)
    if event == "open":
        mode, flags = arguments[1], arguments[2]
        if (isinstance(mode, str) and set(mode) & set("wax+")) or (isinstance(flags, int) and flags & WRITING):
            name(str(Path(path).absolute()))
    elif event == "sqlite3.connect":
        name(path.removeprefix("file://").split("?")[0])
    else:
        place = arguments[-1]
        if not Path(path).is_absolute() and isinstance(place, int) and place >= 0:
            path = str(Path(f"/proc/self/fd/{place}").readlink() / path)
        name(str(Path(path).absolute()))
        _copy(path, folder)


def _copy(path: str, folder: Path) -> None:
    try:
        content = Path(path).read_bytes()
    except OSError:
        return
    with _turn:
        _count[0] += 1
        (folder / f"{_count[0]:05}.bin").write_bytes(path.encode(errors="backslashreplace") + b"\n" + content)


if __name__ == "__main__":
    watch(Path(os.environ["TRACE"]))
    sys.argv = ["app.py", *sys.argv[1:]]
    runpy.run_path("app.py", run_name="__main__")
