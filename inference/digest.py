"""What tells one file from another of the same name."""

import hashlib
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Of a file, in hexadecimal digits. Raises OSError for one that cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
