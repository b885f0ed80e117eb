"""Feet of a motion on an avatar's own legs: where the person's stand, the avatar's do, at the scale of its legs."""

import math
from typing import Final

import numpy as np

from mocast.model.humanoid import REST_POSITIONS, HumanoidBone
from mocast.model.quaternions import Vector, multiply_one, rotate, rotate_one
from mocast.recordings.export.foot_planting import (
    LEGS,
    MIN_OFFSET_M,
    Points,
    foot_path,
    leg_rotations,
    stance_offsets,
    turn_leg,
)
from mocast.recordings.export.motion import Motion
from mocast.rigging.body.feet_solver import BALL
from mocast.rigging.body.leg_ik import STRETCH
from mocast.rigging.retargeting.proportions import REST, Proportions
from mocast.rigging.retargeting.two_bone_ik import middle_joint, swing
from mocast.rigging.vectors import add, length, sub

KNEE_FORWARD_M: Final = 0.02
"""A knee bends toward a point this far before it: a straight leg has no direction of its own."""
LOWERED_S: Final = 0.15
"""For how long the hips sink before feet are out of reach, and rise again after it."""

B = HumanoidBone
_ANKLE: Final[Vector] = (0.0, 0.0, 0.0)


def fit_feet(shown: Motion, person: Motion, body: Proportions) -> None:
    """Turn the legs of ``shown``, and lower its hips where those do not reach, so that feet that stand stay.

    ``shown``: the motion of ``person`` with the hips of the avatar.
    """
    scale = _scale(body)
    targets = []
    for side in (0, 1):
        ball = ball_of(side, body)
        # The avatar's foot at rest, and from there the person's path in the avatar's size.
        stood = _at_rest(side, body, ball) + scale * (foot_path(person, side, REST, BALL) - _at_rest(side, REST, BALL))
        offsets = stance_offsets(foot_path(shown, side, body, ball), stood, person.planted[:, side], person.step_s)
        targets.append(foot_path(shown, side, body, _ANKLE) + offsets)
    lowered = _lowered(shown, targets, body)
    shown.hips[:, 1] -= lowered.astype(np.float32)
    for side in (0, 1):
        ankles = foot_path(shown, side, body, _ANKLE)
        for frame in np.flatnonzero(np.abs(targets[side] - ankles).max(1) > MIN_OFFSET_M).tolist():
            _move(shown, frame, side, targets[side][frame].tolist(), body)


def ball_of(side: int, body: Proportions) -> Vector:
    """Return the ball of a foot at rest, relative to the ankle: on the floor, as far before it as suits the legs."""
    height = sum(body.offsets[bone][1] for bone in (B.HIPS, *LEGS[side]))
    return (BALL[0], -height, _scale(body) * BALL[2])


def _scale(body: Proportions) -> float:
    return body.offsets[B.HIPS][1] / float(REST_POSITIONS[B.HIPS, 1])


def _at_rest(side: int, body: Proportions, ball: Vector) -> Points:
    offsets = [body.offsets[bone] for bone in (B.HIPS, *LEGS[side])]
    return np.asarray(np.array(offsets).sum(0) + np.array(ball))


def _lowered(shown: Motion, ankles: list[Points], body: Proportions) -> Points:
    """Return by how much the hips are too high for the legs to reach where the feet stand, (n,) metres."""
    lowered = np.zeros(len(shown))
    pelvis = shown.rotations[:, B.HIPS].astype(np.float64)
    for side in (0, 1):
        upper, lower, foot = LEGS[side]
        reach = STRETCH * (length(body.offsets[lower]) + length(body.offsets[foot]))
        hip = shown.hips + rotate(pelvis, np.tile(body.offsets[upper], (len(shown), 1)))
        x, y, z = (hip - ankles[side]).T
        too_high = y - np.sqrt(np.maximum(reach * reach - x * x - z * z, 0.0))
        lowered = np.maximum(lowered, np.where(shown.planted[:, side], too_high, 0.0))
    half = max(round(LOWERED_S / shown.step_s), 1)
    padded = np.pad(lowered, 2 * half, mode="edge")
    # The most of the moments around, and then their mean: never less than is needed.
    most = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1).max(1)
    return np.asarray(np.convolve(most, np.full(2 * half + 1, 1 / (2 * half + 1)), mode="valid"))


def _move(shown: Motion, frame: int, side: int, target: list[float], body: Proportions) -> None:
    """Turn a leg of a frame so that its ankle is there; the foot keeps its direction."""
    rotations = shown.rotations[frame]
    bones = LEGS[side]
    pelvis, thigh, shank, foot = leg_rotations(rotations, side)
    x, y, z = shown.hips[frame].tolist()
    hip = add((x, y, z), rotate_one(pelvis, body.offsets[bones[0]]))
    knee = add(hip, rotate_one(thigh, body.offsets[bones[1]]))
    ankle = add(knee, rotate_one(shank, body.offsets[bones[2]]))
    pole = add(knee, rotate_one(thigh, (0.0, 0.0, KNEE_FORWARD_M)))
    upper_m, lower_m = length(body.offsets[bones[1]]), length(body.offsets[bones[2]])
    knee_at, ankle_at = middle_joint(hip, (target[0], target[1], target[2]), pole, upper_m, lower_m, stretch=STRETCH)
    if math.dist(ankle_at, ankle) < MIN_OFFSET_M:
        return
    thigh_at = multiply_one(swing(sub(knee, hip), sub(knee_at, hip)), thigh)
    shank_at = multiply_one(swing(sub(ankle, knee), sub(ankle_at, knee_at)), shank)
    turn_leg(rotations, side, (pelvis, thigh_at, shank_at, foot))
