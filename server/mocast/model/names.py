"""Names of enumerations: how formats write them, and their left and right counterparts."""

from enum import IntEnum
from typing import Final, TypeVar

SIDES: Final = ("LEFT", "RIGHT")
"""The subject's, in the order of every pair."""

_OTHER: Final = dict(zip(SIDES, reversed(SIDES), strict=True))
_Name = TypeVar("_Name", bound=IntEnum)


def camel(name: str) -> str:
    """Return ``LEFT_UPPER_ARM`` as ``leftUpperArm``, as ARKit and VRM write names."""
    first, *rest = name.lower().split("_")
    return first + "".join(word.capitalize() for word in rest)


def both_sides(names: type[_Name], stem: str) -> tuple[_Name, _Name]:
    """Return the left and the right member: ``LEFT_EYE`` of ``EYE``, or ``BROW_DOWN_LEFT`` of ``BROW_DOWN``."""
    is_first = f"{SIDES[0]}_{stem}" in names.__members__
    left, right = (names[f"{side}_{stem}" if is_first else f"{stem}_{side}"] for side in SIDES)
    return left, right


def other_side(name: str) -> str:
    """Return the name with left and right swapped: ``RIGHT_EYE`` for ``LEFT_EYE``, ``NOSE`` for ``NOSE``."""
    return "_".join(_OTHER.get(word, word) for word in name.split("_"))


def mirror_of(names: type[IntEnum]) -> tuple[int, ...]:
    """Return for each member the index of the one of the other side; its own for the middle ones."""
    return tuple(int(names[other_side(member.name)]) for member in names)
