"""How long to wait before the next attempt."""

import random
from typing import Final

from mocast.errors import MocastError

FIRST_DELAY_S: Final = 0.5
LONGEST_DELAY_S: Final = 8.0


class RetryDelays:
    """Delays that double with each failure, to ``LONGEST_DELAY_S``; longer where the server asked for more.

    A random part spreads the clients of a server that was restarted.
    """

    def __init__(self) -> None:
        self._delay_s = FIRST_DELAY_S

    def reset(self) -> None:
        """Begin with the shortest again: a connection was there."""
        self._delay_s = FIRST_DELAY_S

    def after(self, error: MocastError) -> float:
        """Return the seconds to wait after an error; those of ``Retry-After`` at least."""
        delay_s = self._delay_s * random.uniform(0.75, 1)
        self._delay_s = min(2 * self._delay_s, LONGEST_DELAY_S)
        return max(delay_s, error.retry_after_s or 0)
