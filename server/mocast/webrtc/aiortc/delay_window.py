"""The SCTP congestion window, by delay: it shrinks while packets wait in a queue of the network.

The idea is LEDBAT's (RFC 6817): the shortest round trip of some seconds is the route's, and what the present ones take
longer is a queue, which data channels and video fill together. Without this, landmarks and video fill it to its end on
a slow line, and both are lost.
"""

import time
from collections.abc import Callable
from typing import Any, Final

QUEUE_DELAY_S: Final = 0.1
"""How long packets may wait in queues (RFC 6817, section 2.5: at most 100 ms)."""

SHORTEST_OF_S: Final = 10.0
"""For so long, at least, a round trip counts as the route's shortest: routes change."""

LOOK_EVERY_S: Final = 0.1
LOOK_EVERY_ROUND_TRIPS: Final = 2
"""How often the window is decided upon: whichever is longer. An earlier decision shows only after a round trip."""

SHRINK_TO: Final = 0.7
"""What is left of the window, each time."""

LEAST_WINDOW: Final = 2_400
"""Bytes: two packets."""

IN_VAIN: Final = 6
HELPED: Final = 0.8
"""After so many times, to an eighth of the window, a queue of our own making is shorter by a fifth at least."""


class DelayWindow:
    """Shrinks an association's window; ``add`` has each round trip that was timed."""

    def __init__(self, association: Any, clock: Callable[[], float] = time.monotonic) -> None:
        """``association``: has aiortc's ``_cwnd`` and ``_ssthresh``, in bytes, and ``_srtt``, in seconds."""
        self._association = association
        self._clock = clock
        self._shortest = self._shortest_before = float("inf")
        "The shortest round trip, in seconds: of these ten seconds, and of those before."
        self._shortest_since = self._decided_at = float("-inf")
        self._least = float("inf")
        "The shortest since the window was decided upon. Jitter delays some packets; a queue delays all of them."
        self._times = 0
        "How often in a row the window was shrunk."
        self._before: tuple[int, int, float] = (0, 0, 0.0)
        "The window, its threshold and the round trip before that."

    @property
    def is_shrunk(self) -> bool:
        """Whether packets queue up, and the window should not grow."""
        return self._times > 0

    def add(self, round_trip_s: float, *, is_lossy: bool = False) -> None:
        """Take a round trip, in seconds; decide upon the window now and then.

        ``is_lossy``: whether so much is lost that a queue must be full.
        """
        self._least = min(self._least, round_trip_s)
        now = self._clock()
        if now - self._decided_at < max(LOOK_EVERY_S, LOOK_EVERY_ROUND_TRIPS * (self._association._srtt or 0.0)):
            return
        if now - self._shortest_since > SHORTEST_OF_S:
            self._shortest_since, self._shortest_before, self._shortest = now, self._shortest, self._least
        self._shortest = min(self._shortest, self._least)
        if self._least - min(self._shortest, self._shortest_before) <= QUEUE_DELAY_S:
            self._times = 0
        else:
            self._shrink(is_lossy=is_lossy)
        self._decided_at, self._least = now, float("inf")

    def _shrink(self, *, is_lossy: bool) -> None:
        """Shrink the window. Where that does not help, the route has become longer: what was shrunk is undone."""
        association = self._association
        if self._times == 0:
            self._before = association._cwnd, association._ssthresh, self._least
        self._times += 1
        if not is_lossy and self._times > IN_VAIN and self._least > HELPED * self._before[2]:
            self._shortest = self._shortest_before = self._least
            self._times = 0
            association._cwnd, association._ssthresh, _ = self._before
        else:
            association._cwnd = association._ssthresh = max(int(SHRINK_TO * association._cwnd), LEAST_WINDOW)
