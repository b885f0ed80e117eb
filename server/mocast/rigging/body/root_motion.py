"""Where the hips are: aside by the picture, in height so that the lower foot is on the floor."""

import math
from typing import Final

import numpy as np

from mocast.model.humanoid import REST_OFFSETS, HumanoidBone
from mocast.model.quaternions import Quaternions, to_matrices
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Pose

FURTHEST_M: Final = 2.0
"""Aside from the picture's middle; further is a mistake of scale."""

HEEL: Final = np.array([0.0, -0.09, -0.05])
"""The sole's back at rest, relative to the ankle, avatar space, metres; the ankle is 9 cm above the floor."""
TOES: Final = np.array([0.0, -0.09, 0.17])
"""The sole's front, where the pose's foot index is."""

B = HumanoidBone
_LEGS: Final = np.array(
    [B.HIPS, B.LEFT_UPPER_LEG, B.RIGHT_UPPER_LEG, B.LEFT_LOWER_LEG, B.RIGHT_LOWER_LEG, B.LEFT_FOOT, B.RIGHT_FOOT]
)
_HIPS: Final = REST_OFFSETS[[B.LEFT_UPPER_LEG, B.RIGHT_UPPER_LEG]].astype(np.float64)
_KNEE: Final = REST_OFFSETS[B.LEFT_LOWER_LEG].astype(np.float64)
_ANKLE: Final = REST_OFFSETS[B.LEFT_FOOT].astype(np.float64)
_SOLE: Final = np.stack([HEEL, TOES], 1)


def aside_m(pose: Pose, width_px: int, scale_m: float | None) -> float | None:
    """Return how far the hips are to the picture's right (the subject's left) of its middle, in metres.

    ``scale_m``: the pose's ``metres_per_px``; without one, as where the hips are nowhere, ``None``.
    """
    middle = 0.5 * float(pose.image[P.LEFT_HIP, 0] + pose.image[P.RIGHT_HIP, 0])
    if scale_m is None or not math.isfinite(middle):
        return None
    return min(max((middle - 0.5) * width_px * scale_m, -FURTHEST_M), FURTHEST_M)


def height_m(rotations: Quaternions) -> float:
    """Return the height of the hips at which the lowest point of the soles is on the floor, in metres.

    ``rotations``: all (55, 4) local ones.
    """
    turns = to_matrices(rotations[_LEGS])
    pelvis = turns[0]
    thighs = pelvis @ turns[1:3]
    shanks = thighs @ turns[3:5]
    feet = shanks @ turns[5:7]
    ankles_y = _HIPS @ pelvis[1] + thighs[:, 1] @ _KNEE + shanks[:, 1] @ _ANKLE
    return -float((ankles_y[:, None] + feet[:, 1] @ _SOLE).min())
