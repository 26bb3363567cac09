"""`SeatShares`: what each seat showed within an interval, as shares of its frames; only kept when somebody asked for it.

shares.add(look.followed)  # for each frame
recorder.write(completed, shares.take())
"""

from collections import Counter, defaultdict

from inference.following import UNCERTAIN, Followed


class SeatShares:
    """Counts of states by seat since the last `take`. Used from one thread at a time."""

    def __init__(self) -> None:
        self._frames = 0
        self._counts: defaultdict[int, Counter[int]] = defaultdict(Counter)

    def add(self, followed: Followed) -> None:
        """One more frame."""
        self._frames += 1
        for seat, state in zip(followed.numbers.tolist(), followed.states.tolist(), strict=True):
            if state != UNCERTAIN:
                self._counts[seat][state] += 1

    def take(self) -> dict[int, dict[int, float]]:
        """Per seat and class index a share 0..1 of the frames; what is missing to 1 was uncertain or not seen. Begins anew."""
        shares = {seat: {state: count / self._frames for state, count in counts.items()} for seat, counts in self._counts.items()}
        self._frames = 0
        self._counts.clear()
        return shares
