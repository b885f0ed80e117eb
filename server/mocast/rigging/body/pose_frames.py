"""Orthonormal frames of pelvis, chest, palms and feet, and the segments of the limbs, from a pose's landmarks.

Spaces (docs/architecture.md, "Spaces"). A landmark in world space times ``WORLD_TO_AVATAR`` is in avatar space::

      world, unmirrored camera          avatar: the subject faces +z, the left hand is at +x

          z  away                            y  up
         /                                   |
        o---- x  the picture's right         o---- x  the subject's left
        |                                   /
        y  down                            z  toward the camera

A frame is a rotation matrix in avatar space, whose columns are where the axes of the rest pose (the T-pose) go. Two
lines make it: the first column points along the one, the second lies in the plane of both. The frame that the same two
lines make in the rest pose is divided out, so that the rest pose gives the identity.

Limbs, palms and feet of the right side are reflected at x = 0 and solved as left ones.
"""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.humanoid import REST_POSITIONS, HumanoidBone
from mocast.model.names import SIDES
from mocast.model.quaternions import MIRROR_VECTOR, Matrices, Vectors, cross, dot, unit_and_length
from mocast.model.topology import PoseLandmark as P

B = HumanoidBone
Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]
Line = Mapping[str, float]
"""The weights of points, by name, whose weighted sum is a direction."""

WORLD_TO_AVATAR: Final = np.array([1.0, -1.0, -1.0])
"""Takes world space (y down, z away from the camera) to avatar space, for a camera that does not mirror."""
MIRROR_MATRIX: Final = np.outer(MIRROR_VECTOR, MIRROR_VECTOR)
"""A rotation matrix times this, element by element, is reflected at x = 0."""
MIN_LENGTH_M: Final = 1e-4
"""A line shorter than this has no direction."""


def frames(primary: Vectors, secondary: Vectors) -> tuple[Matrices, Flags]:
    """Return (n, 3, 3) frames and which of them are valid, (n,).

    The first column is ``primary``, (n, 3), at unit length; the second is ``secondary``, (n, 3), made orthogonal to it.
    Where points coincide or are collinear the frame is not valid, and its matrix means nothing.
    """
    first, along_m = unit_and_length(primary)
    made, across_m = frames_along(first, secondary)
    return made, (np.minimum(along_m, across_m) > MIN_LENGTH_M)[:, 0]


def frames_along(first: Vectors, secondary: Vectors) -> tuple[Matrices, Numbers]:
    """Return frames as ``frames`` does, of which the (n, 3) first columns are given.

    And the (n, 1) lengths of ``secondary`` orthogonal to these.
    """
    second, across_m = unit_and_length(secondary - dot(secondary, first) * first)
    made = np.empty((len(first), 3, 3))
    made[..., 0], made[..., 1], made[..., 2] = first, second, cross(first, second)
    return made, across_m


def _inverse_rest_frame(along: Line, across: Line) -> Matrices:
    """Return the inverse of the frame that two lines through the joints of the rest pose make."""
    lines = [
        sum(
            (weight * REST_POSITIONS[HumanoidBone[bone]].astype(np.float64) for bone, weight in line.items()),
            np.zeros(3),
        )
        for line in (along, across)
    ]
    inverse: Matrices = frames(lines[0][None], lines[1][None])[0][0].T
    return inverse


def _of_side(side: str, line: Line) -> Line:
    return {f"{side}_{name}": weight for name, weight in line.items()}


_HIP_LINE: Final[Line] = {"LEFT_HIP": 1, "RIGHT_HIP": -1}
_SHOULDER_LINE: Final[Line] = {"LEFT_SHOULDER": 1, "RIGHT_SHOULDER": -1}
_SPINE: Final[Line] = {"LEFT_SHOULDER": 0.5, "RIGHT_SHOULDER": 0.5, "LEFT_HIP": -0.5, "RIGHT_HIP": -0.5}
# Of either side.
_ALONG_PALM: Final[Line] = {"INDEX": 0.5, "PINKY": 0.5, "WRIST": -1}
_ACROSS_PALM: Final[Line] = {"INDEX": 1, "PINKY": -1}
_ALONG_FOOT: Final[Line] = {"FOOT_INDEX": 1, "HEEL": -1}
_UP_FOOT: Final[Line] = {"ANKLE": 1, "HEEL": -0.5, "FOOT_INDEX": -0.5}
_UPPER_ARM: Final[Line] = {"ELBOW": 1, "SHOULDER": -1}
_LOWER_ARM: Final[Line] = {"WRIST": 1, "ELBOW": -1}
_UPPER_LEG: Final[Line] = {"KNEE": 1, "HIP": -1}
_LOWER_LEG: Final[Line] = {"ANKLE": 1, "KNEE": -1}


def _both(*lines: Line) -> list[Line]:
    return [_of_side(side, line) for line in lines for side in SIDES]


_LINES: Final = [
    *(_HIP_LINE, _SHOULDER_LINE, *_both(_ALONG_PALM, _ALONG_FOOT)),  # the frames' first directions
    *(_SPINE, _SPINE, *_both(_ACROSS_PALM, _UP_FOOT)),  # their second ones
    *_both(_UPPER_ARM, _UPPER_LEG, _LOWER_ARM, _LOWER_LEG),
]
_FRAME_COUNT: Final = 6


def _weights() -> Numbers:
    table = np.zeros((len(_LINES), len(P)))
    for row, line in enumerate(_LINES):
        for name, weight in line.items():
            table[row, P[name]] = weight
    return table


_WEIGHTS: Final = _weights()
"""(20, 33): all lines are one matrix product of this with a pose's points."""
_REFLECTED: Final = np.array(
    [MIRROR_VECTOR if all(name.startswith("RIGHT") for name in line) else np.ones(3) for line in _LINES]
)
"""(20, 3): lines of the right side are reflected."""
_LEFT_PALM: Final = _inverse_rest_frame(
    {"LEFT_INDEX_PROXIMAL": 0.5, "LEFT_LITTLE_PROXIMAL": 0.5, "LEFT_HAND": -1},
    {"LEFT_INDEX_PROXIMAL": 1, "LEFT_LITTLE_PROXIMAL": -1},
)
_TRUNK: Final = np.eye(3)
"""Hips, shoulders and spine are along x and y in the rest pose."""
_FOOT: Final = np.array([[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]])
"""Feet point along z in the rest pose and have y for up: the inverse of the frame with the columns z, y, -x."""
_INVERSE_REST: Final = np.stack([_TRUNK, _TRUNK, _LEFT_PALM, _LEFT_PALM, _FOOT, _FOOT])


class PoseFrames:
    """The frames and segments of one pose; those of the right side are reflected.

    Pelvis and chest have the hips' and the shoulders' line for x, and both have the spine, from the middle of the hips
    to that of the shoulders, for y. So turns about the spine and bends to the side are told apart; where along the
    spine the back bends cannot be seen from four points.
    """

    def __init__(self, points: Vectors) -> None:
        """Measure (33, 3) points in avatar space."""
        lines = _WEIGHTS.dot(points) * _REFLECTED
        made, are_valid = frames(lines[:_FRAME_COUNT], lines[_FRAME_COUNT : 2 * _FRAME_COUNT])
        made = made @ _INVERSE_REST
        self.pelvis: Matrices = made[0]
        "(3, 3)."
        self.chest: Matrices = made[1]
        "(3, 3)."
        self.spine: Vectors = lines[_FRAME_COUNT]
        "(3,), of any length: from the middle of the hips to that of the shoulders."
        self.is_trunk = bool(are_valid[:2].all())
        "Whether pelvis and chest are valid."
        self.palms: Matrices = made[2:4]
        "(2, 3, 3): by the wrist and two knuckles, which is all that a pose has of a hand."
        self.are_palms: Flags = are_valid[2:4]
        "(2,)."
        self.feet: Matrices = made[4:6]
        "(2, 3, 3): by heel, toes and ankle."
        self.are_feet: Flags = are_valid[4:6]
        "(2,)."
        self.limbs: Vectors = lines[2 * _FRAME_COUNT :].reshape(2, 4, 3)
        "(2, 4, 3): upper arms and thighs, left then right; forearms and shanks."


_SHOULDER_HALF_M: Final = float(REST_POSITIONS[B.LEFT_SHOULDER][0])
_CLAVICLE_M: Final = float(REST_POSITIONS[B.LEFT_UPPER_ARM][0]) - _SHOULDER_HALF_M


def chest_without_clavicles(chest: Matrices, raised: tuple[float, float]) -> Matrices:
    """Return the (3, 3) frame of a chest whose clavicles are raised by so many radians, left and right.

    A raised shoulder tilts the line of the shoulders although the chest does not tilt: that tilt is taken back.
    """
    left, right = raised
    across = 2 * _SHOULDER_HALF_M + _CLAVICLE_M * (math.cos(left) + math.cos(right))
    tilt = math.atan2(_CLAVICLE_M * (math.sin(left) - math.sin(right)), across)
    cosine, sine = math.cos(tilt), math.sin(tilt)
    untilted: Matrices = chest.dot(np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]]))
    return untilted
