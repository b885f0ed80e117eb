"""The pulse of a source: when it spoke last, how often it does, and whether it lives."""

from typing import Final

ALIVE_S: Final = 0.25
"""A source without a value for this long is dead: some eight frames of a camera or a phone. One whose values come more
seldom, such as a camera on a busy server, is dead after ``_INTERVALS`` of its own intervals."""
MOST_ALIVE_S: Final = 1.0
"""Upper bound of that."""
_INTERVALS: Final = 3.0
_LEARNING: Final = 0.1


class Pulse:
    """Times in seconds, of one monotonic clock."""

    def __init__(self) -> None:
        self.at_s = float("-inf")
        "When it spoke last."
        self._interval_s = 0.0
        "Between two times, in the mean of the last ten or so; 0: not known."

    def beat(self, now_s: float) -> None:
        """Note that it speaks."""
        interval_s = now_s - self.at_s
        if interval_s <= MOST_ALIVE_S:  # else it was away
            known = self._interval_s
            self._interval_s = known + _LEARNING * (interval_s - known) if known else interval_s
        self.at_s = now_s

    def lives(self, now_s: float) -> bool:
        """Return whether it spoke lately."""
        return now_s - self.at_s <= min(max(ALIVE_S, _INTERVALS * self._interval_s), MOST_ALIVE_S)

    def fps(self, now_s: float) -> float:
        """Return how often it speaks in a second; 0 where it does not live."""
        return 1.0 / self._interval_s if self._interval_s and self.lives(now_s) else 0.0
