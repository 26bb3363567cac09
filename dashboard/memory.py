"""Memory that a picture used goes back to the system when it is forgotten, so that the app does not grow under load.

    keep_flat()  # before the server starts

glibc learns from the first large picture that is let go to keep such sizes in its heaps, several for all threads, and there their
room lies between what lives on: 100 MB with ten webcams, and slowly more. With fixed sizes large pieces go back at once. That
costs about 3 ms of processor time for a picture of 1280 x 720 that is decoded and encoded.
"""

import ctypes
import os
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""Of glibc's malloc.h."""
CHOSEN = {
    "MALLOC_MMAP_THRESHOLD_": (M_MMAP_THRESHOLD, 256 * 1024),
    "MALLOC_TRIM_THRESHOLD_": (M_TRIM_THRESHOLD, 4 * 1024 * 1024),
    "MALLOC_ARENA_MAX": (M_ARENA_MAX, 2),
}
"""Bytes, bytes and a number of heaps, by the variables with which whoever starts the app may choose otherwise."""


def keep_flat() -> bool:
    """Whether it could be set; other systems than Linux with glibc have rules of their own."""
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):  # musl
        return False
    done = [bool(mallopt(*setting)) for name, setting in CHOSEN.items() if name not in os.environ]
    return all(done)
