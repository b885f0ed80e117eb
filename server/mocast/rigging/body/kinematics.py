"""Kinematics of the rest skeleton: local rotations to rotations and joints in avatar space, and back."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.humanoid import BONE_COUNT, PARENTS, REST_OFFSETS
from mocast.model.quaternions import CONJUGATE, Quaternions, Vectors, multiply, rotate


def _levels() -> tuple[tuple[NDArray[np.intp], NDArray[np.intp]], ...]:
    """Return bones and their parents by depth in the skeleton, from the hips' children on."""
    depths = [0] * BONE_COUNT
    for bone, parent in enumerate(PARENTS):
        depths[bone] = depths[parent] + 1 if parent >= 0 else 0
    bones = [np.flatnonzero(np.array(depths) == depth) for depth in range(1, max(depths) + 1)]
    parents = np.array(PARENTS)
    return tuple((level, parents[level]) for level in bones)


_LEVELS: Final = _levels()
_PARENTS: Final = np.array(PARENTS[1:])


def to_global(local: Quaternions) -> Quaternions:
    """Return the (55, 4) rotations in avatar space of (55, 4) local ones."""
    turned = np.empty((BONE_COUNT, 4))
    turned[0] = local[0]
    for bones, parents in _LEVELS:
        turned[bones] = multiply(turned[parents], np.asarray(local[bones], np.float64))
    return turned


def to_local(turned: Quaternions) -> Quaternions:
    """Return the (n, 4) local rotations of the first n bones, from their rotations in avatar space, (n, 4)."""
    local = turned.copy()
    local[1:] = multiply(turned[_PARENTS[: len(turned) - 1]] * CONJUGATE, turned[1:])
    return local


def positions(local: Quaternions, hips: Vectors) -> Vectors:
    """Return the (55, 3) joints, metres in avatar space, by (55, 4) local rotations and the hips' position, (3,)."""
    turned = to_global(local)
    joints = np.empty((BONE_COUNT, 3))
    joints[0] = hips
    for bones, parents in _LEVELS:
        joints[bones] = joints[parents] + rotate(turned[parents], REST_OFFSETS[bones].astype(np.float64))
    return joints
