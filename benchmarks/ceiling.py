"""Why OpenVINO is faster where it is: the network alone, on one thread, in the precisions that OpenVINO chooses from.

    python -m benchmarks.ceiling --model models/attitude.onnx

On processors with bfloat16 instructions OpenVINO computes in bfloat16 unless it is told otherwise; ONNX Runtime computes in
float32. Times are of the processor, which a busy machine changes little. Needs requirements-bench.txt; the last line is one JSON
document.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers import pictures
from benchmarks.rounds import in_turn, machine, median_and_spread, table
from inference.classifier import Classifier


def openvino_ways(model: Path) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """By the precision that they report to compute in."""
    import openvino

    core, ways = openvino.Core(), {}
    for hint in ({}, {"INFERENCE_PRECISION_HINT": "f32"}):
        compiled = core.compile_model(str(model), "CPU", {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": 1, **hint})
        reported = compiled.get_property("INFERENCE_PRECISION_HINT").to_string()
        ways[f"OpenVINO, {reported}{'' if hint else ' (its default)'}"] = lambda frames, run=compiled: run(frames)[0]
    return ways


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("models/attitude.onnx"))
    parser.add_argument("--crops", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    classifier = Classifier(given.model, provider="cpu", threads=1)
    frames = classifier.prepare(pictures(given.crops))
    ways = {"ONNX Runtime, float32": classifier.scores, **openvino_ways(given.model)}
    reference = classifier.scores(frames)

    def timed(way: Callable[[np.ndarray], np.ndarray]) -> float:
        start = time.process_time()
        way(frames)
        return 1000 * (time.process_time() - start)

    times = in_turn({name: lambda way=way: timed(way) for name, way in ways.items()}, given.rounds)
    result: dict[str, Any] = {}
    for name, values in times.items():
        apart = float(np.abs(ways[name](frames) - reference).max())
        result[name] = {**median_and_spread(values), "largest_difference": apart}
    rows = [[name, r["median"], r["q1"], r["q3"], f"{r['largest_difference']:.2g}"] for name, r in result.items()]
    print(table(rows, [f"{given.crops} frames, one thread", "median CPU ms", "q1", "q3", "largest difference of a score"]))
    print(json.dumps({"crops": given.crops, "ways": result, "machine": machine()}))


if __name__ == "__main__":
    main()
