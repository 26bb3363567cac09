"""Features of a probe in a file, so that a second question about the same pictures costs seconds instead of minutes.

    features = features_of(samples, config, Path("output/features.npz"))      # the first time computed and kept, then read

The file holds what the network made of each picture and no picture. It is taken for the same pictures (their contents), the same
network, the same file of weights and the same frames only; anything else is computed anew and replaces it. Weights of the hub
are known by the network's name: delete the file where `weights.json` has pinned others.
"""

import dataclasses
import hashlib
import io
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from inference.errors import DataError
from inference.output import check_writable, write_whole
from training import probe
from training.conditions import Conditions
from training.data import Sample
from training.probe import Features, ProbeConfig

logger = logging.getLogger("training")

_FORMAT = 1
_CONDITIONS = tuple(field.name for field in dataclasses.fields(Conditions))


def features_of(samples: Sequence[Sample], config: ProbeConfig, path: Path) -> Features:
    """Raises OutputError before the work where the file cannot be written, DataError for a file that holds something else."""
    check_writable(path)
    made_of = _made_of(samples, config)
    if path.is_file():
        kept = _read(path)
        if str(kept["made_of"]) == made_of:
            logger.info("Features are taken from %s", path)
            return _unpacked(kept, samples)
        logger.info("%s is of other pictures or another network, and is made anew", path)
    features = probe.extract(samples, config)
    write_whole(path, _packed(features, made_of))
    return features


def _made_of(samples: Sequence[Sample], config: ProbeConfig) -> str:
    """Digest of everything that the features depend on. Labels are no part of it: a review changes them."""
    digest = hashlib.sha256(json.dumps([_FORMAT, probe.CELLS, dataclasses.asdict(config)]).encode())
    if config.pretrained_path and Path(config.pretrained_path).is_file():
        digest.update(Path(config.pretrained_path).read_bytes())
    for sample in samples:
        digest.update(f"\0{sample.file}\0".encode() + hashlib.sha256(sample.path.read_bytes()).digest())
    return digest.hexdigest()


def _packed(features: Features, made_of: str) -> bytes:
    content = io.BytesIO()
    np.savez(
        content,
        made_of=np.array(made_of),
        files=np.array([s.file for s in features.samples], np.str_),
        values=features.values,
        conditions=np.array([[getattr(c, name) for name in _CONDITIONS] for c in features.conditions], np.float64),
        unreadable=np.array(features.unreadable, np.str_).reshape(-1, 2),
    )
    return content.getvalue()


def _read(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as content:
            return {name: content[name] for name in ("made_of", "files", "values", "conditions", "unreadable")}
    except Exception as error:  # numpy raises whatever the bytes lead it to
        raise DataError(f"{path} holds no features of training.crossval ({error}). Choose another --keep-features.") from error


def _unpacked(kept: dict[str, np.ndarray], samples: Sequence[Sample]) -> Features:
    at = {s.file: s for s in samples}
    return Features(
        samples=tuple(at[str(file)] for file in kept["files"]),
        values=kept["values"],
        conditions=tuple(Conditions(int(size), *map(float, rest)) for size, *rest in kept["conditions"].tolist()),
        unreadable=tuple((str(file), str(why)) for file, why in kept["unreadable"]),
    )
