"""Blinks: their rate, and the share of time that the eyes are shut, over the last minute.

A blink is when both eyes' ``eyeBlink`` shapes exceed ``SHUT_FROM`` and fall below ``SHUT_UNTIL`` again within
``BLINK_S``: blinks take 0.1 to 0.4 s (Schiffman, "Sensation and Perception", 2001); what is longer is shut eyes, and
one eye is a wink. The rate is blinks per minute of a seen face. People at rest blink 17 times a minute, readers 4 to 5
times (Bentivoglio and others, "Analysis of blink rate patterns in normal subjects", 1997).

PERCLOS is the share of time, 0..1, at which the eyes are shut by 80% or more (Wierwille and others, "Research on
vehicle-based driver status/performance monitoring", 1994). The shape is 1 where the lids meet.
"""

from typing import Final

import numpy as np

SHUT_FROM: Final = 0.5
SHUT_UNTIL: Final = 0.3
BLINK_S: Final = 0.5
PERCLOS_SHUT: Final = 0.8
WINDOW_S: Final = 60
LEAST_SEEN_S: Final = 10.0
"""Of a face, before there is a rate."""
_SEEN, _SHUT, _BLINKS = range(3)


class EyeBlinks:
    """Blinks of one face."""

    def __init__(self) -> None:
        self.shut_s = 0.0
        "How long the eyes have been shut; 0 where they are open."
        self._is_shut = False
        self._seconds = np.zeros((WINDOW_S, 3))
        "Of each of the last seconds: how long a face was seen, how long its eyes were shut, blinks."
        self._totals = np.zeros(3)
        self._second = 0

    @property
    def per_minute(self) -> float | None:
        """Blinks per minute; ``None`` while too little was seen."""
        seen_s = float(self._totals[_SEEN])
        return float(self._totals[_BLINKS]) * 60.0 / seen_s if seen_s >= LEAST_SEEN_S else None

    @property
    def perclos(self) -> float | None:
        """The share of time at which the eyes are shut, 0..1; ``None`` while too little was seen."""
        seen_s = float(self._totals[_SEEN])
        return min(float(self._totals[_SHUT]) / seen_s, 1.0) if seen_s >= LEAST_SEEN_S else None

    def update(self, shut: float | None, now_s: float, step_s: float) -> bool:
        """Take how far both eyes are shut, 0..1, ``None`` without a face; return whether a blink has ended."""
        self._forget_before(int(now_s))
        if shut is None:
            self._is_shut, self.shut_s = False, 0.0
            return False
        row = self._seconds[self._second % WINDOW_S]
        row[_SEEN] += step_s
        if shut >= PERCLOS_SHUT:
            row[_SHUT] += step_s
        was_shut, was_shut_s = self._is_shut, self.shut_s
        self._is_shut = shut >= (SHUT_UNTIL if was_shut else SHUT_FROM)
        self.shut_s = was_shut_s + step_s if self._is_shut else 0.0
        is_blink = was_shut and not self._is_shut and was_shut_s <= BLINK_S
        row[_BLINKS] += is_blink
        self._totals = self._seconds.sum(0)
        return is_blink

    def _forget_before(self, second: int) -> None:
        for passed in range(self._second + 1, min(second, self._second + WINDOW_S) + 1):
            self._seconds[passed % WINDOW_S] = 0.0
        if second > self._second:
            if second - self._second > WINDOW_S:
                self._seconds[:] = 0.0
            self._second = second
