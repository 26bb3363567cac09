"""Results on disk: a file appears whole or not at all, whatever happens on the way."""

import contextlib
import io
import os
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from inference.errors import OutputError

JPEG_SUFFIXES = frozenset({".jpg", ".jpeg"})


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` in the place of `path`, see `replacing`. Raises OutputError."""
    check_writable(path)
    try:
        with replacing(path, prefix=".taido-") as file:
            file.write(content)
    except OSError as error:
        raise OutputError(
            f"Cannot write {path}: {error.strerror or error}. Choose another place, or make room.",
            code="output_failed",
            name=path.name,
        ) from error


@contextlib.contextmanager
def replacing(path: Path, *, prefix: str) -> Iterator[BinaryIO]:
    """A temporary neighbour of `path` to write to. When the block ends well it is on the disk, and takes its place.

    Otherwise it is gone, and `path` is as it was. `prefix` is how its name begins. Raises OSError.
    """
    temporary = path.with_name(f"{prefix}{uuid.uuid4().hex}{path.suffix}")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())  # else the new name can reach the disk before the content does
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()


def check_writable(path: Path, *, inputs: Iterable[Path] = ()) -> None:
    """Raises OutputError if `path` cannot become a file or is one of the `inputs`, so that one knows before the work."""
    if not path.parent.is_dir():
        raise OutputError(
            f"Cannot write {path}: there is no folder {path.parent}. Create it, or choose another place.",
            code="output_failed",
            name=path.name,
        )
    if path.exists() and not path.is_file():
        raise OutputError(
            f"Cannot write {path}: it is a folder or a device. Give the name of a file.", code="output_failed", name=path.name
        )
    check_no_input([path], inputs)


def check_no_input(targets: Iterable[Path], inputs: Iterable[Path]) -> None:
    """Raises OutputError if one of `targets` is one of `inputs`, by whatever name: links are followed, hard links count."""
    read = {_identity(path) for path in inputs} - {None}
    for path in targets:
        if _identity(path) in read:
            raise OutputError(
                f"Cannot write {path}: it is one of the files that are read, which are never overwritten. Choose another place.",
                code="output_failed",
                name=path.name,
            )


def _identity(path: Path) -> tuple[int, int] | None:
    """What `os.path.samefile` compares; None where there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def write_picture(path: Path, pixels: np.ndarray) -> None:
    """Write `(H, W, 3) uint8 RGB` as JPEG or PNG by the ending of `path`, whole or, with an OutputError, not at all."""
    encoded = io.BytesIO()
    options = {"quality": 92} if path.suffix.lower() in JPEG_SUFFIXES else {}
    Image.fromarray(pixels).save(encoded, "JPEG" if options else "PNG", **options)
    write_whole(path, encoded.getvalue())
