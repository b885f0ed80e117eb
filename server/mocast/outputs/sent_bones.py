"""The bones of the parts of a rig that an output sends."""

from collections.abc import Iterable
from typing import Final

from mocast.model.body_parts import PART_OF_BONE, BodyPart
from mocast.model.humanoid import HumanoidBone
from mocast.outputs.output_options import RigPart

_SENT_AS: Final[dict[str, RigPart]] = {
    "TORSO": "body",
    "HEAD": "head",
    "FACE": "face",
    "ARM": "arms",
    "FOREARM": "arms",
    "WRIST": "hands",
    "FINGERS": "hands",
    "LEG": "body",
    "FOOT": "body",
}
"""By the parts of a body, of either side: eyes and jaw are the face's, hips and legs the body's."""


def _part_of(part: BodyPart) -> RigPart:
    return _SENT_AS[part.name.removeprefix("LEFT_").removeprefix("RIGHT_")]


PART_OF: Final[tuple[RigPart, ...]] = tuple(_part_of(part) for part in PART_OF_BONE)
"""The part of each bone, in the order of ``HumanoidBone``."""


def bones_of(parts: Iterable[RigPart]) -> tuple[HumanoidBone, ...]:
    """Return the bones of these parts, parents first."""
    wanted = set(parts)
    return tuple(bone for bone in HumanoidBone if PART_OF[bone] in wanted)
