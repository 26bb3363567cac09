"""The figures of a finder's card, from the runs that left a camera out; nothing is typed by hand.

    python -m export.finder_card FRAMES --cameras output/train/finder-without-* --threshold 0.4 \
        --card models/students.md --json output/students.json

The table goes between `<!-- scores -->` and `<!-- /scores -->` in the card; the JSON is what `python -m export --measured`
puts into the file.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from export.card import write_card
from inference.errors import DataError, TaidoError
from training import coco, finder_metrics
from training.coco import Frame


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m export.finder_card", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("frames", type=Path, help="folder with images/ and annotations.json that the runs were made on")
    parser.add_argument("--cameras", type=Path, nargs="+", required=True, metavar="RUN", help="runs with a camera left out")
    parser.add_argument("--threshold", type=float, required=True, help="score from which a box counts, 0..1")
    parser.add_argument("--card", type=Path, required=True, help="Markdown file to bring up to date")
    parser.add_argument("--json", type=Path, required=True, help="file for the same figures as JSON")
    given = parser.parse_args(argv)
    try:
        frames = {frame.file: frame for frame in coco.read(given.frames)}
        tests = [measure(run, frames, given.threshold) for run in given.cameras]
        write_card(given.card, table(tests))
        given.json.write_text(json.dumps({"tests": tests}, indent=1), encoding="utf-8")
    except OSError as error:
        print(f"error: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def measure(run: Path, frames: dict[str, Frame], threshold: float) -> dict[str, Any]:
    """A run's detections in the camera that it left out, judged at `threshold`. Raises DataError when the run is unusable."""
    path = run / "detections.json"
    if not path.is_file():
        raise DataError(f"{path} is missing. Give the folder of a run with --leave-camera-out that has ended.")
    detections = json.loads(path.read_text(encoding="utf-8"))
    unknown = sorted(set(detections) - set(frames))
    if unknown:
        raise DataError(f"{path} speaks of {len(unknown)} frames that are not among those given, e.g. {unknown[0]}.")
    camera = "+".join(sorted({frames[file].camera for file in detections}))
    outcomes = [
        finder_metrics.judge(frames[file].students, frames[file].ignored, np.array(boxes, np.float32).reshape(-1, 5))
        for file, boxes in detections.items()
    ]
    return {"camera": camera, **finder_metrics.report(outcomes, threshold=threshold)}


def table(tests: Sequence[dict[str, Any]]) -> str:
    """Markdown, one line per camera."""
    lines = [
        "| unseen camera | frames | students | AP50 | centre F1 | precision | recall | best F1 (threshold) |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for test in tests:
        intervals = {name: "[{:.3f}, {:.3f}]".format(*test["interval"][name]) for name in ("ap50", "f1")}
        cells = [
            test["camera"],
            str(test["frames"]),
            str(test["students"]),
            f"{test['ap50']:.3f} {intervals['ap50']}",
            f"{test['f1']:.3f} {intervals['f1']}",
            f"{test['precision']:.3f}",
            f"{test['recall']:.3f}",
            f"{test['f1_best']:.3f} ({test['threshold_best']:.2f})",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
