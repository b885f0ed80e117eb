"""Orthonormal bases from landmarks: the lines that make them, and the frames of pelvis, chest, palms and feet."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.humanoid import REST_POSITIONS, HumanoidBone
from mocast.model.quaternions import Matrices, Vectors, cross, dot, unit
from mocast.model.topology import PoseLandmark as P

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

TO_AVATAR: Final = np.array([1.0, -1.0, -1.0])
"""Takes world space (y down, z away from the camera) to avatar space for a camera that does not mirror."""
MIRROR: Final = np.array([-1.0, 1.0, 1.0])
"""Takes the right side's points to where the left side's would be, so that both are solved as left ones."""
MIRROR_MATRIX: Final = np.outer(MIRROR, MIRROR)
"""Times this, a rotation matrix is the one seen in a mirror at x = 0."""
COINCIDENT_M: Final = 1e-4
"""Points closer than this say nothing about a direction."""


def frames(primary: Vectors, secondary: Vectors) -> tuple[Matrices, Flags]:
    """Return (n, 3, 3) rotations with ``primary`` as first column and ``secondary``, made square to it, as second.

    And which of them are bases: where points coincide or lie on a line there is none, and its matrix means nothing.
    """
    first = unit(primary)
    across = secondary - dot(secondary, first) * first
    second = unit(across)
    made = np.empty((len(first), 3, 3))
    made[..., 0], made[..., 1], made[..., 2] = first, second, cross(first, second)
    return made, (np.minimum(dot(primary, primary), dot(across, across)) > COINCIDENT_M**2)[:, 0]


def _rest_frame(along: Mapping[HumanoidBone, float], across: Mapping[HumanoidBone, float]) -> Matrices:
    """Return the inverse of the frame that weighted sums of the rest pose's joints make."""
    lines = [
        sum((weight * REST_POSITIONS[bone].astype(np.float64) for bone, weight in line.items()), np.zeros(3))
        for line in (along, across)
    ]
    inverse: Matrices = frames(lines[0][None], lines[1][None])[0][0].T
    return inverse


# What a line is made of: landmarks of the left side (or, for the trunk, of both) and their weights.
_ROWS: Final[tuple[dict[str, float], ...]] = (
    # The first directions of the frames.
    {"LEFT_HIP": 1, "RIGHT_HIP": -1},
    {"LEFT_SHOULDER": 1, "RIGHT_SHOULDER": -1},
    {"LEFT_INDEX": 0.5, "LEFT_PINKY": 0.5, "LEFT_WRIST": -1},
    {"RIGHT_INDEX": 0.5, "RIGHT_PINKY": 0.5, "RIGHT_WRIST": -1},
    {"LEFT_FOOT_INDEX": 1, "LEFT_HEEL": -1},
    {"RIGHT_FOOT_INDEX": 1, "RIGHT_HEEL": -1},
    # Their second ones.
    {"LEFT_SHOULDER": 0.5, "RIGHT_SHOULDER": 0.5, "LEFT_HIP": -0.5, "RIGHT_HIP": -0.5},
    {"LEFT_SHOULDER": 0.5, "RIGHT_SHOULDER": 0.5, "LEFT_HIP": -0.5, "RIGHT_HIP": -0.5},
    {"LEFT_INDEX": 1, "LEFT_PINKY": -1},
    {"RIGHT_INDEX": 1, "RIGHT_PINKY": -1},
    {"LEFT_ANKLE": 1, "LEFT_HEEL": -0.5, "LEFT_FOOT_INDEX": -0.5},
    {"RIGHT_ANKLE": 1, "RIGHT_HEEL": -0.5, "RIGHT_FOOT_INDEX": -0.5},
    # The limbs' upper segments, then their lower ones.
    {"LEFT_ELBOW": 1, "LEFT_SHOULDER": -1},
    {"RIGHT_ELBOW": 1, "RIGHT_SHOULDER": -1},
    {"LEFT_KNEE": 1, "LEFT_HIP": -1},
    {"RIGHT_KNEE": 1, "RIGHT_HIP": -1},
    {"LEFT_WRIST": 1, "LEFT_ELBOW": -1},
    {"RIGHT_WRIST": 1, "RIGHT_ELBOW": -1},
    {"LEFT_ANKLE": 1, "LEFT_KNEE": -1},
    {"RIGHT_ANKLE": 1, "RIGHT_KNEE": -1},
)


def _weights() -> Numbers:
    table = np.zeros((len(_ROWS), len(P)))
    for row, line in enumerate(_ROWS):
        for name, weight in line.items():
            table[row, P[name]] = weight
    return table


_LINES: Final = _weights()
_SEEN_AS_LEFT: Final = np.array(
    [MIRROR if all(name.startswith("RIGHT") for name in line) else np.ones(3) for line in _ROWS]
)
B = HumanoidBone
_LEFT_PALM: Final = _rest_frame(
    {B.LEFT_INDEX_PROXIMAL: 0.5, B.LEFT_LITTLE_PROXIMAL: 0.5, B.LEFT_HAND: -1},
    {B.LEFT_INDEX_PROXIMAL: 1, B.LEFT_LITTLE_PROXIMAL: -1},
)
_SIDE_UP: Final = np.eye(3)
_FORWARD_UP: Final = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
_REST: Final = np.stack([_SIDE_UP, _SIDE_UP, _LEFT_PALM, _LEFT_PALM, _FORWARD_UP, _FORWARD_UP])


class Lines:
    """The frames and segments of a pose, those of the right side seen in a mirror, as left ones.

    Pelvis and chest have the hips' and the shoulders' line for across and both the spine, from the middle of the hips
    to that of the shoulders, for up. Where along the spine the back bends cannot be seen from four points; turns about
    it and bends to the side can, and are told apart.
    """

    def __init__(self, points: Vectors) -> None:
        """Measure (33, 3) points in avatar space."""
        lines = (_LINES @ points) * _SEEN_AS_LEFT
        made, are_bases = frames(lines[:6], lines[6:12])
        made = made @ _REST
        self.pelvis: Matrices = made[0]
        "(3, 3)."
        self.chest: Matrices = made[1]
        "(3, 3)."
        self.is_trunk = bool(are_bases[:2].all())
        "Whether hips and shoulders are where they say something."
        self.palms: Matrices = made[2:4]
        "(2, 3, 3): by the wrist and two knuckles, which is all that a pose has of a hand."
        self.are_palms: Flags = are_bases[2:4]
        "(2,)."
        self.feet: Matrices = made[4:6]
        "(2, 3, 3): by heel, toes and ankle."
        self.are_feet: Flags = are_bases[4:6]
        "(2,)."
        self.limbs: Vectors = lines[12:].reshape(2, 4, 3)
        "(2, 4, 3): upper arms and thighs, left then right; forearms and shanks."


_SHOULDER_HALF: Final = float(REST_POSITIONS[B.LEFT_SHOULDER][0])
_CLAVICLE: Final = float(REST_POSITIONS[B.LEFT_UPPER_ARM][0]) - _SHOULDER_HALF


def without_raised_shoulders(chest: Matrices, raised: Numbers) -> Matrices:
    """Return the chest's (3, 3) frame where the clavicles are raised by (2,) radians, left and right.

    One raised shoulder tilts the shoulders' line although the chest does not tilt.
    """
    across = 2 * _SHOULDER_HALF + _CLAVICLE * float(np.cos(raised).sum())
    tilt = np.arctan2(_CLAVICLE * float(np.sin(raised[0]) - np.sin(raised[1])), across)
    cosine, sine = np.cos(tilt), np.sin(tilt)
    untilted: Matrices = chest @ np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])
    return untilted
