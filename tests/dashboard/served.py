"""The app as a person starts it: `python app.py` in a process of its own, on a free port, with torch and timm not to be had."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 90
WITHOUT_TORCH = """
import runpy, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"torch", "torchvision", "timm"}:
            raise ImportError(f"{name} is not installed here")
sys.meta_path.insert(0, Refuse())
sys.argv = ["app.py", *sys.argv[1:]]
runpy.run_path("app.py", run_name="__main__")
"""


@dataclass(frozen=True)
class Served:
    """A running app."""

    address: str
    temporary: Path
    """Where its process puts temporary files."""
    process: subprocess.Popen[str]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(arguments: list[str], temporary: Path) -> subprocess.Popen[str]:
    """The process, which may still be starting; its temporary files go to `temporary`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GRADIO_")}
    return subprocess.Popen(
        [sys.executable, "-c", WITHOUT_TORCH, *arguments],
        cwd=ROOT,
        env={**kept, "TMPDIR": str(temporary)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@contextmanager
def running_app(arguments: list[str], temporary: Path) -> Iterator[Served]:
    """An app that answers; it has ended when the block ends."""
    port = free_port()
    process = start([*arguments, "--port", str(port)], temporary)
    served = Served(f"http://127.0.0.1:{port}", temporary, process)
    with process:
        try:
            wait_for(served)
            yield served
        finally:
            process.terminate()
            process.wait(30)


def wait_for(served: Served) -> None:
    """Until it answers."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(served.address, timeout=5):
                return
        except OSError:
            if served.process.poll() is not None:
                raise AssertionError(f"the app ended: {served.process.communicate()[1]}") from None
            time.sleep(0.2)
    raise AssertionError(f"no answer from {served.address} within {PATIENCE_SECONDS} seconds")
