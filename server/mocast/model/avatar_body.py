"""An avatar's proportions as clients send them: measured where the avatar is, which stays there."""

from dataclasses import dataclass
from typing import Annotated, Final

from annotated_types import Interval, Len, doc

from mocast.model.humanoid import BONE_COUNT

Metres = Annotated[float, Interval(ge=-10, le=10)]
Sizes = Annotated[float, Interval(ge=0.001, le=10)]

MAX_CAPSULES: Final = 32


@dataclass(frozen=True, slots=True)
class AvatarBody:
    """The body of an avatar at rest, in the rig's space, metres."""

    offsets: Annotated[
        tuple[Annotated[tuple[Metres, ...], Len(3, 3)], ...],
        Len(BONE_COUNT, BONE_COUNT),
        doc("Of the 55 bones in the rig's order, each joint relative to its parent's; the hips' from the floor."),
    ]
    middles: Annotated[
        tuple[Annotated[tuple[Metres, ...], Len(3, 3)], ...],
        Len(3, 3),
        doc("The middles of head, chest and hips, relative to the joints of head, upper chest and hips."),
    ]
    sizes: Annotated[
        tuple[Annotated[tuple[Sizes, ...], Len(3, 3)], ...],
        Len(3, 3),
        doc("Half the width, height and depth of head, chest and hips."),
    ]
    hand: Annotated[Sizes, doc("From the wrist to the root of the middle finger.")]
    capsules: Annotated[
        tuple[Annotated[tuple[Metres, ...], Len(8, 8)], ...],
        Len(0, MAX_CAPSULES),
        doc(
            "What arms keep out of, too: 0 to 5 for the joint of hips, spine, chest, upper chest, neck or head; x y z "
            "of both ends relative to it; the radius."
        ),
    ] = ()
