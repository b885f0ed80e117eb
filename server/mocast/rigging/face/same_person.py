"""Whether a face in consecutive frames may be another person's by now."""

import math
from typing import Final

from mocast.rigging.face.head_pose import HeadPlacement

ABSENT_S: Final = 2.0
"""Who was not seen for longer counts as another person: what is learnt of a face is learnt again in seconds."""
HIDDEN_S: Final = 0.15
"""A face that comes back after less was hidden or not found; after more, it counts as another's where it is
elsewhere."""
MAX_SHIFT_M: Final = 0.25
"""More than the head's width: so far from where it vanished, across the picture, no head comes back."""
MAX_DEPTH_RATIO: Final = 1.35
"""Nor as many times nearer or farther."""
MAX_SPEED_M_S: Final = 5.0
"""Heads move more slowly; a face that jumps faster from one frame to the next is another."""


class SamePerson:
    """Follows where one face is. Knows nothing of its features: two people who swap places unseen are one to it."""

    def __init__(self) -> None:
        self._last: tuple[float, float, float] | None = None
        self._unseen_s = 0.0

    def may_be_same(self, placement: HeadPlacement | None, step_s: float) -> bool:
        """Return whether the head of a frame, ``step_s`` seconds after the last, may be that of the frame before.

        ``None`` where no face is seen; then the answer comes with the next one.
        """
        self._unseen_s += step_s
        if placement is None:
            return True
        x, y, z = map(float, placement.position)
        last, unseen_s = self._last, self._unseen_s
        self._last, self._unseen_s = (x, y, z), 0.0
        if last is None:
            return True
        if unseen_s > ABSENT_S:
            return False
        # Across the picture, at the depth of the nearer one: depth itself is the least sure.
        nearer = min(z, last[2])
        shift_m = nearer * math.hypot(x / z - last[0] / last[2], y / z - last[1] / last[2])
        if unseen_s <= HIDDEN_S:
            return shift_m <= MAX_SHIFT_M + MAX_SPEED_M_S * unseen_s
        return shift_m <= MAX_SHIFT_M and max(z, last[2]) <= MAX_DEPTH_RATIO * nearer
