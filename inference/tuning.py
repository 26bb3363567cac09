"""What `python -m export tune` found best on this machine, kept in a small file beside the model and honoured when it is opened.

    models/attitude.tuned.json

It is advice: without it, or on another machine, with another ONNX Runtime or after the model was replaced, nothing changes but
the speed. So a file that does not fit is passed over with one line in the log, and never stops anything.
"""

import json
import logging
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, Self, get_args

import onnxruntime as ort

from inference.digest import sha256_of
from inference.output import write_whole
from inference.providers import Provider

logger = logging.getLogger(__name__)

FORMAT = 1
Spinning = Literal["until_done", "never", "always"]
"""Whether threads that wait for work look for it in a busy loop: until the end of a run, never, or between runs too."""


@dataclass(frozen=True)
class Tuning:
    """How one model is run on one machine."""

    file: str
    """Name of the file to open instead, in the same folder: the model itself or a variant of it."""
    provider: str
    """As in `inference.providers`."""
    threads: int
    """Of one `session.run`; 0: every core."""
    batch: int
    """Most frames of one `session.run`."""
    spinning: Spinning

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Any) -> Self:
        """Raises ValueError for anything that is no tuning."""
        try:
            tuning = cls(**values)
        except TypeError as error:
            raise ValueError(str(error)) from error
        whole = all(type(n) is int for n in (tuning.threads, tuning.batch))
        if not whole or tuning.threads < 0 or tuning.batch < 1 or tuning.spinning not in get_args(Spinning):
            raise ValueError(f"values out of range in {values}")
        if tuning.provider not in get_args(Provider) or Path(str(tuning.file)).name != tuning.file:
            raise ValueError(f"unknown provider, or a file of another folder, in {values}")
        return tuning


def place_of(model: Path) -> Path:
    """Where the advice for a model file lies."""
    return model.with_name(f"{model.stem}.tuned.json")


def machine() -> dict[str, Any]:
    """What the advice depends on besides the model."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "system": platform.system(),
        "onnxruntime": ort.__version__,
        "providers": sorted(ort.get_available_providers()),
    }


def write(model: Path, tuning: Tuning, measured: dict[str, Any]) -> Path:
    """Keep advice for `model`; raises OutputError. `measured` is for people to read."""
    place = place_of(model)
    content = {
        "format": FORMAT,
        "machine": machine(),
        "sha256": {name: sha256_of(model.with_name(name)) for name in sorted({model.name, tuning.file})},
        "tuning": tuning.as_dict(),
        "measured": measured,
    }
    write_whole(place, (json.dumps(content, indent=1) + "\n").encode())
    return place


def read(model: Path) -> Tuning | None:
    """The advice for `model`, or None where there is none that fits this machine and these files."""
    place = place_of(model)
    if not place.is_file():
        return None
    try:
        content = json.loads(place.read_text(encoding="utf-8"))
        tuning = _tuning_of(content)
        reason = _misfit(content, model, tuning)
    except (OSError, ValueError, RecursionError) as error:
        reason = str(error)
    if reason is None:
        return tuning
    logger.warning("%s is passed over: %s. Run `python -m export tune` again, or delete it.", place, reason)
    return None


def _tuning_of(content: Any) -> Tuning:
    """Raises ValueError for another kind of file."""
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError("it is no advice of this version")
    return Tuning.from_dict(content.get("tuning"))


def _misfit(content: dict[str, Any], model: Path, tuning: Tuning) -> str | None:
    here = machine()
    measured_on = content.get("machine")
    if measured_on != here:
        known = measured_on if isinstance(measured_on, dict) else {}
        other = [name for name in here if known.get(name) != here[name]]
        return f"it was measured on another machine ({', '.join(other)} differ)"
    digests = content.get("sha256")
    for name in {model.name, tuning.file}:
        path = model.with_name(name)
        if not path.is_file() or not isinstance(digests, dict) or digests.get(name) != sha256_of(path):
            return f"{name} is not the file that was measured"
    return None


def _processor() -> str:
    """The processor's own name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
