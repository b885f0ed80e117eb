"""Feet of a smoothed motion that stay where they stood before: smoothing mixes standing with stepping."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.humanoid import HumanoidBone
from mocast.model.names import SIDES
from mocast.model.quaternions import Quaternion, Vector, inverse_one, multiply, multiply_one, rotate
from mocast.recordings.export.motion import Motion
from mocast.rigging.body.feet_solver import BALL
from mocast.rigging.body.leg_ik import Leg
from mocast.rigging.retargeting.proportions import REST, Proportions
from mocast.rigging.vectors import add

BLEND_S: Final = 0.1
"""How long a foot takes to come to where it stands, and to leave it, as while it is live."""
MIN_OFFSET_M: Final = 2e-4
"""A foot that is off by less stays as it is."""

B = HumanoidBone
LEGS: Final = [[HumanoidBone[f"{side}_{bone}"] for bone in ("UPPER_LEG", "LOWER_LEG", "FOOT")] for side in SIDES]

Points = NDArray[np.float64]
LegRotations = tuple[Quaternion, Quaternion, Quaternion, Quaternion]
"""Of pelvis, thigh, shank and foot."""


def plant_feet(smooth: Motion, stood: Motion) -> None:
    """Turn the legs of ``smooth`` so that feet that stand do so where they stand in ``stood``, of the same frames."""
    for side in range(2):
        balls = foot_path(smooth, side, REST, BALL), foot_path(stood, side, REST, BALL)
        offsets = stance_offsets(*balls, stood.planted[:, side], stood.step_s)
        for frame in np.flatnonzero(np.abs(offsets).max(1) > MIN_OFFSET_M).tolist():
            _move(smooth.rotations[frame], side, offsets[frame])


def foot_path(motion: Motion, side: int, body: Proportions, from_ankle: Vector) -> Points:
    """Return where a point of a foot is on a body's legs, (n, 3): at rest it is ``from_ankle``."""
    turned = motion.rotations[:, B.HIPS].astype(np.float64)
    at = motion.hips.astype(np.float64)
    for bone in LEGS[side]:
        at = at + rotate(turned, np.broadcast_to(np.array(body.offsets[bone]), at.shape))
        turned = multiply(turned, motion.rotations[:, bone].astype(np.float64))
    return at + rotate(turned, np.broadcast_to(np.array(from_ankle), at.shape))


def stance_offsets(shown: Points, stood: Points, planted: NDArray[np.bool_], step_s: float) -> Points:
    """Return by how much a foot is to be moved in each frame, (n, 3): all the way while it stands, less around that."""
    offsets = np.zeros_like(shown)
    blend = max(round(BLEND_S / step_s), 1)
    for begin, end in _runs(planted):
        offsets[begin:end] = stood[begin:end].mean(0) - shown[begin:end]
        for first, direction in ((begin, -1), (end - 1, 1)):
            for away in range(1, blend):
                frame = first + direction * away
                if not 0 <= frame < len(planted) or planted[frame]:
                    break
                offsets[frame] += (1 - away / blend) * offsets[first]
    return offsets


def _runs(flags: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _move(rotations: NDArray[np.float32], side: int, offset: Points) -> None:
    """Turn a leg of (55, 4) local rotations so that its foot is moved by (3,) metres; the foot keeps its direction."""
    pelvis, thigh, shank, foot = leg_rotations(rotations, side)
    leg = Leg(side, pelvis, thigh, shank, foot)
    x, y, z = offset.tolist()
    leg.reach(add(leg.ankle, (x, y, z)))
    turn_leg(rotations, side, (pelvis, leg.thigh, leg.shank, leg.foot))


def leg_rotations(rotations: NDArray[np.float32], side: int) -> LegRotations:
    """Return a leg's rotations in avatar space of (55, 4) local ones."""
    pelvis, *local = (_quaternion(rotations[bone]) for bone in (B.HIPS, *LEGS[side]))
    thigh = multiply_one(pelvis, local[0])
    shank = multiply_one(thigh, local[1])
    return pelvis, thigh, shank, multiply_one(shank, local[2])


def turn_leg(rotations: NDArray[np.float32], side: int, turned: LegRotations) -> None:
    """Set a leg's local rotations to what it has in avatar space; the pelvis stays."""
    for bone, (parent, child) in zip(LEGS[side], pairwise(turned), strict=True):
        now = np.array(multiply_one(inverse_one(parent), child))
        # Signs do not change from frame to frame, for readers who interpolate each component by itself.
        rotations[bone] = now if float(now @ rotations[bone]) >= 0 else -now


def _quaternion(rotation: NDArray[np.float32]) -> Quaternion:
    x, y, z, w = rotation.tolist()
    return x, y, z, w
