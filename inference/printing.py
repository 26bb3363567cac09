"""What all commands that print share: any letter can be printed, and a standard output that fails is left alone."""

import os
import sys
from io import TextIOWrapper


def print_whatever_comes() -> None:
    """Names of classes and files also where the terminal lacks their letters, or they are not UTF-8."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def output_fails() -> bool:
    """Whether standard output takes nothing, so that an OSError came from there; where it works, an empty line is printed."""
    try:
        sys.stdout.write("\n")
        sys.stdout.flush()
    except OSError:
        return True
    return False


def close_output() -> None:
    """After an OSError of standard output: what waits there and all that follows is dropped, also when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
