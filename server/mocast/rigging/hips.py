"""Where the hips are: aside by the picture, in height so that the lower foot is on the floor."""

from typing import Final

import numpy as np

from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Pose

FURTHEST_M: Final = 2.0
"""Aside from the picture's middle; further is a mistake of scale."""

_TRUNK: Final = np.array([P.LEFT_SHOULDER, P.RIGHT_SHOULDER, P.LEFT_HIP, P.RIGHT_HIP])


def aside_m(pose: Pose, size_wh: tuple[int, int]) -> float:
    """Return how far the hips are to the picture's right (the subject's left) of its middle, in metres.

    By weak perspective: a trunk is as much wider in metres than in pixels as its surroundings are. Where the hips are
    not seen they are the pose network's guess, straight below the shoulders it does see.
    """
    pixels = (pose.image[_TRUNK, :2] * np.array(size_wh)).astype(np.float64)
    metres = pose.world[_TRUNK, :2].astype(np.float64)
    middle = pixels[2:].mean(0)
    spread_pixels = np.abs(pixels - pixels.mean(0)).sum()
    spread_metres = np.abs(metres - metres.mean(0)).sum()
    aside: float = (middle[0] - 0.5 * size_wh[0]) * spread_metres / max(spread_pixels, 1.0)
    return float(np.clip(aside, -FURTHEST_M, FURTHEST_M))
