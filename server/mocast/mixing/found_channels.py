"""Which of a mixer's channels a camera gives, by what it finds; and what is found, where others lead channels."""

from typing import Final

import numpy as np

from mocast.model.humanoid import FINGER_JOINTS, HumanoidBone, finger_bones
from mocast.model.mixed_parts import CHANNEL_COUNT, CHANNELS_OF
from mocast.model.names import SIDES
from mocast.model.rig import Found
from mocast.model.source_pose import Given

_HAND_BONES: Final = {
    f"{side.lower()}_hand": [
        HumanoidBone[f"{side}_HAND"],
        *(bone for finger in FINGER_JOINTS for bone in finger_bones(side, finger)),
    ]
    for side in SIDES
}
"""By the names in ``Found``."""
_LEGS: Final = [HumanoidBone.LEFT_UPPER_LEG, HumanoidBone.RIGHT_UPPER_LEG]
_FACE: Final = CHANNELS_OF["face"] | CHANNELS_OF["mouth"] | CHANNELS_OF["head"]


def given_by(found: Found) -> Given:
    """Return the channels, (122,), that a rig gives: those of the parts that its camera sees."""
    given = np.zeros(CHANNEL_COUNT, bool)
    if found.body:
        given |= CHANNELS_OF["body"] | CHANNELS_OF["arms"] | CHANNELS_OF["hands"] | CHANNELS_OF["head"]
    if found.face:
        given |= CHANNELS_OF["face"] | CHANNELS_OF["eyes"] | CHANNELS_OF["mouth"] | CHANNELS_OF["head"]
    for name, bones in _HAND_BONES.items():
        given[bones] |= getattr(found, name)
    return given


def found_with(camera: Found, led: Given) -> Found:
    """Return what is found: by the camera, and where another source leads. ``led``, (122,): channels of such ones."""
    return Found(
        body=camera.body or bool(led[CHANNELS_OF["body"]].any()),
        face=camera.face or bool(led[_FACE].any()),
        **{name: getattr(camera, name) or bool(led[bones[1:]].any()) for name, bones in _HAND_BONES.items()},
        half_body=camera.half_body and not led[_LEGS].any(),
    )
