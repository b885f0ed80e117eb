"""Reads the hand network: the landmarks of the hand inside a region."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mocast.model.tracked import Hand
from mocast.tracking.openvino.finite import is_finite
from mocast.tracking.openvino.picture import in_image_space
from mocast.tracking.openvino.region import Region
from mocast.tracking.openvino.request import Outputs

FLAG = 1
"""Which of the outputs says how sure the network is of a hand."""
SURE = 0.5
"""The network's flag above which there is a hand. Source: MediaPipe's hand_landmark_cpu.pbtxt."""
DEPTH = 0.4
"""The network's z is divided by this. Source: ``normalize_z`` in hand_landmark_cpu.pbtxt."""


class FoundHand(NamedTuple):
    """A hand in pixels."""

    points: NDArray[np.float32]
    "(21, 3) float32, pixels; z on the scale of x, relative to the wrist."
    world: NDArray[np.float32]
    "(21, 3) float32, metres, origin at the hand's centre."
    score: float
    "How sure the network is that this is a hand, 0..1."
    right: float
    "How sure the network is that it is a right one, in a picture that is not mirrored; 0..1."

    def hand(self, size_wh: tuple[int, int]) -> Hand:
        """Return it as a record of the model, for a picture of that size."""
        return Hand(in_image_space(self.points, size_wh), self.world, self.score)


def read_hand(outputs: Outputs, region: Region, size: int) -> FoundHand | None:
    """Return the hand that the network, whose input is ``size`` wide, sees in a region; ``None`` where it sees none."""
    landmarks, flag, right, world = outputs
    score = flag.item()
    if not score > SURE:
        return None
    points, metres = region.project(landmarks, depth=1 / DEPTH, side=size), region.turn(world)
    is_usable = is_finite(points) and is_finite(metres)
    return FoundHand(points, metres, min(score, 1.0), right.item()) if is_usable else None
