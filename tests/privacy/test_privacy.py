"""A whole session, every file of it looked at: no pixel of a frame, no name of an upload in a log, no row of one student."""

import base64
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.visitor import Visitor
from inference.recorded import read_sessions
from tests.dashboard.served import free_port
from tests.privacy.pixels import Pattern, holds

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 120
WEBCAM, CAMERA, PHOTO, FILM = Pattern(1), Pattern(2), Pattern(3), Pattern(4)
CHILD = "anna-schmidt-klasse-4b"
"""How a file may be called that somebody uploads."""
OF_LIBRARIES = re.compile(r"/home/\.cache/matplotlib/")
"""A list of the fonts of the machine."""
linux = pytest.mark.skipif(sys.platform != "linux", reason="removed files are followed by /proc")


@dataclass(frozen=True)
class Session:
    """What a session left."""

    written: list[str]
    kept: dict[str, bytes]
    """Content of every file, by its name: those that were removed, and those that are still there."""
    said: str
    """On stdout and stderr."""
    uploads: Path
    record: Path
    left: list[Path]


def film(path: Path, pattern: Pattern, frames: int = 60) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 5, (160, 120))
    for _ in range(frames):
        writer.write(pattern.pixels[..., ::-1])
    writer.release()
    return path


@pytest.fixture(scope="module")
def session(tiny_model: Path, tiny_finder: Path, tmp_path_factory: pytest.TempPathFactory) -> Session:
    """Photographs, a webcam, a film and a lesson with a record, through the app in a process of its own."""
    place = tmp_path_factory.mktemp("session")
    trace, home, temporary, outside = (place / name for name in ("trace", "home", "tmp", "outside"))
    for folder in (trace, home, temporary, outside):
        folder.mkdir()
    record = place / "record" / "lessons.db"
    record.parent.mkdir()
    source = film(outside / "camera.avi", CAMERA)
    port, log = free_port(), place / "log.txt"
    arguments = ["--model", str(tiny_model), "--finder", str(tiny_finder), "--provider", "cpu", "--port", str(port)]
    arguments += ["--source", str(source), "--students", "finder", "--record", str(record)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GRADIO_", "XDG_"))}
    environment |= {"TRACE": str(trace), "HOME": str(home), "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"}
    with log.open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.privacy.traced", *arguments], cwd=ROOT, env=environment, stdout=said, stderr=said
        )
        try:
            wait_for(f"http://127.0.0.1:{port}", process)
            uploads = next(temporary.glob("taido-*"))
            use(f"http://127.0.0.1:{port}", outside)
        finally:
            process.terminate()
            process.wait(60)
    kept = {}
    for path in sorted(trace.glob("*.bin")):
        name, content = path.read_bytes().split(b"\n", 1)
        kept[name.decode()] = content
    left = [path for folder in (home, temporary, record.parent) for path in folder.rglob("*") if path.is_file()]
    kept |= {str(path): path.read_bytes() for path in left}
    written = (trace / "written.txt").read_text(encoding="utf-8").splitlines()
    return Session(written, kept, log.read_text(), uploads, record, left)


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the app does not answer")


def use(address: str, outside: Path) -> None:
    """As visitors do."""
    visitor = Visitor(address)
    answer = visitor.classify([(f"{CHILD}.jpg", PHOTO.encoded()), (f"{CHILD}-broken.jpg", PHOTO.encoded()[:900])])
    assert [row["file"] for row in answer["rows"]] == [f"{CHILD}.jpg"]
    assert [failure["file"] for failure in answer["failures"]] == [f"{CHILD}-broken.jpg"]
    visitor.open_page()
    visitor.click("live-start")
    assert sum(1 for _ in visitor.stream(iter(WEBCAM.encoded, None), 4, "finder")) >= 2
    visitor.click("live-end")
    look_at_film(visitor, outside)
    visitor.click("camera-start")
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and "".join(sessions_done(visitor)) != "camera-done":
        time.sleep(0.3)
    visitor.close()


def sessions_done(visitor: Visitor) -> str:
    """`camera-done` once the film of the machine has come to its end: its lesson can then be ended no more."""
    page = json.dumps(visitor.click("camera-end"))
    return "camera-done" if page else ""


def look_at_film(visitor: Visitor, outside: Path) -> None:
    path = film(outside / f"{CHILD}.avi", FILM)
    cut = path.read_bytes()[: path.stat().st_size * 2 // 3]
    for content in (path.read_bytes(), cut):
        files = [("files", (path.name, content, "video/avi"))]
        (uploaded,) = visitor._http.post("/gradio_api/upload", files=files).raise_for_status().json()
        data = [{"path": uploaded, "orig_name": path.name, "meta": {"_type": "gradio.FileData"}}, "finder", 5]
        event = visitor._http.post("/gradio_api/call/summarise_video", json={"data": data}).raise_for_status().json()["event_id"]
        assert visitor._result(f"/gradio_api/call/summarise_video/{event}")["whole"]["frames"] > 0


@linux
def test_no_file_of_the_session_holds_a_pixel_of_a_frame(session: Session) -> None:
    assert len(session.kept) > 5
    found = [name for name, content in session.kept.items() if holds(content, WEBCAM) or holds(content, CAMERA)]
    assert found == []


@linux
def test_uploads_lie_in_the_private_folder_only_and_are_gone_at_the_end(session: Session) -> None:
    holding = [Path(name) for name, content in session.kept.items() if holds(content, PHOTO) or holds(content, FILM)]
    assert holding, "the trace must see the uploads, or it would see nothing"
    assert [path for path in holding if not path.is_relative_to(session.uploads)] == []
    assert not session.uploads.exists()
    left = [
        str(path) for path in session.left if session.record.parent not in path.parents and not OF_LIBRARIES.search(str(path))
    ]
    assert left == []


@linux
def test_nothing_is_written_but_uploads_and_the_record(session: Session) -> None:
    allowed = (str(session.uploads.parent), str(session.record), "/dev/", "/proc/")
    names = [name for name in session.written if not name.startswith(allowed) and not OF_LIBRARIES.search(name)]
    assert names == []


@linux
def test_log_holds_no_name_of_an_upload(session: Session) -> None:
    assert "Taido is starting" in session.said
    assert CHILD not in session.said


@linux
def test_record_holds_no_seat_and_no_count_that_could_be_one_student(session: Session) -> None:
    (lesson,) = read_sessions(session.record)
    assert lesson.facts.source == "camera.avi"
    assert sum(interval.frames for interval in lesson.intervals) > 0
    assert [interval for interval in lesson.intervals if interval.could_be_one] == []
    with closing(sqlite3.connect(session.record)) as connection:
        assert connection.execute("SELECT count(*) FROM seat").fetchone() == (0,)


# --- the means of proof


def drawn_over(pattern: Pattern) -> np.ndarray:
    picture = Image.fromarray(pattern.pixels).resize((320, 240))
    ImageDraw.Draw(picture).rectangle((40, 40, 200, 200), outline="red", width=4)
    return np.asarray(picture)


def as_file(pixels: np.ndarray, kind: str) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


@pytest.fixture(
    params=[
        lambda: b"head" * 99 + WEBCAM.encoded("JPEG") + b"tail",
        lambda: WEBCAM.encoded("PNG"),
        lambda: WEBCAM.encoded("WEBP"),
        lambda: as_file(drawn_over(WEBCAM), "JPEG"),
        WEBCAM.pixels.tobytes,
        lambda: b"x" * 7 + WEBCAM.pixels[..., ::-1].tobytes(),
        lambda: WEBCAM.pixels.astype(np.float32).tobytes(),
        lambda: json.dumps({"url": base64.b64encode(WEBCAM.encoded()).decode()}).encode(),
    ]
)
def holding(request: pytest.FixtureRequest) -> bytes:
    return request.param()


def test_search_finds_a_frame_in_every_disguise(holding: bytes) -> None:
    assert holds(holding, WEBCAM)
    assert not holds(holding, CAMERA)


@linux
def test_trace_sees_a_file_that_is_removed_again(tmp_path: Path) -> None:
    program = f"""
from pathlib import Path
from tests.privacy import traced
traced.watch(Path({str(tmp_path)!r}))
import tempfile
with tempfile.TemporaryDirectory() as folder:
    (Path(folder) / "secret.txt").write_text("a face")
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)
    assert any(b"a face" in path.read_bytes() for path in tmp_path.glob("*.bin"))
