"""List the pictures whose labels deserve a second look, for a person to decide.

    python -m training.crossval DATA --probe --pretrained --output output/probe
    python -m training.review output/probe DATA --output output/review.csv

Three reasons: the out-of-fold scores contradict the label (`label`), a picture that looks the same is labelled differently
(`duplicate`), a picture is far from all others (`misfit`; with --features only, because it needs the pretrained network). Beside
the CSV stands an HTML page of the same name with the pictures. Write `keep`, `relabel:<class>` or `drop` into the column
`decision`, then train with `python -m training.train DATA --label-review FILE`. No picture and no manifest is touched.
"""

import argparse
import csv
import io
import json
import logging
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from inference.errors import DataError, ImageError, TaidoError
from inference.images import decode
from inference.output import check_writable, write_whole
from training import data, doubtful, mistakes, outcomes, probe, report_page
from training.data import Sample
from training.doubtful import Doubt
from training.outcomes import Outcomes

logger = logging.getLogger("training")

COLUMNS = ("file", "label", "suggested", "reason", "score", "other", "camera", "person", "decision")


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    parser = argparse.ArgumentParser(
        prog="python -m training.review", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scores", type=Path, metavar="SCORES", help="folder of training.crossval, or its oof.csv")
    parser.add_argument("data", type=Path, metavar="DATA", help="the same folder of pictures")
    parser.add_argument("--output", type=Path, required=True, help="CSV to write; one with decisions is never overwritten")
    parser.add_argument("--features", action="store_true", help="also look for pictures that fit no class")
    parser.add_argument("--model", default=probe.ProbeConfig.model, help="of --features: backbone, a timm model name")
    parser.add_argument("--pretrained", action="store_true", help="of --features: timm's weights, fetched from the hub")
    parser.add_argument("--pretrained-path", default="", help="of --features: weights in this file instead")
    given = parser.parse_args(argv)
    try:
        _refuse_to_overwrite(given.output)
        samples = data.scan(given.data)
        scores = matched(outcomes.read(given.scores), samples, given.scores)
        found = find(samples, scores, outcomes.read(given.scores).class_names)
        if given.features:
            network = probe.ProbeConfig(model=given.model, pretrained=given.pretrained, pretrained_path=given.pretrained_path)
            found += _misfits(samples, network)
        write(given.output, samples, found, outcomes.read(given.scores).class_names)
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    counts = Counter(doubt.reason for doubt in found)
    print(json.dumps({"pictures": len(samples), **{reason: counts[reason] for reason in ("label", "duplicate", "misfit")}}))
    return 0


def matched(table: Outcomes, samples: Sequence[Sample], source: Path) -> np.ndarray:
    """The mean out-of-sample scores `(N, C)` of the samples over all seeds; not a number for a picture without scores.

    Raises DataError when the table is of other pictures, or of other labels.
    """
    rows: dict[str, list[int]] = {}
    for i, sample in enumerate(table.samples):
        rows.setdefault(sample.file, []).append(i)
    known = {s.file: s for s in samples}
    foreign = sorted(set(rows) - set(known))
    if foreign:
        raise DataError(f"{source} has scores of {len(foreign)} pictures that are not in the folder, e.g. {foreign[0]}.")
    changed = [file for file, where in rows.items() if table.samples[where[0]].label != known[file].label]
    if changed:
        raise DataError(f"{len(changed)} labels have changed since {source} was made, e.g. of {changed[0]}. Make it anew.")
    missing = np.full(len(table.class_names), np.nan)
    return np.stack([table.scores[rows[s.file]].mean(axis=0) if s.file in rows else missing for s in samples])


def find(samples: Sequence[Sample], scores: np.ndarray, names: Sequence[str]) -> list[Doubt]:
    """Doubtful labels, the most doubtful first, then near-duplicates with different labels."""
    scored = np.flatnonzero(np.isfinite(scores).all(axis=1))
    truth = np.array([names.index(samples[i].label) for i in scored.tolist()], np.int64)
    found = [
        Doubt(int(scored[doubt.row]), doubt.reason, doubt.score, doubt.other)
        for doubt in doubtful.label_errors(scores[scored], truth)
    ]
    hashes = [doubtful.hash_of(s.path) for s in samples]
    return found + doubtful.near_duplicates(hashes, [s.label for s in samples])


def _misfits(samples: Sequence[Sample], network: probe.ProbeConfig) -> list[Doubt]:
    features = probe.extract(samples, network)
    at = {s.file: i for i, s in enumerate(samples)}
    rows = [at[s.file] for s in features.samples]
    return [Doubt(rows[doubt.row], doubt.reason, doubt.score) for doubt in doubtful.misfits(features.values)]


def write(path: Path, samples: Sequence[Sample], found: Sequence[Doubt], names: Sequence[str]) -> None:
    """The list as CSV, and the pictures in the same order as an HTML page beside it. Raises OutputError."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(COLUMNS)
    cards: list[dict[str, Any]] = []
    for row, doubt in enumerate(found, start=2):
        sample = samples[doubt.row]
        suggested = names[doubt.other] if doubt.reason == "label" else ""
        other = samples[doubt.other].file if doubt.reason == "duplicate" else ""
        facts = [sample.file, sample.label, suggested, doubt.reason, f"{doubt.score:.4f}", other, sample.camera, sample.person]
        writer.writerow([*facts, ""])
        shown = {"picture": _picture(sample), "link": mistakes.link(sample.path, path.parent)}
        cards.append({"row": row, "sample": sample, "suggested": suggested, "reason": doubt.reason, "other": other, **shown})
    write_whole(path, table.getvalue().encode("utf-8"))
    html = report_page.render("review.html", "en", cards=cards, csv=path.name)
    write_whole(path.with_suffix(".html"), html.encode("utf-8"))
    logger.info("Written: %s, and the pictures: %s", path, path.with_suffix(".html"))


def _picture(sample: Sample) -> str:
    try:
        return mistakes.address(decode(sample.path, name=sample.file))
    except ImageError:
        return ""


def _refuse_to_overwrite(path: Path) -> None:
    """A person's decisions are hours of work. Raises DataError, or OutputError where nothing can be written."""
    check_writable(path)
    if not path.is_file():
        return
    rows, _ = data.read_table(path)
    decided = sum(bool(row.get("decision", "").strip()) for row in rows)
    if decided:
        raise DataError(f"{path} holds {decided} decisions of a person and is not overwritten. Choose another --output.")


if __name__ == "__main__":
    sys.exit(main())
