"""The limits of the pages follow those of the process, on a machine of one's own and on a public Space."""

import runpy
from pathlib import Path

import pytest

from inference import limits

MODULE = Path(__file__).parents[2] / "dashboard" / "limits.py"


@pytest.mark.parametrize("name", ["HOME", "STRANGERS"])
def test_smaller_limits_of_the_process_hold_for_everybody(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = "photographs=5,photograph_bytes=1e6,video_bytes=2e6,video_seconds=36,request_bytes=3e6,waiting_calls=7"
    monkeypatch.setattr(limits, "limits", lambda: limits.Limits.of(written))
    found = runpy.run_path(str(MODULE))[name]
    assert (found.photos, found.photo_megabytes, found.video_megabytes, found.video_hours) == (5, 1, 2, 0.01)
    assert (found.request_megabytes, found.waiting) == (3, 7)


def test_larger_limits_of_the_process_hold_at_home_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "limits", lambda: limits.Limits.of("photographs=999,waiting_calls=999"))
    found = runpy.run_path(str(MODULE))
    assert (found["HOME"].photos, found["HOME"].waiting) == (999, 999)
    assert (found["STRANGERS"].photos, found["STRANGERS"].waiting) == (30, 40)
