"""A client's own clock, as far as it tells of it: how its tracks belong together in time."""

from collections import deque
from statistics import median
from typing import Final

from mocast.model.wrapping import ahead

REPORTS: Final = 9
LEAST_REPORTS: Final = 3
"""Reports whose median is taken, at most and at least: many clients report when they have sent, not captured.

Nine are some ten seconds.
"""

GAIN: Final = 1 / 32
"""Weight of the newest frame or packet in the moving average: about a second of either."""

JUMP_S: Final = 1.0
"""A lag that changes by more is of another clock, or of a source that began anew."""

_NTP_UNITS_PER_S: Final = 1 << 32


class SenderClock:
    """The clock of one track, told by its sender's reports (RFC 3550, section 6.4.1)."""

    def __init__(self, ticks_per_s: int) -> None:
        """``ticks_per_s``: of the track's RTP timestamps."""
        self.lag_s: float | None = None
        """Seconds from capture to arrival, plus how far the client's clock is behind ours; ``None``: too few reports.

        The difference between two tracks of one client is how much longer one of them is on its way.
        """
        self._ticks_per_s = ticks_per_s
        self._reported: int | None = None
        "The RTP timestamp of the last report."
        self._elapsed_s = 0.0
        "From the first report's timestamp to it."
        self._offsets_s: deque[float] = deque(maxlen=REPORTS)
        "Of each report, what the client's clock was at the first one's timestamp."
        self._offset_s = 0.0

    def report(self, ntp: int, timestamp: int) -> None:
        """Take a report: a time in NTP's 64 bits (0: none), and the RTP timestamp that belongs to it."""
        if not ntp:
            return
        if self._reported is not None:
            self._elapsed_s += ahead(timestamp, self._reported) / self._ticks_per_s
        self._reported = timestamp
        self._offsets_s.append(ntp / _NTP_UNITS_PER_S - self._elapsed_s)
        self._offset_s = median(self._offsets_s)

    def arrived(self, timestamp: int, at_s: float) -> None:
        """Note when a frame or packet has come, by our monotonic clock."""
        if self._reported is None or len(self._offsets_s) < LEAST_REPORTS:
            return
        elapsed_s = self._elapsed_s + ahead(timestamp, self._reported) / self._ticks_per_s
        lag_s = at_s - self._offset_s - elapsed_s
        if self.lag_s is None or abs(lag_s - self.lag_s) > JUMP_S:
            self.lag_s = lag_s
        else:
            self.lag_s += GAIN * (lag_s - self.lag_s)
