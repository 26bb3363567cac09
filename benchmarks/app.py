"""How fast the app is for a person: the first page, the Live page, and fifty photographs of twelve megapixels.

    python -m benchmarks.app --only start photos live --chromium /usr/bin/chromium

`start`: seconds from the command to a page that answers, of two starts. `photos`: 50 JPEG files of 12 MP go through what the
Photos page does (scores, pictures for the gallery, table) and, in as many threads, through `decode` alone; the ratio should be
at most 1.2. `live`: a Chromium with a fake camera of 640 x 480 on the Live page with one student; processed frames per second,
from the app's own count. The last line is one JSON document. Run it on a quiet machine.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from dashboard.gallery import cards
from dashboard.photos import classify_paths, csv_file
from inference import Classifier
from inference.images import decode
from inference.predictions import MAX_DECODERS
from inference.students import Whole

ROOT = Path(__file__).resolve().parents[1]
SIZE_WH = (4000, 3000)
CAMERA_WH = (640, 480)


def made_photos(folder: Path, count: int) -> list[str]:
    """Twelve-megapixel JPEG files with the detail of a photograph: blurred noise, other in each."""
    rng = np.random.default_rng(0)
    paths = []
    for number in range(count):
        coarse = Image.fromarray(rng.integers(0, 256, (SIZE_WH[1] // 8, SIZE_WH[0] // 8, 3), dtype=np.uint8))
        picture = coarse.resize(SIZE_WH, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(2))
        paths.append(folder / f"{number}.jpg")
        picture.save(paths[-1], quality=90)
    return [str(path) for path in paths]


def measure_photos(model: Path, count: int, rounds: int) -> dict[str, Any]:
    """Decoding alone against everything that the page does with them, in turn."""
    classifier = Classifier(model, provider="cpu")
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cache:
        paths = made_photos(Path(folder), count)

        def decoded() -> None:
            with ThreadPoolExecutor(min(MAX_DECODERS, os.cpu_count() or 1)) as pool:
                for _ in pool.map(lambda path: decode(path).shape, paths):
                    pass

        def page() -> None:
            predictions = classify_paths(classifier, paths, Whole())
            assert len(predictions.rows) == count
            list(cards(predictions, {Path(path).name: Path(path) for path in paths}, "en", cache))
            csv_file(predictions, cache)

        times = in_turn({"decode": decoded, "page": page}, rounds)
    return {
        "photos": count,
        "megapixels": SIZE_WH[0] * SIZE_WH[1] / 1e6,
        **times,
        "ratio": round(times["page"] / times["decode"], 3),
    }


def in_turn(ways: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """Median seconds of each."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            taken[name].append(time.perf_counter() - start)
    return {name: round(statistics.median(values), 3) for name, values in taken.items()}


@contextmanager
def started(model: Path) -> Iterator[tuple[str, float]]:
    """A running app: its address, and the seconds until its page answered."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address, start = f"http://127.0.0.1:{port}", time.perf_counter()
    command = [sys.executable, "app.py", "--port", str(port), "--model", str(model), "--students", "whole", "--provider", "cpu"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            while not answers(address):
                if process.poll() is not None or time.perf_counter() - start > 300:
                    raise SystemExit("the app does not start")
                time.sleep(0.02)
            yield address, time.perf_counter() - start
        finally:
            process.terminate()


def answers(address: str) -> bool:
    """Whether the page is there."""
    try:
        with urllib.request.urlopen(address, timeout=30) as page:
            return "taido-header" in page.read().decode()
    except OSError:
        return False


def measure_start(model: Path) -> dict[str, Any]:
    """Two starts; the second finds everything in the cache of the disk."""
    seconds = []
    for _ in range(2):
        with started(model) as (_, taken):
            seconds.append(round(taken, 2))
    return {"first_seconds": seconds[0], "second_seconds": seconds[1]}


def measure_live(model: Path, chromium: Path, seconds: float) -> dict[str, Any]:
    """Frames that the app looked at while a browser showed it a camera."""
    from playwright.sync_api import sync_playwright

    with started(model) as (address, _), tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        film = made_film(Path(folder) / "camera.mjpeg")
        switches = ["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        browser = playwright.chromium.launch(
            executable_path=str(chromium), args=[*switches, f"--use-file-for-fake-video-capture={film}"]
        )
        page = browser.new_context(permissions=["camera"], locale="en-US").new_page()
        page.goto(address)
        page.get_by_role("tab", name="Live").click()
        page.get_by_role("button", name="Click to Access Webcam").click()
        page.locator("#live-camera").get_by_text("Start").click()
        page.locator("#live-result .taido-now").wait_for(timeout=60_000)
        page.wait_for_timeout(3000)
        before, start = looked_at(address), time.perf_counter()
        page.wait_for_timeout(1000 * seconds)
        frames, taken = looked_at(address) - before, time.perf_counter() - start
        width = page.evaluate("Math.max(...[...document.querySelectorAll('#live-camera video')].map(v => v.videoWidth))")
        browser.close()
    return {"frames": frames, "seconds": round(taken, 1), "frames_per_second": round(frames / taken, 2), "sent_width": width}


def looked_at(address: str) -> int:
    """Frames, as the status page counts them."""
    request = urllib.request.Request(f"{address}/status", headers={"Accept": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return int(json.load(answer)["frames"])


def made_film(path: Path) -> Path:
    """Two seconds of moving noise for the fake camera."""
    rng = np.random.default_rng(0)
    still = Image.fromarray(rng.integers(0, 256, (60, 80, 3), dtype=np.uint8)).resize(CAMERA_WH, Image.Resampling.BICUBIC)
    with path.open("wb") as film:
        for shift in range(60):
            Image.fromarray(np.roll(np.asarray(still), 8 * shift, axis=1)).save(film, "JPEG", quality=85)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "attitude.onnx")
    parser.add_argument("--only", nargs="+", choices=("start", "photos", "live"), default=["start", "photos", "live"])
    parser.add_argument("--photos", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--chromium", type=Path, default=Path("/usr/bin/chromium"))
    given = parser.parse_args()
    model = given.model.resolve()
    result: dict[str, Any] = {"cores": os.cpu_count()}
    if "start" in given.only:
        result["start"] = measure_start(model)
    if "photos" in given.only:
        result["photos"] = measure_photos(model, given.photos, given.rounds)
    if "live" in given.only:
        result["live"] = measure_live(model, given.chromium, given.seconds)
    for name, values in result.items():
        print(name, values)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
