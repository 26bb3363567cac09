"""A page holds two or three connections, each a file handle; systems allow 256 (macOS) or 1024 of them unless asked for more.

allow_many()  # before the server starts
"""

import sys

ENOUGH = 8192
"""For some thousand browsers."""


def allow_many(wanted: int = ENOUGH) -> int | None:
    """Raise this process's own limit as far as the system lets it; how many handles it has then, None where nobody counts."""
    if sys.platform == "win32":
        return None
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return int(soft)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    except (OSError, ValueError):  # macOS names a hard limit that it does not keep
        return int(soft)
    return int(most)
