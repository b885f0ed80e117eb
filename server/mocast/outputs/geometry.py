"""Where a rig's bones are and how the head is turned, in the few numbers that the apps want."""

import math
from typing import Final

import numpy as np

from mocast.model.humanoid import PARENTS, REST_OFFSETS, HumanoidBone
from mocast.model.rig import HeadPose, Rig

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
"""x, y, z, w; unit length. Tuples, as numpy costs more than it saves on one of them."""

IDENTITY: Final[Quaternion] = (0.0, 0.0, 0.0, 1.0)
_OFFSETS: Final = [tuple(map(float, offset)) for offset in REST_OFFSETS]

FIRST_HEAD: Final = HeadPose(np.array([0, 0, 0.6], np.float32), np.array(IDENTITY, np.float32))
"""Before a face was ever seen: straight ahead, at arm's length."""


def multiply(first: Quaternion, second: Quaternion) -> Quaternion:
    """Return the rotation that turns by ``second`` and then by ``first`` (Hamilton's product)."""
    ax, ay, az, aw = first
    bx, by, bz, bw = second
    return (
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
        aw * bw - ax * bx - ay * by - az * bz,
    )


def rotate(rotation: Quaternion, vector: Vector) -> Vector:
    """Return a vector turned by a rotation."""
    x, y, z, w = rotation
    vx, vy, vz = vector
    tx, ty, tz = 2 * (y * vz - z * vy), 2 * (z * vx - x * vz), 2 * (x * vy - y * vx)
    return vx + w * tx + y * tz - z * ty, vy + w * ty + z * tx - x * tz, vz + w * tz + x * ty - y * tx


def angle_deg(rotation: Quaternion) -> float:
    """Return how far a rotation turns, 0..180."""
    return math.degrees(2 * math.acos(min(abs(rotation[3]), 1.0)))


def euler_deg(rotation: Quaternion) -> Vector:
    """Return pitch, yaw and roll about x, y and z of avatar space: R = Ry(yaw) · Rx(pitch) · Rz(roll).

    A head that looks down has a positive pitch, one that turns to its left a positive yaw, one that leans to its right
    a positive roll. The order is that of Unity's ``Quaternion.Euler``.
    """
    x, y, z, w = rotation
    pitch = math.asin(max(-1.0, min(1.0, 2 * (w * x - y * z))))
    yaw = math.atan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y))
    roll = math.atan2(2 * (x * y + w * z), 1 - 2 * (x * x + z * z))
    return math.degrees(pitch), math.degrees(yaw), math.degrees(roll)


def bone_in_world(rig: Rig, bone: HumanoidBone) -> tuple[Vector, Quaternion]:
    """Return where a bone's joint is, in avatar space and metres, and how it is turned, in the rest size."""
    chain = [int(bone)]
    while (parent := PARENTS[chain[-1]]) >= 0:
        chain.append(parent)
    rotations = rig.rotations[chain].tolist()
    x, y, z = rig.hips.tolist()
    turned: Quaternion = tuple(rotations[-1])
    for link, rotation in zip(chain[-2::-1], rotations[-2::-1], strict=True):
        dx, dy, dz = rotate(turned, _OFFSETS[link])  # type: ignore[arg-type]
        x, y, z = x + dx, y + dy, z + dz
        turned = multiply(turned, tuple(rotation))
    return (x, y, z), turned


def local_rotation(rig: Rig, bone: HumanoidBone) -> Quaternion:
    """Return a bone's rotation relative to its parent."""
    x, y, z, w = rig.rotations[bone].tolist()
    return x, y, z, w


class LastHead:
    """Remembers the head's last pose: apps of faces want one in every frame, and lose it in their own way."""

    def __init__(self) -> None:
        self._head = FIRST_HEAD

    def of(self, rig: Rig) -> tuple[Vector, Quaternion]:
        """Return position and rotation of the rig's head or, while no face is seen, those before."""
        if rig.head is not None:
            self._head = rig.head
        return tuple(self._head.position.tolist()), tuple(self._head.rotation.tolist())
