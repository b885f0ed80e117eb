"""Orthonormal bases from landmarks: unit vectors, frames of two directions, and the torso's pelvis and chest."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.humanoid import REST_POSITIONS, HumanoidBone
from mocast.model.topology import PoseLandmark as P
from mocast.rigging.quaternions import Matrices, Vectors, cross

TO_AVATAR: Final = np.array([1.0, -1.0, -1.0])
"""Takes world space (y down, z away from the camera) to avatar space for a camera that does not mirror."""
MIRROR: Final = np.array([-1.0, 1.0, 1.0])
"""Takes the right side's points to where the left side's would be, so that both are solved as left ones."""
MIRROR_MATRIX: Final = np.outer(MIRROR, MIRROR)
"""Times this, a rotation matrix is the one seen in a mirror at x = 0."""
COINCIDENT_M: Final = 1e-4
"""Points closer than this say nothing about a direction."""
UP: Final = np.array([0.0, 1.0, 0.0])
LEFT: Final = np.array([1.0, 0.0, 0.0])
FORWARD: Final = np.array([0.0, 0.0, 1.0])

_SHOULDER_HALF: Final = float(REST_POSITIONS[HumanoidBone.LEFT_SHOULDER][0])
_CLAVICLE: Final = float(REST_POSITIONS[HumanoidBone.LEFT_UPPER_ARM][0]) - _SHOULDER_HALF


def unit(v: Vectors, fallback: Vectors) -> Vectors:
    """Return vectors (..., 3) at unit length; ``fallback`` in place of those that have none."""
    length = np.sqrt((v * v).sum(-1, keepdims=True))
    if length.min(initial=1.0) < COINCIDENT_M:
        v = np.where(length < COINCIDENT_M, fallback, v)
        length = np.where(length < COINCIDENT_M, 1.0, length)
    return v / length


def frames(primary: Vectors, secondary: Vectors) -> Matrices:
    """Return (n, 3, 3) rotations whose first column is ``primary`` and whose second is ``secondary`` made square to it.

    Where the two are parallel, any direction across stands in for the second.
    """
    first = unit(primary, LEFT)
    across = secondary - (secondary * first).sum(-1, keepdims=True) * first
    thin = (across * across).sum(-1, keepdims=True) < COINCIDENT_M**2
    if thin.any():
        other = np.where(np.abs(first[..., 1:2]) < 0.9, UP, FORWARD)
        across = np.where(thin, other - (other * first).sum(-1, keepdims=True) * first, across)
    second = across / np.sqrt((across * across).sum(-1, keepdims=True))
    return np.stack([first, second, cross(first, second)], -1)


@dataclass(frozen=True, slots=True, eq=False)
class Torso:
    """The trunk's frames in avatar space."""

    pelvis: Matrices
    "(3, 3): across is the hips' line, up the spine."
    chest: Matrices
    "(3, 3): across is the shoulders' line, up the spine."
    is_found: bool
    "Whether the points were far enough apart to say anything."


_TORSO: Final = np.array([P.LEFT_HIP, P.RIGHT_HIP, P.LEFT_SHOULDER, P.RIGHT_SHOULDER])
_LINES: Final = np.array([[1, -1, 0, 0], [0, 0, 1, -1], [-0.5, -0.5, 0.5, 0.5]])


def torso(points: Vectors) -> Torso:
    """Return the torso of (33, 3) points in avatar space.

    Both frames take the spine, the line from the middle of the hips to that of the shoulders, for their up: where along
    it the back bends cannot be seen from four points. Turns about it and bends to the side can, and are told apart.
    """
    hips, shoulders, spine = _LINES @ points[_TORSO]
    both = frames(np.stack([hips, shoulders]), np.stack([spine, spine]))
    shortest = min(float(line @ line) for line in (hips, shoulders, spine))
    return Torso(both[0], both[1], shortest > COINCIDENT_M**2)


def without_raised_shoulders(chest: Matrices, raised: NDArray[np.float64]) -> Matrices:
    """Return the chest's frame where the clavicles are raised by (2,) radians, left and right.

    One raised shoulder tilts the shoulders' line although the chest does not tilt.
    """
    across = 2 * _SHOULDER_HALF + _CLAVICLE * float(np.cos(raised).sum())
    tilt = np.arctan2(_CLAVICLE * float(np.sin(raised[0]) - np.sin(raised[1])), across)
    cosine, sine = np.cos(tilt), np.sin(tilt)
    return chest @ np.array([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])
