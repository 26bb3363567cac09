"""What a full house does to the app: many clients and webcams at once, on this machine only, for a while, and then it ends.

    python -m benchmarks.load --minutes 10                     # 50 clients, 10 webcams, the bundled models
    python -m benchmarks.load --minutes 1 --clients 5 --webcams 2 --model FILE --finder FILE

It starts an app on a free port of 127.0.0.1. Each client sends one photograph after the other to `/classify_photos`; each webcam
streams made-up frames to the Live page. Told are latencies, refusals, errors, how evenly the clients came to their turn, and the
memory of the app with its slope, handles and threads; the longest latency is also the age of the oldest call in the queue. The
last line is one JSON document; the exit status is 1 after an error that is no refusal.
"""

import argparse
import io
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
from PIL import Image

from benchmarks.visitor import FailedError, RefusedError, Visitor

ROOT = Path(__file__).parents[1]
START_SECONDS = 120.0
WARM_SHARE = 0.3
"""Of the time, at the beginning, that the slope of memory leaves out."""
SAMPLE_SECONDS = 2.0


@dataclass
class Count:
    """What one client or webcam saw."""

    seconds: list[float] = field(default_factory=list)
    problems: Counter[str] = field(default_factory=Counter)
    refused: int = 0


def picture(seed: int, size_wh: tuple[int, int]) -> bytes:
    """A made-up photograph."""
    small = np.random.default_rng(seed).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(small).resize(size_wh, Image.Resampling.BICUBIC).save(file, "JPEG", quality=85)
    return file.getvalue()


def call_again_and_again(address: str, number: int, end: float, count: Count) -> None:
    """One client of the API."""
    visitor, data = Visitor(address), picture(number, (320, 240))
    while time.monotonic() < end:
        began = time.monotonic()
        try:
            visitor.classify([(f"{number}.jpg", data)])
            count.seconds.append(time.monotonic() - began)
        except RefusedError:
            count.refused += 1
            time.sleep(1)
    visitor.close()


def stream_again_and_again(address: str, number: int, end: float, count: Count) -> None:
    """One webcam before the Live page."""
    visitor, data = Visitor(address), picture(1000 + number, (640, 480))
    visitor.open_page()
    while time.monotonic() < end:
        try:
            count.seconds.extend(seconds for seconds, _ in visitor.stream(iter(lambda: data, None), end - time.monotonic()))
        except RefusedError:
            count.refused += 1
            time.sleep(1)
    visitor.close()


def guarded(work: Callable[[str, int, float, Count], None], address: str, number: int, end: float, count: Count) -> None:
    """Goes on after an error, which is counted."""
    while time.monotonic() < end:
        try:
            work(address, number, end, count)
        except (httpx.HTTPError, FailedError, ConnectionError, KeyError, IndexError, ValueError) as error:
            count.problems[f"{type(error).__name__}: {error}"[:120]] += 1
            time.sleep(0.5)


@contextmanager
def served(arguments: list[str]) -> Iterator[tuple[str, psutil.Process]]:
    """An app of its own and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as log:
        command = [sys.executable, "app.py", "--host", "127.0.0.1", "--port", str(port), *arguments]
        with subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log) as process:
            try:
                _wait_for(address, process)
                yield address, psutil.Process(process.pid)
            finally:
                process.terminate()
                process.wait(60)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the app does not start")


def told(counts: list[Count]) -> dict[str, Any]:
    """Latencies in seconds, turns and what went wrong, over all of one kind."""
    every = sorted(second for count in counts for second in count.seconds)
    turns = [len(count.seconds) for count in counts]
    problems = sum((count.problems for count in counts), Counter[str]())
    at = [round(every[min(len(every) - 1, int(share * len(every)))], 3) if every else None for share in (0.5, 0.95, 0.99, 1)]
    return {
        "answers": len(every),
        "refused": sum(count.refused for count in counts),
        "errors": dict(problems),
        "median_p95_p99_longest_seconds": at,
        "turns_least_mean_most": [min(turns, default=0), round(float(np.mean(turns or [0])), 1), max(turns, default=0)],
    }


def slope(samples: list[tuple[float, int]]) -> float:
    """Bytes per minute after the warm-up, by least squares."""
    kept = samples[int(WARM_SHARE * len(samples)) :]
    times, sizes = np.array(kept, float).T if len(kept) > 2 else (np.zeros(2), np.zeros(2))
    return float(np.polyfit(times, sizes, 1)[0] * 60) if np.ptp(times) else 0.0


def run(options: argparse.Namespace) -> dict[str, Any]:
    """The document of one run."""
    arguments = ["--provider", "cpu", *(["--model", options.model] if options.model else [])]
    arguments += ["--finder", options.finder] if options.finder else []
    with served(arguments) as (address, process):
        end = time.monotonic() + 60 * options.minutes
        clients, webcams = [Count() for _ in range(options.clients)], [Count() for _ in range(options.webcams)]
        jobs = [(call_again_and_again, n, count) for n, count in enumerate(clients)]
        jobs += [(stream_again_and_again, n, count) for n, count in enumerate(webcams)]
        threads = [threading.Thread(target=guarded, args=(work, address, n, end, count), daemon=True) for work, n, count in jobs]
        for thread in threads:
            thread.start()
        memory: list[tuple[float, int]] = []
        handles, tasks = [], []
        while time.monotonic() < end:
            memory.append((time.monotonic(), process.memory_info().rss))
            handles.append(process.num_fds())
            tasks.append(process.num_threads())
            time.sleep(SAMPLE_SECONDS)
        for thread in threads:
            thread.join(150)
    return {
        "minutes": options.minutes,
        "clients": {"number": options.clients, **told(clients)},
        "webcams": {"number": options.webcams, **told(webcams)},
        "memory_mb_first_last_most": [round(size / 2**20) for size in (memory[0][1], memory[-1][1], max(m for _, m in memory))],
        "memory_slope_mb_per_minute": round(slope(memory) / 2**20, 3),
        "handles_first_last_most": [handles[0], handles[-1], max(handles)],
        "threads_first_last_most": [tasks[0], tasks[-1], max(tasks)],
        "load_average": round(psutil.getloadavg()[0], 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--webcams", type=int, default=10)
    parser.add_argument("--model", help="the bundled one without it")
    parser.add_argument("--finder", help="the bundled one without it")
    result = run(parser.parse_args())
    print(json.dumps(result))
    return int(bool(result["clients"]["errors"] or result["webcams"]["errors"]))


if __name__ == "__main__":
    sys.exit(main())
