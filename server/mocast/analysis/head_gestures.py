"""Head gestures: nodding and shaking the head, from its yaw and pitch.

A head that nods or shakes swings to and fro: its angle has turning points, found as the extremes from which it has come
back by ``REVERSAL_DEG``. The gesture is shown once ``SWINGS`` swings in a row were large enough, none took longer than
``SWING_S``, none was less than ``ALIKE`` of the largest, and the other axis moved less than ``CROSSTALK`` of that.
Heads swing at 1.8 to 3.7 Hz in conversation (Hadar, Steiner, Grant, Rose, "Kinematics of head movements accompanying
speech during conversation", 1983): a swing is half a period, 0.14 to 0.28 s, and slow nods take twice that. A single
look down and up again is no nod. How large a swing must be is our own choice: above what talking heads do.
"""

import math
from collections import deque
from typing import Final

from mocast.model.head import HeadGesture

REVERSAL_DEG: Final = 2.0
LEAST_SWING_DEG: Final[dict[HeadGesture, float]] = {"nod": 5.0, "shake": 7.0}
SWING_S: Final = 0.6
SWINGS: Final = 3
ALIKE: Final = 0.5
"""The smallest swing is at least this share of the largest: a head that looks up and settles does not nod."""
CROSSTALK: Final = 0.7
QUIET_S: Final = 0.7
"""So long after its last swing a gesture has ended."""
_KEPT: Final = 8
"""Turning points that are remembered: more than a gesture needs."""


class Swings:
    """The turning points of one angle."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, float]] = deque(maxlen=_KEPT)
        self._extreme = (0.0, 0.0)
        self._direction = 0

    def update(self, angle_deg: float, now_s: float) -> None:
        """Take the angle of the next frame."""
        _, extreme_deg = self._extreme
        if self._direction == 0:
            if not self._points:
                self._points.append((now_s, angle_deg))
            start_s, start_deg = self._points[-1]
            if abs(angle_deg - start_deg) >= REVERSAL_DEG:
                self._direction = 1 if angle_deg > start_deg else -1
                self._extreme = now_s, angle_deg
            elif now_s - start_s > SWING_S:
                self._points[-1] = now_s, angle_deg
        elif (angle_deg - extreme_deg) * self._direction >= 0.0:
            self._extreme = now_s, angle_deg
        elif (extreme_deg - angle_deg) * self._direction >= REVERSAL_DEG:
            self._points.append(self._extreme)
            self._direction = -self._direction
            self._extreme = now_s, angle_deg

    def in_a_row(self, least_deg: float, now_s: float) -> tuple[int, float, float]:
        """Return how many of the last swings are large and quick enough, how large the largest is, when they began.

        The present swing is one of them as soon as it is large enough.
        """
        count, largest_deg, began_s = 0, 0.0, now_s
        end_s, end_deg = self._extreme
        if not self._direction or now_s - end_s > SWING_S:
            return count, largest_deg, began_s
        least_of_all_deg = math.inf
        for back, (start_s, start_deg) in enumerate(reversed(self._points)):
            swing_deg = abs(end_deg - start_deg)
            if swing_deg >= least_deg and end_s - start_s <= SWING_S:
                least_of_all_deg = min(least_of_all_deg, swing_deg)
                if least_of_all_deg < ALIKE * max(largest_deg, swing_deg):
                    break
                count, largest_deg, began_s = count + 1, max(largest_deg, swing_deg), start_s
            elif back or swing_deg >= least_deg:
                break
            # Otherwise it is the present swing, which has only begun.
            end_s, end_deg = start_s, start_deg
        return count, largest_deg, began_s

    def range_deg(self, since_s: float) -> float:
        """Return the largest swing that ended since then."""
        largest_deg = 0.0
        end_s, end_deg = self._extreme
        for start_s, start_deg in reversed(self._points):
            if end_s < since_s or not self._direction:
                break
            largest_deg = max(largest_deg, abs(end_deg - start_deg))
            end_s, end_deg = start_s, start_deg
        return largest_deg


class HeadGestures:
    """Which gesture a head shows."""

    def __init__(self) -> None:
        self.gesture: HeadGesture | None = None
        self._pitch, self._yaw = Swings(), Swings()
        self._last_s = 0.0

    def update(self, angles_deg: tuple[float, float] | None, now_s: float) -> bool:
        """Take yaw and pitch of the next frame, ``None`` without a face; return whether a gesture begins."""
        if angles_deg is None:
            self.gesture = None
            self._pitch, self._yaw = Swings(), Swings()
            return False
        self._yaw.update(angles_deg[0], now_s)
        self._pitch.update(angles_deg[1], now_s)
        shown = self._shown(now_s)
        if shown is not None:
            self._last_s = now_s
        elif self.gesture is not None and now_s - self._last_s <= QUIET_S:
            shown = self.gesture
        begins = shown is not None and shown != self.gesture
        self.gesture = shown
        return begins

    def _shown(self, now_s: float) -> HeadGesture | None:
        axes: tuple[tuple[HeadGesture, Swings, Swings], ...] = (
            ("nod", self._pitch, self._yaw),
            ("shake", self._yaw, self._pitch),
        )
        for gesture, along, across in axes:
            count, largest_deg, began_s = along.in_a_row(LEAST_SWING_DEG[gesture], now_s)
            if count >= SWINGS and across.range_deg(began_s) < CROSSTALK * largest_deg:
                return gesture
        return None
