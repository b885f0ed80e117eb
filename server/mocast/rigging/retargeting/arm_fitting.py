"""Arm fitting: a rig's arms on a body of other proportions, so that its hands are where the person's are.

``web/src/avatar/fit/ArmFitter.ts`` does the same on the page; ``tests/golden/retargeting/`` has cases for both.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from mocast.model.hand_targets import HEAD_SURFACE, HEAD_SURFACE_Z, REST_HAND_M, Anchor, HandTargets
from mocast.model.quaternions import TINY, Quaternion, Vector, inverse_one, multiply_one, rotate_one
from mocast.rigging.easing import eased
from mocast.rigging.retargeting import arm_kinematics
from mocast.rigging.retargeting.arm_kinematics import ARMS, Arm, Trunk, Turns, along
from mocast.rigging.retargeting.body_collider import NOWHERE, BodyCollider
from mocast.rigging.retargeting.proportions import REST, Proportions
from mocast.rigging.retargeting.two_bone_ik import middle_joint, swing
from mocast.rigging.vectors import add, dot, length, lerp, mean, scale, sub

UNTIED: Final = 0.1
"""How firmly a hand that is near nothing but the other one stays where it is. One that touches the body: by 1 more."""
NEAREST: Final = 0.02
"""What a hand touches has the weight of 1 over this; what it is half near to has the weight 1."""
PRIORITIES: Final = (4.0, 1.0, 1.0)
"""Of head, chest and hips, where a hand touches two of them: on a face a centimetre is seen."""
SURFACES: Final = ((HEAD_SURFACE, HEAD_SURFACE_Z), ((1.0, 1.0, 1.0), 0.0), ((1.0, 1.0, 1.0), 0.0))
"""The ellipsoids of head, chest and hips, in sizes, and how far back they are."""
HAND_MARGINS: Final = (0.02, 0.012, 0.005, 0.005, 0.005)
"""How far wrist, knuckle and fingertips stay outside of the body, metres for a hand of the rest skeleton's size."""
FOREARM_MARGIN: Final = 0.02
ELBOW_MARGIN: Final = 0.0
"""The same of forearm and elbow."""
FOREARM_PARTS: Final = (0.35, 0.7)
"""Where along the forearm, from the elbow, it is looked at."""
ROUNDS: Final = 3
"""So often an arm is pushed out of the body: each push may bring another part inside."""
ELBOW_TURNS: Final = tuple(math.radians(degrees) for degrees in (15, -15, 30, -30, 50, -50))
"""By how much an elbow is turned about the line from shoulder to wrist, smallest first, where it is inside the body."""
PALMS_M: Final = 0.028
"""Between the lines from wrist to knuckle of palms that lie on each other, for hands of the rest skeleton's size."""
PASSED_M: Final = (-0.06, -0.03)
"""Hands that have gone through each other by less than the second are taken back to where palms meet; by more than the
first they are back to back."""
FACING: Final = (0.3, 0.7)
"""Palms face each other from the first of these on, wholly from the second: the cosine of one normal to the other's
reverse."""
BESIDE: Final = (1.4, 1.0)
"""Palms whose middles are this far aside of each other, in lengths of the hand, do not meet; nearer than the second
they do."""
_PALM: Final = (0.0, -1.0, 0.0)
"""Where a palm looks in the T-pose."""
STILL_M: Final = 1e-5
"""An arm whose hand would move by less stays as it is."""


class _Goal(NamedTuple):
    point: Vector
    "Where the touching point is to be."
    tied: float
    "0..1: how near to the body it is."


class ArmFitter:
    """Fits the arms of rigs to one body."""

    def __init__(self, body: Proportions) -> None:
        self.body = body
        self._lengths = [[length(body.offsets[bone]) for bone in bones[2:]] for bones in ARMS]
        self._scale = body.hand_m / REST_HAND_M

    def fit(self, turns: Turns, targets: HandTargets) -> dict[int, Quaternion]:
        """Return the local rotations, by bone, that differ from the rig's: those of upper arms, forearms and hands."""
        body = self.body
        trunk = arm_kinematics.trunk(turns, body)
        collider = BodyCollider(turns, trunk, body)
        arms = [arm_kinematics.arm(turns, trunk.chest, side, body) for side in (0, 1)]
        hands = [self._hand_points(turns, arms[side], side) for side in (0, 1)]
        touching = [mean(hands[side], targets.touching[side].tolist()) for side in (0, 1)]
        goals, tied = self._goals(trunk, touching, targets)
        moves = self._palms_apart(arms, hands, [sub(goals[side], touching[side]) for side in (0, 1)], tied)
        changed: dict[int, Quaternion] = {}
        for side in (0, 1):
            elbow, wrist = self._placed(collider, arms[side], hands[side], moves[side], side)
            if length(sub(wrist, arms[side].wrist.position)) + length(sub(elbow, arms[side].elbow.position)) > STILL_M:
                changed |= _turned(turns, arms[side], elbow, wrist, side)
        return changed

    def _hand_points(self, turns: Turns, arm: Arm, side: int) -> list[Vector]:
        palm = arm_kinematics.palm_points(arm.wrist, side, self.body)
        return palm + arm_kinematics.fingertips(turns, arm.wrist, side, self.body)

    def _goals(
        self, trunk: Trunk, touching: Sequence[Vector], targets: HandTargets
    ) -> tuple[list[Vector], tuple[float, float]]:
        """Return where the touching points are to be, and how much each is tied to the body."""
        offsets, nearness = targets.offsets.tolist(), targets.nearness.tolist()
        left, right = (self._on_body(trunk, touching[side], offsets[side], nearness[side]) for side in (0, 1))
        together = max(nearness[0][Anchor.OTHER_HAND], nearness[1][Anchor.OTHER_HAND])
        tied = left.tied, right.tied
        if not together:
            return [left.point, right.point], tied
        x, y, z = offsets[0][Anchor.OTHER_HAND]
        apart = scale(rotate_one(trunk.chest.rotation, (x, y, z)), self.body.hand_m)
        share = (UNTIED + left.tied) / (2 * UNTIED + left.tied + right.tied)
        middle = lerp(right.point, left.point, share)
        return [
            lerp(left.point, add(middle, scale(apart, 1.0 - share)), together),
            lerp(right.point, sub(middle, scale(apart, share)), together),
        ], tied

    def _palms_apart(
        self, arms: Sequence[Arm], hands: Sequence[Sequence[Vector]], moves: list[Vector], tied: tuple[float, float]
    ) -> list[Vector]:
        """Return by how much hands are moved, so that palms that face each other meet and do not pass."""
        middles = [add(scale(add(hands[side][0], hands[side][1]), 0.5), moves[side]) for side in (0, 1)]
        apart = sub(middles[0], middles[1])
        if length(apart) > BESIDE[0] * self.body.hand_m + self._scale * (PALMS_M - PASSED_M[0]):
            return moves
        left, right = (rotate_one(arms[side].wrist.rotation, _PALM) for side in (0, 1))
        facing = eased(-dot(left, right), *FACING)
        if facing == 0.0:
            return moves
        normal = sub(right, left)
        normal = scale(normal, 1.0 / length(normal))
        gap = dot(apart, normal)
        beside = length(sub(apart, scale(normal, gap))) / self.body.hand_m
        share = facing * eased(beside, *BESIDE) * eased(gap / self._scale, *PASSED_M)
        missing = share * max(self._scale * PALMS_M - gap, 0.0)
        of_right = (UNTIED + tied[0]) / (2 * UNTIED + tied[0] + tied[1])
        return [
            add(moves[0], scale(normal, (1.0 - of_right) * missing)),
            sub(moves[1], scale(normal, of_right * missing)),
        ]

    def _on_body(
        self, trunk: Trunk, point: Vector, offsets: Sequence[Sequence[float]], nearness: Sequence[float]
    ) -> _Goal:
        """Return where head, chest and hips want a touching point; the nearest counts most."""
        body = self.body
        total, far, sum_of = 0.0, 1.0, NOWHERE
        for anchor, (joint, near, priority) in enumerate(zip(trunk, nearness, PRIORITIES, strict=False)):
            if near > 0.0:
                place = along(joint, add(body.middles[anchor], self._from_middle(anchor, offsets[anchor])))
                weight = priority * near / (1.0 + NEAREST - near)
                sum_of = add(sum_of, scale(place, weight))
                total += weight
                far *= 1.0 - near
        if not total:
            return _Goal(point, 0.0)
        return _Goal(lerp(point, scale(sum_of, 1.0 / total), 1.0 - far), 1.0 - far)

    def _from_middle(self, anchor: int, offset: Sequence[float]) -> Vector:
        """Return an offset in sizes as metres of this body: to its surface, and beyond it as far as suits its hand.

        A finger that is a centimetre before a face is about as far before a face that is twice as deep.
        """
        surface, back = SURFACES[anchor]
        x, y, z = offset[0] / surface[0], offset[1] / surface[1], (offset[2] - back) / surface[2]
        radius = max(length((x, y, z)), TINY)
        on = surface[0] * x / radius, surface[1] * y / radius, surface[2] * z / radius
        beyond = (radius - 1.0) * self._scale
        size, rest = self.body.sizes[anchor], REST.sizes[anchor]
        return (
            on[0] * (size[0] + beyond * rest[0]),
            on[1] * (size[1] + beyond * rest[1]),
            (back + on[2]) * size[2] + on[2] * beyond * rest[2],
        )

    def _placed(
        self, collider: BodyCollider, arm: Arm, hand: Sequence[Vector], moved: Vector, side: int
    ) -> tuple[Vector, Vector]:
        """Return where elbow and wrist are with the hand moved, and no part of the arm inside the body."""
        shoulder, pole, before = arm.shoulder.position, arm.elbow.position, arm.wrist.position
        margins = [margin * self._scale for margin in HAND_MARGINS]
        elbow, wrist = pole, before
        for _ in range(ROUNDS):
            moved = add(moved, collider.push([add(point, moved) for point in hand], margins))
            if length(moved) <= STILL_M:
                elbow, wrist = pole, before
            else:
                elbow, wrist = middle_joint(shoulder, add(before, moved), pole, *self._lengths[side])
                moved = sub(wrist, before)
            elbow = self._elbow_outside(collider, shoulder, elbow, wrist)
            off = self._forearm_push(collider, elbow, wrist)
            if off == NOWHERE:
                break
            moved = add(moved, off)
        return elbow, wrist

    def _elbow_outside(self, collider: BodyCollider, shoulder: Vector, elbow: Vector, wrist: Vector) -> Vector:
        """Return the elbow turned about the line from shoulder to wrist as little as takes the arm out of the body."""
        best, least = elbow, self._depth(collider, elbow, wrist)
        axis = sub(wrist, shoulder)
        size = length(axis)
        if not least or size < STILL_M:
            return elbow
        axis, arm = scale(axis, 1.0 / size), sub(elbow, shoulder)
        for turn in ELBOW_TURNS:
            turned = add(shoulder, _about(axis, turn, arm))
            depth = self._depth(collider, turned, wrist)
            if depth < least:
                best, least = turned, depth
            if not least:
                break
        return best

    def _depth(self, collider: BodyCollider, elbow: Vector, wrist: Vector) -> float:
        points = [elbow, *(lerp(elbow, wrist, part) for part in FOREARM_PARTS)]
        margins = [ELBOW_MARGIN, *(FOREARM_MARGIN * self._scale for _ in FOREARM_PARTS)]
        return length(collider.push(points, margins))

    def _forearm_push(self, collider: BodyCollider, elbow: Vector, wrist: Vector) -> Vector:
        points = [lerp(elbow, wrist, part) for part in FOREARM_PARTS]
        return collider.push(points, [FOREARM_MARGIN * self._scale] * len(points))


def _about(axis: Vector, angle: float, vector: Vector) -> Vector:
    """Return a vector turned about a unit axis."""
    sine = math.sin(0.5 * angle)
    return rotate_one((axis[0] * sine, axis[1] * sine, axis[2] * sine, math.cos(0.5 * angle)), vector)


def _turned(turns: Turns, arm: Arm, elbow: Vector, wrist: Vector, side: int) -> dict[int, Quaternion]:
    """Return the local rotations of an arm with elbow and wrist there: bones swing, and the hand keeps its rotation."""
    _, upper, lower, hand = ARMS[side]
    shoulder = arm.shoulder.position
    upper_turned = multiply_one(swing(sub(arm.elbow.position, shoulder), sub(elbow, shoulder)), arm.shoulder.rotation)
    lower_turned = multiply_one(
        swing(sub(arm.wrist.position, arm.elbow.position), sub(wrist, elbow)), arm.elbow.rotation
    )
    x, y, z, w = turns[upper]
    # The clavicle's rotation: the upper arm's without its own.
    clavicle = multiply_one(arm.shoulder.rotation, (-x, -y, -z, w))
    return {
        upper: multiply_one(inverse_one(clavicle), upper_turned),
        lower: multiply_one(inverse_one(upper_turned), lower_turned),
        hand: multiply_one(inverse_one(lower_turned), arm.wrist.rotation),
    }
