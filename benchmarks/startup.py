"""From the command to the first score in a fresh process, and the memory that takes, beside peers of `benchmarks.frames`.

    python -m benchmarks.startup --model models/attitude.onnx

Importing torch is part of what the peers cost. The system's cache of files is warm after the first round, which is not counted.
The last line is one JSON document.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.peers import TITLES, UNAVAILABLE
from benchmarks.rounds import in_turn, machine, median_and_spread, table

PEERS = ("ours", "torch", "transformers", "onnx_pillow", "openvino")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("models/attitude.onnx"))
    parser.add_argument("--float", type=Path, metavar="MODEL", help="float32 file for the peers of a variant")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--ways", nargs="+", choices=PEERS, default=PEERS)
    given = parser.parse_args()
    memory: dict[str, list[float]] = {}

    def once(way: str) -> float:
        command = [sys.executable, "-m", "benchmarks.peers", way, "--model", str(given.model), "--once", "1"]
        command += ["--float", str(given.float or given.model)]
        start = time.perf_counter()
        done = subprocess.run([*command, "--threads", str(given.threads)], check=False, capture_output=True, text=True)
        took = 1000 * (time.perf_counter() - start)
        if done.returncode:
            raise RuntimeError(done.stdout.strip() if done.returncode == UNAVAILABLE else done.stderr[-300:])
        memory.setdefault(way, []).append(json.loads(done.stdout.splitlines()[-1])["peak_mb"])
        return took

    there = []
    for way in given.ways:
        try:
            once(way)
            there.append(way)
        except RuntimeError as error:
            print(f"left out: {TITLES[way]} ({error})")
    times = in_turn({way: lambda way=way: once(way) for way in there}, given.rounds, warm_up=0)
    spread = {way: median_and_spread(values) for way, values in times.items()}
    peak = {way: median_and_spread(values)["median"] for way, values in memory.items() if way in there}
    rows = [[TITLES[way], *(round(v) for v in spread[way].values()), round(peak[way])] for way in there]
    print(table(rows, ["way", "median ms", "q1", "q3", "min", "max", "peak MB"]))
    print(json.dumps({"model": given.model.name, "rounds": given.rounds, "ms": spread, "peak_mb": peak, "machine": machine()}))


if __name__ == "__main__":
    main()
