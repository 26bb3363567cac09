"""Kills what is recording or training at random moments, and looks at what is left.

    python -m tests.faults.killed --recording 100 --training 10 [--seed 0]

Each process is killed (SIGKILL, no goodbye). Of a lesson every interval that was reported as written must be in the file,
and the next lesson must begin in it; of a training run every checkpoint that is there must be whole, and the run must go
on from it. The last line is one JSON document.
"""

import argparse
import json
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from inference.recorded import read_sessions
from tests.faults.lesson import record

ROOT = Path(__file__).parents[2]


def kill_recording(times: int, seed: int, folder: Path) -> dict[str, Any]:
    """Lessons one after the other into one file, each killed; what was lost of them, counted."""
    chance, path = random.Random(seed), folder / "lessons.db"
    lost = damaged = told = 0
    for number in range(times):
        reported = _killed_lesson(path, f"camera-{number}", chance.random() * 0.25)
        sessions = read_sessions(path)
        mine = [session for session in sessions if session.facts.source == f"camera-{number}"]
        kept = len(mine[0].intervals) if mine else 0
        told += reported
        lost += max(0, reported - kept)
        damaged += len(sessions) != len({session.id for session in sessions}) or any(session.ended_at for session in sessions)
    left = sorted(place.name for place in folder.iterdir())
    return {"kills": times, "intervals_reported": told, "intervals_lost": lost, "damaged": damaged, "files_left": left}


def _killed_lesson(path: Path, source: str, seconds: float) -> int:
    """How many intervals it reported as written before it was killed, so many seconds after its beginning."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.lesson"])
    told, telling = context.Pipe(duplex=False)
    process = context.Process(target=record, args=(str(path), source, telling), daemon=True)
    process.start()
    telling.close()
    reported = told.recv()  # the lesson has begun
    time.sleep(seconds)
    process.kill()
    with suppress(EOFError, OSError):
        while True:
            reported = told.recv()
    process.join()
    process.close()
    told.close()
    if not isinstance(reported, int):
        raise TypeError(f"the lesson could not be recorded: {reported}")
    return reported


def kill_training(times: int, seed: int, folder: Path) -> dict[str, Any]:
    """One run, killed again and again and gone on with; at last it comes to its end."""
    from training import checkpoint

    chance, data = random.Random(seed), _labelled(folder / "data")
    last = folder / "output" / "run" / "last.pth.tar"
    whole = broken = went_back = idle = epoch = 0
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.lesson", "tests.faults.run"])
    for _ in range(times):
        process = context.Process(target=train_again, args=(_training(data, folder, last),), daemon=True)
        process.start()
        _wait_for_work(process, last, chance.random() * 0.5)
        idle += not process.is_alive()
        process.kill()
        process.join()
        process.close()
        for path in folder.rglob("*.pth.tar"):
            whole += checkpoint.read(path)["state"]["epoch"] >= 0
        before, epoch = epoch, checkpoint.read(last)["state"]["epoch"]
        went_back += epoch < before
        broken += _broken(folder)
    last_words = [sys.executable, "-m", "training.train", *_training(data, folder, last), "--epochs", str(epoch + 2)]
    done = subprocess.run(last_words, cwd=ROOT, capture_output=True, text=True, check=False)
    return {
        "kills": times,
        "checkpoints_whole": whole,
        "epochs": epoch,
        "epochs_lost": went_back,
        "ended_by_themselves": idle,
        "summary_rows_broken": broken,
        "finished": done.returncode == 0,
        "said": "" if done.returncode == 0 else done.stderr[-300:],
        "files_left": sorted(path.name for path in last.parent.iterdir() if path.name.startswith(".")),
    }


def train_again(arguments: list[str]) -> None:
    """`tests.faults.run`, which loads torch only in the process that trains."""
    from tests.faults.run import train

    train(arguments)


def _wait_for_work(process: BaseProcess, last: Path, seconds: float) -> None:
    """Until a checkpoint was written anew, and a random while longer."""
    before, end = last.stat().st_mtime_ns if last.exists() else 0, time.monotonic() + 120
    while time.monotonic() < end and process.is_alive():
        if last.exists() and last.stat().st_mtime_ns != before:
            break
        time.sleep(0.02)
    time.sleep(seconds)


def _broken(folder: Path) -> int:
    """Rows of the table that a kill has cut."""
    path = folder / "output" / "run" / "summary.csv"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return sum(line.count(",") != lines[0].count(",") for line in lines)


def _training(data: Path, folder: Path, last: Path) -> list[str]:
    command = [str(data), "--model", "test_efficientnet", "--img-size", "32"]
    command += ["--batch-size", "8", "--device", "cpu", "--threads", "1", "--output", str(folder / "output")]
    command += ["--experiment", "run", "--epochs", "100000"]
    return [*command, "--resume", str(last)] if last.exists() else command


def _labelled(folder: Path) -> Path:
    """Small pictures of two classes and ten persons."""
    rows = ["file,label,camera,person"]
    for index, label in enumerate(("a", "b")):
        (folder / label).mkdir(parents=True)
        for person in range(10):
            noise = np.random.default_rng(100 * index + person).integers(0, 90, (40, 32, 3), dtype=np.uint8)
            noise[..., index] += 120
            Image.fromarray(noise).save(folder / label / f"{person}.png")
            rows.append(f"{label}/{person}.png,{label},{'xy'[person % 2]},person-{person}")
    (folder / "manifest.csv").write_text("\n".join(rows) + "\n")
    return folder


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.killed")
    parser.add_argument("--recording", type=int, default=100, help="kills (%(default)s)")
    parser.add_argument("--training", type=int, default=10, help="kills (%(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    result: dict[str, Any] = {"seed": options.seed, "processors": os.cpu_count()}
    with tempfile.TemporaryDirectory() as place:
        for name, times, run in (("recording", options.recording, kill_recording), ("training", options.training, kill_training)):
            (Path(place) / name).mkdir()
            if times:
                result[name] = run(times, options.seed, Path(place) / name)
    print(json.dumps(result))
    wrong = result.get("recording", {}).get("intervals_lost", 0) or not result.get("training", {"finished": True})["finished"]
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
