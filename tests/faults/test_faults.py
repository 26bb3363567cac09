"""What goes wrong from outside while the program runs: killed, the disk full, the model's file exchanged, uploads left behind."""

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dashboard import left_over
from inference.classifier import Classifier
from inference.errors import OutputError
from inference.output import write_whole
from inference.record import Recorder
from tests.faults.killed import kill_recording, kill_training
from tests.fuzz.areas import FACTS, START
from training import checkpoint
from training.config import TrainConfig
from training.model import create

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="kills of Unix")
def test_killed_lessons_lose_no_interval_that_was_reported(tmp_path: Path) -> None:
    found = kill_recording(3, 5, tmp_path)
    assert found["intervals_reported"] >= 3
    assert (found["intervals_lost"], found["damaged"]) == (0, 0)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills of Unix")
def test_killed_training_goes_on_from_a_whole_checkpoint(tmp_path: Path) -> None:
    found = kill_training(1, 5, tmp_path)
    assert found["checkpoints_whole"] >= 1
    assert found["finished"], found["said"]


def test_next_lesson_says_that_the_one_before_was_interrupted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "lessons.db"
    Recorder(path, FACTS)
    assert caplog.text == ""
    Recorder(path, FACTS).end(START)
    assert "was interrupted, or is still running. What it recorded is kept." in caplog.text
    caplog.clear()
    Recorder(path, FACTS)
    assert caplog.text == ""


def test_what_a_killed_run_left_half_written_is_removed_by_the_next_save(tmp_path: Path) -> None:
    config = TrainConfig(data="data", model="test_efficientnet", img_size=32)
    (tmp_path / ".last.pth.tar-abc").write_bytes(b"half")
    (tmp_path / ".other.pth.tar-abc").write_bytes(b"of another file")
    checkpoint.save(tmp_path / "last.pth.tar", create(config, ("a", "b")), config, epoch=0, best=0.0)
    assert {path.name for path in tmp_path.iterdir()} == {"last.pth.tar", ".other.pth.tar-abc"}


def test_model_file_that_is_exchanged_or_deleted_changes_nothing_that_runs(tiny_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    shutil.copyfile(tiny_model, path)
    classifier = Classifier(path, provider="cpu", threads=1)
    frame = np.full((40, 40, 3), (255, 0, 0), np.uint8)
    before = classifier.scores_of([frame])
    with path.open("r+b") as file:
        file.truncate(10)
    assert np.array_equal(classifier.scores_of([frame]), before)
    path.unlink()
    assert np.array_equal(classifier.scores_of([frame]), before)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of Unix")
def test_full_disk_leaves_the_old_result_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("old")
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    program = f"""
import resource, signal
from pathlib import Path
from inference.errors import OutputError
from inference.output import write_whole
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_whole(Path({str(path)!r}), b"x" * 5000)
except OutputError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "make room" in done.stdout
    assert path.read_text() == "old"
    assert [place.name for place in tmp_path.iterdir()] == ["table.csv"]
    assert resource.getrlimit(resource.RLIMIT_FSIZE) == limit


def test_result_is_on_the_disk_before_it_takes_the_place_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, fsync = tmp_path / "table.csv", os.fsync
    path.write_text("old")
    seen: list[tuple[int, str]] = []

    def watched(number: int) -> None:
        seen.append((os.fstat(number).st_size, path.read_text()))
        fsync(number)

    monkeypatch.setattr(os, "fsync", watched)
    write_whole(path, b"newer")
    assert seen == [(5, "old")] and path.read_text() == "newer"


def test_result_into_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no folder"):
        write_whole(tmp_path / "gone" / "table.csv", b"x")


@pytest.mark.skipif(sys.platform == "win32", reason="locks of Unix")
def test_uploads_of_a_killed_run_are_removed_by_the_next_start_and_no_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    program = f"""
import tempfile, time
from pathlib import Path
from dashboard.left_over import PREFIX, in_use
folder = tempfile.mkdtemp(prefix=PREFIX, dir={str(tmp_path)!r})
with in_use(Path(folder)):
    (Path(folder) / "photo.jpg").write_bytes(b"a face")
    print("ready", flush=True)
    time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        assert left_over.sweep(tmp_path) == 0
        process.kill()
    (tmp_path / "taido-of-another-program").mkdir()
    (tmp_path / "taido-link").symlink_to(next(tmp_path.glob("taido-*/photo.jpg")).parent)
    assert left_over.sweep(tmp_path) == 1
    assert "earlier runs that were killed" in caplog.text
    assert {path.name for path in tmp_path.iterdir()} == {"taido-of-another-program", "taido-link"}
