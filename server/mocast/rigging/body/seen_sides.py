"""Which parts of its two sides a pose shows: those whose joints are visible and far enough apart to be turned."""

from typing import Final, NamedTuple

import numpy as np

from mocast.model.topology import ANKLES, ELBOWS, HEELS, HIPS, INDICES, KNEES, PINKIES, TOES, WRISTS
from mocast.rigging.body.pose_frames import Flags, PoseFrames

FOREARM_JOINTS: Final = np.array([ELBOWS, WRISTS])
"""(2, 2): left and right in each row."""
LEG_JOINTS: Final = np.array([HIPS, KNEES, ANKLES])
"""(3, 2)."""

_JOINTS: Final = np.array([ELBOWS, WRISTS, INDICES, PINKIES, HIPS, KNEES, ANKLES, HEELS, TOES])


class SeenSide(NamedTuple):
    """The parts of one side that a pose shows."""

    arm: bool = False
    "From the shoulder to the elbow."
    forearm: bool = False
    palm: bool = False
    "By its knuckles."
    leg: bool = False
    foot: bool = False


NO_SIDES: Final = (SeenSide(), SeenSide())


def seen_sides(are_visible: Flags, frames: PoseFrames) -> tuple[SeenSide, SeenSide]:
    """Return what a pose with a trunk shows, left and right. ``are_visible``: its landmarks, (33,)."""
    # In plain values: for two sides numpy's calls would cost more than all this.
    palms, feet = frames.are_palms.tolist(), frames.are_feet.tolist()
    left, right = (
        SeenSide(
            elbow,
            elbow and wrist,
            elbow and wrist and index and pinky and has_palm,
            hip and knee and ankle,
            hip and knee and ankle and heel and toe and has_foot,
        )
        for (elbow, wrist, index, pinky, hip, knee, ankle, heel, toe), has_palm, has_foot in zip(
            are_visible[_JOINTS].T.tolist(), palms, feet, strict=True
        )
    )
    return left, right
