"""A class of browsers needs more file handles than systems allow by default."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import resource
from dashboard.handles import allow_many
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
print(allow_many({wanted}), *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of Unix")
@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "then"),
    [(256, 900, 600, "600 600 900"), (256, 900, 8192, "900 900 900"), (700, 900, 600, "700 700 900")],
)
def test_limit_is_raised_as_far_as_the_system_lets_it_and_never_lowered(soft: int, hard: int, wanted: int, then: str) -> None:
    program = PROGRAM.format(soft=soft, hard=hard, wanted=wanted)
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == then.split()
