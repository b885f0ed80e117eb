"""The skeleton: positions of the 55 humanoid bones of a figure of 1.5 m, and chains of joints for what swings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scripts.avatar.mesh import Floats, other_side

from mocast.model.humanoid import BONE_NAMES, PARENTS, finger_bones

LEFT: Final[Mapping[str, tuple[float, float, float]]] = {
    "hips": (0, 0.735, 0),
    "spine": (0, 0.785, -0.002),
    "chest": (0, 0.87, -0.004),
    "upperChest": (0, 0.965, -0.008),
    "neck": (0, 1.118, -0.014),
    "head": (0, 1.180, -0.008),
    "leftEye": (0.0, 0.0, 0.0),
    "jaw": (0, 1.240, 0.03),
    "leftUpperLeg": (0.073, 0.695, 0),
    "leftLowerLeg": (0.073, 0.395, 0.004),
    "leftFoot": (0.073, 0.085, -0.012),
    "leftToes": (0.078, 0.03, 0.062),
    "leftShoulder": (0.022, 1.085, -0.010),
    "leftUpperArm": (0.100, 1.085, -0.010),
    "leftLowerArm": (0.295, 1.085, -0.010),
    "leftHand": (0.475, 1.085, -0.010),
    "leftThumbMetacarpal": (0.490, 1.079, 0.008),
    "leftThumbProximal": (0.515, 1.073, 0.034),
    "leftThumbDistal": (0.537, 1.071, 0.052),
    "leftIndexProximal": (0.548, 1.086, 0.0195),
    "leftIndexIntermediate": (0.575, 1.086, 0.0225),
    "leftIndexDistal": (0.592, 1.086, 0.0245),
    "leftMiddleProximal": (0.551, 1.087, -0.001),
    "leftMiddleIntermediate": (0.581, 1.087, -0.0005),
    "leftMiddleDistal": (0.600, 1.087, 0.0),
    "leftRingProximal": (0.548, 1.086, -0.0210),
    "leftRingIntermediate": (0.575, 1.086, -0.0228),
    "leftRingDistal": (0.593, 1.086, -0.0242),
    "leftLittleProximal": (0.541, 1.084, -0.0395),
    "leftLittleIntermediate": (0.562, 1.084, -0.0435),
    "leftLittleDistal": (0.577, 1.084, -0.0462),
}
"""Positions of the middle and left joints, metres, avatar space; a figure five heads tall. The eye's comes from the
face (``humanoid``)."""


@dataclass(frozen=True, slots=True)
class Joint:
    """A node of the skeleton."""

    name: str
    parent: str | None
    position: tuple[float, float, float]
    "Metres, avatar space, at rest."


@dataclass(frozen=True, slots=True)
class Chain:
    """Joints that swing; the last one is the end of the one before."""

    joints: tuple[Joint, ...]
    stiffness: float
    gravity: float
    drag: float
    radius: float
    "Metres: how near to a collider it comes."
    colliders: tuple[str, ...]
    "Names of the groups of colliders that it keeps out of."


def humanoid(left_eye: Floats) -> list[Joint]:
    """Return the 55 bones, parents first; each side is the mirror image of the other."""
    places = {**LEFT, "leftEye": tuple(float(value) for value in left_eye)}
    for name, (x, y, z) in list(places.items()):
        places[other_side(name)] = (-x if other_side(name) != name else x, y, z)
    return [
        Joint(name, BONE_NAMES[parent] if parent >= 0 else None, places[name])
        for name, parent in zip(BONE_NAMES, PARENTS, strict=True)
    ]


def chain(
    name: str,
    parent: str,
    path: Floats,
    *,
    stiffness: float = 1.0,
    gravity: float = 0.1,
    drag: float = 0.4,
    radius: float = 0.015,
    colliders: Sequence[str] = (),
) -> Chain:
    """Return joints at the points of a path (n, 3), named ``name1``, ``name2``, ..."""
    joints = []
    for number, point in enumerate(path, start=1):
        joints.append(Joint(f"{name}{number}", parent, tuple(float(value) for value in point)))
        parent = joints[-1].name
    return Chain(tuple(joints), stiffness, gravity, drag, radius, tuple(colliders))


def mirrored_chain(of: Chain) -> Chain:
    """Return the chain of the other side."""
    joints = tuple(
        Joint(
            other_side(joint.name),
            other_side(joint.parent or ""),
            (-joint.position[0], joint.position[1], joint.position[2]),
        )
        for joint in of.joints
    )
    return Chain(joints, of.stiffness, of.gravity, of.drag, of.radius, of.colliders)


def finger_joints(finger: str) -> list[str]:
    """Return the names of a left finger's three joints, from the palm on: of ``Thumb``, ``Index``, ..."""
    return [BONE_NAMES[bone] for bone in finger_bones("LEFT", finger.upper())]


def place(name: str) -> Floats:
    """Return (3,) metres: the position of a joint of the middle or the left."""
    return np.asarray(LEFT[name], float)
