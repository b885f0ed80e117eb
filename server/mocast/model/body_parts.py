"""The parts of a body, and the part that each humanoid bone belongs to."""

from enum import IntEnum
from typing import Final

from mocast.model.humanoid import FINGER_JOINTS, HumanoidBone
from mocast.model.names import SIDES


class BodyPart(IntEnum):
    """Parts that are tracked or sent as a unit. Left and right are the subject's and alternate from the arms on."""

    TORSO = 0
    HEAD = 1
    FACE = 2
    LEFT_ARM = 3
    RIGHT_ARM = 4
    LEFT_FOREARM = 5
    RIGHT_FOREARM = 6
    LEFT_WRIST = 7
    RIGHT_WRIST = 8
    LEFT_FINGERS = 9
    RIGHT_FINGERS = 10
    LEFT_LEG = 11
    RIGHT_LEG = 12
    LEFT_FOOT = 13
    RIGHT_FOOT = 14


_MIDDLE: Final = {
    BodyPart.TORSO: ("HIPS", "SPINE", "CHEST", "UPPER_CHEST"),
    BodyPart.HEAD: ("NECK", "HEAD"),
    BodyPart.FACE: ("LEFT_EYE", "RIGHT_EYE", "JAW"),
}
_OF_A_SIDE: Final = {
    "ARM": ("SHOULDER", "UPPER_ARM"),
    "FOREARM": ("LOWER_ARM",),
    "WRIST": ("HAND",),
    "FINGERS": tuple(f"{finger}_{joint}" for finger, joints in FINGER_JOINTS.items() for joint in joints),
    "LEG": ("UPPER_LEG", "LOWER_LEG"),
    "FOOT": ("FOOT", "TOES"),
}


def _parts() -> tuple[BodyPart, ...]:
    parts = {HumanoidBone[bone]: part for part, bones in _MIDDLE.items() for bone in bones}
    for side in SIDES:
        for part, bones in _OF_A_SIDE.items():
            parts |= {HumanoidBone[f"{side}_{bone}"]: BodyPart[f"{side}_{part}"] for bone in bones}
    return tuple(parts[bone] for bone in HumanoidBone)


PART_OF_BONE: Final = _parts()
"""The part of each bone, in the order of ``HumanoidBone``."""
