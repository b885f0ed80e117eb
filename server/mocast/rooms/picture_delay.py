"""The delay of pictures from the decoder to the viewers, by which sound is held back to be in step with them."""

import time
from collections import deque
from collections.abc import Callable
from statistics import median
from typing import Final

WINDOW: Final = 15
"""Pictures, half a second of them, whose median counts: single late ones, such as the first, do not move it."""

FORGET_S: Final = 1.0
"""After this long without a picture sound is not held back."""

MOST_ON_THE_WAY: Final = 64
"""Pictures between the decoder and the viewers; those that were dropped there count, until they are overwritten."""


class PictureDelay:
    """The moving median of the delay of the pictures that viewers are sent."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._arrivals: list[tuple[int, float]] = [(-1, 0.0)] * MOST_ON_THE_WAY
        "A ring of pts and times, written in the decoder's thread and read on the loop."
        self._next = 0
        self._delays_s: deque[float] = deque(maxlen=WINDOW)
        self._median_s = 0.0
        self._left_at = float("-inf")

    def arrived(self, pts: int) -> None:
        """Note that a picture has been decoded. From one thread at a time, whichever."""
        self._arrivals[self._next] = pts, self._clock()
        self._next = (self._next + 1) % MOST_ON_THE_WAY

    def left(self, pts: int) -> None:
        """Note that a picture goes to viewers. On the loop."""
        now = self._clock()
        arrived_at = next((at for noted, at in self._arrivals if noted == pts), None)
        if arrived_at is None:
            return
        if now - self._left_at > FORGET_S:
            self._delays_s.clear()
        self._delays_s.append(now - arrived_at)
        self._median_s = median(self._delays_s)
        self._left_at = now

    @property
    def seconds(self) -> float:
        """The delay now; 0 where no picture is sent."""
        return self._median_s if self._clock() - self._left_at <= FORGET_S else 0.0
