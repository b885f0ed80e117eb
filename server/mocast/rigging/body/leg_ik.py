"""A leg in avatar space: where its joints are by its rotations, and the rotations that take its foot to a place.

In plain numbers: for two legs numpy's calls would cost more than all this.
"""

import math
from typing import Final

from mocast.model.humanoid import REST_OFFSETS, HumanoidBone
from mocast.model.quaternions import (
    IDENTITY_ONE,
    TINY,
    Quaternion,
    Vector,
    multiply_one,
    rotate_one,
)
from mocast.rigging.vectors import add, cross, sub

B = HumanoidBone
_X: Final[Vector] = (1.0, 0.0, 0.0)
STRETCH: Final = 0.99999
"""A leg's largest reach, as a share of its length: the knee keeps half a degree."""

MIN_MOVE_M: Final = 1e-5


def _offset(bone: HumanoidBone) -> Vector:
    x, y, z = REST_OFFSETS[bone].astype(float).tolist()
    return x, y, z


class Leg:
    """A leg of the rest skeleton, relative to the hips' joint. Rotations are in avatar space."""

    __slots__ = ("ankle", "foot", "hip", "knee", "shank", "thigh")

    THIGH_M: Final = -_offset(B.LEFT_LOWER_LEG)[1]
    SHANK_M: Final = -_offset(B.LEFT_FOOT)[1]
    REACH_M: Final = STRETCH * (THIGH_M + SHANK_M)
    HIPS: Final = (_offset(B.LEFT_UPPER_LEG), _offset(B.RIGHT_UPPER_LEG))

    def __init__(self, side: int, pelvis: Quaternion, thigh: Quaternion, shank: Quaternion, foot: Quaternion) -> None:
        """Place the joints of the left (0) or right (1) leg by the rotations in avatar space."""
        self.thigh, self.shank, self.foot = thigh, shank, foot
        self.hip = rotate_one(pelvis, self.HIPS[side])
        self._place()

    def _place(self) -> None:
        self.knee = add(self.hip, rotate_one(self.thigh, (0.0, -self.THIGH_M, 0.0)))
        self.ankle = add(self.knee, rotate_one(self.shank, (0.0, -self.SHANK_M, 0.0)))

    def move(self, hip: Vector) -> None:
        """Move the leg as it is to another hip joint."""
        by = sub(hip, self.hip)
        self.hip, self.knee, self.ankle = hip, add(self.knee, by), add(self.ankle, by)

    def turn(self, by: Quaternion) -> None:
        """Turn the leg as it is about its hip joint."""
        self.thigh, self.shank, self.foot = (multiply_one(by, bone) for bone in (self.thigh, self.shank, self.foot))
        self._place()

    def reach(self, target: Vector) -> None:
        """Turn thigh and shank so that the ankle comes to ``target``, or as near as it is long.

        The leg turns from hip to ankle by the shortest rotation; the knee bends in the plane in which the thigh was
        rolled, so forward.
        """
        if math.dist(target, self.ankle) < MIN_MOVE_M:
            return
        before, after = sub(self.ankle, self.hip), sub(target, self.hip)
        length = math.hypot(*after)
        if length < TINY or math.hypot(*before) < TINY:
            return
        swing = arc(before, after)
        thigh, shank = multiply_one(swing, self.thigh), multiply_one(swing, self.shank)
        along: Vector = (after[0] / length, after[1] / length, after[2] / length)
        forward = self._forward(along, thigh)
        length = min(length, self.REACH_M)
        a, b = self.THIGH_M, self.SHANK_M
        cosine = min(max((a * a + length * length - b * b) / (2 * a * max(length, TINY)), -1.0), 1.0)
        sine = math.sqrt(1.0 - cosine * cosine)
        upper: Vector = (
            a * (cosine * along[0] + sine * forward[0]),
            a * (cosine * along[1] + sine * forward[1]),
            a * (cosine * along[2] + sine * forward[2]),
        )
        lower: Vector = (length * along[0] - upper[0], length * along[1] - upper[1], length * along[2] - upper[2])
        self.thigh = multiply_one(arc(rotate_one(thigh, (0.0, -1.0, 0.0)), upper), thigh)
        self.shank = multiply_one(arc(rotate_one(shank, (0.0, -1.0, 0.0)), lower), shank)
        self._place()

    @staticmethod
    def _forward(along: Vector, thigh: Quaternion) -> Vector:
        """Return where the knee bends to: the unit vector across the leg and across the axis of the knee."""
        x, y, z = cross(along, rotate_one(thigh, _X))
        length = math.sqrt(x * x + y * y + z * z)
        return (x / length, y / length, z / length) if length > TINY else (0.0, 0.0, 1.0)


def arc(start: Vector, end: Vector, share: float = 1.0) -> Quaternion:
    """Return that share, 0..1, of the shortest rotation that takes the direction of one vector to that of another."""
    x, y, z = cross(start, end)
    sine = math.sqrt(x * x + y * y + z * z)
    cosine = start[0] * end[0] + start[1] * end[1] + start[2] * end[2]
    if sine < TINY * TINY:
        return IDENTITY_ONE
    half = 0.5 * share * math.atan2(sine, cosine)
    scale = math.sin(half) / sine
    return x * scale, y * scale, z * scale, math.cos(half)
