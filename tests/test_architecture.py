"""Who may import whom, read from the source; and the app's real path where torch cannot be imported at all."""

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "app": {"dashboard", "inference"},
    "dashboard": {"inference"},
    "training": {"inference"},
    "export": {"training", "inference"},
    "inference": set(),
}
TRAINING_ONLY = {
    "torch",
    "torchvision",
    "timm",
    "torchmetrics",
    "captum",
    "cleanlab",
    "sklearn",
    "accelerate",
    "onnx",
    "onnxscript",
}
ALLOWED_TRAINING_ONLY = {"training", "export"}


def sources(room: str) -> list[Path]:
    return [ROOT / "app.py"] if room == "app" else sorted((ROOT / room).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    """Top-level names of all modules that a source imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.split(".")[0]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_room_imports_only_the_rooms_below_it(room: str) -> None:
    paths = sources(room)
    assert paths, f"no source found in {room}"
    forbidden = MAY_IMPORT.keys() - MAY_IMPORT[room] - {room}
    found = {f"{path.relative_to(ROOT)} imports {name}" for path in paths for name in imports(path) if name in forbidden}
    assert not found


@pytest.mark.parametrize("room", MAY_IMPORT.keys() - ALLOWED_TRAINING_ONLY)
def test_training_libraries_stay_out_of_what_serves(room: str) -> None:
    found = {
        f"{path.relative_to(ROOT)} imports {name}" for path in sources(room) for name in imports(path) if name in TRAINING_ONLY
    }
    assert not found


def test_no_product_code_imports_tests_or_benchmarks() -> None:
    found = {
        f"{path.relative_to(ROOT)} imports {name}"
        for room in MAY_IMPORT
        for path in sources(room)
        for name in imports(path)
        if name in {"tests", "benchmarks", "recipes"}
    }
    assert not found


def test_walk_of_imports_sees_every_form(tmp_path: Path) -> None:
    source = tmp_path / "example.py"
    source.write_text("import torch.nn as nn, os\ndef f():\n    from timm.models import x\nfrom . import sibling\n")
    assert sorted(imports(source)) == ["os", "timm", "torch"]


@pytest.fixture
def torch_free(tmp_path: Path) -> dict[str, str]:
    """An environment in which Python refuses to import the training libraries."""
    hook = tmp_path / "hook"
    hook.mkdir()
    (hook / "sitecustomize.py").write_text(
        f"""
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {TRAINING_ONLY!r}:
            raise ModuleNotFoundError("No module named " + repr(name) + " (refused by the test)", name=name)

sys.meta_path.insert(0, Refuse())
"""
    )
    return {**os.environ, "PYTHONPATH": str(hook), "GRADIO_ANALYTICS_ENABLED": "False"}


def run_python(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("library", sorted(TRAINING_ONLY))
def test_the_hook_really_refuses(torch_free: dict[str, str], library: str) -> None:
    done = run_python("-c", f"import {library}", environment=torch_free)
    assert done.returncode != 0
    assert "refused by the test" in done.stderr


def test_command_line_classifies_without_torch(torch_free: dict[str, str], tiny_model: Path, photo_folder: Path) -> None:
    done = run_python(
        "-m", "inference", "classify", str(photo_folder), "--model", str(tiny_model), "--json", environment=torch_free
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["summary"]["counts"] == {"red": 1, "green": 1, "blue": 1}


def test_app_builds_its_pages_without_torch(torch_free: dict[str, str], tiny_model: Path) -> None:
    program = f"import app; demo = app.build({str(tiny_model)!r}); print(type(demo).__name__)"
    done = run_python("-c", program, environment=torch_free)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == "Blocks"
