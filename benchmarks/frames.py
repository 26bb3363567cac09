"""What stands around the network costs: crops to scores, against the bare session and against the usual demo.

    python -m benchmarks.frames --model models/attitude.onnx --crops 40

`ours` is `Classifier.scores_of`; `session` is the same batch of ready frames through ONNX Runtime alone; `one_by_one` resizes
with Pillow and runs a batch of one per crop, as most demos do. Rounds are interleaved; the last line is one JSON document.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import onnxruntime as ort
from PIL import Image

from inference.classifier import Classifier
from inference.spec import INPUT_NAME, OUTPUT_NAME


def crops(count: int) -> list[np.ndarray]:
    """Pictures of the sizes that students have in a 1280-pixel frame, `(h, w, 3) uint8`."""
    rng = np.random.default_rng(0)
    return [
        rng.integers(0, 256, (int(rng.integers(80, 240)), int(rng.integers(60, 220)), 3), dtype=np.uint8) for _ in range(count)
    ]


def one_by_one(classifier: Classifier, session: ort.InferenceSession, pictures: Sequence[np.ndarray]) -> None:
    """Pillow's resize and one run per crop."""
    height, width = classifier.spec.input_size_hw
    for picture in pictures:
        frame = np.asarray(Image.fromarray(picture).resize((width, height)))
        session.run([OUTPUT_NAME], {INPUT_NAME: frame[None]})


def measure(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each way in each round, in turn."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 2):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            if number >= 2:  # two rounds to warm up
                times[name].append(1000 * (time.perf_counter() - start))
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("models/attitude.onnx"))
    parser.add_argument("--crops", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()

    classifier = Classifier(given.model, provider="cpu")
    session = ort.InferenceSession(str(given.model), providers=["CPUExecutionProvider"])
    pictures = crops(given.crops)
    frames = classifier.prepare(pictures)
    ways: dict[str, Callable[[], object]] = {
        "ours": lambda: classifier.scores_of(pictures),
        "session": lambda: classifier.scores(frames),
        "one_by_one": lambda: one_by_one(classifier, session, pictures),
    }
    times = measure(ways, given.rounds)
    median = {name: statistics.median(values) for name, values in times.items()}
    for name, values in times.items():
        print(f"{name:12} median {median[name]:8.1f} ms   min {min(values):8.1f}   max {max(values):8.1f}")
    result = {
        "crops": given.crops,
        "rounds": given.rounds,
        "input_size_hw": classifier.spec.input_size_hw,
        "median_ms": {name: round(value, 2) for name, value in median.items()},
        "ratio_to_session": round(median["ours"] / median["session"], 3),
        "ratio_of_one_by_one": round(median["one_by_one"] / median["ours"], 3),
        "onnxruntime": ort.__version__,
        "machine": platform.machine(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
