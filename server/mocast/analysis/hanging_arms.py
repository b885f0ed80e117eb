"""Arms that hang down: a hand at the side is at rest, however its fingers are."""

from typing import Final

from mocast.model.topology import ELBOWS, WRISTS
from mocast.model.tracked import Pose
from mocast.model.visible_landmarks import MIN_VISIBILITY_ON_ENTRY

COSINE: Final = 0.85
"""Of the angle between the forearm and straight down: 32°."""


def hangs_down(pose: Pose | None, *, left: bool) -> bool:
    """Return whether a forearm hangs down, from the elbow to the wrist in world space; not where it is not seen."""
    if pose is None:
        return False
    elbow, wrist = (ELBOWS[0], WRISTS[0]) if left else (ELBOWS[1], WRISTS[1])
    if float(pose.visibility[elbow]) < MIN_VISIBILITY_ON_ENTRY:
        return False
    (ex, ey, ez), (wx, wy, wz) = pose.world[elbow].tolist(), pose.world[wrist].tolist()
    down = wy - ey
    squared = (wx - ex) ** 2 + down * down + (wz - ez) ** 2
    return bool(down > 0.0 and down * down > COSINE * COSINE * squared)
