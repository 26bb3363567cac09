"""Which of the bundled files is used where nobody chose one: the variant that this machine computes fastest, measured in a blink.

chosen = quickest(Path("models/attitude.onnx"), "--model", provider="auto")
Classifier(chosen.path); chosen.told  # a line for a person, "" where nothing was chosen

Whether int8 is fast depends on the processor, so it is measured and not believed. Considered are the variants that
`python -m export --variants` made of this very file and let through their gate. What `python -m export tune` found on this
machine goes before; on another device than the CPU the file itself is taken.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference import providers, tuning
from inference.digest import sha256_of
from inference.errors import ModelError, ProviderError
from inference.session import Session

logger = logging.getLogger(__name__)

PRECISIONS = ("int8", "fp16")
LEAST_GAIN = 1.25
"""A variant that is not so many times as fast is not worth its other answers."""
FRAMES = {"classify": 2, "find": 1}
RUNS = 2
"""Some tenths of a second in all: people wait for it."""


@dataclass(frozen=True)
class Chosen:
    """A file, and why."""

    path: Path
    told: str = ""


def quickest(model: Path, option: str, *, provider: str = "auto") -> Chosen:
    """`model` or the fastest of its variants. `option` of a command line would name a file.

    Raises as `Session` when `model` itself does not open or run.
    """
    if providers.wanted(provider)[0] != providers.CPU or tuning.read(model) is not None:
        return Chosen(model)
    candidates = {path: session for path in variants_of(model) if (session := _opened(path, model)) is not None}
    if not candidates:
        return Chosen(model)
    best = _times(Session(model, None, provider="cpu", threads=0), candidates)
    fastest = min(best, key=lambda path: best[path])
    gain = best[model] / best[fastest]
    if gain < LEAST_GAIN:
        return Chosen(model)
    told = f"Uses {fastest.name}, here {gain:.1f} times as fast as {model.name} ({option} {model} takes that one)."
    return Chosen(fastest, told)


def variants_of(model: Path) -> Iterator[Path]:
    """The files beside `model` that carry the name of a variant of it."""
    named = (model.with_name(f"{model.stem}-{precision}{model.suffix}") for precision in PRECISIONS)
    return (path for path in named if path.is_file() and model.is_file())


def _opened(path: Path, model: Path) -> Session | None:
    """None for a file that does not open, or is no variant of the model."""
    try:
        session = Session(path, None, provider="cpu", threads=0)
    except (ModelError, ProviderError) as error:
        logger.warning("%s is passed over: %s", path, error)
        return None
    variant = session.spec.measured.get("variant")
    if isinstance(variant, dict) and variant.get("of") == sha256_of(model):
        return session
    logger.warning("%s is passed over: it is no variant of the %s that lies there.", path, model.name)
    return None


def _times(model: Session, variants: dict[Path, Session]) -> dict[Path, float]:
    """Seconds of the fastest of a few runs, in turn; without the variants that do not run. Raises as `Session.run` of `model`."""
    shape = (FRAMES[model.spec.task], *model.spec.input_size_hw, 3)
    frames = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    sessions = {model.path: model, **variants}
    best = dict.fromkeys(sessions, float("inf"))
    for path, session in list(sessions.items()) * RUNS:
        if path not in best:
            continue
        start = time.perf_counter()
        try:
            session.run(frames)
        except ModelError as error:
            if session is model:
                raise
            logger.warning("%s is passed over: %s", path, error)
            del best[path]
        else:
            best[path] = min(best[path], time.perf_counter() - start)
    return best
