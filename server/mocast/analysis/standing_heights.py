"""How high points of a body are over others while it stands: the highest that they were for long enough, lately."""

from collections import deque
from statistics import median
from typing import Final

STEADY_FRAMES: Final = 5
"""The median of so many frames counts, so that a landmark that jumps is no height."""
REMEMBERED_S: Final = 60.0
"""A height is forgotten between one and two times as long after it was reached: another body may have come."""
LOWEST_M: Final = 0.2
"""What is lower does not stand."""


class StandingHeights:
    """The heights of one stream's body."""

    def __init__(self) -> None:
        self.now_s = 0.0
        "The time of the present frame."
        self._heights: dict[object, _StandingHeight] = {}

    def drop(self, points: object, height_m: float) -> float | None:
        """Return by how much lower points are than when the body stands, as a share of that: 0 there, 1 level.

        ``points``: which ones, any key. ``None`` where the body has not stood yet.
        """
        height = self._heights.get(points)
        if height is None:
            height = self._heights[points] = _StandingHeight(self.now_s)
        standing_m = height.update(height_m, self.now_s)
        return 1.0 - height_m / standing_m if standing_m > LOWEST_M else None


class _StandingHeight:
    """The highest of one pair of points."""

    def __init__(self, now_s: float) -> None:
        self._recent: deque[float] = deque(maxlen=STEADY_FRAMES)
        self._since_s = now_s
        self._before_m = self._highest_m = float("-inf")
        "Of the span before this one, and of this one, of ``REMEMBERED_S`` each."

    def update(self, height_m: float, now_s: float) -> float:
        """Take in the next frame's; return the highest."""
        self._recent.append(height_m)
        steady_m = median(self._recent)
        if now_s - self._since_s > REMEMBERED_S:
            self._before_m, self._highest_m, self._since_s = self._highest_m, steady_m, now_s
        self._highest_m = max(self._highest_m, steady_m)
        return max(self._before_m, self._highest_m)
