"""`Access`: who may open the app, decided once when it starts, from the address, the password and the environment.

    Access.of("127.0.0.1")                                     # this machine alone; no password needed
    Access.of("0.0.0.0", auth=Path("password.txt"))            # the network, after asking for a password
    Access.of("0.0.0.0", environment={"SPACE_ID": "me/taido"}) # a Hugging Face Space, for everybody

A password never stands on the command line, where other users of the machine could read it, and is never printed or logged.
"""

import os
import stat
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.texts import Place
from inference.errors import AccessError
from inference.loopback import is_loopback

PASSWORD_VARIABLE = "TAIDO_AUTH"  # noqa: S105 - the name of the variable, not a password
"""Environment variable with `NAME:PASSWORD`; it is taken out of the environment as it is read."""
SPACE_VARIABLE = "SPACE_ID"
"""Hugging Face sets it in every Space."""
SHORTEST_PASSWORD = 8
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, kw_only=True)
class Access:
    """Raises nothing: whatever could be wrong is refused by `of`."""

    host: str = "127.0.0.1"
    passwords: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Names and passwords; none means that nothing is asked."""
    space: bool = False
    """Everybody may come: there are no cameras and no recording."""
    certificate: Path | None = None
    """PEM file with which the app itself speaks https, and the file of its key."""
    key: Path | None = None
    names: frozenset[str] = LOOPBACK_NAMES
    """What a browser of this machine may call it; asked only where no password is. A web site whose name was made to point at
    this machine (DNS rebinding) has another name."""

    @classmethod
    def of(
        cls,
        host: str,
        *,
        auth: Path | None = None,
        certificate: Path | None = None,
        key: Path | None = None,
        environment: MutableMapping[str, str] | None = None,
    ) -> "Access":
        """Raises AccessError for a file that cannot be used, and for an address that others reach without a password."""
        environment = os.environ if environment is None else environment
        passwords = _passwords(auth, environment.pop(PASSWORD_VARIABLE, None))
        space = bool(environment.get(SPACE_VARIABLE))
        if not passwords and not space and not is_loopback(host):
            raise AccessError(
                f"Others could open {host}, and no password is set. Write NAME:PASSWORD into a file that only you can read and "
                f"start with --auth FILE, or set {PASSWORD_VARIABLE}; without --host only this machine can open the app."
            )
        if (certificate is None) != (key is None):
            raise AccessError("https needs a certificate and its key. Give both --certificate FILE and --key FILE.")
        for path in (certificate, key):
            if path is not None and not path.is_file():
                raise AccessError(f"There is no file {path}. Give PEM files with --certificate and --key.")
        names = LOOPBACK_NAMES | ({host.strip("[]")} if is_loopback(host) else set())
        return cls(host=host, passwords=passwords, space=space, certificate=certificate, key=key, names=names)

    @property
    def place(self) -> Place:
        """Where the app runs, seen from its visitors."""
        if self.space:
            return "space"
        return "here" if is_loopback(self.host) else "network"

    @property
    def https(self) -> bool:
        """Whether the app itself speaks it."""
        return self.certificate is not None

    @property
    def advice(self) -> str | None:
        """What a person should know who opens the app to others without https."""
        if self.space or self.https or is_loopback(self.host):
            return None
        return (
            "Pictures and the password travel readable through the network. For https start with --certificate FILE --key FILE, "
            "or put a proxy that speaks https in front of it."
        )

    def knows(self, name: str, password: str) -> bool:
        """Compared in constant time."""
        from secrets import compare_digest

        wanted = dict(self.passwords).get(name)
        return wanted is not None and compare_digest(wanted.encode(), password.encode())


def _passwords(path: Path | None, variable: str | None) -> tuple[tuple[str, str], ...]:
    if path is not None:
        return _parse(_read(path), str(path))
    return () if variable is None else _parse(variable, f"The environment variable {PASSWORD_VARIABLE}")


def _read(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise AccessError(f"Other users of this machine can read {path}. Run: chmod 600 {path}")
        return path.read_text(encoding="utf-8-sig")  # Windows editors begin a file with a mark
    except (OSError, UnicodeDecodeError) as error:
        raise AccessError(f"The file of passwords {path} cannot be read ({type(error).__name__}). Give a text file.") from error


def _parse(text: str, name: str) -> tuple[tuple[str, str], ...]:
    """Lines `NAME:PASSWORD`; empty lines and those that begin with # are passed over. No message repeats a line."""
    pairs = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        user, colon, password = line.strip().partition(":")
        if not colon or not user.strip():
            raise AccessError(f"{name}, line {number}: expected NAME:PASSWORD.")
        if len(password) < SHORTEST_PASSWORD:
            raise AccessError(f"{name}, line {number}: expected a password of at least {SHORTEST_PASSWORD} characters.")
        pairs.append((user.strip(), password))
    if not pairs:
        raise AccessError(f"{name} has no line NAME:PASSWORD. Write one.")
    return tuple(pairs)
