"""The parts of a rig that a mixer takes from one source or another, the sources, and the channels of each part.

A *channel* is one number or group of numbers that a source gives or leaves to others: a bone's rotation, a shape, an
expression, the gaze, the hips' position, the head's pose before a camera.
"""

from collections.abc import Iterable
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import EXPRESSION_COUNT, SHAPE_COUNT, Expression, Shape
from mocast.model.body_parts import PART_OF_BONE, BodyPart
from mocast.model.humanoid import BONE_COUNT, HumanoidBone

MixedPart = Literal["head", "face", "eyes", "mouth", "arms", "hands", "fingers", "body"]
SourceName = Literal["camera", "face_camera", "body_camera", "vmc", "phone", "microphone"]
"""``camera``: the room's publisher. ``face_camera`` and ``body_camera``: further publishers of the room, for a part.
``phone``: an app's ARKit face. ``microphone``: vowels that a page hears."""

PARTS: Final[tuple[MixedPart, ...]] = get_args(MixedPart)
SOURCES: Final[tuple[SourceName, ...]] = get_args(SourceName)

SHAPES_AT: Final = BONE_COUNT
"""The first shape's channel; those before are the bones', in the order of ``HumanoidBone``."""
EXPRESSIONS_AT: Final = SHAPES_AT + SHAPE_COUNT
GAZE: Final = EXPRESSIONS_AT + EXPRESSION_COUNT
HIPS: Final = GAZE + 1
HEAD_POSE: Final = HIPS + 1
CHANNEL_COUNT: Final = HEAD_POSE + 1

_OF_BODY: Final[dict[str, MixedPart]] = {
    "TORSO": "body",
    "HEAD": "head",
    "FACE": "eyes",
    "ARM": "arms",
    "FOREARM": "arms",
    "WRIST": "hands",
    "FINGERS": "fingers",
    "LEG": "body",
    "FOOT": "body",
}


def _part_of_bone(bone: HumanoidBone, part: BodyPart) -> MixedPart:
    if bone is HumanoidBone.JAW:
        return "mouth"
    return _OF_BODY[part.name.removeprefix("LEFT_").removeprefix("RIGHT_")]


def _part_of_shape(shape: Shape) -> MixedPart:
    if shape.name.startswith("EYE_"):
        return "eyes"
    return "mouth" if shape.name.startswith(("JAW_", "MOUTH_", "TONGUE_")) else "face"


def _part_of_expression(expression: Expression) -> MixedPart:
    if expression in (Expression.BLINK_LEFT, Expression.BLINK_RIGHT):
        return "eyes"
    return "mouth" if Expression.AA <= expression <= Expression.OH else "face"


PART_OF_CHANNEL: Final[tuple[MixedPart, ...]] = (
    *(_part_of_bone(bone, part) for bone, part in zip(HumanoidBone, PART_OF_BONE, strict=True)),
    *map(_part_of_shape, Shape),
    *map(_part_of_expression, Expression),
    "eyes",
    "body",
    "head",
)
"""By channel. Cheeks are the face's, the tongue is the mouth's."""

CHANNELS_OF: Final = {part: np.array(PART_OF_CHANNEL) == part for part in PARTS}
"""By part: (122,) bool."""


def channels_of(parts: Iterable[MixedPart]) -> NDArray[np.bool_]:
    """Return which channels are of any of these parts, (122,)."""
    channels = np.zeros(CHANNEL_COUNT, bool)
    for part in parts:
        channels |= CHANNELS_OF[part]
    return channels
