"""Target finder: where a person's hands are relative to the own body, by the rig's rotations and the person's size."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.hand_targets import (
    ANCHOR_COUNT,
    HEAD_SURFACE,
    HEAD_SURFACE_Z,
    NO_TARGETS,
    TOUCH_POINT_COUNT,
    Anchor,
    HandTargets,
)
from mocast.model.quaternions import TINY, Quaternions, Vector, dot, matrix_one
from mocast.rigging.retargeting import arm_kinematics
from mocast.rigging.retargeting.arm_kinematics import UpperBody, along, into
from mocast.rigging.retargeting.hands_in_picture import HandsInPicture
from mocast.rigging.retargeting.proportions import Proportions
from mocast.rigging.vectors import length

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
INSIDE_M: Final = 0.02
"""Points of a hand may be this deep in an ellipsoid, which a face or a chest is not quite."""
DEEPEST_M: Final = (0.05, 0.08)
"""A hand that is deeper is moved out forward: wholly where the way is shorter than the first of these, not at all from
the second on, as such hands are behind the head or the back."""
MAX_SIZES: Final = 7.99
"""Bound of an offset: there the binary format's numbers end."""

_HAND_LENGTHS: Final = 1.2
"""From a hand's knuckle to its other points at most, in lengths of the hand."""
_FAR_M: Final = np.array(FAR_M)[:, None]
_FADE_M: Final = _FAR_M - TOUCH_M
_BIASES_M: Final = np.array([-HEAD_FIRST_M, 0.0, 0.0, 0.0])[:, None, None] + np.array(POINT_BIAS_M)
_SURFACES: Final = np.array([HEAD_SURFACE, (1.0,) * 3, (1.0,) * 3])[:, None]
_SURFACE_MIDDLES: Final = np.array([(0.0, 0.0, HEAD_SURFACE_Z), (0.0,) * 3, (0.0,) * 3])[:, None]
_SIDES: Final = np.array([[1.0], [-1.0]])
_NO_SHIFTS: Final = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
_MEAN: Final = np.full(TOUCH_POINT_COUNT, 1 / TOUCH_POINT_COUNT)

_Numbers = NDArray[np.float64]


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
    tips = [arm_kinematics.fingertips(turns, wrists[side], side, body) for side in (0, 1)]
    points = np.array([[palms[side] + tips[side] for side in (0, 1)]])
    matrices = np.array([matrix_one(joint.rotation) for joint in joints])
    middles = np.array([along(joint, middle) for joint, middle in zip(joints, body.middles, strict=True)])
    size = np.array(body.sizes)[:, None]
    if in_picture is not None:
        # Relative to the head alone: where a chest is in the picture shoulders tell no better than the rig.
        shifts = in_picture.shifts((_MEAN @ points[0]).tolist(), middles[0].tolist())
        points = points + np.array([shifts, _NO_SHIFTS, _NO_SHIFTS])[:, :, None]
    sizes, distances = _relative(points, matrices, middles, size)
    if distances.min() < 0.0:
        points[..., 2] += _sunk(sizes, matrices, size)
        sizes, distances = _relative(points, matrices, middles, size)
    # A point that is inside is off the surface, too.
    far_off = (np.abs(distances) + _BIASES_M).min(0)
    weights = np.exp((far_off.min(1, keepdims=True) - far_off) / POINT_SOFTNESS_M)
    weights /= weights.sum(1, keepdims=True)
    offsets = np.empty((2, ANCHOR_COUNT, 3))
    offsets[:, : Anchor.OTHER_HAND] = (weights[:, None, None] @ sizes.transpose(1, 0, 2, 3))[:, :, 0]
    # Of each hand from the other, in the chest's axes: what both are from the chest, less each other.
    apart = (offsets[0, Anchor.CHEST] - offsets[1, Anchor.CHEST]) * body.sizes[Anchor.CHEST] / body.hand_m
    offsets[:, Anchor.OTHER_HAND] = apart * _SIDES
    off = (np.maximum(distances, 0.0) * weights).sum(2)
    near = np.minimum(np.maximum((_FAR_M - off) / _FADE_M, 0.0), 1.0)
    return HandTargets(
        offsets=np.minimum(np.maximum(offsets, -MAX_SIZES), MAX_SIZES).astype(np.float32),
        nearness=(near * near * (3.0 - 2.0 * near)).T.astype(np.float32),
        touching=weights.astype(np.float32),
    )


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


def _sunk(sizes: _Numbers, matrices: _Numbers, size: _Numbers) -> _Numbers:
    """Return by how many metres, (2, 1), hands are to come forward, out of head, chest and hips.

    ``sizes``: (3, 2, 5, 3) offsets of their points from these, in sizes; else as ``_relative``. A hand that is seen is
    before what it touches, and most of a hand's error is in depth.
    """
    radii = np.maximum(size * _SURFACES - INSIDE_M, INSIDE_M)
    at = (sizes.reshape(len(matrices), -1, 3) - _SURFACE_MIDDLES) * size / radii
    forward = matrices[:, None, 2] / radii
    # The line forward leaves the ellipsoid where |at + way * forward| is 1.
    a, b, c = dot(forward, forward), dot(at, forward), dot(at, at) - 1.0
    way = np.where(c < 0.0, (np.sqrt(np.maximum(b * b - a * c, 0.0)) - b) / a, 0.0)
    way *= np.minimum(np.maximum((DEEPEST_M[1] - way) / (DEEPEST_M[1] - DEEPEST_M[0]), 0.0), 1.0)
    furthest: _Numbers = way.reshape(-1, 2, TOUCH_POINT_COUNT).max((0, 2))
    return furthest[:, None]


def _relative(points: _Numbers, matrices: _Numbers, middles: _Numbers, size: _Numbers) -> tuple[_Numbers, _Numbers]:
    """Return where points are relative to the anchors: (1, 2, 5, 3), or (3, 2, 5, 3) of their own for each.

    That is, their offsets from head, chest and hips in sizes, (3, 2, 5, 3), and their distances from all four anchors,
    (4, 2, 5) metres. The surfaces are ellipsoids; the distance from one is measured toward its middle. ``matrices``,
    ``middles``, ``size``: of head, chest and hips their (3, 3, 3) rotations, (3, 3) middles and (3, 1, 3) sizes.
    """
    sizes = (points.reshape(len(points), -1, 3) - middles[:, None]) @ matrices / size
    distances = np.empty((ANCHOR_COUNT, 2, TOUCH_POINT_COUNT))
    at = (sizes - _SURFACE_MIDDLES) / _SURFACES
    radius = np.sqrt(dot(at, at)) + TINY
    at *= size * _SURFACES
    from_middle = np.sqrt(dot(at, at))
    distances[: Anchor.OTHER_HAND] = (from_middle - from_middle / radius).reshape(-1, 2, TOUCH_POINT_COUNT)
    gap = points[-1, 0][:, None] - points[-1, 1]
    apart = np.sqrt(dot(gap, gap))[:, :, 0]
    distances[Anchor.OTHER_HAND, 0], distances[Anchor.OTHER_HAND, 1] = apart.min(1), apart.min(0)
    return sizes.reshape(-1, 2, TOUCH_POINT_COUNT, 3), distances
