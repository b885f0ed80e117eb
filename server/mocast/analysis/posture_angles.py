"""Posture: how far head and trunk lean forward, and whether that is a forward head or a slouch, as an estimate.

*Neck*: the angle in the body's own sagittal plane between the vertical and the line from the middle of the shoulders to
the middle of the ears. Physiotherapists measure its complement at C7, the craniovertebral angle: 55° in people without
neck pain, 50° with it (Yip, Chiu, Poon, "The relationship between head posture and severity and disability of patients
with neck pain", 2008). The shoulders' landmarks are in front of C7, so the angle here is smaller for the same posture.
*Trunk*: the same from the middle of the hips to that of the shoulders; where the hips are not seen it is not known.
*Neck height*: the ears' height above the shoulders as a share of the shoulders' distance, which a rounded back lowers.

All from world landmarks, whose depth is the least certain: seen from the front both angles are off by some 10°, and a
camera that looks up adds its tilt. So a person is compared with their own best posture: the posture is a forward head
where the neck leans ``FORWARD_DEG`` further than it did when it was most upright, beyond what the trunk does, and a
slouch where the trunk leans ``TRUNK_DEG`` further or the neck's height is less than ``HEIGHT_SHARE`` of its most;
whichever is farther past its limit (``posture_watch``).
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from mocast.model.topology import EARS, HIPS, SHOULDERS
from mocast.model.tracked import Pose
from mocast.model.visible_landmarks import MIN_VISIBILITY_ON_ENTRY

LEAST_LEVEL_M: Final = 0.05
"""Shoulders that are less apart in the horizontal plane face nowhere."""
_POINTS: Final = np.array([*SHOULDERS, *EARS, *HIPS])


@dataclass(frozen=True, slots=True)
class PostureAngles:
    """How a body leans in one frame."""

    neck_forward_deg: float
    trunk_forward_deg: float | None
    "``None`` where the hips are not seen."
    neck_height: float
    "In distances between the shoulders."


def posture_angles(pose: Pose | None) -> PostureAngles | None:
    """Return how a body leans; ``None`` where shoulders or ears are not seen, or the body is seen from its side.

    The sagittal plane has the vertical and the direction that the shoulders face, which is across them in the
    horizontal plane.
    """
    if pose is None:
        return None
    visibility = pose.visibility.take(_POINTS).tolist()
    if min(visibility[0:2]) < MIN_VISIBILITY_ON_ENTRY or max(visibility[2:4]) < MIN_VISIBILITY_ON_ENTRY:
        return None
    left, right, left_ear, right_ear, left_hip, right_hip = pose.world.take(_POINTS, 0).tolist()
    if not math.isfinite(sum(left + right + left_ear + right_ear + left_hip + right_hip)):
        return None
    (lx, ly, lz), (rx, ry, rz) = left, right
    shoulders, ears = _middle(left, right), _middle(left_ear, right_ear)
    width = math.hypot(lx - rx, ly - ry, lz - rz)
    level = math.hypot(lx - rx, lz - rz)
    if level < LEAST_LEVEL_M:
        return None
    facing = (lz - rz) / level, -(lx - rx) / level
    neck_deg = _forward_deg(shoulders, ears, facing)
    trunk_deg = None
    if min(visibility[4:6]) >= MIN_VISIBILITY_ON_ENTRY:
        trunk_deg = _forward_deg(_middle(left_hip, right_hip), shoulders, facing)
    return PostureAngles(neck_deg, trunk_deg, (shoulders[1] - ears[1]) / width)


def _middle(first: list[float], second: list[float]) -> tuple[float, float, float]:
    return 0.5 * (first[0] + second[0]), 0.5 * (first[1] + second[1]), 0.5 * (first[2] + second[2])


def _forward_deg(
    lower: tuple[float, float, float], upper: tuple[float, float, float], facing: tuple[float, float]
) -> float:
    forward = (upper[0] - lower[0]) * facing[0] + (upper[2] - lower[2]) * facing[1]
    return math.degrees(math.atan2(forward, lower[1] - upper[1]))
