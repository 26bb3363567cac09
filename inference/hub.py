"""A model from the Hugging Face hub: one file of one revision that cannot change, and only if it is the file that was meant.

    MODEL_ID=someone/attitudes MODEL_REVISION=<40 hex digits> MODEL_SHA256=<64 hex digits> python app.py

`MODEL_FILE` names the file in the repository (attitude.onnx). Nothing is asked from the hub unless MODEL_ID is set.
"""

import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from inference.digest import sha256_of
from inference.errors import ModelError

logger = logging.getLogger(__name__)

DEFAULT_FILE = "attitude.onnx"
_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_COMMIT, _HASH = re.compile(r"[0-9a-f]{40}"), re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class HubModel:
    """What is asked for; raises ModelError where it is not pinned."""

    model_id: str
    """`owner/name`."""
    revision: str
    """The whole hash of a commit: branches and tags move."""
    sha256: str
    """Of the file."""
    file: str = DEFAULT_FILE

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.model_id):
            raise ModelError(f"Expected MODEL_ID to be OWNER/NAME of the hub, got {self.model_id!r}.")
        if not _COMMIT.fullmatch(self.revision):
            raise ModelError(
                f"Expected MODEL_REVISION to be the 40 hexadecimal digits of a commit, got {self.revision!r}; branches and tags "
                "change. It stands on the page of the repository under History."
            )
        if not _HASH.fullmatch(self.sha256):
            raise ModelError(
                f"Expected MODEL_SHA256 to be 64 hexadecimal digits, got {self.sha256!r}. It stands on the page of the file, and "
                "sha256sum prints it."
            )
        if not self.file.endswith(".onnx") or self.file.startswith(("/", ".")) or ".." in self.file:
            raise ModelError(f"Expected MODEL_FILE to be the name of an .onnx file in the repository, got {self.file!r}.")

    def fetch(self, *, endpoint: str | None = None, cache: Path | None = None) -> Path:
        """The file on this machine. Raises ModelError where it cannot be had, or is another one.

        `endpoint` and `cache`: another hub, and another folder for what was fetched.
        """
        advice = "Check MODEL_ID, MODEL_REVISION and MODEL_FILE, and HF_TOKEN if the repository is private."
        path = fetch(self.model_id, self.file, self.revision, advice=advice, endpoint=endpoint, cache=cache)
        must_be(path, self.sha256, f"{self.file} of {self.model_id}")
        return path


def fetch(
    repository: str, file: str, revision: str, *, advice: str, endpoint: str | None = None, cache: Path | None = None
) -> Path:
    """One file of one commit of the hub, on this machine. Raises ModelError, which ends with `advice`."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    logger.info("Fetching %s of %s at %s", file, repository, revision)
    try:
        return Path(hf_hub_download(repository, file, revision=revision, endpoint=endpoint, cache_dir=cache))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, ValueError) as error:
        raise ModelError(
            f"{file} of {repository} at {revision} cannot be had from the hub ({type(error).__name__}). {advice}"
        ) from error


def must_be(path: Path, sha256: str, name: str) -> None:
    """Raises ModelError, and deletes the file, if it is another one than was meant; where it is a link, what it leads to."""
    found = sha256_of(path)
    if found != sha256:
        path.resolve().unlink(missing_ok=True)  # else the cache would give the same content again
        path.unlink(missing_ok=True)
        raise ModelError(f"{name} is not the file that was meant: expected SHA-256 {sha256}, got {found}.")


def model_of_environment(environment: Mapping[str, str] | None = None) -> Path | None:
    """The file of MODEL_ID; None where that is not set. Raises ModelError."""
    environment = os.environ if environment is None else environment
    model_id = environment.get("MODEL_ID")
    if not model_id:
        return None
    revision, sha256 = environment.get("MODEL_REVISION", ""), environment.get("MODEL_SHA256", "").lower()
    return HubModel(model_id, revision, sha256, environment.get("MODEL_FILE", DEFAULT_FILE)).fetch()
