"""Being asked to end: what is open is closed, once, and who ignores the question goes on."""

import os
import signal
from collections.abc import Iterator

import pytest

from inference.ending import ENDING, heeded, orderly_end


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Those of the tests are back afterwards, and at first nothing is ignored."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def ask(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_asked_to_end_it_leaves_with_the_status_of_the_signal(number: int, status: int) -> None:
    with pytest.raises(SystemExit) as left, orderly_end():
        ask(number)
    assert left.value.code == status
    assert signal.getsignal(number) == signal.SIG_DFL, "as it was before"


def test_status_can_be_chosen() -> None:
    with pytest.raises(SystemExit) as left, orderly_end(0):
        ask(signal.SIGHUP)
    assert left.value.code == 0


def end_and_ask_again(tidied: list[int]) -> None:
    try:
        ask(signal.SIGHUP)
    finally:
        for number in ENDING:
            ask(number)
            tidied.append(number)


def test_asked_again_it_tidies_up_to_the_end() -> None:
    tidied: list[int] = []
    with pytest.raises(SystemExit), orderly_end():
        end_and_ask_again(tidied)
    assert tidied == list(ENDING)


def test_what_is_ignored_stays_ignored() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    told: list[int] = []
    with heeded(ENDING, told.append):
        ask(signal.SIGHUP)
        ask(signal.SIGTERM)
    assert told == [signal.SIGTERM]
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
