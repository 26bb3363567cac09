"""The repository as a Hugging Face Space: its front matter, and a start with nothing but the files that would be pushed.

TAIDO_FRESH_ENVIRONMENT=1 makes the start install requirements.txt into an environment of its own, as a Space does; without it the
interpreter of the tests serves, to which PyTorch and what else only training needs cannot be imported.
"""

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import gradio
import numpy as np
import pytest
from gradio_client import Client, handle_file
from PIL import Image

from app import DEFAULT_MODEL
from tests.dashboard.served import ROOT, Served, free_port, wait_for
from tests.test_architecture import TRAINING_ONLY

COLOURS = {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
LONGEST_DESCRIPTION = 60
"""Characters; the hub refuses more."""


def front_matter() -> dict[str, str]:
    written = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.match(r"\A---\n(.*?)\n---\n", written, re.DOTALL)
    assert found, "README.md has no front matter"
    return {key: value.strip().strip('"') for key, _, value in (line.partition(":") for line in found.group(1).splitlines())}


def test_front_matter_is_that_of_a_gradio_space() -> None:
    facts = front_matter()
    assert facts["sdk"] == "gradio"
    assert (ROOT / facts["app_file"]).is_file()
    assert facts["license"] == "apache-2.0"
    assert {facts["colorFrom"], facts["colorTo"]} <= COLOURS
    assert 0 < len(facts["short_description"]) <= LONGEST_DESCRIPTION
    assert facts["title"] and facts["emoji"]
    assert facts["suggested_hardware"].startswith("cpu")


def test_space_gets_the_gradio_that_the_tests_ran_with() -> None:
    """A Space installs `sdk_version`, and pip then checks it against requirements.txt."""
    wanted = front_matter()["sdk_version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", wanted)
    assert wanted == gradio.__version__
    required = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert re.search(rf"^gradio>={wanted.split('.')[0]}\.\d+,<", required, re.MULTILINE)


def test_python_of_the_space_is_one_that_the_program_supports() -> None:
    supported = re.search(r'requires-python = ">=(\d+)\.(\d+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert supported
    assert tuple(map(int, front_matter()["python_version"].split("."))) >= tuple(map(int, supported.groups()))


def test_packages_of_debian_are_plain_names() -> None:
    names = (ROOT / "packages.txt").read_text(encoding="utf-8").split("\n")
    assert all(re.fullmatch(r"[a-z0-9.+-]*", name) for name in names)
    assert {"libgl1", "ffmpeg"} <= set(names)


@pytest.fixture
def pushed(tmp_path: Path) -> Path:
    """A folder with the files of the repository and nothing else."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("needs git and a checkout to know which files would be pushed")
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    folder = tmp_path / "space"
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def interpreter(folder: Path) -> tuple[Path, dict[str, str]]:
    """The Python of the Space, and what its environment needs for that."""
    if os.environ.get("TAIDO_FRESH_ENVIRONMENT") == "1":
        venv.create(folder / "python", with_pip=True)
        python = folder / "python" / "bin" / "python"
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", ROOT / "requirements.txt"], check=True)
        return python, {}
    (folder / "hook").mkdir()
    (folder / "hook" / "sitecustomize.py").write_text(
        f"""
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {TRAINING_ONLY!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}} (refused by the test)", name=name)
sys.meta_path.insert(0, Refuse())
"""
    )
    return Path(sys.executable), {"PYTHONPATH": str(folder / "hook")}


@pytest.mark.slow
@pytest.mark.skipif(not DEFAULT_MODEL.is_file(), reason="there is no bundled model")
def test_space_boots_from_the_pushed_files_on_the_port_of_the_environment_and_classifies_a_photo(
    pushed: Path, tmp_path: Path
) -> None:
    python, more = interpreter(tmp_path)
    (tmp_path / "temporary").mkdir()
    port = free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TMPDIR": str(tmp_path / "temporary"),
        "SYSTEM": "spaces",
        "SPACE_ID": "somebody/taido",
        "SPACE_HOST": "somebody-taido.hf.space",
        "GRADIO_SERVER_NAME": "0.0.0.0",
        "GRADIO_SERVER_PORT": str(port),
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
        **more,
    }
    with subprocess.Popen(
        [python, "app.py"], cwd=pushed, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            served = Served(f"http://127.0.0.1:{port}", tmp_path / "temporary", process)
            wait_for(served)
            rng = np.random.default_rng(0)
            Image.fromarray(rng.integers(0, 256, (480, 360, 3), dtype=np.uint8)).save(tmp_path / "photo.jpg")
            client = Client(served.address, verbose=False, download_files=str(tmp_path / "downloads"))
            answer = client.predict([handle_file(str(tmp_path / "photo.jpg"))], api_name="/classify_photos")
            facts = client.predict(api_name="/model_info")
            client.close()
            page = client.config
        finally:
            process.terminate()
            process.wait(60)
    assert [row["file"] for row in answer["rows"]] == ["photo.jpg"]
    assert sum(answer["rows"][0]["scores"].values()) == pytest.approx(1, abs=1e-3)
    assert facts["provider"] == "cpu"
    identifiers = {component["props"].get("elem_id") for component in page["components"]}
    assert "taido-space" in identifiers and "camera-picture" not in identifiers
