"""`steady`: the clock of lessons. It goes on while the machine sleeps, so that what comes afterwards is not labelled too early.

steady()
"""

import sys
import time

_GOES_ON = {"linux": "CLOCK_BOOTTIME", "darwin": "CLOCK_MONOTONIC"}
"""Where `time.monotonic` stands still meanwhile: what does not."""
_CLOCK: int | None = getattr(time, _GOES_ON.get(sys.platform, ""), None)


def steady() -> float:
    """Seconds since some moment; they never fall, whatever happens to the clock on the wall."""
    return time.monotonic() if _CLOCK is None else time.clock_gettime(_CLOCK)
