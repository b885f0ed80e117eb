"""The pelvis: by the line of the hips, and, as far as that trembles, by knees, feet and chest.

The hips are 20 cm apart: 3.6 cm of noise in their depths turn the line between them by 15°. Knees that are bent show
where the pelvis faces by the plane in which they bend, feet by where they point, and a back twists only so far. How
much the line is trusted follows from how much it trembles: of exact landmarks it is taken as it is.
"""

import math
from typing import Final

import numpy as np

from mocast.model.quaternions import TINY, Matrices, Vector, from_matrices, nlerp, to_matrices
from mocast.rigging.body.pose_frames import Flags, PoseFrames

YAW_SHARE: Final = 0.5
"""The pelvis' share of the chest's yaw, where the hips are not seen."""
KNEES_RAD2: Final = math.radians(12.0) ** 2
FEET_RAD2: Final = math.radians(20.0) ** 2
CHEST_RAD2: Final = math.radians(20.0) ** 2
"""How far from the pelvis' yaw that of bent knees, of feet and of the chest is, as variances: thighs roll and backs
twist by 25 to 30° either way at most, of two legs the mean counts."""
TREMBLE_S: Final = 1.0
"""Time constant of the mean over the squared steps of the hips' yaw from frame to frame."""
TREMBLE_PER_STEP: Final = 4.0
"""The variance of that yaw's error, as a multiple of that mean: a tracker's error wanders, and its step in a thirtieth
of a second is half of the whole."""
TREMBLE_FRAME_S: Final = 1 / 30
STILL_RAD2: Final = math.radians(1.0) ** 2
"""A mean squared step below this share of it is motion, or the noise of somebody who stands still before a webcam."""


class PelvisEstimate:
    """Estimates the pelvis in consecutive frames. It remembers how much the line of the hips trembles."""

    def __init__(self) -> None:
        self._yaw: float | None = None
        self._step_rad2 = 0.0

    def solve(self, frames: PoseFrames, full_share: float, are_legs: Flags, are_feet: Flags, step_s: float) -> Matrices:
        """Return the pelvis, (3, 3), ``step_s`` seconds after the last one.

        ``are_legs``, ``are_feet``, (2,): which are seen. ``full_share``: 0 for half a body, whose pelvis is upright
        with ``YAW_SHARE`` of the chest's yaw; 1 for a whole one.
        """
        if full_share == 0.0:
            return _upright(frames.chest)
        pelvis = self._whole(frames, are_legs, are_feet, step_s)
        if full_share == 1.0:
            return pelvis
        both = from_matrices(np.stack([_upright(frames.chest), pelvis]))
        return to_matrices(nlerp(both[0], both[1], full_share))

    def _whole(self, frames: PoseFrames, are_legs: Flags, are_feet: Flags, step_s: float) -> Matrices:
        yaw = _yaw_in(frames.chest, frames.pelvis[:, 0].tolist())
        step = 0.0 if self._yaw is None else _wrapped(yaw - self._yaw)
        self._yaw = yaw
        ease = 1 - math.exp(-step_s / TREMBLE_S)
        self._step_rad2 += ease * (step * step * (TREMBLE_FRAME_S / step_s) - self._step_rad2)
        variance = TREMBLE_PER_STEP * max(self._step_rad2 - STILL_RAD2, 0.0)
        if variance == 0.0:
            return frames.pelvis
        information, sum_rad = 1 / CHEST_RAD2, 0.0
        for lateral, weight in (_knees(frames, are_legs), _feet(frames, are_feet)):
            if weight > 0.0:
                information += weight
                sum_rad += weight * _yaw_in(frames.chest, lateral)
        other = sum_rad / information
        turn = _wrapped(other - yaw) * variance / (variance + 1 / information)
        cosine, sine = math.cos(turn), math.sin(turn)
        # About the chest's y axis, which is the spine.
        about_spine = np.array([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]])
        turned: Matrices = frames.chest.dot(about_spine).dot(frames.chest.T).dot(frames.pelvis)
        return turned


def _upright(chest: Matrices) -> Matrices:
    yaw = YAW_SHARE * math.atan2(chest[0, 2], chest[2, 2])
    cosine, sine = math.cos(yaw), math.sin(yaw)
    return np.array([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]])


def _yaw_in(chest: Matrices, lateral: list[float] | Vector) -> float:
    """Return how far a direction to the left is turned about the spine from the chest's, radians."""
    x, y, z = lateral
    (ax, _, cx), (ay, _, cy), (az, _, cz) = chest.tolist()
    return math.atan2(-(x * cx + y * cy + z * cz), x * ax + y * ay + z * az)


def _wrapped(angle: float) -> float:
    return angle - 2 * math.pi * round(angle / (2 * math.pi))


def _knees(frames: PoseFrames, are_seen: Flags) -> tuple[Vector, float]:
    """Return the axis of both knees and what it weighs: nothing where they are straight."""
    total, weight = [0.0, 0.0, 0.0], 0.0
    for side, (thigh, shank) in enumerate(zip(frames.limbs[0, 2:].tolist(), frames.limbs[1, 2:].tolist(), strict=True)):
        if not are_seen[side]:
            continue
        (ax, ay, az), (bx, by, bz) = thigh, shank
        axis = (ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx)
        lengths = max(math.sqrt((ax * ax + ay * ay + az * az) * (bx * bx + by * by + bz * bz)), TINY)
        mirror = 1.0 if side == 0 else -1.0
        total[0] += axis[0] / lengths
        total[1] += mirror * axis[1] / lengths
        total[2] += mirror * axis[2] / lengths
        weight += 0.5 * (axis[0] ** 2 + axis[1] ** 2 + axis[2] ** 2) / (lengths * lengths)
    return (total[0], total[1], total[2]), weight / KNEES_RAD2


def _feet(frames: PoseFrames, are_seen: Flags) -> tuple[Vector, float]:
    """Return to which side both feet's left is, and what that weighs: nothing where one is not seen."""
    if not are_seen.all():
        return (0.0, 0.0, 0.0), 0.0
    (lx, ly, lz), (rx, ry, rz) = frames.feet[:, :, 0].tolist()
    return (lx + rx, ly - ry, lz - rz), 1 / FEET_RAD2
