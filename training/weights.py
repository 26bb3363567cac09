"""Pretrained weights of the hub: one file of one commit, and only if it is the file that was meant.

    python -m training.weights resnet50   # what the hub has now, written into training/weights.json
    fetched("mobilenetv2_100")            # what --pretrained does

`training/weights.json` names, for each backbone, repository, commit and SHA-256. The first time that a backbone is wanted which
does not stand there, what the hub has then is written there with a warning; from then on no other file is taken for it.
"""

import argparse
import json
import logging
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from inference import hub
from inference.digest import sha256_of
from inference.errors import ModelError, TaidoError
from inference.output import write_whole

logger = logging.getLogger(__name__)

FILE = "model.safetensors"
"""Of timm's repositories: numbers only, nothing that could be executed."""
PINS = Path(__file__).with_name("weights.json")
_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_ADVICE = "Check the connection, or give the file with --pretrained-path."


@dataclass(frozen=True)
class Pin:
    """Weights that may be fetched; raises ModelError where they are not pinned."""

    repository: str
    """`owner/name`."""
    revision: str
    """The whole hash of a commit: branches and tags move."""
    sha256: str
    """Of the file."""

    def __post_init__(self) -> None:
        for name, pattern in (("repository", _REPOSITORY), ("revision", r"[0-9a-f]{40}"), ("sha256", r"[0-9a-f]{64}")):
            value = getattr(self, name)
            if not isinstance(value, str) or not re.fullmatch(pattern, value):
                raise ModelError(f"{PINS.name}: {value!r} is no {name}. Pin it again with python -m training.weights.")

    def fetch(self, *, endpoint: str | None = None, cache: Path | None = None) -> Path:
        """The file on this machine. Raises ModelError where it cannot be had, or is another one."""
        path = hub.fetch(self.repository, FILE, self.revision, advice=_ADVICE, endpoint=endpoint, cache=cache)
        hub.must_be(path, self.sha256, f"{FILE} of {self.repository}")
        return path


def fetched(name: str, pins: Path = PINS, *, endpoint: str | None = None, cache: Path | None = None) -> Path:
    """The weights of a backbone of timm, in a file on this machine. Raises ModelError where they cannot be had as they were."""
    known = _read(pins).get(name)
    if known is None:
        known = pin(name, pins, endpoint=endpoint, cache=cache)
        logger.warning(
            "The weights of %s were not pinned. From now on they are those of %s at %s with SHA-256 %s, and no others (%s).",
            *(name, known.repository, known.revision, known.sha256, pins.name),
        )
    return known.fetch(endpoint=endpoint, cache=cache)


def pin(name: str, pins: Path = PINS, *, endpoint: str | None = None, cache: Path | None = None) -> Pin:
    """Ask the hub what the weights of a backbone are now, and write it down. Raises ModelError."""
    repository = _repository_of(name)
    revision = _newest(repository, endpoint)
    path = hub.fetch(repository, FILE, revision, advice=_ADVICE, endpoint=endpoint, cache=cache)
    made = Pin(repository, revision, sha256_of(path))
    table = {known: asdict(value) for known, value in sorted({**_read(pins), name: made}.items())}
    write_whole(pins, (json.dumps(table, indent=2) + "\n").encode())
    return made


def _read(pins: Path) -> dict[str, Pin]:
    try:
        return {name: Pin(**values) for name, values in json.loads(pins.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelError(f"The pins of pretrained weights in {pins} cannot be read ({error}).") from error


def _repository_of(name: str) -> str:
    import timm
    from timm.models import get_pretrained_cfg

    cfg = get_pretrained_cfg(name) if name in timm.list_models() else None
    if cfg is None or not cfg.hf_hub_id or cfg.custom_load:
        raise ModelError(f"timm has no weights of {name!r} on the hub that could be pinned. Give a file with --pretrained-path.")
    return str(cfg.hf_hub_id)


def _newest(repository: str, endpoint: str | None) -> str:
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    try:
        return str(HfApi(endpoint=endpoint).model_info(repository).sha)
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise ModelError(f"The hub does not say what {repository} is now ({type(error).__name__}). {_ADVICE}") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on stderr."""
    parser = argparse.ArgumentParser(prog="python -m training.weights", description="Pin the pretrained weights of backbones.")
    parser.add_argument("names", nargs="+", metavar="BACKBONE", help="of timm, for example resnet50")
    try:
        for name in parser.parse_args(arguments).names:
            made = pin(name)
            sys.stdout.write(f"{name}: {made.repository} at {made.revision}, SHA-256 {made.sha256}; written into {PINS}\n")
    except TaidoError as error:
        sys.stderr.write(f"weights: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
