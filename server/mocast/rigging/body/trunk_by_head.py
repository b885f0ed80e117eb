"""The trunk of a person of whom only the face is tracked: where the head goes, the chest leans and turns with it."""

import math
from typing import Final

import numpy as np

from mocast.model.quaternions import IDENTITY, Quaternions, multiply, nlerp
from mocast.model.rig import HeadPose

TRUNK_M: Final = 0.65
"""From a sitting adult's hips to between the ears: a head that goes aside by this sine leans the trunk by its angle."""
MOST_ASIDE_DEG: Final = 20.0
MOST_FORWARD_DEG: Final = 25.0
MOST_BACK_DEG: Final = 10.0
YAW_SHARE: Final = 0.3
"""The chest's share of the head's yaw, and of its roll: people who look aside turn their shoulders a little."""
ROLL_SHARE: Final = 0.15
MOST_YAW_DEG: Final = 20.0
SETTLE_S: Final = 2.0
"""For this long from the first frame on, the mean of the head's places is taken for its place when upright."""
FOLLOW_S: Final = 20.0
"""Time constant by which that place follows the head later: who moves over sits upright there."""
_THIRD: Final = np.full((3, 1), 1 / 3)


class TrunkByHead:
    """Estimates a trunk in consecutive frames. Its state: where the head is when the trunk is upright."""

    def __init__(self) -> None:
        self._upright_m: list[float] | None = None
        "x to the subject's left, and z away from the camera."
        self._seen_s = 0.0

    def spine(self, head: HeadPose, step_s: float) -> Quaternions:
        """Return the local rotations of spine, chest and upper chest, (3, 4); the pelvis is upright."""
        x_m, _, z_m = head.position.tolist()
        x, y, z, w = head.rotation.tolist()
        aside_m, nearer_m = self._moved(x_m, z_m, step_s)
        yaw = YAW_SHARE * math.atan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y))
        to_left = -ROLL_SHARE * math.asin(min(max(2 * (x * y + w * z), -1.0), 1.0)) + _angle(aside_m)
        forward = _limited(_angle(nearer_m), MOST_BACK_DEG, MOST_FORWARD_DEG)
        to_left = _limited(to_left, MOST_ASIDE_DEG, MOST_ASIDE_DEG)
        yaw = _limited(yaw, MOST_YAW_DEG, MOST_YAW_DEG)
        turned = multiply(_about(1, yaw), multiply(_about(2, -to_left), _about(0, forward)))
        return nlerp(IDENTITY, turned, _THIRD)

    def _moved(self, x_m: float, z_m: float, step_s: float) -> tuple[float, float]:
        """Return how far the head is to the subject's left, and nearer to the camera, than when upright."""
        if self._upright_m is None:
            self._upright_m = [x_m, z_m]
        self._seen_s += step_s
        share = step_s / max(self._seen_s, step_s, 1e-3) if self._seen_s <= SETTLE_S else step_s / FOLLOW_S
        share = min(share, 1.0)
        upright = [old + share * (new - old) for old, new in zip(self._upright_m, (x_m, z_m), strict=True)]
        self._upright_m = upright
        return x_m - upright[0], upright[1] - z_m


def _angle(metres: float) -> float:
    return math.asin(min(max(metres / TRUNK_M, -1.0), 1.0))


def _limited(angle: float, least_deg: float, most_deg: float) -> float:
    return min(max(angle, -math.radians(least_deg)), math.radians(most_deg))


def _about(axis: int, angle: float) -> Quaternions:
    rotation: Quaternions = np.array([0.0, 0.0, 0.0, math.cos(angle / 2)])
    rotation[axis] = math.sin(angle / 2)
    return rotation
