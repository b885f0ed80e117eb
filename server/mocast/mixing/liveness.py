"""The liveness of a source: when its last value came, how many come in a second, and whether it still sends."""

from typing import Final

ALIVE_S: Final = 0.25
"""A source without a value for this long is dead: some eight frames of a camera or a phone. One whose values come more
seldom, such as a camera on a busy server, is dead after ``_INTERVALS`` of its own intervals."""
MOST_ALIVE_S: Final = 1.0
"""Upper bound of that."""
_INTERVALS: Final = 3.0
_LEARNING: Final = 0.1


class Liveness:
    """Times in seconds, of one monotonic clock."""

    def __init__(self) -> None:
        self.at_s = float("-inf")
        "When its last value came."
        self._interval_s = 0.0
        "Between two values, in the mean of the last ten or so; 0: not known."

    def received(self, now_s: float) -> None:
        """Note that a value has come."""
        interval_s = now_s - self.at_s
        if interval_s <= MOST_ALIVE_S:  # else it was away
            known = self._interval_s
            self._interval_s = known + _LEARNING * (interval_s - known) if known else interval_s
        self.at_s = now_s

    def is_live(self, now_s: float) -> bool:
        """Return whether it counts as sending."""
        return now_s - self.at_s <= min(max(ALIVE_S, _INTERVALS * self._interval_s), MOST_ALIVE_S)

    def fps(self, now_s: float) -> float:
        """Return how many values come in a second; 0 where it is not live."""
        return 1.0 / self._interval_s if self._interval_s and self.is_live(now_s) else 0.0
