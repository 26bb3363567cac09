"""Throws mutated inputs at everything that reads what comes from outside, and tells what did not end in one of our errors.

    python -m tests.fuzz --inputs 10000              # all areas; some minutes
    python -m tests.fuzz --inputs 2000 --areas models records --seed 7
    python -m tests.fuzz --show models 7 123         # input 123 of that area and seed, and what happens with it

The inputs run in a process of their own: a crash of it, an input that takes more than --seconds, or memory, file handles and
threads that grow, are findings as well. The last line is one JSON document, and the exit status is 1 if anything was found.
"""

import argparse
import json
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from tests.fuzz.areas import areas
from tests.fuzz.worker import input_of, open_area, use

ROOT = Path(__file__).parents[2]
START_SECONDS = 180.0
"""For the process to load its libraries."""
WAITING_FACTOR = 6.0
"""An input that uses no processor may wait so many times --seconds: the machine may be busy with something else."""
MOST_GROWTH_BYTES = 64 * 2**20
"""Of memory between the second and the last quarter of an area; a single picture may take four times as much."""
SHARES = {
    "pictures": 0.33,
    "videos": 0.05,
    "models": 0.2,
    "detectors": 0.05,
    "checkpoints": 0.07,
    "places": 0.13,
    "records": 0.1,
    "requests": 0.07,
}


@dataclass
class Told:
    """What is known of one area."""

    inputs: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[dict[str, Any]] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    slowest_seconds: float = 0.0

    def document(self) -> dict[str, Any]:
        growth = {name: grown(getattr(self, name)) for name in ("memory", "handles", "threads")}
        return {
            "inputs": self.inputs,
            **self.outcomes,
            "slowest_seconds": round(self.slowest_seconds, 2),
            "memory_mb": [round(max(self.memory, default=0) / 2**20), round(growth["memory"] / 2**20, 1)],
            "handles_grown": growth["handles"],
            "threads_grown": growth["threads"],
            "findings": self.findings,
        }

    def judge_growth(self) -> None:
        """Growth counts as a finding."""
        for name, most in (("memory", MOST_GROWTH_BYTES), ("handles", 20), ("threads", 8)):
            if grown(getattr(self, name)) > most:
                self.findings.append({"error": f"{name} grew by {grown(getattr(self, name))}"})


def grown(samples: list[int]) -> float:
    """From the second to the last quarter; 0 for less than eight samples."""
    quarter = len(samples) // 4
    return median(samples[-quarter:]) - median(samples[quarter : 2 * quarter]) if quarter >= 2 else 0.0


class Worker:
    """One process for the inputs from `first` on, and its lines with a time limit."""

    def __init__(self, area: str, seed: int, first: int, last: int, address: str) -> None:
        command = [sys.executable, "-m", "tests.fuzz.worker", area, str(seed), str(first), str(last), address]
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115  # closed in `close`
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=self._errors, text=True)
        self._lines: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def lines(self, seconds: float) -> Iterator[dict[str, Any]]:
        """Until the process ends. Raises TimeoutError for an input that takes too long."""
        patience, known = START_SECONDS, False
        while True:
            line = self._wait(patience, seconds if known else None)
            if line is None:
                return
            known = True
            patience = seconds
            yield json.loads(line)

    def _wait(self, patience: float, working: float | None) -> str | None:
        began, used = time.monotonic(), self._used()
        while True:
            try:
                return self._lines.get(timeout=min(patience, 1.0))
            except queue.Empty:
                waited = time.monotonic() - began
                if waited > patience * (1 if working is None else WAITING_FACTOR) or (
                    working is not None and self._used() - used > working
                ):
                    raise TimeoutError(f"no end after {waited:.0f} seconds") from None

    def _used(self) -> float:
        """Seconds of processor time."""
        try:
            times = psutil.Process(self.process.pid).cpu_times()
        except psutil.NoSuchProcess:
            return 0.0
        return float(times.user + times.system)

    def close(self) -> tuple[int, str]:
        """The exit status, and the end of what was said on stderr."""
        self.process.kill() if self.process.poll() is None and not self._lines.empty() else None
        try:
            status = self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self._errors.seek(0)
        said = self._errors.read()[-600:]
        self._errors.close()
        return status, said


def fuzz(area: str, inputs: int, seed: int, seconds: float, address: str) -> Told:
    """All inputs of one area; after a crash or a hang it goes on with the next one."""
    told, first = Told(), 0
    while first < inputs:
        worker, at, started, ended = Worker(area, seed, first, inputs, address), first - 1, time.monotonic(), True
        problem = None
        try:
            for line in worker.lines(seconds):
                if "at" in line:
                    at, started, ended = line["at"], time.monotonic(), False
                elif "done" in line:
                    ended = True
                    told.inputs += 1
                    told.outcomes[line["outcome"]] += 1
                    told.slowest_seconds = max(told.slowest_seconds, time.monotonic() - started)
                    if line["outcome"] == "finding":
                        told.findings.append({"input": at, "error": line["error"], "trace": line["trace"]})
                else:
                    for name, value in line.items():
                        getattr(told, name).append(value)
        except TimeoutError as error:
            worker.process.kill()
            problem = f"hang: {error}"
        status, said = worker.close()
        if problem is None and (status != 0 or not ended):
            problem = f"crash: exit status {status}: {said}"
        if problem is None:
            break
        told.inputs += 1
        told.outcomes["finding"] += 1
        told.findings.append({"input": max(at, first), "error": problem})
        first = max(at, first) + 1
    told.judge_growth()
    return told


def kinds(findings: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One finding for each place in the code and kind of error."""
    first: dict[tuple[str, ...], dict[str, Any]] = {}
    for finding in findings:
        places = [line for line in finding.get("trace", []) if line.lstrip().startswith("File ")]
        first.setdefault((finding["error"].split(":")[0], *places[-1:]), finding)
    return list(first.values())


def show(area: str, seed: int, number: int) -> None:
    """Write one input into the working folder's output/ and use it here."""
    opened = open_area(area, None)
    data = input_of(opened, area, seed, number)
    place = Path("output/fuzz")
    shutil.rmtree(place / "input", ignore_errors=True)
    (place / "input").mkdir(parents=True)
    (place / f"{area}-{seed}-{number}.bin").write_bytes(data)
    print(use(opened, data, place / "input"))


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--inputs", type=int, default=10_000, help="over all areas (%(default)s)")
    parser.add_argument("--areas", nargs="+", choices=SHARES, default=list(SHARES))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, default=5.0, help="that one input may take (%(default)s)")
    parser.add_argument("--show", nargs=3, metavar=("AREA", "SEED", "NUMBER"))
    return parser.parse_args()


def run(inputs: int, names: list[str], seed: int, seconds: float) -> dict[str, Any]:
    """The document of a whole run."""
    began, of_all, document = time.monotonic(), sum(SHARES[name] for name in names), {}
    assert set(SHARES) == {*areas(), "requests"}
    for name in names:
        with ExitStack() as opened:
            address = opened.enter_context(served()) if name == "requests" else ""
            told = fuzz(name, max(1, round(inputs * SHARES[name] / of_all)), seed, seconds, address)
            document[name] = told.document()
            print(f"{name}: {json.dumps({k: v for k, v in document[name].items() if k != 'findings'})}", file=sys.stderr)
            for finding in kinds(told.findings):
                print(f"  {json.dumps(finding, indent=1)}", file=sys.stderr)
    return {
        "inputs": sum(area["inputs"] for area in document.values()),
        "findings": sum(len(area["findings"]) for area in document.values()),
        "seed": seed,
        "seconds": round(time.monotonic() - began, 1),
        "areas": document,
    }


def served() -> Any:
    """The app with small models, on a free port; its address."""
    from tests.fuzz.app import small_app

    return small_app()


if __name__ == "__main__":
    options = parse()
    if options.show:
        show(options.show[0], int(options.show[1]), int(options.show[2]))
        sys.exit(0)
    result = run(options.inputs, options.areas, options.seed, options.seconds)
    print(json.dumps(result))
    sys.exit(bool(result["findings"]))
