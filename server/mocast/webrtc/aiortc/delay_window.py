"""The SCTP congestion window, by delay: it shrinks while packets wait in a queue of the network.

The idea is LEDBAT's (RFC 6817), and so are the words. The *base* round trip, the shortest of some seconds, is the
route's; by what the present ones are longer, packets wait in a queue, which data channels and video fill together.
Without this, landmarks and video fill it to its end on a slow line, and both are lost.
"""

import time
from collections.abc import Callable
from typing import Any, Final

TARGET_S: Final = 0.1
"""How long packets may wait in queues (RFC 6817, section 2.5: at most 100 ms)."""

BASE_HISTORY_S: Final = 10.0
"""For so long, at least, a base round trip holds: routes change."""

DECIDE_EVERY_S: Final = 0.1
DECIDE_EVERY_ROUND_TRIPS: Final = 2
"""How often the window is decided upon: whichever is longer. An earlier decision shows only after a round trip."""

DECREASE: Final = 0.7
"""The factor by which the window shrinks, each time."""

MIN_WINDOW: Final = 2_400
"""Bytes: two packets."""

MAX_DECREASES: Final = 6
SHORTENED: Final = 0.8
"""After six decreases, to an eighth of the window, a round trip through a queue of our own making is 20% shorter."""


class DelayWindow:
    """Shrinks an association's window; ``add`` has each round trip that was timed."""

    def __init__(self, association: Any, clock: Callable[[], float] = time.monotonic) -> None:
        """``association``: has aiortc's ``_cwnd`` and ``_ssthresh``, in bytes, and ``_srtt``, in seconds."""
        self._association = association
        self._clock = clock
        self._base_s = self._base_before_s = float("inf")
        "The base round trip of the present ``BASE_HISTORY_S``, and of those before."
        self._base_since = self._decided_at = float("-inf")
        self._current_s = float("inf")
        "The shortest since the last decision. Jitter delays some packets; a queue delays all of them."
        self._decreases = 0
        "How many decisions in a row shrank the window."
        self._before: tuple[int, int, float] = (0, 0, 0.0)
        "The window, its threshold and the round trip before the first of them."

    @property
    def is_shrunk(self) -> bool:
        """Whether packets queue up, and the window should not grow."""
        return self._decreases > 0

    def add(self, round_trip_s: float, *, is_lossy: bool = False) -> None:
        """Take a round trip, in seconds; decide upon the window now and then.

        ``is_lossy``: whether so much is lost that a queue must be full.
        """
        self._current_s = min(self._current_s, round_trip_s)
        now = self._clock()
        if now - self._decided_at < max(DECIDE_EVERY_S, DECIDE_EVERY_ROUND_TRIPS * (self._association._srtt or 0.0)):
            return
        if now - self._base_since > BASE_HISTORY_S:
            self._base_since, self._base_before_s, self._base_s = now, self._base_s, self._current_s
        self._base_s = min(self._base_s, self._current_s)
        if self._current_s - min(self._base_s, self._base_before_s) <= TARGET_S:
            self._decreases = 0
        else:
            self._shrink(is_lossy=is_lossy)
        self._decided_at, self._current_s = now, float("inf")

    def _shrink(self, *, is_lossy: bool) -> None:
        """Shrink the window. Where that does not help, the route has become longer: what was shrunk is undone."""
        association = self._association
        if self._decreases == 0:
            self._before = association._cwnd, association._ssthresh, self._current_s
        self._decreases += 1
        if not is_lossy and self._decreases > MAX_DECREASES and self._current_s > SHORTENED * self._before[2]:
            self._base_s = self._base_before_s = self._current_s
            self._decreases = 0
            association._cwnd, association._ssthresh, _ = self._before
        else:
            association._cwnd = association._ssthresh = max(int(DECREASE * association._cwnd), MIN_WINDOW)
