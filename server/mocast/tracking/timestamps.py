"""Turns RTP time into the strictly increasing timestamps that smoothing works with."""

RTP_CLOCK_HZ = 90_000
STEP_US = 33_333
"""How far the tracker's clock goes on where the stream's does not: a frame at 30 fps."""


class StreamClock:
    """Microseconds of one stream, its own wherever possible: a MediaPipe graph demands that they increase."""

    def __init__(self) -> None:
        self._offset_us = 0
        self._last_us: int | None = None

    def time_us(self, pts: int) -> int:
        """Return the next timestamp, from a 90 kHz ``pts`` that may stand still or jump back (a restarted stream)."""
        time_us = pts * 1_000_000 // RTP_CLOCK_HZ + self._offset_us
        if self._last_us is None:
            self._offset_us, time_us = self._offset_us - time_us, 0
        elif time_us <= self._last_us:
            ahead_us = self._last_us + STEP_US - time_us
            self._offset_us, time_us = self._offset_us + ahead_us, time_us + ahead_us
        self._last_us = time_us
        return time_us
