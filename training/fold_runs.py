"""The folds of a cross-validation that fine-tunes: each is a run of `training.train` on a split of its own.

table, scored, spec = trained_folds(samples, trained, choices, recipe)
"""

import dataclasses
import json
import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from inference.spec import ModelSpec
from training import splits
from training.config import TrainConfig
from training.data import Sample, class_names
from training.folds import CrossvalConfig, drawn
from training.outcomes import Outcomes, fold_outcomes, joined
from training.serving import Scored, open_model, score
from training.splits import Split
from training.train import train

logger = logging.getLogger("training")


def trained_folds(
    samples: Sequence[Sample], trained: Sequence[Sample], choices: CrossvalConfig, recipe: TrainConfig
) -> tuple[Outcomes, Scored, ModelSpec]:
    """All folds of all seeds; the scores of the first seed once more as one test, and the fact sheet of a fold's model."""
    parts: list[Outcomes] = []
    first: list[Scored] = []
    here = {s.file: s for s in trained}
    for seed in range(choices.seeds):
        every = drawn(samples, choices, seed)
        for fold, (test, others) in enumerate(every):
            judged, rest = ([here[samples[i].file] for i in rows if samples[i].file in here] for rows in (test, others))
            model = open_model(_run(judged, rest, recipe, seed, fold) / "model_best.pth.tar")
            scored = score(model, [samples[i] for i in test])
            parts.append(fold_outcomes(scored.samples, scored.scores, class_names(samples), seed, fold))
            if seed == 0:
                first.append(scored)
            logger.info("seed %d of %d, fold %d of %d done", seed + 1, choices.seeds, fold + 1, len(every))
    return joined(parts), _together(first), model.spec


def _run(test: Sequence[Sample], rest: Sequence[Sample], recipe: TrainConfig, seed: int, fold: int) -> Path:
    """The folder of the fold's run, which is trained unless it has ended before with the same settings and the same split."""
    runs = Path(recipe.output) / "runs"
    name = f"seed{seed}-fold{fold}"
    split_file = runs / f"{name}.csv"
    inner = splits.by_person(rest, validation=recipe.val_split, test=0.0, seed=seed, train_only=recipe.train_only_cameras)
    split = Split(inner.train, inner.validation, tuple(test))
    config = dataclasses.replace(
        recipe, seed=recipe.seed + seed, output=str(runs), experiment=name, split_file=str(split_file), leave_camera_out=""
    )
    folder = runs / name
    runs.mkdir(parents=True, exist_ok=True)
    if split_file.is_file() and split_file.read_bytes() == splits.table(split) and _ended(folder, config):
        return folder
    for left in ("report.json", "last.pth.tar"):  # of other settings, of another split, or stopped: the run starts anew,
        (folder / left).unlink(missing_ok=True)  # and if it is stopped now, nothing there says that it has ended
    splits.write_split(split, split_file)
    return train(config)


def _ended(folder: Path, config: TrainConfig) -> bool:
    """A run writes its report last."""
    written = folder / "settings.json"
    if not ((folder / "report.json").is_file() and written.is_file()):
        return False
    same: bool = json.loads(written.read_text(encoding="utf-8")) == json.loads(json.dumps(dataclasses.asdict(config)))
    return same


def _together(parts: Sequence[Scored]) -> Scored:
    return Scored(
        tuple(s for part in parts for s in part.samples),
        np.concatenate([part.scores for part in parts]),
        tuple(c for part in parts for c in part.conditions),
        tuple(f for part in parts for f in part.failures),
    )
