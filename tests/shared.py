"""Development material that may lie beside the checkout; tests that use it skip, with the reason, where it is absent."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def shared(relative: str) -> Path:
    """A file or folder of the material, or a skip."""
    path = SHARED / relative
    if not path.exists():
        pytest.skip(f"needs the development material {relative}, which is not beside this checkout")
    return path
