"""Decoding of the hand network's outputs: the landmarks of a hand, in pixels.

The network: Zhang et al., "MediaPipe Hands: On-device Real-time Hand Tracking", 2020 (arXiv:2006.10214).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mocast.model.tracked import Hand
from mocast.tracking.openvino.regions.finite import is_finite
from mocast.tracking.openvino.regions.frame_view import in_image_space
from mocast.tracking.openvino.regions.region import Region

SCORE_OUTPUT: Final = 1
"""Index of the score among the outputs."""
MIN_HAND_SCORE: Final = 0.5
"""Probability above which there is a hand. Source: MediaPipe's hand_landmark_cpu.pbtxt."""
DEPTH_SCALE: Final = 0.4
"""The network's z is divided by this. Source: ``normalize_z`` in hand_landmark_cpu.pbtxt."""


class FoundHand(NamedTuple):
    """A hand in pixels."""

    points: NDArray[np.float32]
    "(21, 3) float32, pixels; z on the scale of x, relative to the wrist."
    world: NDArray[np.float32]
    "(21, 3) float32, metres, origin at the hand's centre."
    score: float
    "Probability that this is a hand, 0..1."
    right: float
    "Probability that it is a right hand, in a picture that is not mirrored; 0..1."

    def hand(self, size_wh: tuple[int, int]) -> Hand:
        """Return the hand in image space, for a picture of that size."""
        return Hand(in_image_space(self.points, size_wh), self.world, self.score)


def read_hand(outputs: Sequence[NDArray[np.float32]], region: Region, size: int) -> FoundHand | None:
    """Return the hand in a region, from the outputs of a network whose input is ``size`` wide; ``None`` without one."""
    landmarks, flag, right, world = outputs
    score = flag.item()
    if not score > MIN_HAND_SCORE:
        return None
    points, metres = region.project(landmarks, depth=1 / DEPTH_SCALE, side=size), region.rotate_world(world)
    is_usable = is_finite(points) and is_finite(metres)
    return FoundHand(points, metres, min(score, 1.0), right.item()) if is_usable else None
