"""A limit of the bitrate by loss, the only sign of a full queue whose length no longer changes.

A client's own estimate (REMB) is made of changes of the delay. Where a line becomes ten times slower from one moment to
the next, its queue is full before an estimator has seen it grow, and what is lost from then on is the only sign. The
idea is that of draft-ietf-rmcat-gcc-02, section 6; random loss up to a fifth, as of radio, changes nothing here.
"""

import time
from collections.abc import Callable
from typing import Final

HEAVY_LOSS: Final = 0.2
"""The share of packets above which a line is taken for full. RFC 8868's tests have random losses of 10% at most."""

LIGHT_LOSS: Final = 0.1
"""Below it the limit rises."""

LEAST_PACKETS: Final = 100
"""What a share is made of. Of 100 packets with a random loss of a tenth, a fifth is lost once in 2,000 times; of 20,
once in 20 times."""

MAX_DECREASE: Final = 0.25
"""The factor by which the limit falls at most at once: after a pause everything was lost."""

INCREASE: Final = 1.15
"""The factor by which it rises, about each second."""

PAUSE_S: Final = 1.0
"""A longer time between two packets does not count as time in which something was sent."""

MIN_BITS_PER_S: Final = 150_000
"""No limit is lower. A client that is sent little estimates that its line carries little (Chromium: one and a half
times what comes), and would do so for ever. Messages, which share the line, make way for video."""


class LossLimit:
    """Takes a receiver's reports on one stream (RTCP RR) and says how many bits a second may be sent."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.bits_per_s: int | None = None
        "``None``: nothing is known against more."
        self._clock = clock
        self._sent_bits = 0
        self._since = self._sent_at = clock()
        self._before: tuple[int, int] | None = None
        "The highest sequence number and the packets lost, as of the report that counted last."

    def sent(self, size: int) -> None:
        """Count bytes that left, those that were sent again among them."""
        now = self._clock()
        if now - self._sent_at > PAUSE_S:
            self._since += now - self._sent_at
        self._sent_at = now
        self._sent_bits += 8 * size

    def report(self, highest: int, lost: int) -> bool:
        """Take a report; return whether the limit has changed.

        ``highest``: the highest sequence number received, 32 bits; ``lost``: packets, since the beginning. A client may
        report anything: the limit is never below ``MIN_BITS_PER_S``.
        """
        before, now = self._before, self._clock()
        if before is None:
            self._before, self._since, self._sent_bits = (highest, lost), now, 0
            return False
        expected = (highest - before[0]) % 2**32
        if expected < LEAST_PACKETS or now <= self._since:
            return False
        share = min(max((lost - before[1]) / expected, 0.0), 1.0)
        sent = self._sent_bits / (now - self._since)
        self._before, self._since, self._sent_bits = (highest, lost), now, 0
        return self._decide(share, sent)

    def _decide(self, share: float, sent: float) -> bool:
        limit = self.bits_per_s
        if share > HEAVY_LOSS:
            # What has arrived is what the line carries.
            least = MAX_DECREASE * min(sent, limit or sent)
            self.bits_per_s = int(max((1 - share) * sent, least, MIN_BITS_PER_S))
        elif limit is not None and share < LIGHT_LOSS:
            # A limit that is far from what is sent limits nothing.
            self.bits_per_s = int(INCREASE * limit) if limit < 4 * sent else None
        return self.bits_per_s != limit
