"""How angles move: their angular velocity, and the range in which they have moved."""

import math
from typing import Final

import numpy as np

from mocast.analysis.joint_angles import Numbers
from mocast.model.analysis import ANGLE_COUNT

VELOCITY_WINDOW_S: Final = 0.2
"""The velocity is the slope of the line that fits the angles of so many seconds best: that in the middle of them, so it
comes 0.1 s late, whatever the motion. Noise of 1° in each angle leaves 6° a second, at 30 frames a second."""
_MOST_FRAMES: Final = 32
"""In the window: those of 160 frames a second."""
_FEWEST_FRAMES: Final = 3


class AngularVelocity:
    """The velocities of the 20 angles, by linear regression over a window of time (Savitzky and Golay, 1964)."""

    def __init__(self) -> None:
        self._times_s = np.full(_MOST_FRAMES, -math.inf)
        self._angles = np.zeros((_MOST_FRAMES, ANGLE_COUNT))
        self._next = 0

    def update(self, degrees: Numbers, now_s: float) -> Numbers:
        """Return (20,) degrees per second by the (20,) angles of the next frame.

        NaN where an angle was unknown within the window, and after a gap.
        """
        self._times_s[self._next], self._angles[self._next] = now_s, degrees
        self._next = (self._next + 1) % _MOST_FRAMES
        (rows,) = (self._times_s > now_s - VELOCITY_WINDOW_S - 1e-6).nonzero()
        if len(rows) < _FEWEST_FRAMES:
            return np.full(ANGLE_COUNT, np.nan)
        times_s = self._times_s[rows] - now_s
        times_s -= times_s.sum() / len(rows)
        # Relative to the newest angle, as a shoulder that goes over 270° is at -90° then.
        angles = (self._angles[rows] - (degrees - 180.0)) % 360.0
        slopes: Numbers = times_s @ angles / (times_s @ times_s)
        return slopes


class RangeOfMotion:
    """The smallest and the largest of each of the 20 angles since the beginning.

    Each is the median of three frames in a row, so that a landmark that jumps for one frame does not count.
    """

    def __init__(self) -> None:
        self.lowest: Numbers = np.full(ANGLE_COUNT, np.nan)
        "(20,) degrees; NaN where an angle was never known in three frames in a row."
        self.highest: Numbers = np.full(ANGLE_COUNT, np.nan)
        "(20,) degrees."
        self._before: tuple[Numbers, Numbers] = (self.lowest, self.lowest)

    def update(self, degrees: Numbers) -> None:
        """Take in the (20,) angles of the next frame."""
        first, second = self._before
        self._before = (second, degrees)
        median = np.maximum(np.minimum(first, second), np.minimum(np.maximum(first, second), degrees))
        self.lowest = np.fmin(self.lowest, median)
        self.highest = np.fmax(self.highest, median)
