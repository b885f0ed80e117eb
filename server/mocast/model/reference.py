"""The pose that a person is compared with, as clients send it."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval, Len, doc

from mocast.model.topology import POSE_COUNT

Metres = Annotated[float, Interval(ge=-10, le=10)]


@dataclass(frozen=True, slots=True)
class ReferencePose:
    """A pose that the person is compared with, frame by frame."""

    world: Annotated[
        tuple[Annotated[tuple[Metres, ...], Len(3, 3)], ...],
        Len(POSE_COUNT, POSE_COUNT),
        doc("x, y and z of the 33 landmarks in metres: a pose's `world` in the landmarks' JSON."),
    ]
    visibility: Annotated[
        tuple[Annotated[float, Interval(ge=0, le=1)], ...],
        Len(POSE_COUNT, POSE_COUNT),
        doc("Of each, 0 to 1; those below 0.5 do not count."),
    ]
    mirrored: Annotated[bool, doc("Whether the person is to look like its mirror image.")] = False
