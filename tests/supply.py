"""What the program is made of: a licence report that fails on the GPL and the AGPL, and known weak points of the pinned versions.

    python -m tests.supply licences     # every library that the app, training, export and benchmarks install, with its licence
    python -m tests.supply audit        # pip-audit over requirements.lock; without its database a note, and no failure

`make check` runs both.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
LISTS = ("requirements.txt", "requirements-train.txt", "requirements-gpu.txt", "requirements-bench.txt")
"""What a person who uses the program or measures it installs; tools of development do not travel with it."""
FORBIDDEN = re.compile(r"(?<![a-z])a?gpl|affero|(?<!lesser )(?<!library )general public license", re.IGNORECASE)
"""Whoever gives the program on would have to put all of it under these. The LGPL is not among them: nothing is linked."""
KNOWN = {
    "nvidia": "NVIDIA's own terms, fetched by the user with torch",
    "cuda": "NVIDIA's own terms, fetched by the user with torch",
}
"""By how their names begin, libraries whose terms are no SPDX licence."""
UNREACHABLE = ("connection", "timed out", "max retries", "name resolution", "service unavailable", "proxy", "404", "403", "ssl")
"""Parts of what pip-audit says when it does not reach its database."""


def named(lists: Iterable[str] = LISTS) -> Iterator[Requirement]:
    """The requirements that stand in our own lists."""
    for name in lists:
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith(("#", "-r")):
                yield Requirement(line)


def closure(roots: Iterable[Requirement]) -> dict[str, Distribution]:
    """Every installed library that these need on this machine."""
    found: dict[str, Distribution] = {}
    seen: set[tuple[str, str]] = set()
    coming = _for_here(roots)
    while coming:
        requirement = coming.pop()
        name = canonicalize_name(requirement.name)
        extras = {extra for extra in requirement.extras or {""} if (name, extra) not in seen}
        if not extras:
            continue
        seen |= {(name, extra) for extra in extras}
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # an optional part
        coming += [
            needed
            for needed in map(Requirement, found[name].requires or [])
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in extras)
        ]
    return found


def _for_here(roots: Iterable[Requirement]) -> list[Requirement]:
    """Without those of other machines."""
    return [requirement for requirement in roots if requirement.marker is None or requirement.marker.evaluate({"extra": ""})]


def licence(library: Distribution) -> str:
    """As its metadata state it: the SPDX expression, else the classifiers, else the first line of the old field."""
    metadata = library.metadata
    if metadata.get("License-Expression"):
        return str(metadata["License-Expression"])
    classifiers = [c.split(" :: ")[-1] for c in metadata.get_all("Classifier") or [] if c.startswith("License :: ")]
    written = (metadata.get("License") or "").strip().splitlines()
    stated = " / ".join(c for c in classifiers if c != "OSI Approved") or (written[0] if written else "")
    own = next((terms for start, terms in KNOWN.items() if library.metadata["Name"].lower().startswith(start)), "")
    return stated or own


def forbidden(stated: str) -> bool:
    """Whether every licence that one may choose is the GPL or the AGPL; an empty statement cannot be used either."""
    without_lesser = re.sub(r"lgpl|lesser general public license", "", stated, flags=re.IGNORECASE)
    choices = re.split(r"\bOR\b", without_lesser)
    return not stated or all(FORBIDDEN.search(choice) for choice in choices)


def licences() -> int:
    """Print the report; 1 if a library must not be there."""
    wrong, found = [], closure(named())
    for name, library in sorted(found.items()):
        stated = licence(library)
        print(f"{name:32} {library.version:18} {stated[:90]}")
        if forbidden(stated):
            wrong.append(name)
    absent = {canonicalize_name(requirement.name) for requirement in _for_here(named())} - found.keys()
    if absent:
        print(f"Not installed here, so not looked at: {', '.join(sorted(absent))}.")
    print(
        f"Not allowed: {', '.join(wrong)}" if wrong else "No library is under the GPL or the AGPL, and each states its licence."
    )
    return int(bool(wrong))


def audit() -> int:
    """1 if a pinned version has a known weak point."""
    command = [sys.executable, "-m", "pip_audit", "-r", "requirements.lock", "--disable-pip", "--progress-spinner", "off"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)
    said = done.stdout + done.stderr
    print(told(said, done.returncode))
    return int(done.returncode != 0 and not unreached(said))


def unreached(said: str) -> bool:
    """Whether pip-audit could not look anything up: its database is away, or knows none of these libraries (a mirror)."""
    missed, failed = said.count("could not be audited"), any(part in said.lower() for part in UNREACHABLE)
    return "GHSA-" not in said and "PYSEC-" not in said and "CVE-" not in said and (missed > 5 or failed)


def told(said: str, status: int) -> str:
    """What there is to know; a machine without the database gets a note and no reassurance."""
    if unreached(said):
        return "pip-audit does not reach its database from here: known weak points were NOT looked up. Run it where it does."
    return said.strip() if status else "pip-audit knows no weak point of the pinned libraries."


if __name__ == "__main__":
    sys.exit({"licences": licences, "audit": audit}[sys.argv[1]]())
