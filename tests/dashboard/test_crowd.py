"""Passwords are not guessed by trying: after some wrong ones an address waits a minute, on a clock of the test."""

import pytest

from dashboard import crowd
from dashboard.caller import RefusedError
from dashboard.crowd import GUESS_SECONDS, GUESSES, Crowd
from dashboard.limits import HOME


def may_guess(guarded: Crowd, address: str = "10.0.0.9") -> bool:
    try:
        guarded.must_wait(address)
    except RefusedError:
        return False
    return True


def test_address_that_guessed_too_often_may_try_again_after_a_minute() -> None:
    times = [0.0]
    guarded = Crowd(HOME, clock=lambda: times[0])
    for second in range(GUESSES):
        times[0] = float(second)
        assert may_guess(guarded)
        guarded.guessed("10.0.0.9")
    times[0] = GUESS_SECONDS - 0.1
    assert not may_guess(guarded) and may_guess(guarded, "10.0.0.10")
    times[0] = GUESS_SECONDS + 0.1  # the first guess is over, and one more is one too many again
    assert may_guess(guarded)
    guarded.guessed("10.0.0.9")
    assert not may_guess(guarded)
    times[0] = 3 * GUESS_SECONDS
    assert may_guess(guarded)
    assert (GUESSES, GUESS_SECONDS) == (5, 60)


def test_wrong_passwords_of_many_addresses_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crowd, "MOST_ADDRESSES", 3)
    guarded = Crowd(HOME, clock=lambda: 0.0)
    for number in range(5):
        for _ in range(GUESSES):
            guarded.guessed(f"10.0.0.{number}")
    assert len(guarded._guesses) == 3
    assert not may_guess(guarded, "10.0.0.4") and may_guess(guarded, "10.0.0.0")
