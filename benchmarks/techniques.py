"""Every row of training/README.md, run once and short on a small part of real pictures: does it train, how long, what comes out.

    python -m benchmarks.techniques DATA --pretrained-path mobilenetv2_100.safetensors --out output/techniques

A part of DATA is drawn, at most `--per-class` pictures of each class, one of each person in turn; whole persons are kept apart
for the test, the same ones in every row. Techniques that any backbone can use run on `--model` with its pretrained weights; the
backbones of the sources begin from nothing, at 64 pixels, for a few steps: such a row shows that it runs, not what it can do.
With so few pictures the intervals are wide: what they share is no ranking. `table.md` is the table and the last line one JSON
document; rows that have ended are not run again.
"""

import argparse
import csv
import json
import logging
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from inference.errors import TaidoError
from training import data, learning_curve, train
from training.config import parse

NEAR, FAR = 192, 64
"""Shorter sides, in pixels, of a picture that counts as wholly near and as wholly far, for the column of shares."""


@dataclass(frozen=True)
class Row:
    """One technique."""

    source: str
    flags: str
    scratch: bool = False
    """A backbone of the sources, from nothing and only for a few steps."""
    several: bool = False
    """Runs on the manifest with several labels for one picture."""


ROWS = (
    Row("beyond", "--strategy finetune"),
    Row("article", "--preset vgg16-article"),
    Row("article", "--preset vgg16-article --strategy finetune"),
    Row("article", "--preset vgg16-article --strategy scratch"),
    Row("Yoshitake", "--preset yoshitake2023"),
    Row("Yoshitake", "--preset yoshitake2023 --opt adamp"),
    Row("Yoshitake", "--preset yoshitake2023 --opt sgd"),
    Row("Yoshitake", "--multi-label", several=True),
    Row("Hirokawa", "--preset pspnet"),
    Row("Hirokawa", "--aa augmix-m3-w3"),
    Row("Hirokawa", "--cutmix 1.0 --mixup 0.2"),
    Row("person/edamame", "--freeze-until blocks.3"),
    Row("person/edamame", "--freeze-until 9"),
    Row("Shiraishi", "--feature-masks 1"),
    Row("Shiraishi", "--feature-masks 4"),
    Row("Shiraishi", "--tasks camera:ce:0.3 in_room:bce:0.3 distance:kl:0.3"),
    Row("Shiraishi", "--triplet 0.1 --triplet-margin 0.2"),
    Row("Shiraishi", "--center-loss 0.003"),
    Row("Shiraishi", "--smoothing 0.1 --sched plateau --patience-epochs 1"),
    Row("Shiraishi", "--reprob 0.4 --aa v0"),
    Row("Shiraishi", "--pseudo-labels {unlabelled} --pseudo-start 1 --pseudo-threshold 0.4"),
    Row("beyond", "--probe-epochs 1"),
    Row("beyond", "--layer-decay 0.75"),
    Row("beyond", "--loss symmetric"),
    Row("beyond", "--loss generalized"),
    Row("beyond", "--model-ema --model-ema-decay 0.9"),
    Row("beyond", "--grad-accum-steps 2"),
    Row("beyond", "--amp"),
    Row(
        "Yoshitake",
        "--model resnet101d --num-classes 4 --aa rand-m9-mstd0.5 --opt adam --warmup-epochs 5 --weight-decay 1e-4 "
        "--sched cosine --reprob 0.4",
        scratch=True,
    ),
    Row("article", "--preset vgg16-article --strategy scratch", scratch=True),
    Row("person/edamame", "--preset frozen-vgg16", scratch=True),
    Row("Hirokawa", "--model resnet50", scratch=True),
    Row("Hirokawa", "--model densenet201", scratch=True),
    Row("Hirokawa", "--model vit_base_patch16_224", scratch=True),
    Row("Shiraishi", "--preset shiraishi-baseline", scratch=True),
    Row("Shiraishi", "--model resnext50_32x4d", scratch=True),
)


def main() -> int:
    """Command line; returns the exit status."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, metavar="DATA")
    parser.add_argument("--model", default="mobilenetv2_100", help="backbone of the rows that any backbone can run")
    parser.add_argument("--pretrained-path", default="", help="its weights; without them every row begins from nothing")
    parser.add_argument("--out", type=Path, default=Path("output/techniques"))
    parser.add_argument("--per-class", type=int, default=150, help="most pictures of a class")
    parser.add_argument("--leave-out", nargs="+", default=[], metavar="CAMERA", help="cameras whose persons cannot be told apart")
    parser.add_argument("--img-size", type=int, default=96)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--samples-per-epoch", type=int, default=256)
    parser.add_argument("--scratch-samples", type=int, default=64, help="samples of the rows that begin from nothing")
    parser.add_argument("--only", nargs="+", default=[], metavar="TEXT", help="only rows whose flags contain one of these")
    given = parser.parse_args()
    part = draw_part(given.data, given.out / "part", given.per_class, given.leave_out)
    lines = []
    for number, row in enumerate(ROWS):
        if not given.only or any(text in row.flags for text in given.only):
            lines.append(run(row, number, given))
            (given.out / "table.md").write_text(table(lines), encoding="utf-8")
    print(table(lines))
    print(json.dumps({"benchmark": "techniques", "part": part, "rows": lines}))
    return 0


def draw_part(folder: Path, out: Path, per_class: int, leave_out: Sequence[str]) -> dict[str, int]:
    """Pictures, their manifests (one class each; several labels each) and a folder of unlabelled ones; returns the counts."""
    samples = data.scan(folder)
    scored = [s for s in samples if not s.cameras & set(leave_out)]
    names = data.class_names(scored)
    labels = np.array([names.index(s.label) for s in scored])
    rows = learning_curve.draw([s.person for s in scored], labels, per_class, np.random.default_rng(0))
    drawn = [scored[i] for i in rows]
    shown = {s.person for s in drawn}
    others = [s for s in samples if s.person not in shown][: len(drawn) // 4]
    if not out.exists():
        for sample in drawn:
            for place in (out / "one" / sample.file, out / "several" / sample.file):
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(sample.path, place)
        (out / "unlabelled").mkdir(parents=True)
        for i, sample in enumerate(others):
            shutil.copy(sample.path, out / "unlabelled" / f"{i}{sample.path.suffix}")
        _write_manifests(drawn, out)
    return {"pictures": len(drawn), "persons": len(shown), "unlabelled": len(others)}


def _write_manifests(samples: Sequence[data.Sample], out: Path) -> None:
    for name in ("one", "several"):
        with (out / name / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            further = ["label", "in_room", "distance"] if name == "one" else ["labels"]
            writer.writerow(["file", "camera", "person", *further])
            for sample in samples:
                height, width = cv2.imread(str(sample.path)).shape[:2]
                near = float(np.clip((min(height, width) - FAR) / (NEAR - FAR), 0, 1))
                room = int(sample.camera != "stock")
                one = [sample.label, room, f"{near:.2f} {1 - near:.2f}"]
                several = [sample.label + (";in-a-room" if room else "")]
                writer.writerow([sample.file, sample.camera, sample.person, *(one if name == "one" else several)])


def command(row: Row, number: int, given: argparse.Namespace, part: Path) -> list[str]:
    """What stands behind `python -m training.train`; later flags win."""
    flags = row.flags.format(unlabelled=part / "unlabelled").split()
    size, epochs, samples = (
        (64, 1, given.scratch_samples) if row.scratch else (given.img_size, given.epochs, given.samples_per_epoch)
    )
    common = [str(part / ("several" if row.several else "one")), "--lr", "1e-3", *flags, "--threads", "1", "--batch-size", "32"]
    common += ["--img-size", str(size), "--epochs", str(epochs), "--samples-per-epoch", str(samples), "--split-seed", "0"]
    common += ["--val-split", "0.15", "--test-split", "0.3", "--output", str(given.out), "--experiment", f"row{number:02d}"]
    common += ["--same-picture", "ignore" if number else "refuse"]  # one part and one split: looked at once
    if row.scratch:
        return [*common, "--no-pretrained", *(["--strategy", "scratch"] if "frozen" not in row.flags else [])]
    common += ["--model", given.model]
    begins = given.pretrained_path and "--strategy scratch" not in row.flags
    return [*common, "--no-pretrained", *(["--pretrained-path", given.pretrained_path] if begins else [])]


def run(row: Row, number: int, given: argparse.Namespace) -> dict[str, Any]:
    """The row's line; one that has ended is read."""
    kept = given.out / f"row{number:02d}.json"
    argv = command(row, number, given, given.out / "part")
    if kept.is_file() and (line := json.loads(kept.read_text(encoding="utf-8")))["command"] == argv:
        return dict(line)
    shutil.rmtree(given.out / f"row{number:02d}", ignore_errors=True)
    counted = Counted()
    logger = logging.getLogger("training")
    logger.setLevel(logging.INFO)
    logger.addHandler(counted)
    started, used = time.perf_counter(), time.process_time()
    line: dict[str, Any] = {"source": row.source, "flags": row.flags, "scratch": row.scratch, "command": argv}
    try:
        folder = train.train(parse(argv))
        result = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        line |= {"accuracy": result["exact" if row.several else "accuracy"], "persons": result["persons"]}
        line["second"] = result["macro_f1" if row.several else "balanced_accuracy"]["value"]
    except TaidoError as error:
        line["refused"] = str(error)
    finally:
        logger.removeHandler(counted)
    line |= {"learn": counted.text, "seconds": round(time.perf_counter() - started, 1)}
    line["cpu_seconds"] = round(time.process_time() - used, 1)
    kept.write_text(json.dumps(line, indent=1), encoding="utf-8")
    return line


class Counted(logging.Handler):
    """Picks the line about parameters out of what a run tells."""

    text = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep `12 of 34`."""
        if "parameters learn" in record.getMessage():
            self.text = record.getMessage().split(" parameters")[0]


def table(lines: Sequence[dict[str, Any]]) -> str:
    """Markdown."""
    rows = ["| source | flags | begins | parameters that learn | CPU s | right of the test, Wilson 95 % | balanced |"]
    rows.append("|---|---|---|---|---|---|---|")
    for line in lines:
        begins = "from nothing" if "--pretrained-path" not in line["command"] else "pretrained"
        cells = [line["source"], f"`{line['flags']}`", begins, line["learn"], f"{line['cpu_seconds']:.0f}"]
        cells += [f"refused: {line['refused']}", ""] if "refused" in line else _scores(line)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _scores(line: dict[str, Any]) -> list[str]:
    rate = line["accuracy"]
    percent, low, high = (100 * rate[name] for name in ("value", "lo", "hi"))
    return [f"{percent:.1f} % [{low:.1f}, {high:.1f}] of {rate['n']}", f"{100 * line['second']:.1f} %"]


if __name__ == "__main__":
    sys.exit(main())
