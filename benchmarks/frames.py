"""From uint8 pictures to scores: one photograph and 40 crops, beside the usual ways of doing it.

    python -m benchmarks.frames --model models/attitude-int8.onnx --float models/attitude.onnx --crops 40 --threads 2

Every way (`benchmarks.peers`) has its own process; they are asked in turn, so that their threads do not meet and a busy moment
meets all of them. What is not installed (requirements-bench.txt) is left out with a line. The last line is one JSON document.
"""

import argparse
import json
import statistics
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import IO, Any

from benchmarks.peers import TITLES, WAYS
from benchmarks.rounds import in_turn, machine, median_and_spread, table

TARGETS = {"torch": 3.0, "transformers": 3.0, "onnx_pillow": 2.0}
"""How many times faster than these ours is to be."""
MOST_OVER_SESSION = 1.10
CALLS = 5
"""In one turn, for a single photograph."""


class Peer:
    """One way in its own process."""

    def __init__(self, way: str, model: Path, plain: Path, threads: int) -> None:
        files = ["--model", str(model), "--float", str(plain)]
        command = [sys.executable, "-m", "benchmarks.peers", way, *files, "--threads", str(threads)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        first = self._out.readline().strip()
        self.problem = None if first == "ready" else first or "it did not start"

    @property
    def _out(self) -> IO[str]:
        assert self._process.stdout is not None
        return self._process.stdout

    def milliseconds(self, count: int) -> float:
        """For so many pictures at once."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        return float(self._out.readline())

    def close(self) -> None:
        self._process.communicate()


def measure(peers: dict[str, Peer], counts: tuple[int, int], rounds: int) -> dict[int, dict[str, list[float]]]:
    """Milliseconds per number of pictures, way and round.

    A turn is the median of a few calls: the first one after other processes had the caches costs everybody several
    milliseconds more, which is most of what a single photograph takes.
    """

    def turn(peer: Peer, count: int) -> float:
        return statistics.median(peer.milliseconds(count) for _ in range(CALLS if count == 1 else 1))

    return {count: in_turn({name: partial(turn, peer, count) for name, peer in peers.items()}, rounds) for count in counts}


def ratios(times: dict[str, list[float]]) -> dict[str, float]:
    """Median over the rounds of another way's time by ours in the same round."""
    return {
        name: round(statistics.median(other / ours for other, ours in zip(values, times["ours"], strict=True)), 3)
        for name, values in times.items()
    }


def verdicts(by: dict[str, float]) -> dict[str, bool]:
    """Which targets are met, of those whose peer was measured."""
    met = {f"{target:g}x {name}": by[name] >= target for name, target in TARGETS.items() if name in by}
    met["within 10 % of session"] = 1 / by["session"] <= MOST_OVER_SESSION
    for name in ("openvino", "openvino_f32", "openvino_same"):
        if name in by:
            met[f"not behind {name}"] = by[name] >= 1
    return met


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("models/attitude.onnx"))
    parser.add_argument("--float", type=Path, metavar="MODEL", help="float32 file for the peers of a variant")
    parser.add_argument("--crops", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    given = parser.parse_args()

    ways, plain = dict.fromkeys(["ours", "session", *given.ways]), given.float or given.model
    started = {way: Peer(way, given.model, plain, given.threads) for way in ways}
    peers = {way: peer for way, peer in started.items() if peer.problem is None}
    left_out = {way: peer.problem for way, peer in started.items() if peer.problem is not None}
    for way, problem in left_out.items():
        print(f"left out: {TITLES[way]} ({problem})")
    times = measure(peers, (1, given.crops), given.rounds)
    result: dict[str, Any] = {"model": given.model.name, "peers": plain.name, "rounds": given.rounds, "threads": given.threads}
    result["left_out"] = left_out
    for count, name in ((1, "photo"), (given.crops, "crops")):
        by = ratios(times[count])
        spread = {way: median_and_spread(values) for way, values in times[count].items()}
        print(f"\n{count} {'photograph of 1280 x 720' if count == 1 else 'crops'}, milliseconds")
        rows = [[TITLES[way], *spread[way].values(), f"{by[way]:.2f}"] for way in peers]
        print(table(rows, ["way", "median", "q1", "q3", "min", "max", "times ours"]))
        for target, met in verdicts(by).items():
            print(f"  {'met' if met else 'MISSED'}: {target}")
        result[name] = {"count": count, "ms": spread, "times_ours": by, "targets": verdicts(by)}
    for peer in started.values():
        peer.close()
    print(json.dumps({**result, "machine": machine()}))


if __name__ == "__main__":
    main()
