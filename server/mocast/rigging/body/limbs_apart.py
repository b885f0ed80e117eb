"""Limbs apart: shanks, thighs and forearms that would pass through each other are pushed apart.

Landmarks have joints within centimetres of where they are, and know least which of two crossed limbs is before the
other: bones pass through each other. Here each bone is a capsule. Where two of them overlap, they turn about hip or
shoulder until they touch, the shortest way; on which side they are is remembered, so that it does not change from frame
to frame. In plain numbers: for two capsules numpy's calls would cost more than all this.
"""

import math
from typing import Final

from mocast.model.humanoid import HumanoidBone
from mocast.model.quaternions import TINY, Quaternion, Quaternions, Vector, inverse_one, multiply_one, rotate_one
from mocast.rigging.body.leg_ik import Leg, arc
from mocast.rigging.easing import eased
from mocast.rigging.retargeting import arm_kinematics
from mocast.rigging.retargeting.arm_kinematics import UpperBody
from mocast.rigging.retargeting.body_collider import Capsule
from mocast.rigging.retargeting.proportions import Proportions
from mocast.rigging.vectors import add, dot, length, lerp, scale, sub, unit

SIDE_HOLD_S: Final = 1.0
"""Bones that seem to be on the other side of each other are taken for that after so long; until then it is noise."""
EASE_S: Final = 0.08
"""Time constant with which they are pushed, and let go."""
MAX_PUSH_M: Final = 0.12
"""More than this is no overlap: it is a limb that is somewhere else."""
LEAST_PUSH_M: Final = 1e-4
LEAST_LEVER_M: Final = 0.15
"""Nearer to hip or shoulder a limb is pushed by less, in proportion: to clear the whole of it there it would have to
turn by a right angle."""
THIGH_RADIUS_M: Final = 0.05
SHANK_RADIUS_M: Final = 0.04
FOREARM_RADIUS_M: Final = 0.028
"""Of bone and muscle: clothes and flesh give way."""
OUTER_COSINE: Final = 0.5
"""Of the push and the chest's normal: from here on the forearm that is before the other one takes all of it."""
ARMS_END: Final = HumanoidBone.RIGHT_HAND + 1


class Overlap:
    """How far one capsule is pushed away from another, in consecutive frames."""

    def __init__(self) -> None:
        self.push: Vector = (0.0, 0.0, 0.0)
        "By how much the first capsule is to be moved from the second one, in all."
        self.at: tuple[Vector, Vector] = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
        "Where: the nearest points of both axes."
        self._side: Vector | None = None
        "Unit vector from the second to the first, as they have been; ``None`` while they are apart."
        self._other_side_s = 0.0

    def update(self, first: Capsule, second: Capsule, step_s: float) -> Vector:
        """Return ``push`` of the next frame, ``step_s`` seconds after the last."""
        self.at = one, other = nearest_points(first, second)
        off = sub(one, other)
        away_m, radii_m = length(off), first.radius + second.radius
        if away_m < radii_m:
            side = self._known_side(unit(off) if away_m > TINY else (0.0, 0.0, 1.0), step_s)
            push_m = radii_m - dot(off, side)
            wanted = scale(side, min(push_m, MAX_PUSH_M))
        else:
            self._side, self._other_side_s, wanted = None, 0.0, (0.0, 0.0, 0.0)
        share = 1.0 - math.exp(-step_s / EASE_S)
        self.push = lerp(self.push, wanted, share)
        return self.push

    def _known_side(self, side: Vector, step_s: float) -> Vector:
        """Return on which side the first capsule is: where it was, unless it is on the other one for long."""
        if self._side is not None and dot(side, self._side) < 0.0:
            self._other_side_s += step_s
            if self._other_side_s <= SIDE_HOLD_S:
                return scale(side, -1.0)
        self._side, self._other_side_s = side, 0.0
        return side


def nearest_points(first: Capsule, second: Capsule) -> tuple[Vector, Vector]:
    """Return the points of two capsules' axes that are nearest to each other.

    Source: Ericson, "Real-time collision detection", 2005, section 5.1.9.
    """
    along, across, off = sub(first.end, first.start), sub(second.end, second.start), sub(first.start, second.start)
    a, b, e = dot(along, along), dot(along, across), dot(across, across)
    c, f = dot(along, off), dot(across, off)
    apart = a * e - b * b
    s = min(max((b * f - c * e) / apart, 0.0), 1.0) if apart > TINY else 0.0
    t = (b * s + f) / max(e, TINY)
    if t < 0.0 or t > 1.0:
        t = min(max(t, 0.0), 1.0)
        s = min(max((b * t - c) / max(a, TINY), 0.0), 1.0)
    return lerp(first.start, first.end, s), lerp(second.start, second.end, t)


def swing(pivot: Vector, point: Vector, push: Vector) -> Quaternion | None:
    """Return the rotation about ``pivot`` that moves a point by a push; ``None`` where that is nothing.

    A rotation moves nothing toward the pivot: a push that is along the limb is made up for across it, up to twofold.
    A point near the pivot (``LEAST_LEVER_M``) is pushed by less.
    """
    arm, push_m = sub(point, pivot), length(push)
    lever_m = length(arm)
    if push_m < LEAST_PUSH_M or lever_m < TINY:
        return None
    across = 1.0 - (dot(arm, push) / (lever_m * push_m)) ** 2
    return arc(arm, add(arm, scale(push, min(lever_m / LEAST_LEVER_M, 1.0) / max(across, 0.5))))


class LegsApart:
    """Pushes the legs of consecutive frames apart: the one that is off the floor, or both."""

    def __init__(self) -> None:
        self._overlaps: list[list[Overlap]] = []
        "By thigh and shank of the left leg, then of the right one; none while the legs are beside each other."

    def apply(self, legs: list[Leg], holds: list[float], step_s: float) -> None:
        """Turn legs that overlap about their hips. ``holds``, 0..1: how firmly each foot stands; such a leg stays."""
        if _are_beside(legs) and all(length(one.push) < LEAST_PUSH_M for row in self._overlaps for one in row):
            self._overlaps = []
            return
        self._overlaps = self._overlaps or [[Overlap(), Overlap()], [Overlap(), Overlap()]]
        free = [1.0 - hold for hold in holds]
        total = max(sum(free), 1.0)
        for first, row in enumerate(self._overlaps):
            for second, overlap in enumerate(row):
                # Of the legs as the pairs before have left them: what is left to push.
                push = overlap.update(_bones(legs[0])[first], _bones(legs[1])[second], step_s)
                for leg, at, share in zip(legs, overlap.at, (free[0] / total, -free[1] / total), strict=True):
                    turn = swing(leg.hip, at, scale(push, share))
                    if turn is not None:
                        leg.turn(turn)


def _are_beside(legs: list[Leg]) -> bool:
    """Whether all of the left leg is so far left of the right one that no bones can overlap."""
    left, right = legs
    inner = min(left.hip[0], left.knee[0], left.ankle[0])
    return inner - max(right.hip[0], right.knee[0], right.ankle[0]) > 2 * max(THIGH_RADIUS_M, SHANK_RADIUS_M)


def _bones(leg: Leg) -> tuple[Capsule, Capsule]:
    return Capsule(leg.hip, leg.knee, THIGH_RADIUS_M), Capsule(leg.knee, leg.ankle, SHANK_RADIUS_M)


class ArmsApart:
    """Pushes the forearms of consecutive frames apart: the one before the other, or both where none is."""

    def __init__(self) -> None:
        self._overlap = Overlap()

    def apply(self, rotations: Quaternions, body: Proportions, step_s: float) -> tuple[Quaternions, UpperBody]:
        """Return the (55, 4) local rotations, with arms turned about their shoulders where forearms overlap.

        And where trunk and arms are by them.
        """
        upper = arm_kinematics.upper_body(rotations[:ARMS_END].tolist(), body)
        trunk, arms = upper
        left, right = (Capsule(arm.elbow.position, arm.wrist.position, FOREARM_RADIUS_M) for arm in arms)
        push = self._overlap.update(left, right, step_s)
        if length(push) < LEAST_PUSH_M:
            return rotations, upper
        # Rather away from the chest than into it.
        before = dot(push, rotate_one(trunk.chest.rotation, (0.0, 0.0, 1.0))) / length(push)
        left_share = eased(before, -OUTER_COSINE, OUTER_COSINE)
        turned = rotations
        for side, share in enumerate((left_share, left_share - 1.0)):
            turn = swing(arms[side].shoulder.position, self._overlap.at[side], scale(push, share))
            if turn is not None:
                turned = _with_arm_turned(turned, side, turn, arms[side].shoulder.rotation)
        if turned is not rotations:
            upper = arm_kinematics.upper_body(turned[:ARMS_END].tolist(), body)
        return turned, upper


def _with_arm_turned(rotations: Quaternions, side: int, turn: Quaternion, arm: Quaternion) -> Quaternions:
    """Return local rotations with the left (0) or the right arm turned in avatar space, where it is at ``arm``."""
    upper = arm_kinematics.ARMS[side][1]
    x, y, z, w = rotations[upper].tolist()
    parent = multiply_one(arm, inverse_one((x, y, z, w)))
    turned = rotations.copy()
    turned[upper] = multiply_one(inverse_one(parent), multiply_one(turn, arm))
    return turned
