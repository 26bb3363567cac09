"""Large pieces of memory are given back although small ones that live on lie between them."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from dashboard.memory import keep_flat

def megabytes():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6

if sys.argv[1] == "kept":
    assert keep_flat()
before, pictures, others = megabytes(), [], []
bytes(2_000_000)
for _ in range(150):
    pictures.append(b"x" * 1_000_000)
    others.append(b"y" * 50_000)
most = megabytes()
del pictures
print(round(most - before), round(megabytes() - before))
"""


def grown(how: str) -> tuple[int, int]:
    """Megabytes while 150 pictures of one are there, and after they were let go."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], cwd=ROOT, capture_output=True, text=True, check=True)
    most, after = map(int, done.stdout.split())
    return most, after


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own rules")
def test_memory_of_pictures_is_given_back() -> None:
    most, after = grown("kept")
    assert most > 150
    assert after < 40


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own rules")
def test_without_it_memory_would_stay() -> None:
    assert grown("not")[1] > 100
