"""Feet: their frames from heel, toes and ankle, and how high the hips are so that the lower foot is on the floor."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.humanoid import REST_OFFSETS, HumanoidBone
from mocast.rigging.bases import frames
from mocast.rigging.quaternions import Matrices, Quaternions, Vectors, cross, to_matrices

HEEL: Final = np.array([0.0, -0.09, -0.05])
"""The sole's back at rest, relative to the ankle, avatar space, metres; the ankle is 9 cm above the floor."""
TOES: Final = np.array([0.0, -0.09, 0.17])
"""The sole's front, where the pose's foot index is."""

B = HumanoidBone
_REST_FRAME: Final = np.stack([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], np.cross([0.0, 0.0, 1.0], [0.0, 1.0, 0.0])])
_SOLE: Final = np.stack([HEEL, TOES])


def feet(ankles: Vectors, heels: Vectors, toes: Vectors) -> tuple[Matrices, NDArray[np.bool_]]:
    """Return the (n, 3, 3) frames of feet from (n, 3) points, and whether each is a foot and no line."""
    along, upward = toes - heels, ankles - 0.5 * (heels + toes)
    area = cross(along, upward)
    return frames(along, upward) @ _REST_FRAME, (area * area).sum(-1) > 1e-4**2


_HIPS: Final = REST_OFFSETS[[B.LEFT_UPPER_LEG, B.RIGHT_UPPER_LEG]].astype(np.float64)
_KNEE: Final = REST_OFFSETS[B.LEFT_LOWER_LEG].astype(np.float64)
_ANKLE: Final = REST_OFFSETS[B.LEFT_FOOT].astype(np.float64)
LEG_BONES: Final = np.array(
    [B.HIPS, B.LEFT_UPPER_LEG, B.RIGHT_UPPER_LEG, B.LEFT_LOWER_LEG, B.RIGHT_LOWER_LEG, B.LEFT_FOOT, B.RIGHT_FOOT]
)


def hips_height(rotations: Quaternions) -> float:
    """Return the height of the hips, metres, at which the lowest point of the soles is on the floor.

    ``rotations``: all (55, 4) local ones. Source of the soles' shape: ``HEEL`` and ``TOES``.
    """
    turns = to_matrices(rotations[LEG_BONES])
    thighs = turns[0] @ turns[1:3]
    shanks = thighs @ turns[3:5]
    feet = shanks @ turns[5:7]
    ankles = _HIPS @ turns[0].T + thighs @ _KNEE + shanks @ _ANKLE
    heights = ankles[:, None, 1] + feet[:, 1] @ _SOLE.T
    return -float(heights.min())
