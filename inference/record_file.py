"""The file of `inference.record`: its tables, how it is opened, and what to say when that fails.

The first 4 bytes at offset 68 of such a file are `taid` (SQLite's application id), and its user version is that of the tables.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path, PurePath
from urllib.parse import quote

from inference.errors import RecordError

APPLICATION_ID = int.from_bytes(b"taid")
VERSION = 1
TABLES = (
    """
    CREATE TABLE session (
        id INTEGER PRIMARY KEY,
        started_at TEXT NOT NULL,
        ended_at TEXT,
        source TEXT NOT NULL,
        model TEXT NOT NULL,
        model_hash TEXT NOT NULL,
        finder TEXT NOT NULL,
        settings TEXT NOT NULL,
        class_names TEXT NOT NULL,
        interval_seconds REAL NOT NULL
    )
    """,
    """
    CREATE TABLE interval (
        session INTEGER NOT NULL REFERENCES session,
        start REAL NOT NULL,
        seconds REAL NOT NULL,
        frames INTEGER NOT NULL,
        students REAL NOT NULL,
        uncertain REAL NOT NULL,
        PRIMARY KEY (session, start)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE attitude (
        session INTEGER NOT NULL REFERENCES session,
        start REAL NOT NULL,
        name TEXT NOT NULL,
        students REAL NOT NULL,
        PRIMARY KEY (session, start, name)
    ) WITHOUT ROWID
    """,
    """
    CREATE TABLE seat (
        session INTEGER NOT NULL REFERENCES session,
        start REAL NOT NULL,
        seat INTEGER NOT NULL,
        name TEXT NOT NULL,
        share REAL NOT NULL,
        PRIMARY KEY (session, start, seat, name)
    ) WITHOUT ROWID
    """,
)
"""Times are ISO 8601 with an offset, `start` and `seconds` are seconds of the lesson, `settings` and `class_names` JSON.
`students` are means, `name` is that of a class; `seat` is empty unless it was asked for. A session that has no `ended_at` was
interrupted, or is still running."""

_REASONS = {
    sqlite3.SQLITE_BUSY: "is in use by another program. Close that program, or record into another file.",
    sqlite3.SQLITE_LOCKED: "is in use by another program. Close that program, or record into another file.",
    sqlite3.SQLITE_FULL: "finds no more room on the disk. Make room.",
    sqlite3.SQLITE_IOERR: "cannot be read or written: the disk is full, failing or gone. Make room, or check the disk.",
    sqlite3.SQLITE_READONLY: "cannot be written. Check the permissions of the file, or record into another one.",
    sqlite3.SQLITE_PERM: "cannot be opened. Check the permissions of the file, or record into another one.",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened or written. Check that it and its folder are there and may be written.",
    sqlite3.SQLITE_CORRUPT: "is damaged. Record into another file, and use a copy of this one that was made earlier.",
    sqlite3.SQLITE_NOTADB: "is not a record of lessons, and no SQLite file at all. Give another name; it was left as it is.",
}


@contextmanager
def opened(path: Path, patience: float) -> Iterator[sqlite3.Connection]:
    """A file that exists; other programs' locks are waited for `patience` seconds. Raises sqlite3.Error."""
    with closing(sqlite3.connect(address_of(path.absolute()), uri=True, timeout=patience, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")  # without it macOS returns before the disk has written
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection


def address_of(path: PurePath) -> str:
    """For SQLite, of an absolute path; `as_uri` names the machine of a Windows share where SQLite wants nothing."""
    place = path.as_posix()
    start = "file://" if place.startswith("/") else "file:///"  # before the letter of a drive
    return f"{start}{quote(os.fsencode(place), safe='/:')}?mode=rw"  # read-only for those who may not write


@contextmanager
def transaction(path: Path, patience: float) -> Iterator[sqlite3.Connection]:
    """All that is written in it, or, after any exception, nothing. Raises sqlite3.Error."""
    with opened(path, patience) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("COMMIT")


@contextmanager
def begin_file(path: Path, patience: float) -> Iterator[sqlite3.Connection]:
    """A transaction in the file, which is made, for its owner only, if there is none. Raises RecordError."""
    made = False
    try:
        made = _make(path)
        with transaction(path, patience) as connection:
            if _is_empty(connection):
                _make_tables(connection)
            check_ours(connection, path)
            _check_whole(connection, path)
            yield connection
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:  # the last from damaged names within the file
        if made:
            _take_back(path)
        raise RecordError(reason(path, error), code="record_unreadable", name=path.name) from error


def check_ours(connection: sqlite3.Connection, path: Path) -> None:
    """Raises RecordError if the file is another program's, or made by another version of this one."""
    (identity,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if identity != APPLICATION_ID:
        raise RecordError(
            f"{path} is not a record of lessons but another SQLite file. Give another name; it was left as it is.",
            code="record_foreign",
            name=path.name,
        )
    if version != VERSION:
        raise RecordError(
            f"Expected a record of lessons of version {VERSION}, but {path} has version {version}. "
            "Update Taido, or give another name; the file was left as it is.",
            code="record_version",
            name=path.name,
            expected=VERSION,
            got=version,
        )


def reason(path: Path, error: Exception) -> str:
    """What is wrong with the file and what to do, from an exception of SQLite or of the operating system."""
    if isinstance(error, OSError):
        return f"{path} cannot be opened: {error.strerror or error}. Check it and its folder, or record into another file."
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the higher bits say where it happened
    if code == sqlite3.SQLITE_CANTOPEN and _is_missing(path):
        return f"{path} is no longer there. Put it back."
    return f"{path} {_REASONS.get(code, f'cannot be used as a record of lessons ({error}). Give another name.')}"


def _make(path: Path) -> bool:
    """True if there was no file; anything that cannot become one is an OSError or RecordError."""
    if path.exists():
        if not path.is_file():
            raise RecordError(f"{path} is a folder or a device. Give the name of a file.", code="record_place", name=path.name)
        return False
    if not path.parent.is_dir():
        raise RecordError(
            f"Cannot record into {path}: there is no folder {path.parent}. Create it, or choose another place.",
            code="record_place",
            name=path.name,
        )
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return True


def _is_missing(path: Path) -> bool:
    try:
        path.stat()
    except OSError as error:
        return isinstance(error, FileNotFoundError)
    return False


def _take_back(path: Path) -> None:
    """Nothing was written into the file that was just made."""
    with suppress(OSError):
        if path.stat().st_size == 0:
            path.unlink()


def _is_empty(connection: sqlite3.Connection) -> bool:
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    (identity,) = connection.execute("PRAGMA application_id").fetchone()
    return bool(tables == 0 and identity == 0)


def _make_tables(connection: sqlite3.Connection) -> None:
    for table in TABLES:
        connection.execute(table)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _check_whole(connection: sqlite3.Connection, path: Path) -> None:
    """Better now than within the lesson."""
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise RecordError(f"{path} {_REASONS[sqlite3.SQLITE_CORRUPT]}", code="record_damaged", name=path.name)
