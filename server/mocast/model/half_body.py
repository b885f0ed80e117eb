"""Whether the picture shows a whole body or its upper half, and so which ray its world landmarks are relative to.

It is the ray from the camera to the middle of the hips, or to that of the shoulders. Seen with two people who sign, the
hips at the picture's lower edge: the pitch of the head by the pose's own landmarks is that by the face where both are
relative to the ray to the middle of the shoulders (within 1°; the ray to the hips is 20 to 22° lower, that to the head
8° higher). Of a whole body the network sees a crop around the hips, so there the ray to their middle is taken.
"""

from typing import Final

import numpy as np

from mocast.model.options import BodyMode
from mocast.model.topology import HIPS, KNEES, SHOULDERS
from mocast.model.visible_landmarks import Flags

MODE_CHANGE_S: Final = 0.4
"""How long legs must have been in the picture, or out of it, before the mode changes to full, or half."""

TRUNK: Final = np.array([*SHOULDERS, *HIPS])
_HIPS_AND_KNEES: Final = np.array([*HIPS, *KNEES])


class HalfBodyDetector:
    """Whether the picture shows a whole body, or the upper half only."""

    def __init__(self, *, is_half: bool = True) -> None:
        """``is_half``: what is taken for granted until the picture has shown otherwise for ``MODE_CHANGE_S``."""
        self.is_half = is_half
        self.full_share = 0.0 if is_half else 1.0
        "0 with half a body, 1 with a full one; goes from one to the other without a jump."
        self._since_s = 0.0

    def update(self, are_seen: Flags, mode: BodyMode, step_s: float) -> None:
        """Take in the (33,) flags of a frame's landmarks."""
        half = shows_half(are_seen)
        self._since_s = self._since_s + step_s if half != self.is_half else 0.0
        if mode != "auto":
            self.is_half = mode == "half"
        elif self._since_s > MODE_CHANGE_S:
            self.is_half = half
        step = step_s / MODE_CHANGE_S
        self.full_share = min(max(self.full_share + (-step if self.is_half else step), 0.0), 1.0)


def shows_half(are_seen: Flags) -> bool:
    """Return whether (33,) flags of landmarks are those of half a body: a full one shows both hips and a knee."""
    left_hip, right_hip, left_knee, right_knee = are_seen[_HIPS_AND_KNEES].tolist()
    return not (left_hip and right_hip and (left_knee or right_knee))


def middle_of_body(trunk: list[list[float]], full_share: float) -> tuple[float, float]:
    """Return the point that is ``full_share``, 0..1, of the way from the middle of the shoulders to that of the hips.

    ``trunk``: x and y of ``TRUNK``.
    """
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = trunk
    of_shoulders, of_hips = 0.5 * (1.0 - full_share), 0.5 * full_share
    return of_shoulders * (ax + bx) + of_hips * (cx + dx), of_shoulders * (ay + by) + of_hips * (cy + dy)
