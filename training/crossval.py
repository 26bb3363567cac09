"""Every picture is scored once by a model that never saw its person (or its camera): k folds, several seeds.

    python -m training.crossval DATA --folds 5 --group person --seeds 3 --output output/crossval --pretrained --epochs 8
    python -m training.crossval DATA --probe --pretrained-path mobilenetv2_100.safetensors --output output/probe

Whatever `training.train` takes can be added; each fold is such a run, below `runs/`, and one that has ended is not trained again.
With `--probe` nothing is fine-tuned: features of the pretrained network and a regression on them (`training.probe`), minutes
instead of hours. With `--learning-curve 5,10,20,50,100` as well: how the scores grow with the pictures per class. The features
take most of the time; `--keep-features FILE` computes them once for several such commands.

Writes `oof.csv` (the out-of-fold scores that `paired`, `calibrate` and `review` read), `report.json`, `report.html` and
`report.ja.html`; with `--learning-curve` also `learning_curve.json`, and where DATA is a folder of `app.py --teach` in DATA as
well: the Teach page then says by it when there is enough to start. A `--label-review` changes what trains; the scores are always
judged by the labels of the folders.
"""

import argparse
import dataclasses
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import softmax

from inference import learning
from inference.errors import DataError, OutputError, TaidoError
from inference.gathering import INCOMING
from inference.output import write_whole
from inference.spec import ModelSpec
from training import config as settings
from training import (
    crossval_report,
    data,
    fold_runs,
    kept_features,
    label_review,
    layouts,
    learning_curve,
    outcomes,
    probe,
    report_page,
    splits,
)
from training.config import TrainConfig
from training.data import Sample
from training.evaluation import stamp
from training.folds import CrossvalConfig, drawn
from training.outcomes import Outcomes, fold_outcomes, joined
from training.serving import Scored

logger = logging.getLogger("training")


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    try:
        choices, recipe = parse(argv)
        content = run(choices, recipe)
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. The same command goes on where it was: folds that have ended are kept.", file=sys.stderr)
        return 130
    print(json.dumps({name: content[name] for name in ("n", "persons", "accuracy", "balanced_accuracy", "macro_f1", "seeds")}))
    return 0


def run(choices: CrossvalConfig, recipe: TrainConfig) -> dict[str, Any]:
    """Everything, written to the folder `recipe.output`; returns what `report.json` holds."""
    folder = Path(recipe.output)
    if layouts.sides_of(Path(recipe.data)):
        raise DataError(
            f"{recipe.data} holds folders for the sides of a split, and folds are drawn anew: give one folder of classes."
        )
    samples = data.scan(Path(recipe.data))
    layouts.check_cameras(recipe, samples)
    trained = label_review.reviewed(samples, Path(recipe.label_review)) if recipe.label_review else samples
    choices = _with_folds_that_differ(samples, choices)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"The folder {folder} cannot be made ({error.strerror}). Choose another with --output.") from error
    if choices.probe:
        table, scored, spec, features = probed(samples, trained, choices, recipe)
        curve = learning_curve.measure(features, trained, choices, spec.class_names) if choices.learning_curve else None
        if curve:
            keep_curve(curve, features, spec, choices, recipe)
    else:
        table, scored, spec = fold_runs.trained_folds(samples, trained, choices, recipe)
        curve = None
    outcomes.write(folder / "oof.csv", table)
    only_train = splits.persons_before(choices.train_only_cameras, samples)
    taught = {s.label for s in trained if s.person in only_train}
    content = crossval_report.describe(table, scored, spec, choices, recipe, curve, taught=taught)
    write_whole(folder / "report.json", json.dumps(content, indent=1, ensure_ascii=False).encode("utf-8"))
    report_page.write_pages(content, folder)
    logger.info("Written: %s", folder / "report.html")
    return content


def keep_curve(
    lines: Sequence[dict[str, Any]], features: probe.Features, spec: ModelSpec, choices: CrossvalConfig, recipe: TrainConfig
) -> None:
    """Write `learning_curve.json`; no curve without a doubling is kept, and the report has its points all the same."""
    data_folder, name = Path(recipe.data), learning.FILE
    facts = [f"{', '.join(choices.whole_cameras)} kept together"] if choices.whole_cameras else []
    facts += [f"{', '.join(choices.train_only_cameras)} only trains"] if choices.train_only_cameras else []
    cameras = f" ({'; '.join(facts)})" if facts else ""
    method = f"{spec.base_model}, {recipe.img_size} px; {choices.folds} folds by {choices.group}{cameras} x {choices.seeds} seeds"
    source = data_folder.resolve().name
    try:
        curve = learning_curve.of_lines(lines, features.samples, spec.class_names, method=method, source=source, made_at=stamp())
    except DataError as error:
        logger.warning("No %s: %s", name, error)
        return
    for folder in [Path(recipe.output), *([data_folder] if (data_folder / INCOMING).is_dir() else [])]:
        curve.write(folder / name)
        logger.info("Written: %s", folder / name)


def _with_folds_that_differ(samples: Sequence[Sample], choices: CrossvalConfig) -> CrossvalConfig:
    """With one seed for a probe whose folds are the same for every seed: a few groups can be balanced in one way only.

    Raises DataError for what cannot be split, before anything is computed.
    """
    every = [drawn(samples, choices, seed) for seed in range(choices.seeds)]
    lost = [len(samples) - len(test) - len(others) for test, others in every[0]]
    if any(lost):
        logger.warning(
            "Left out of what trains for each fold, because they show a person or a camera that it scores: %s pictures.",
            ", ".join(map(str, lost)),
        )
    first, *others = (sorted(test.tolist() for test, _ in one) for one in every)
    if not choices.probe or not others or any(other != first for other in others):
        return choices
    logger.warning(
        "Every seed draws the same folds of these %ss, and nothing else of a probe is random: one seed.", choices.group
    )
    return dataclasses.replace(choices, seeds=1)


def probed(
    samples: Sequence[Sample], trained: Sequence[Sample], choices: CrossvalConfig, recipe: TrainConfig
) -> tuple[Outcomes, Scored, ModelSpec, probe.Features]:
    """Out-of-fold scores of regressions on features; the features are computed once."""
    network = probe.ProbeConfig.of(recipe)
    kept_in = choices.keep_features
    features = kept_features.features_of(samples, network, Path(kept_in)) if kept_in else probe.extract(samples, network)
    kept, names = features.samples, data.class_names(samples)
    label_of = {s.file: names.index(s.label) for s in trained}
    parts: list[Outcomes] = []
    for seed in range(choices.seeds):
        for fold, (test, others) in enumerate(drawn(kept, choices, seed)):
            train = np.array([i for i in others if kept[i].file in label_of], np.int64)
            labels = np.array([label_of[kept[i].file] for i in train], np.int64)
            logits = probe.fit_predict(features.values[train], labels, features.values[test], classes=len(names), seed=seed)
            parts.append(fold_outcomes([kept[i] for i in test], softmax(logits.astype(np.float64), axis=1), names, seed, fold))
        logger.info("seed %d of %d done", seed + 1, choices.seeds)
    table = joined(parts)
    spec = ModelSpec(
        class_names=names,
        input_size_hw=(recipe.img_size, recipe.img_size),
        fit=recipe.fit,
        mean_rgb=(0.0, 0.0, 0.0),
        std_rgb=(1.0, 1.0, 1.0),
        base_model=f"{recipe.model} (probe)",
    )
    first = table.of_seed(0)
    at = {s.file: i for i, s in enumerate(kept)}
    conditions = tuple(features.conditions[at[s.file]] for s in first.samples)
    return table, Scored(first.samples, first.scores, conditions, features.unreadable), spec, features


def parse(argv: list[str] | None) -> tuple[CrossvalConfig, TrainConfig]:
    """Command line -> how the folds are made, and the recipe. Raises DataError for a curve that is no list of numbers."""
    parser = argparse.ArgumentParser(
        prog="python -m training.crossval",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        epilog="All other options are those of python -m training.train.",
    )
    parser.add_argument("--folds", type=int, default=5, help="parts that are scored in turn")
    parser.add_argument("--group", choices=("person", "camera"), default="person", help="what stays on one side of a fold")
    parser.add_argument("--seeds", type=int, default=3, help="how often everything is done, with other folds and weights")
    parser.add_argument("--whole-cameras", nargs="+", default=[], metavar="CAMERA", help="pictures of one such stay together")
    parser.add_argument("--probe", action="store_true", help="no fine-tuning: a regression on features of the pretrained network")
    parser.add_argument("--learning-curve", default="", metavar="5,10,20", help="with --probe: pictures per class to learn from")
    parser.add_argument("--keep-features", default="", metavar="FILE", help="with --probe: compute the features only once")
    given, rest = parser.parse_known_args(argv)
    try:
        curve = tuple(int(part) for part in given.learning_curve.split(",") if part)
    except ValueError as error:
        raise DataError(f"--learning-curve takes numbers like 5,10,20, got {given.learning_curve!r}.") from error
    if curve and not given.probe:
        raise DataError("--learning-curve needs --probe: fine-tuning for every point would take days.")
    if given.keep_features and not given.probe:
        raise DataError("--keep-features keeps the features of --probe: add it, or leave --keep-features out.")
    if min(curve, default=1) < 1 or given.seeds < 1:
        raise DataError(f"--learning-curve and --seeds count from 1, got {given.learning_curve or given.seeds}.")
    recipe = settings.parse_as(TrainConfig, rest, "training.crossval", "The recipe of every fold.")
    both = sorted(set(given.whole_cameras) & set(recipe.train_only_cameras))
    if both:
        raise DataError(f"--whole-cameras scores {both[0]}, and --train-only-cameras does not: give it to one of them.")
    if given.probe and recipe.extra_data:
        raise DataError("--probe learns from DATA alone: leave out --extra-data, or leave out --probe.")
    if given.probe and recipe.served_size != recipe.img_size:
        raise DataError("--probe sees frames of one size: give it with --img-size, and leave out --test-img-size.")
    if recipe.multi_label:
        raise DataError(
            "A cross-validation scores one class per picture: leave out --multi-label. training.train --multi-label scores "
            "several labels on the persons kept for its test."
        )
    if recipe.split_file or recipe.leave_camera_out:
        raise DataError(
            "The folds say what is scored: leave out --split-file and --leave-camera-out; --group camera takes each in turn."
        )
    if given.probe and not (recipe.pretrained or recipe.pretrained_path):
        logger.warning("Without --pretrained or --pretrained-path the features are those of a network that has learnt nothing.")
    if recipe.output == TrainConfig.output:
        recipe = dataclasses.replace(recipe, output="output/crossval")
    choices = CrossvalConfig(
        folds=given.folds,
        group=given.group,
        seeds=given.seeds,
        whole_cameras=tuple(given.whole_cameras),
        train_only_cameras=recipe.train_only_cameras,
        probe=given.probe,
        learning_curve=curve,
        keep_features=given.keep_features,
    )
    return choices, recipe


if __name__ == "__main__":
    sys.exit(main())
