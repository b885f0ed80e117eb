"""The directions of a body's segments in avatar space, from the landmarks of its pose and its hands."""

from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.camera_rays import ray_rotation_at
from mocast.model.half_body import TRUNK, middle_of_body
from mocast.model.names import SIDES
from mocast.model.quaternions import Vectors, dot
from mocast.model.topology import POSE_COUNT
from mocast.model.topology import HandLandmark as H
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Hand, Pose

Flags = NDArray[np.bool_]

WORLD_TO_AVATAR: Final = np.array([1.0, -1.0, -1.0])
"""Takes world space (y down, z away from the camera) to avatar space (y up, z toward it)."""
MIN_LENGTH_M: Final = 0.01
"""A segment that is shorter has no direction that one could tell."""


class Segment(IntEnum):
    """The rows of ``BodySegments``; left and right alternate, so ``pair`` has both of a kind."""

    HIP_LINE = 0
    SHOULDER_LINE = 1
    SPINE = 2
    HEAD = 3
    LEFT_UPPER_ARM = 4
    RIGHT_UPPER_ARM = 5
    LEFT_FOREARM = 6
    RIGHT_FOREARM = 7
    LEFT_PALM = 8
    RIGHT_PALM = 9
    LEFT_KNUCKLES = 10
    RIGHT_KNUCKLES = 11
    LEFT_THIGH = 12
    RIGHT_THIGH = 13
    LEFT_SHANK = 14
    RIGHT_SHANK = 15
    LEFT_FOOT = 16
    RIGHT_FOOT = 17


def pair(left: Segment) -> slice:
    """Return the rows of a left segment and of its right counterpart."""
    return slice(left, left + 2)


_MIDDLE: Final[dict[str, dict[str, float]]] = {
    "HIP_LINE": {"LEFT_HIP": 1, "RIGHT_HIP": -1},
    "SHOULDER_LINE": {"LEFT_SHOULDER": 1, "RIGHT_SHOULDER": -1},
    "SPINE": {"LEFT_SHOULDER": 0.5, "RIGHT_SHOULDER": 0.5, "LEFT_HIP": -0.5, "RIGHT_HIP": -0.5},
    "HEAD": {"NOSE": 1, "LEFT_EAR": -0.5, "RIGHT_EAR": -0.5},
}
_OF_A_SIDE: Final[dict[str, dict[str, float]]] = {
    "UPPER_ARM": {"ELBOW": 1, "SHOULDER": -1},
    "FOREARM": {"WRIST": 1, "ELBOW": -1},
    "PALM": {"INDEX": 0.5, "PINKY": 0.5, "WRIST": -1},
    "KNUCKLES": {"INDEX": 1, "PINKY": -1},
    "THIGH": {"KNEE": 1, "HIP": -1},
    "SHANK": {"ANKLE": 1, "KNEE": -1},
    "FOOT": {"FOOT_INDEX": 1, "HEEL": -1},
}


def _weights() -> NDArray[np.float64]:
    table = np.zeros((len(Segment), POSE_COUNT))
    ends = {name: dict(line) for name, line in _MIDDLE.items()}
    for side in SIDES:
        for name, line in _OF_A_SIDE.items():
            ends[f"{side}_{name}"] = {f"{side}_{landmark}": weight for landmark, weight in line.items()}
    for name, line in ends.items():
        for landmark, weight in line.items():
            table[Segment[name], P[landmark]] = weight
    return table


_WEIGHTS: Final = _weights()
"""(18, 33): all segments are one matrix product of this with a pose's points."""
_NEEDED: Final = (_WEIGHTS != 0).astype(np.float64)


_OF_HAND: Final = np.array([H.WRIST, H.INDEX_MCP, H.MIDDLE_MCP, H.RING_MCP, H.LITTLE_MCP])
_PALM: Final = np.array([[-1.0, 0.25, 0.25, 0.25, 0.25], [0.0, 0.9, 0.3, -0.3, -0.9]])
"""(2, 5): how much of each of ``_OF_HAND`` is in the palm, from the wrist to the mean of the four knuckles, and in the
knuckles' line, by least squares. The root of the thumb is left out, as it moves: by 6 to 10 mm against the others where
two people sign."""
_HANDS: Final = (
    slice(Segment.LEFT_PALM, Segment.LEFT_KNUCKLES + 1, 2),
    slice(Segment.RIGHT_PALM, Segment.RIGHT_KNUCKLES + 1, 2),
)
"""The rows of palm and knuckles of both sides."""


class BodySegments:
    """The segments of one pose. A hand's are of its own landmarks, where it was found: a pose guesses them."""

    def __init__(
        self,
        pose: Pose,
        hands: tuple[Hand | None, Hand | None],
        are_seen: Flags,
        size_wh: tuple[int, int],
        full_share: float = 1.0,
        *,
        scale: float = 1.0,
    ) -> None:
        """``hands``: left and right. ``are_seen``: (33,), which landmarks of the pose count.

        The others take world landmarks to one space, as those of a hand are relative to the ray to the hand, and those
        of a pose to the ray to its ``middle_of_body``. ``size_wh``: of the picture; ``full_share``: as
        ``middle_of_body`` takes it; ``scale``: the camera's ``picture_scale``.
        """
        points = pose.world * WORLD_TO_AVATAR
        count = are_seen & np.isfinite(points).all(-1)
        lines = _WEIGHTS @ np.where(count[:, None], points, 0.0)
        known = _NEEDED @ ~count == 0
        if hands != (None, None):
            middle = middle_of_body(pose.image[TRUNK, :2].tolist(), full_share)
            from_ray = ray_rotation_at(*middle, size_wh, scale).T * WORLD_TO_AVATAR
            for rows, hand in zip(_HANDS, hands, strict=True):
                if hand is not None:
                    x, y, _ = (hand.image.sum(0) / len(hand.image)).tolist()
                    own = _PALM @ hand.world.take(_OF_HAND, 0) @ ray_rotation_at(x, y, size_wh, scale) @ from_ray
                    if np.isfinite(own).all():
                        lines[rows], known[rows] = own, True
        lengths = np.sqrt(dot(lines, lines))
        self.are_known: Flags = known & (lengths[:, 0] > MIN_LENGTH_M)
        "(18,)."
        self.directions: Vectors = lines / np.maximum(lengths, MIN_LENGTH_M)
        "(18, 3): of unit length, from the trunk outward; lines across the trunk to the subject's left, the spine up."
