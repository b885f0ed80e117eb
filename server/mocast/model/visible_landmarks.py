"""Which landmarks of a pose are seen well enough to be followed."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.topology import POSE_COUNT
from mocast.model.tracked import Landmarks, Scores

Flags = NDArray[np.bool_]

MIN_VISIBILITY_ON_ENTRY: Final = 0.5
"""A landmark is followed from this visibility on."""
MIN_VISIBILITY_ON_EXIT: Final = 0.35
"""A landmark that is followed is given up below this visibility."""
IMAGE_MARGIN: Final = 0.03
"""How far a followed landmark may lie outside of the picture, as a share of its size."""


class VisibleLandmarks:
    """Which landmarks of a pose are followed, with hysteresis so that none flickers."""

    def __init__(self) -> None:
        self._are_seen: Flags = np.zeros(POSE_COUNT, bool)

    def update(self, visibility: Scores, image: Landmarks, size: float = 1.0) -> Flags:
        """Return (33,) flags from the (33,) visibility and the (33, 2+) image points of the next frame.

        ``size``: of the picture in image space, about its middle.
        """
        least = np.where(self._are_seen, MIN_VISIBILITY_ON_EXIT, MIN_VISIBILITY_ON_ENTRY)
        self._are_seen = are_visible(visibility, image, least, size)
        return self._are_seen


def are_visible(
    visibility: Scores, image: Landmarks, least: float | Scores = MIN_VISIBILITY_ON_ENTRY, size: float = 1.0
) -> Flags:
    """Return (33,) flags: which landmarks are visible enough, and not outside of the picture.

    The network guesses what is outside, however visible it says that is.
    """
    inside = np.abs(image[:, :2] - 0.5) < size * (0.5 + IMAGE_MARGIN)
    flags: Flags = (visibility >= least) & inside[:, 0] & inside[:, 1]
    return flags
