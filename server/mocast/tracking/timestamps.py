"""The microseconds of a tracked stream, which always increase, from its RTP timestamps."""

from mocast.model.pts import PTS_PER_S

STEP_US = 33_333
"""The step where the stream's timestamps do not increase: a frame at 30 fps."""


class TrackingTimestamps:
    """Strictly increasing timestamps of one stream, as MediaPipe's graphs demand: its own wherever those increase."""

    def __init__(self) -> None:
        self._offset_us = 0
        self._last_us: int | None = None

    def time_us(self, pts: int) -> int:
        """Return the next timestamp, µs, from a 90 kHz ``pts``, which may stand or go back (a restarted stream)."""
        time_us = pts * 1_000_000 // PTS_PER_S + self._offset_us
        if self._last_us is None:
            self._offset_us, time_us = self._offset_us - time_us, 0
        elif time_us <= self._last_us:
            ahead_us = self._last_us + STEP_US - time_us
            self._offset_us, time_us = self._offset_us + ahead_us, time_us + ahead_us
        self._last_us = time_us
        return time_us
