"""Target finder: where a person's hands are relative to the own body, by the rig's rotations and the person's size."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from mocast.model.hand_targets import (
    HEAD_SURFACE,
    HEAD_SURFACE_Z,
    NO_TARGETS,
    TOUCH_POINT_COUNT,
    Anchor,
    HandTargets,
)
from mocast.model.quaternions import TINY, Quaternions, Vector, matrix_one
from mocast.rigging.easing import eased
from mocast.rigging.retargeting import arm_kinematics
from mocast.rigging.retargeting.arm_kinematics import Joint, UpperBody, along, into
from mocast.rigging.retargeting.hands_in_picture import HandsInPicture
from mocast.rigging.retargeting.proportions import Proportions
from mocast.rigging.vectors import length, mean, sub

TOUCH_M: Final = 0.03
"""A hand whose joints are this near to a surface touches it: fingers are half as thick, bodies no ellipsoids."""
FAR_M: Final = (0.20, 0.16, 0.10, 0.20)
"""From this distance on a hand is far from each ``Anchor``: least for the hips, near which hands hang by themselves."""
POINT_SOFTNESS_M: Final = 0.005
"""A point of the hand that is further away than the nearest one by this has 0.37 of its weight."""
POINT_BIAS_M: Final = (0.05, 0.015, 0.0, 0.0, 0.0)
"""Hands touch with palms and fingertips: a ``TouchPoint`` counts as so much further away."""
HEAD_FIRST_M: Final = 0.03
"""A face that is touched is looked at more than a chest: for what of the hand touches, it counts as so much nearer."""
INSIDE_M: Final = (0.018, 0.02, 0.02)
"""Points of a hand may be this deep in the ellipsoids of head, chest and hips, which a face or a chest is not quite."""
DEEPEST_M: Final = (0.05, 0.08)
"""A hand that is deeper is moved out forward: wholly where the way is shorter than the first of these, not at all from
the second on, as such hands are behind the head or the back."""
MAX_SIZES: Final = 7.99
"""Bound of an offset: there the binary format's numbers end."""

_HAND_LENGTHS: Final = 1.2
"""From a hand's knuckle to its other points at most, in lengths of the hand."""
_SURFACES: Final = ((HEAD_SURFACE, HEAD_SURFACE_Z), ((1.0, 1.0, 1.0), 0.0), ((1.0, 1.0, 1.0), 0.0))
"""Of head, chest and hips: half axes of its ellipsoid, and the z of that one's middle, in sizes."""
_NO_SHIFTS: Final = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
_EVEN: Final = (1.0,) * TOUCH_POINT_COUNT


def hand_targets(
    rotations: Quaternions,
    body: Proportions,
    upper: UpperBody | None = None,
    in_picture: HandsInPicture | None = None,
) -> HandTargets:
    """Return the targets of a rig's hands: (55, 4) local rotations, of a person of these proportions.

    ``upper``: where trunk and arms are by these rotations, if that is known. ``in_picture``: where the picture has the
    hands, if that counts.
    """
    turns = rotations.tolist()
    joints, arms = upper or arm_kinematics.upper_body(turns, body)
    wrists = [arm.wrist for arm in arms]
    palms = [arm_kinematics.palm_points(wrists[side], side, body) for side in (0, 1)]
    if _are_far(joints, [knuckle for _, knuckle in palms], body):
        return NO_TARGETS
    hands = [palms[side] + arm_kinematics.fingertips(turns, wrists[side], side, body) for side in (0, 1)]
    shifts: Sequence[Vector] = _NO_SHIFTS
    if in_picture is not None:
        # Relative to the head alone: where a chest is in the picture shoulders tell no better than the rig.
        shifts = in_picture.shifts([mean(hand, _EVEN) for hand in hands], along(joints.head, body.middles[Anchor.HEAD]))
    surfaces = _surfaces(joints, body, hands, shifts)
    ways = [max(surface.sunk_m(side) for surface in surfaces) for side in (0, 1)]
    if any(ways):
        # A hand that is seen is before what it touches, and most of a hand's error is in depth.
        hands = [[(x, y, z + way) for x, y, z in hand] for hand, way in zip(hands, ways, strict=True)]
        surfaces = _surfaces(joints, body, hands, shifts)
    between = [[math.dist(one, other) for other in hands[1]] for one in hands[0]]
    apart = [min(row) for row in between], [min(column) for column in zip(*between, strict=True)]
    offsets, nearness, touching = [], [], []
    for side in (0, 1):
        distances = [*(surface.distances[side] for surface in surfaces), apart[side]]
        weights = _weights(distances)
        touching.append(weights)
        offsets.append([surface.offset(side, weights) for surface in surfaces])
        nearness.append([_near(one, weights, far_m) for one, far_m in zip(distances, FAR_M, strict=True)])
    # Of each hand from the other, in the chest's axes: what both are from the chest, less each other.
    gap = sub(offsets[0][Anchor.CHEST], offsets[1][Anchor.CHEST])
    x, y, z = (part * size / body.hand_m for part, size in zip(gap, body.sizes[Anchor.CHEST], strict=True))
    offsets[0].append((x, y, z))
    offsets[1].append((-x, -y, -z))
    return HandTargets(
        offsets=np.minimum(np.maximum(np.array(offsets, np.float32), -MAX_SIZES), MAX_SIZES),
        nearness=np.array(nearness, np.float32),
        touching=np.array(touching, np.float32),
    )


# In plain numbers: for ten points numpy's calls would cost more than all this.
class _Surface:
    """The ellipsoid of head, chest or hips, and where the points of both hands are from it."""

    def __init__(
        self, joint: Joint, body: Proportions, anchor: int, hands: Sequence[Sequence[Vector]], shifts: Sequence[Vector]
    ) -> None:
        """``hands``: five points of each, avatar space, metres. ``shifts``: by how much each hand is moved, alike."""
        (half_axes, self._back), self._inside_m = _SURFACES[anchor], INSIDE_M[anchor]
        width, height, depth = self._size = body.sizes[anchor]
        a, b, c = self._radii = half_axes[0] * width, half_axes[1] * height, half_axes[2] * depth
        (px, py, pz), (mx, my, mz) = joint.position, body.middles[anchor]
        mz += self._back * depth
        (ax, bx, cx), (ay, by, cy), (az, bz, cz) = matrix_one(joint.rotation)
        self._forward = az, bz, cz
        self._points: list[list[Vector]] = []
        "Of both hands, metres in the axes of the bone, from the middle of the ellipsoid."
        self.distances: list[list[float]] = []
        "Of them, metres, measured toward that middle; negative inside."
        for hand, (sx, sy, sz) in zip(hands, shifts, strict=True):
            points, distances = [], []
            for x, y, z in hand:
                dx, dy, dz = x + sx - px, y + sy - py, z + sz - pz
                u = ax * dx + ay * dy + az * dz - mx
                v = bx * dx + by * dy + bz * dz - my
                w = cx * dx + cy * dy + cz * dz - mz
                points.append((u, v, w))
                radius = math.sqrt((u / a) ** 2 + (v / b) ** 2 + (w / c) ** 2) + TINY
                distances.append(math.sqrt(u * u + v * v + w * w) * (1.0 - 1.0 / radius))
            self._points.append(points)
            self.distances.append(distances)

    def offset(self, side: int, weights: Sequence[float]) -> Vector:
        """Return the weighted mean of a hand's points from the middle of the anchor, in sizes."""
        (x, y, z), (width, height, depth) = mean(self._points[side], weights), self._size
        return x / width, y / height, z / depth + self._back

    def sunk_m(self, side: int) -> float:
        """Return by how many metres a hand is to come forward in avatar space, out of the ellipsoid."""
        if min(self.distances[side]) >= 0.0:
            return 0.0
        a, b, c = (max(radius - self._inside_m, self._inside_m) for radius in self._radii)
        fx, fy, fz = self._forward[0] / a, self._forward[1] / b, self._forward[2] / c
        steepness, furthest = fx * fx + fy * fy + fz * fz, 0.0
        for x, y, z in self._points[side]:
            u, v, w = x / a, y / b, z / c
            depth = 1.0 - u * u - v * v - w * w
            if depth > 0.0:
                # The line forward leaves the ellipsoid where |at + way * forward| is 1.
                along_it = fx * u + fy * v + fz * w
                way = (math.sqrt(along_it * along_it + steepness * depth) - along_it) / steepness
                way *= min(max((DEEPEST_M[1] - way) / (DEEPEST_M[1] - DEEPEST_M[0]), 0.0), 1.0)
                furthest = max(furthest, way)
        return furthest


def _surfaces(
    joints: arm_kinematics.Trunk, body: Proportions, hands: Sequence[Sequence[Vector]], shifts: Sequence[Vector]
) -> list[_Surface]:
    """Return the surfaces of head, chest and hips. ``shifts``: of both hands, relative to the head alone."""
    return [
        _Surface(joint, body, anchor, hands, shifts if anchor == Anchor.HEAD else _NO_SHIFTS)
        for anchor, joint in enumerate(joints)
    ]


def _weights(distances: Sequence[Sequence[float]]) -> list[float]:
    """Return the weights of a hand's points, 1 in sum; ``distances``: theirs, by ``Anchor``."""
    # A point that is inside is off the surface, too.
    far_off = [
        bias_m + min(abs(head) - HEAD_FIRST_M, abs(chest), abs(hips), other)
        for bias_m, head, chest, hips, other in zip(POINT_BIAS_M, *distances, strict=True)
    ]
    nearest = min(far_off)
    weights = [math.exp((nearest - one) / POINT_SOFTNESS_M) for one in far_off]
    total = sum(weights)
    return [weight / total for weight in weights]


def _near(distances: Sequence[float], weights: Sequence[float], far_m: float) -> float:
    """Return how near a hand is to an anchor, 0..1, by its points' distances and weights."""
    if min(distances) >= far_m:
        return 0.0
    off_m = 0.0
    for distance, weight in zip(distances, weights, strict=True):
        if distance > 0.0:
            off_m += distance * weight
    return eased(off_m, far_m, TOUCH_M)


def _are_far(joints: arm_kinematics.Trunk, knuckles: list[Vector], body: Proportions) -> bool:
    """Whether both hands are so far from everything that each of their points is far."""
    reach_m = _HAND_LENGTHS * body.hand_m
    if math.dist(*knuckles) < 2 * reach_m + FAR_M[Anchor.OTHER_HAND]:
        return False
    for joint, (mx, my, mz), (width, height, depth), far in zip(joints, body.middles, body.sizes, FAR_M, strict=False):
        # An ellipsoid that is larger by as much all around.
        more = reach_m + far
        for knuckle in knuckles:
            x, y, z = into(joint, knuckle)
            at = (x - mx) / (width + more), (y - my) / (height + more), (z - mz) / (depth + more)
            if length(at) < 1.0:
                return False
    return True
