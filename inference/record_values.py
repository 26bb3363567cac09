"""What stands in a file of lessons, looked at before anything counts with it.

SQLite keeps any value in any column, and the file may come from anywhere. Everything here raises ValueError or TypeError for a
value that no lesson of ours can have; `inference.recorded` makes a RecordError of it.
"""

import json
import math
from datetime import datetime
from typing import Any

FARTHEST_SECONDS = 366 * 24 * 3600.0
"""No lesson is longer."""
MOST = 1e12
"""No count of frames or students is larger."""
YEARS = range(1900, 9000)


def number(value: Any, most: float = MOST) -> Any:
    """An int or float from 0 to `most`, as it is."""
    if type(value) not in (int, float) or not 0 <= value <= most:  # false for NaN
        raise ValueError(f"expected a number from 0 to {most:g}, got {_short(value)}")
    return value


def seconds(value: Any) -> float:
    """A time of a lesson."""
    return number(value, FARTHEST_SECONDS)


def words(value: Any) -> str:
    """A text that can be written anywhere."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, got {_short(value)}")
    value.encode("utf-8")  # JSON can spell half characters
    return value


def moment(value: Any) -> datetime:
    """A time of day, with its zone."""
    found = datetime.fromisoformat(words(value))
    if found.tzinfo is None or found.year not in YEARS:
        raise ValueError(f"expected a time with its zone, got {_short(value)}")
    return found


def class_names(value: Any) -> tuple[str, ...]:
    """From the JSON of a list of different texts."""
    found = json.loads(value)
    if not isinstance(found, list) or len(set(map(words, found))) != len(found):
        raise ValueError(f"expected a list of different names, got {_short(found)}")
    return tuple(found)


def settings(value: Any) -> dict[str, Any]:
    """From the JSON of an object."""
    found = json.loads(value)
    if not isinstance(found, dict):
        raise TypeError(f"expected an object of settings, got {_short(found)}")
    words(json.dumps(found, ensure_ascii=False))
    return found


def interval_seconds(value: Any) -> float:
    """The length of an interval, above 0."""
    if seconds(value) == 0 or not math.isfinite(1 / value):
        raise ValueError(f"expected the seconds of an interval, got {_short(value)}")
    return float(value)


def _short(value: Any) -> str:
    text = ascii(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
