"""A running app with the tiny models of the tests, for those that are no fixtures: the fuzzer and the load."""

import tempfile
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import onnx
from onnx import helper

from inference.spec import METADATA_KEY
from tests.conftest import FINDER_SPEC, TINY_SPEC, bright_cells_graph, colour_graph
from tests.dashboard.served import running_app


def write_models(folder: Path) -> tuple[Path, Path]:
    """The tiny classifier and the tiny finder."""
    paths = folder / "tiny.onnx", folder / "tiny-finder.onnx"
    for path, spec, model in zip(
        paths, (TINY_SPEC, FINDER_SPEC), (colour_graph(TINY_SPEC), bright_cells_graph(FINDER_SPEC)), strict=True
    ):
        helper.set_model_props(model, {METADATA_KEY: spec.to_json()})
        onnx.save(model, path)
    return paths


@contextmanager
def small_app() -> Iterator[str]:
    """Its address; it has ended after the block, and what it says is thrown away."""
    with tempfile.TemporaryDirectory() as place:
        model, finder = write_models(Path(place))
        arguments = ["--model", str(model), "--finder", str(finder), "--provider", "cpu"]
        with running_app(arguments, Path(place)) as served:
            for said in (served.process.stdout, served.process.stderr):  # a pipe that nobody empties stops who writes into it
                threading.Thread(target=deque, args=(said, 0), daemon=True).start()
            yield served.address
