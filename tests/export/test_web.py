"""The folder of the browser's page: whole or not at all, and never over something else."""

from pathlib import Path

import pytest

from export import web
from inference.errors import ModelError, OutputError


@pytest.fixture
def runtime(tmp_path: Path) -> Path:
    """Stands in for the npm package: its files are 14 MB and not committed."""
    for name in web.RUNTIME_FILES:
        path = tmp_path / "runtime" / "dist" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "runtime"


def test_site_is_complete_and_can_be_made_again(tiny_model: Path, tmp_path: Path, runtime: Path) -> None:
    out = tmp_path / "build" / "site"
    for _ in range(2):
        size = web.assemble(tiny_model, out, runtime=runtime)
    assert {"index.html", "page.js", "model.onnx", "vendor", "style.css"} <= {path.name for path in out.iterdir()}
    assert (out / "model.onnx").read_bytes() == tiny_model.read_bytes() and size > tiny_model.stat().st_size
    assert [path.name for path in out.parent.iterdir()] == ["site"]


def test_missing_runtime_says_how_to_fetch_it(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="npm ci"):
        web.assemble(tiny_model, tmp_path / "site", runtime=tmp_path / "none")


def test_folder_with_other_things_is_left_alone(tiny_model: Path, tmp_path: Path, runtime: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="other things"):
        web.assemble(tiny_model, tmp_path, runtime=runtime)
    assert (tmp_path / "thesis.txt").is_file()


def test_finder_makes_no_page(tiny_finder: Path, tmp_path: Path, runtime: Path) -> None:
    with pytest.raises(ModelError, match="finder"):
        web.assemble(tiny_finder, tmp_path / "site", runtime=runtime)
    assert web.main(["--model", str(tmp_path / "none.onnx"), "--out", str(tmp_path / "site")]) == 2
