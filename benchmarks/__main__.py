"""All figures of RESULTS.md in one go, in about five minutes on two cores with nothing else running.

    python -m benchmarks --model models/attitude-int8.onnx --float models/attitude.onnx --finder models/students-int8.onnx \\
        --data DATA --split RUN/split.csv --variants models/attitude-int8.onnx

Without --data the comparison of sizes is left out, and without `--variants` it has the one file. Each benchmark runs in its own
process; what it printed goes between the markers of benchmarks/RESULTS.md, its JSON into benchmarks/results.json.
"""

import argparse
import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.rounds import machine

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
BUSY = 0.5
"""A load per core above which the figures are not worth much."""


def commands(given: argparse.Namespace) -> dict[str, list[str]]:
    """What is run, by title."""
    threads = ["--threads", str(given.threads)]
    model = ["--model", str(given.model)]
    plain = [] if given.float is None else ["--float", str(given.float)]
    finder = ["--finder", str(given.finder)]
    quick = ["--rounds", "3"] if given.quick else []
    plot = ["--plot", str(given.results.parent / "plots" / "scale.png")]
    cameras = ["--seconds", "2", "--cameras", "1", "2"] if given.quick else []
    all_of_them = {
        "frames": ["benchmarks.frames", *model, *plain, *threads, *quick],
        "startup": ["benchmarks.startup", *model, *plain, *threads, *quick],
        "scale": ["benchmarks.scale", *model, *finder, *plot, *quick, *cameras],
        "find": ["benchmarks.find", *model, *finder, *threads, "--count", "8", *quick],
    }
    if "openvino" in machine()["versions"]:
        all_of_them["ceiling"] = ["benchmarks.ceiling", "--model", str(given.float or given.model), *quick]
    data = [] if given.data is None else ["--data", str(given.data)]
    all_of_them["resize"] = ["benchmarks.resize", *model, *data, *quick]
    if given.data is not None:
        split = [] if given.split is None else ["--split", str(given.split)]
        files = [str(path) for path in (given.float or given.model, *given.variants)]
        all_of_them["size"] = ["benchmarks.size", *files, "--data", str(given.data), *split, *threads, *quick]
    return {title: command for title, command in all_of_them.items() if title in given.only}


def run(command: list[str]) -> tuple[str, dict[str, Any]]:
    """What a benchmark printed for people, and its JSON."""
    done = subprocess.run([sys.executable, "-m", *command], check=False, capture_output=True, text=True, cwd=Path.cwd())
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    *lines, last = done.stdout.rstrip().splitlines()
    return "\n".join(lines).strip(), json.loads(last)


def markdown(parts: dict[str, tuple[list[str], str]], where: dict[str, Any], busy: bool) -> str:
    """The measured part of RESULTS.md."""
    versions = ", ".join(f"{name} {version}" for name, version in where["versions"].items())
    taken = f"Taken on {datetime.now(UTC):%Y-%m-%d}: {where['processor']}, {where['cores']} cores, {where['system']}"
    lines = [f"{taken}, Python {where['python']}; {versions}. All figures are of the processor, none of a GPU."]
    if busy:
        lines += ["", f"**The machine was busy (load {where['load']:.1f}): ratios of one row are usable, milliseconds are not.**"]
    for title, (command, text) in parts.items():
        lines += ["", f"### {title}", "", f"`python -m {' '.join(_without_places(command))}`", "", "```", text, "```"]
        if title == "scale":
            lines += ["", "![Time by students per frame; frames per second and time per frame by cameras](plots/scale.png)"]
    return "\n".join(lines)


def _without_places(command: list[str]) -> list[str]:
    """Folders outside the checkout are not named."""
    return [Path(part).name if Path(part).is_absolute() or part.startswith("..") else part for part in command]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("models/attitude.onnx"))
    parser.add_argument("--float", type=Path, metavar="MODEL", help="float32 file for the peers of a variant")
    parser.add_argument("--finder", type=Path, default=Path("models/students.onnx"))
    parser.add_argument("--variants", type=Path, nargs="*", default=[], metavar="MODEL", help="further files for the sizes")
    parser.add_argument("--data", type=Path, help="labelled folder for the sizes")
    parser.add_argument("--split", type=Path, metavar="CSV", help="which pictures of DATA trained")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", nargs="+", default=["frames", "startup", "scale", "find", "resize", "ceiling", "size"])
    parser.add_argument("--quick", action="store_true", help="few rounds: to see that it runs, not to quote")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "RESULTS.md", help="file with the markers")
    given = parser.parse_args()
    before, after = _around(given.results)
    where, start = machine(), time.perf_counter()
    busy = (where["load"] or 0) > BUSY * (where["cores"] or 1)
    parts, documents = {}, {}
    for title, command in commands(given).items():
        print(f"{title}: python -m {' '.join(command)}", flush=True)
        text, documents[title] = run(command)
        parts[title] = (command, text)
        print(text, flush=True)
    given.results.write_text(f"{before}{BEGIN}\n\n{markdown(parts, where, busy)}\n\n{END}{after}", encoding="utf-8")
    given.results.with_name("results.json").write_text(json.dumps({"machine": where, **documents}, indent=1) + "\n")
    print(json.dumps({"written": str(given.results), "seconds": round(time.perf_counter() - start), "busy": busy}))


def _around(path: Path) -> tuple[str, str]:
    content = path.read_text(encoding="utf-8") if path.is_file() else ""
    if content.count(BEGIN) != 1 or content.count(END) != 1:
        raise SystemExit(f"{path} must hold one {BEGIN} and one {END}; the figures go between them.")
    return content.split(BEGIN)[0], content.split(END)[1]


if __name__ == "__main__":
    main()
