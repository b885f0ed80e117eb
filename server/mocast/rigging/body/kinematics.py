"""Forward kinematics: where the joints of the rest skeleton are when its bones are turned."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.humanoid import BONE_COUNT, PARENTS, REST_OFFSETS
from mocast.model.quaternions import CONJUGATE, Quaternions, Vectors, multiply, rotate


def _levels() -> tuple[tuple[NDArray[np.intp], NDArray[np.intp]], ...]:
    """Return the bones and their parents by their distance from the hips, which come first."""
    depths = [0] * BONE_COUNT
    for bone, parent in enumerate(PARENTS):
        depths[bone] = depths[parent] + 1 if parent >= 0 else 0
    bones = [np.flatnonzero(np.array(depths) == depth) for depth in range(1, max(depths) + 1)]
    parents = np.array(PARENTS)
    return tuple((level, parents[level]) for level in bones)


_LEVELS: Final = _levels()
_PARENTS: Final = np.array(PARENTS[1:])


def to_global(local: Quaternions) -> Quaternions:
    """Return the (55, 4) rotations in avatar space of local ones."""
    turned = np.empty((BONE_COUNT, 4))
    turned[0] = local[0]
    for bones, parents in _LEVELS:
        turned[bones] = multiply(turned[parents], np.asarray(local[bones], np.float64))
    return turned


def to_local(turned: Quaternions) -> Quaternions:
    """Return the (n, 4) rotations relative to the parents' of the first n bones' in avatar space."""
    local = turned.copy()
    local[1:] = multiply(turned[_PARENTS[: len(turned) - 1]] * CONJUGATE, turned[1:])
    return local


def positions(local: Quaternions, hips: Vectors) -> Vectors:
    """Return the (55, 3) joints in avatar space, metres, of local rotations and the (3,) position of the hips."""
    turned = to_global(local)
    joints = np.empty((BONE_COUNT, 3))
    joints[0] = hips
    for bones, parents in _LEVELS:
        joints[bones] = joints[parents] + rotate(turned[parents], REST_OFFSETS[bones].astype(np.float64))
    return joints
