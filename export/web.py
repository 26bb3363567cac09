"""The page of `web/` with a model and ONNX Runtime Web beside it: a folder that any static host can show.

    npm ci --prefix web --ignore-scripts
    python -m export.web --model models/attitude.onnx --out build/web

Needs no torch. The page reads the fact sheet from the ONNX file itself, so nothing is translated here.
"""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from inference.errors import OutputError, TaidoError
from inference.session import Session

PAGE = Path(__file__).parents[1] / "web"
RUNTIME = PAGE / "node_modules" / "onnxruntime-web"
RUNTIME_FILES = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
PAGE_SUFFIXES = (".html", ".css", ".js")
MARK = "page.js"
"""A folder without it is not one of ours, and is not replaced."""


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m export.web", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True, help="classifier written by `python -m export`")
    parser.add_argument("--out", type=Path, default=Path("build/web"), help="folder to write (%(default)s)")
    given = parser.parse_args(argv)
    try:
        size = assemble(given.model, given.out)
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(json.dumps({"page": str(given.out / "index.html"), "bytes": size}))
    return 0


def assemble(model: Path, out: Path, *, runtime: Path = RUNTIME) -> int:
    """Write the site to `out`, whole or not at all; its size in bytes.

    Raises ModelError for a file that is no classifier of ours, OutputError when something is missing or cannot be written.
    """
    Session(model, "classify", provider="cpu", threads=0)
    missing = [name for name in RUNTIME_FILES if not (runtime / "dist" / name).is_file()]
    if missing:
        raise OutputError(f"{runtime} lacks {missing[0]}. Fetch it with: npm ci --prefix web --ignore-scripts")
    if out.exists() and any(out.iterdir()) and not (out / MARK).is_file():
        raise OutputError(f"{out} holds other things, which would be lost. Give another folder with --out.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".web-") as name:
            site = Path(name) / "site"
            _fill(site, model, runtime)
            if out.exists():
                shutil.rmtree(out)
            site.replace(out)
    except OSError as error:
        raise OutputError(f"{out} cannot be written ({error.strerror or error}). Choose another folder with --out.") from error
    return sum(path.stat().st_size for path in out.rglob("*") if path.is_file())


def _fill(site: Path, model: Path, runtime: Path) -> None:
    (site / "vendor").mkdir(parents=True)
    for path in PAGE.iterdir():
        if path.suffix in PAGE_SUFFIXES:
            shutil.copyfile(path, site / path.name)
    for name in RUNTIME_FILES:
        shutil.copyfile(runtime / "dist" / name, site / "vendor" / name)
    shutil.copyfile(model, site / "model.onnx")


if __name__ == "__main__":
    sys.exit(main())
