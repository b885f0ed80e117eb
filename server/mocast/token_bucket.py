"""A token bucket: a rate limit that allows bursts."""

import time
from collections.abc import Callable


class TokenBucket:
    """Fills at ``rate`` tokens a second up to ``capacity``; full at first. Not thread-safe."""

    __slots__ = ("_capacity", "_clock", "_filled_at", "_level", "_rate")

    def __init__(self, rate: float, capacity: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._capacity = capacity
        self._clock = clock
        self._level = capacity
        self._filled_at = clock()

    @property
    def level(self) -> float:
        """Tokens available now; negative where ``spend`` took more than there were."""
        now = self._clock()
        self._level = min(self._capacity, self._level + self._rate * (now - self._filled_at))
        self._filled_at = now
        return self._level

    @property
    def fraction(self) -> float:
        """``level`` as a part of the capacity: 1 is full."""
        return self.level / max(self._capacity, 1.0)

    def spend(self, tokens: float) -> None:
        """Take tokens, even below 0."""
        self._level = self.level - tokens

    def take(self, tokens: float = 1) -> bool:
        """Take tokens if there are enough; return whether there were."""
        if self.level < tokens:
            return False
        self.spend(tokens)
        return True

    def seconds_until(self, tokens: float = 1) -> float:
        """Return when there will be enough."""
        return max(0.0, tokens - self.level) / self._rate

    def change(self, rate: float, capacity: float) -> None:
        """Fill at another rate from now on."""
        self._rate, self._capacity = rate, capacity
