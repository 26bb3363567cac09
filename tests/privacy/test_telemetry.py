"""The libraries tell nobody that they run: ONNX Runtime's own reports to its maker are off however it is started."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
START = "onnxruntime.InferenceSession({model!r}, providers=['CPUExecutionProvider'])"


def files_after(program: str, place: Path) -> list[str]:
    """What a program leaves in an empty home and an empty folder for temporary files, without what says that a robot runs it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ORT_", "CI", "GITHUB", "XDG_", "TF_BUILD"))}
    environment |= {"HOME": str(place), "TMPDIR": str(place), "PYTHONDONTWRITEBYTECODE": "1", "MPLCONFIGDIR": str(place / "mpl")}
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=True, capture_output=True)
    return [str(path.relative_to(place)) for path in place.rglob("*") if path.is_file() and "mpl" not in path.parts]


@pytest.mark.parametrize(
    "imports", ["import inference, onnxruntime", "import export, onnxruntime", "import benchmarks, onnxruntime"]
)
def test_onnx_runtime_leaves_no_reports_behind(imports: str, tiny_model: Path, tmp_path: Path) -> None:
    assert files_after(f"{imports}; {START.format(model=str(tiny_model))}", tmp_path) == []
