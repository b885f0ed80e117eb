"""Lateness: whether the frames of a live stream wait for their turn, as there is no time for all. Own work."""

from typing import Final

LATE_NS: Final = 8_000_000
"""Average wait from which a stream is late. With time for all frames it is some 2 ms: converting the picture, waking a
thread. With more sessions than cores have time for, it is half the time from one frame to the next."""
GAIN: Final = 0.1
"""Weight of the newest frame in the moving average."""
MAX_WAIT_NS: Final = 40_000_000
"""What a pause (another tracker, a stopped process) counts for at most."""


class Lateness:
    """Of one stream. Used from one thread at a time."""

    def __init__(self) -> None:
        self._average_ns = 0.0

    def is_late(self, waited_ns: int) -> bool:
        """Return whether frames wait. ``waited_ns``: since the next one was decoded, until it is tracked now."""
        self._average_ns += GAIN * (min(waited_ns, MAX_WAIT_NS) - self._average_ns)
        return self._average_ns > LATE_NS
