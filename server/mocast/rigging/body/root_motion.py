"""Root motion: the position of the hips, sideways by the picture, and in height so that the lower foot is on the
floor."""

import math
from typing import Final

import numpy as np

from mocast.model import topology
from mocast.model.humanoid import REST_OFFSETS, HumanoidBone
from mocast.model.names import both_sides
from mocast.model.quaternions import Quaternions, to_matrices
from mocast.model.tracked import Pose

MAX_SIDEWAYS_M: Final = 2.0
"""The hips' largest distance from the picture's middle: more is an error of the scale."""

SOLE_BACK: Final = np.array([0.0, -0.09, -0.05])
"""The heel at rest, relative to the ankle, avatar space, metres; the ankle is 9 cm above the floor."""
SOLE_FRONT: Final = np.array([0.0, -0.09, 0.17])
"""The tip of the toes, where the pose's foot index is."""

B = HumanoidBone
_THIGHS, _SHANKS, _FEET = (both_sides(HumanoidBone, name) for name in ("UPPER_LEG", "LOWER_LEG", "FOOT"))
_LEGS: Final = np.array([B.HIPS, *_THIGHS, *_SHANKS, *_FEET])
_HIPS: Final = REST_OFFSETS[list(_THIGHS)].astype(np.float64)
_KNEE: Final = REST_OFFSETS[B.LEFT_LOWER_LEG].astype(np.float64)
_ANKLE: Final = REST_OFFSETS[B.LEFT_FOOT].astype(np.float64)
_SOLE: Final = np.stack([SOLE_BACK, SOLE_FRONT], 1)


def sideways_m(pose: Pose, width_px: int, scale_m: float | None) -> float | None:
    """Return how far the hips are right of the picture's middle (to the subject's left), in metres.

    ``scale_m``: the pose's ``metres_per_px``. ``None`` without it, and where the hips' landmarks are not numbers.
    """
    left, right = topology.HIPS
    middle = 0.5 * float(pose.image[left, 0] + pose.image[right, 0])
    if scale_m is None or not math.isfinite(middle):
        return None
    return min(max((middle - 0.5) * width_px * scale_m, -MAX_SIDEWAYS_M), MAX_SIDEWAYS_M)


def height_m(rotations: Quaternions) -> float:
    """Return the height of the hips, in metres, at which the lowest point of the soles is on the floor.

    ``rotations``: the (55, 4) local ones.
    """
    turns = to_matrices(rotations[_LEGS])
    pelvis = turns[0]
    thighs = pelvis @ turns[1:3]
    shanks = thighs @ turns[3:5]
    feet = shanks @ turns[5:7]
    ankles_y = _HIPS @ pelvis[1] + thighs[:, 1] @ _KNEE + shanks[:, 1] @ _ANKLE
    return -float((ankles_y[:, None] + feet[:, 1] @ _SOLE).min())
