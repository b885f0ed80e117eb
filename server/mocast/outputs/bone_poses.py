"""Poses out of a rig, as tuples: of a bone in avatar space, and of the head relative to the camera."""

from typing import Final

import numpy as np

from mocast.model.humanoid import PARENTS, REST_OFFSETS, HumanoidBone
from mocast.model.quaternions import IDENTITY_ONE, Quaternion, Vector, multiply_one, rotate_one
from mocast.model.rig import HeadPose, Rig

_OFFSETS: Final = [tuple(map(float, offset)) for offset in REST_OFFSETS]

FIRST_HEAD: Final = HeadPose(np.array([0, 0, 0.6], np.float32), np.array(IDENTITY_ONE, np.float32))
"""The head pose until a face is seen: straight ahead, at arm's length."""


def bone_in_world(rig: Rig, bone: HumanoidBone) -> tuple[Vector, Quaternion]:
    """Return a bone's position, metres, and rotation in avatar space, for a skeleton of ``REST_POSITIONS``."""
    chain = [int(bone)]
    while (parent := PARENTS[chain[-1]]) >= 0:
        chain.append(parent)
    rotations = rig.rotations[chain].tolist()
    x, y, z = rig.hips.tolist()
    turned: Quaternion = tuple(rotations[-1])
    for link, rotation in zip(chain[-2::-1], rotations[-2::-1], strict=True):
        dx, dy, dz = rotate_one(turned, _OFFSETS[link])  # type: ignore[arg-type]
        x, y, z = x + dx, y + dy, z + dz
        turned = multiply_one(turned, tuple(rotation))
    return (x, y, z), turned


def local_rotation(rig: Rig, bone: HumanoidBone) -> Quaternion:
    """Return a bone's rotation relative to its parent."""
    x, y, z, w = rig.rotations[bone].tolist()
    return x, y, z, w


class LastHead:
    """The head's last pose: face apps want one in every frame, also while no face is seen."""

    def __init__(self) -> None:
        self._head = FIRST_HEAD

    def of(self, rig: Rig) -> tuple[Vector, Quaternion]:
        """Return position and rotation of the rig's head; while no face is seen, the last ones."""
        if rig.head is not None:
            self._head = rig.head
        return tuple(self._head.position.tolist()), tuple(self._head.rotation.tolist())
