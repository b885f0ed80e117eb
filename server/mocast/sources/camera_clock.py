"""A camera's timestamps as one time that goes on, whatever the camera's own clock does."""

import math
import time
from collections.abc import Callable
from typing import Final

JUMP_S: Final = 5.0
"""Timestamps that leap by more are of another clock: a file began again, a camera set its own."""

FRAME_S: Final = 1 / 30
"""The least step over a leap."""


class CameraClock:
    """Maps timestamps to seconds since the first one. Leaps, and frames without one, go by the time that passes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._offset_s: float | None = None
        "What is added to the timestamps; ``None`` before the first."
        self._latest_s = 0.0
        self._last_at_s: float | None = None

    def seconds(self, timestamp_s: float | None) -> float:
        """Return a frame's time; it may go back where frames come in another order than they are shown in."""
        now_s = self._clock()
        mapped_s = None if timestamp_s is None or self._offset_s is None else timestamp_s + self._offset_s
        if mapped_s is None or abs(mapped_s - self._latest_s) > JUMP_S:
            mapped_s = 0.0 if self._last_at_s is None else self._latest_s + max(now_s - self._last_at_s, FRAME_S)
            self._offset_s = None if timestamp_s is None else mapped_s - timestamp_s
        self._latest_s, self._last_at_s = max(mapped_s, self._latest_s), now_s
        return mapped_s

    def restart(self) -> None:
        """Take the next frame to be one frame after the last, whatever its timestamp is and whenever it comes."""
        self._offset_s, self._last_at_s = None, math.inf
