"""The humanoid skeleton: VRM 1.0's 55 bones, their parents and the rest pose that all rotations are relative to.

*Avatar space* is VRM 1.0's (and glTF's): right-handed, metres, Y up, the avatar faces +Z, so its left is +X. The origin
is on the floor below the hips at rest. The rest pose is the T-pose, in which every bone's rotation is the identity.
Source: https://github.com/vrm-c/vrm-specification/blob/master/specification/VRMC_vrm-1.0/humanoid.md and, for the
T-pose and where the avatar faces, ``tpose.md`` beside it.
"""

from enum import IntEnum
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.names import SIDES, camel, mirror_of


class HumanoidBone(IntEnum):
    """The bones in the order of every array of rotations; left and right are the subject's. Parents come first."""

    HIPS = 0
    SPINE = 1
    CHEST = 2
    UPPER_CHEST = 3
    NECK = 4
    HEAD = 5
    LEFT_EYE = 6
    RIGHT_EYE = 7
    JAW = 8
    LEFT_UPPER_LEG = 9
    LEFT_LOWER_LEG = 10
    LEFT_FOOT = 11
    LEFT_TOES = 12
    RIGHT_UPPER_LEG = 13
    RIGHT_LOWER_LEG = 14
    RIGHT_FOOT = 15
    RIGHT_TOES = 16
    LEFT_SHOULDER = 17
    LEFT_UPPER_ARM = 18
    LEFT_LOWER_ARM = 19
    LEFT_HAND = 20
    RIGHT_SHOULDER = 21
    RIGHT_UPPER_ARM = 22
    RIGHT_LOWER_ARM = 23
    RIGHT_HAND = 24
    LEFT_THUMB_METACARPAL = 25
    LEFT_THUMB_PROXIMAL = 26
    LEFT_THUMB_DISTAL = 27
    LEFT_INDEX_PROXIMAL = 28
    LEFT_INDEX_INTERMEDIATE = 29
    LEFT_INDEX_DISTAL = 30
    LEFT_MIDDLE_PROXIMAL = 31
    LEFT_MIDDLE_INTERMEDIATE = 32
    LEFT_MIDDLE_DISTAL = 33
    LEFT_RING_PROXIMAL = 34
    LEFT_RING_INTERMEDIATE = 35
    LEFT_RING_DISTAL = 36
    LEFT_LITTLE_PROXIMAL = 37
    LEFT_LITTLE_INTERMEDIATE = 38
    LEFT_LITTLE_DISTAL = 39
    RIGHT_THUMB_METACARPAL = 40
    RIGHT_THUMB_PROXIMAL = 41
    RIGHT_THUMB_DISTAL = 42
    RIGHT_INDEX_PROXIMAL = 43
    RIGHT_INDEX_INTERMEDIATE = 44
    RIGHT_INDEX_DISTAL = 45
    RIGHT_MIDDLE_PROXIMAL = 46
    RIGHT_MIDDLE_INTERMEDIATE = 47
    RIGHT_MIDDLE_DISTAL = 48
    RIGHT_RING_PROXIMAL = 49
    RIGHT_RING_INTERMEDIATE = 50
    RIGHT_RING_DISTAL = 51
    RIGHT_LITTLE_PROXIMAL = 52
    RIGHT_LITTLE_INTERMEDIATE = 53
    RIGHT_LITTLE_DISTAL = 54


BONE_COUNT: Final = len(HumanoidBone)

BONE_NAMES: Final[tuple[str, ...]] = tuple(camel(bone.name) for bone in HumanoidBone)
"""As VRM 1.0 writes them: ``leftUpperArm``."""

B = HumanoidBone

FINGER_JOINTS: Final[dict[str, tuple[str, str, str]]] = {
    "THUMB": ("METACARPAL", "PROXIMAL", "DISTAL"),
    **dict.fromkeys(("INDEX", "MIDDLE", "RING", "LITTLE"), ("PROXIMAL", "INTERMEDIATE", "DISTAL")),
}
"""The bones of each finger, from the palm on; thumb first."""


def finger_bones(side: str, finger: str) -> tuple[HumanoidBone, HumanoidBone, HumanoidBone]:
    """Return the three bones of a finger, from the palm on: of ``LEFT`` and ``INDEX``, for one."""
    first, middle, last = (HumanoidBone[f"{side}_{finger}_{joint}"] for joint in FINGER_JOINTS[finger])
    return first, middle, last


def _parents() -> tuple[int, ...]:
    chains: list[tuple[HumanoidBone, ...]] = [
        (B.HIPS, B.SPINE, B.CHEST, B.UPPER_CHEST, B.NECK, B.HEAD, B.LEFT_EYE),
        (B.HEAD, B.RIGHT_EYE),
        (B.HEAD, B.JAW),
    ]
    for side in SIDES:
        leg, arm = (
            [HumanoidBone[f"{side}_{name}"] for name in names]
            for names in (("UPPER_LEG", "LOWER_LEG", "FOOT", "TOES"), ("SHOULDER", "UPPER_ARM", "LOWER_ARM", "HAND"))
        )
        chains += [(B.HIPS, *leg), (B.UPPER_CHEST, *arm)]
        chains += [(arm[-1], *finger_bones(side, finger)) for finger in FINGER_JOINTS]
    parents = [-1] * BONE_COUNT
    for chain in chains:
        for parent, child in pairwise(chain):
            parents[child] = int(parent)
    return tuple(parents)


PARENTS: Final = _parents()
"""The index of each bone's parent; -1 for the hips."""

MIRROR_OF: Final = mirror_of(HumanoidBone)
"""The index of the same bone of the other side; its own for the middle ones."""

_REST_LEFT: Final[dict[HumanoidBone, tuple[float, float, float]]] = {
    B.HIPS: (0, 0.90, 0),
    B.SPINE: (0, 0.97, 0),
    B.CHEST: (0, 1.09, 0),
    B.UPPER_CHEST: (0, 1.21, 0),
    B.NECK: (0, 1.38, 0),
    B.HEAD: (0, 1.46, 0.01),
    B.LEFT_EYE: (0.032, 1.53, 0.085),
    B.JAW: (0, 1.485, 0.02),
    B.LEFT_UPPER_LEG: (0.09, 0.86, 0),
    B.LEFT_LOWER_LEG: (0.09, 0.48, 0),
    B.LEFT_FOOT: (0.09, 0.09, 0),
    B.LEFT_TOES: (0.09, 0.02, 0.12),
    B.LEFT_SHOULDER: (0.03, 1.34, 0),
    B.LEFT_UPPER_ARM: (0.16, 1.34, 0),
    B.LEFT_LOWER_ARM: (0.42, 1.34, 0),
    B.LEFT_HAND: (0.66, 1.34, 0),
    B.LEFT_THUMB_METACARPAL: (0.68, 1.33, 0.025),
    B.LEFT_THUMB_PROXIMAL: (0.71, 1.33, 0.05),
    B.LEFT_THUMB_DISTAL: (0.735, 1.33, 0.07),
    B.LEFT_INDEX_PROXIMAL: (0.75, 1.34, 0.03),
    B.LEFT_INDEX_INTERMEDIATE: (0.79, 1.34, 0.03),
    B.LEFT_INDEX_DISTAL: (0.815, 1.34, 0.03),
    B.LEFT_MIDDLE_PROXIMAL: (0.752, 1.34, 0.008),
    B.LEFT_MIDDLE_INTERMEDIATE: (0.797, 1.34, 0.008),
    B.LEFT_MIDDLE_DISTAL: (0.825, 1.34, 0.008),
    B.LEFT_RING_PROXIMAL: (0.748, 1.34, -0.013),
    B.LEFT_RING_INTERMEDIATE: (0.789, 1.34, -0.013),
    B.LEFT_RING_DISTAL: (0.815, 1.34, -0.013),
    B.LEFT_LITTLE_PROXIMAL: (0.74, 1.34, -0.033),
    B.LEFT_LITTLE_INTERMEDIATE: (0.772, 1.34, -0.033),
    B.LEFT_LITTLE_DISTAL: (0.792, 1.34, -0.033),
}


def _rest_positions() -> NDArray[np.float32]:
    rest = np.zeros((BONE_COUNT, 3), np.float32)
    for bone, (x, y, z) in _REST_LEFT.items():
        rest[bone] = x, y, z
        if MIRROR_OF[bone] != bone:
            rest[MIRROR_OF[bone]] = -x, y, z
    rest.flags.writeable = False
    return rest


REST_POSITIONS: Final = _rest_positions()
"""(55, 3) float32: where each joint is at rest, avatar space, metres; an adult of about 1.65 m."""


def _rest_offsets() -> NDArray[np.float32]:
    offsets = REST_POSITIONS.copy()
    for bone, parent in enumerate(PARENTS):
        if parent >= 0:
            offsets[bone] -= REST_POSITIONS[parent]
    offsets.flags.writeable = False
    return offsets


REST_OFFSETS: Final = _rest_offsets()
"""(55, 3) float32: each joint relative to its parent's; the hips' from the origin on the floor."""
