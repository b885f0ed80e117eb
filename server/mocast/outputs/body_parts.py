"""Which bones belong to which part of a rig, for the outputs that send some parts only."""

from collections.abc import Iterable
from typing import Final

from mocast.model.humanoid import HumanoidBone
from mocast.outputs.output_options import Part

_ARMS: Final = ("SHOULDER", "UPPER_ARM", "LOWER_ARM")
_FINGERS: Final = ("THUMB", "INDEX", "MIDDLE", "RING", "LITTLE")


def _part_of(bone: HumanoidBone) -> Part:
    _, _, rest = bone.name.partition("_")
    if bone in (HumanoidBone.NECK, HumanoidBone.HEAD):
        return "head"
    if bone in (HumanoidBone.LEFT_EYE, HumanoidBone.RIGHT_EYE, HumanoidBone.JAW):
        return "face"
    if rest in _ARMS:
        return "arms"
    if rest == "HAND" or rest.startswith(_FINGERS):
        return "hands"
    return "body"


PART_OF: Final[tuple[Part, ...]] = tuple(_part_of(bone) for bone in HumanoidBone)
"""The part of each bone, in the order of ``HumanoidBone``: eyes and jaw are the face's, hips and legs the body's."""


def bones_of(parts: Iterable[Part]) -> tuple[HumanoidBone, ...]:
    """Return the bones of these parts, parents first."""
    wanted = set(parts)
    return tuple(bone for bone in HumanoidBone if PART_OF[bone] in wanted)
