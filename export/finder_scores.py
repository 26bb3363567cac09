"""The scores of a finder, from the runs that left a camera out.

    python -m export.finder_scores FRAMES --cameras output/train/finder-without-* --threshold 0.4 --json output/students.json

`python -m export --measured` puts them into the file, from which `python -m export.figures` takes them for a card.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from inference.errors import DataError, TaidoError
from inference.output import write_whole
from training import coco, finder_metrics
from training.coco import Frame


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m export.finder_scores", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("frames", type=Path, help="folder with images/ and annotations.json that the runs were made on")
    parser.add_argument("--cameras", type=Path, nargs="+", required=True, metavar="RUN", help="runs with a camera left out")
    parser.add_argument("--threshold", type=float, required=True, help="score from which a box counts, 0..1")
    parser.add_argument("--json", type=Path, required=True, help="file to write")
    given = parser.parse_args(argv)
    try:
        if not 0 <= given.threshold <= 1:
            raise DataError(f"--threshold must be from 0 to 1, got {given.threshold}.")
        frames = {frame.file: frame for frame in coco.read(given.frames)}
        tests = [measure(run, frames, given.threshold) for run in given.cameras]
        write_whole(given.json, json.dumps({"tests": tests}, indent=1).encode("utf-8"))
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def measure(run: Path, frames: dict[str, Frame], threshold: float) -> dict[str, Any]:
    """A run's detections in the camera that it left out, judged at `threshold`. Raises DataError when the run is unusable."""
    path = run / "detections.json"
    if not path.is_file():
        raise DataError(f"{path} is missing. Give the folder of a run with --leave-camera-out that has ended.")
    try:
        detections = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as JSON ({error}).") from error
    unknown = sorted(set(detections) - set(frames))
    if unknown:
        raise DataError(f"{path} speaks of {len(unknown)} frames that are not among those given, e.g. {unknown[0]}.")
    camera = "+".join(sorted({frames[file].camera for file in detections}))
    outcomes = [
        finder_metrics.judge(frames[file].students, frames[file].ignored, np.array(boxes, np.float32).reshape(-1, 5))
        for file, boxes in detections.items()
    ]
    return {"camera": camera, **finder_metrics.report(outcomes, threshold=threshold)}


if __name__ == "__main__":
    sys.exit(main())
