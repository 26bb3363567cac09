"""The process in which mutated inputs are used, so that a crash or a hang of it is seen from outside; see `tests.fuzz.__main__`.

Before each input a line of JSON says which one comes, after a finding another says what it was, and now and then a third tells
of memory. Input `number` of an area depends on nothing but the seed and its number.
"""

import json
import random
import shutil
import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from typing import Any

import psutil

from inference.errors import TaidoError
from tests.fuzz.areas import Area, areas
from tests.fuzz.requests import requests_area

MEASURE_EVERY = 20
"""Inputs between two looks at memory."""

LONGEST_MESSAGE = 100_000
"""Characters of an error that a person may be shown."""


def open_area(name: str, address: str | None) -> Area:
    """The area of that name; `requests` needs the address of a running app."""
    return requests_area(address or "") if name == "requests" else areas()[name]()


def input_of(area: Area, name: str, seed: int, number: int) -> bytes:
    """Always the same bytes."""
    return area.make(random.Random(f"{name}-{seed}-{number}"))


def use(area: Area, data: bytes, folder: Path) -> str:
    """`read` or `refused`; raises whatever is neither."""
    try:
        area.run(data, folder)
    except TaidoError as error:
        if len(str(error)) > LONGEST_MESSAGE:
            raise ValueError(f"a message of {len(str(error))} characters") from error
        str(error).encode("utf-8", errors="surrogateescape")
        return "refused"
    return "read"


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _say(**line: Any) -> None:
    print(json.dumps(line), flush=True)


def work(name: str, seed: int, first: int, last: int, address: str | None) -> None:
    """Inputs `first` to `last` - 1 of one area."""
    area, process = open_area(name, address), psutil.Process()
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
        for number in range(first, last):
            data = input_of(area, name, seed, number)
            _say(at=number)
            try:
                _say(done=number, outcome=use(area, data, _emptied(Path(place) / "input")))
            except Exception as error:
                trace = traceback.format_exc().splitlines()
                _say(done=number, outcome="finding", error=f"{type(error).__name__}: {error}"[:300], trace=trace[-14:])
            if number % MEASURE_EVERY == 0:
                _say(memory=process.memory_info().rss, handles=process.num_fds(), threads=process.num_threads())


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    work(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5] or None)
