"""How long to wait before the next attempt to connect."""

import random
from typing import Final

FIRST_DELAY_S: Final = 0.5
LONGEST_DELAY_S: Final = 8.0


class RetryDelays:
    """Delays that double with each failure, up to the longest. A random part spreads who was cut off together."""

    def __init__(self, longest_s: float | None = None) -> None:
        """``longest_s``: by default ``LONGEST_DELAY_S``."""
        self._longest_s = LONGEST_DELAY_S if longest_s is None else longest_s
        self._delay_s = FIRST_DELAY_S

    def reset(self) -> None:
        """Begin with the shortest again: a connection was there."""
        self._delay_s = FIRST_DELAY_S

    def next_s(self, at_least_s: float = 0) -> float:
        """Return the seconds to wait after another failure. ``at_least_s``: what the server asked for."""
        delay_s = self._delay_s * random.uniform(0.75, 1)
        self._delay_s = min(2 * self._delay_s, self._longest_s)
        return max(delay_s, at_least_s)
