"""When each frame left the camera and when it was back, and the figures that follow from it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.float64]
"""(n,) float64 on the monotonic clock, one for each frame sent; NaN where that never happened."""


@dataclass(frozen=True, slots=True)
class Journey:
    """All frames of one run, in the order in which they were sent."""

    posted_at_s: float
    "When the offer was posted."
    sent_at_s: Seconds
    returned_at_s: Seconds
    "When it was there again, decoded."

    @property
    def returned(self) -> NDArray[np.bool_]:
        """Which frames came back, (n,)."""
        return np.isfinite(self.returned_at_s)

    def delays_ms(self, *, after_s: float = 0.0, until_s: float = np.inf) -> NDArray[np.float64]:
        """Return the round trips of the frames that came back in that part of the run, in their order."""
        at_s = self.returned_at_s - self.sent_at_s[0]
        chosen = self.returned & (at_s >= after_s) & (at_s < until_s)
        delays_ms: NDArray[np.float64] = 1e3 * (self.returned_at_s - self.sent_at_s)[chosen]
        return delays_ms

    def fps_sent(self) -> float:
        """Return frames sent per second: below the nominal rate, the client was too slow and the run is void."""
        return (len(self.sent_at_s) - 1) / float(self.sent_at_s[-1] - self.sent_at_s[0])

    def fps_returned(self, *, after_s: float = 0.0) -> float:
        """Return frames that came back per second, from ``after_s`` into the run until the last frame was sent."""
        first_s, last_s = self.sent_at_s[0] + after_s, self.sent_at_s[-1]
        return float(np.sum((self.returned_at_s > first_s) & (self.returned_at_s <= last_s)) / (last_s - first_s))

    def dropped(self) -> int:
        """Return how many frames never came although a later one did."""
        return int(np.sum(~self.returned[: self._last_returned() + 1]))

    def waiting(self) -> int:
        """Return how many frames had not come by the end of the run."""
        return int(len(self.returned) - 1 - self._last_returned())

    def first_return_ms(self) -> float:
        """Return the time from the post of the offer to the first picture."""
        return 1e3 * float(np.nanmin(self.returned_at_s) - self.posted_at_s)

    def _last_returned(self) -> int:
        numbers = np.flatnonzero(self.returned)
        return int(numbers[-1]) if len(numbers) else -1
