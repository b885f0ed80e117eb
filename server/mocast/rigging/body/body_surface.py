"""The surface of head, neck and trunk toward the camera: how far before it, or inside, a hand is.

The trunk is an elliptic cylinder from the hips to the shoulders, the head a sphere, the neck a cylinder between them;
all in ray space (``sight``), in sizes of an adult.
"""

import math
from typing import Final

import numpy as np

from mocast.model.quaternions import TINY, Vectors
from mocast.model.topology import EARS, HIPS, SHOULDERS
from mocast.rigging.body.pose_frames import Numbers

HEAD_RADIUS_M: Final = 0.09
"""About the middle between the ears: to nose, mouth and forehead it is 8 to 10 cm."""
NECK_RADIUS_M: Final = 0.055
TRUNK_HALF_WIDTH: Final = 0.45
"""Of the distance between the shoulders' joints..."""
TRUNK_HALF_DEPTH_M: Final = 0.09
"""...and how far the chest is before them."""
MIN_HEIGHT: Final = -0.1
"""Of the trunk, from the hips' joints, as a share of its height."""
MIN_FACING_COSINE: Final = 0.3
"""Of the chest's normal and the direction to the camera: a person who is turned further shows a side, or the back, and
hands are not before it."""

_POINTS: Final = np.array([*EARS, *SHOULDERS, *HIPS])


class BodySurface:
    """The surface of one pose's head, neck and trunk."""

    def __init__(self, world: Vectors) -> None:
        """Take (33, 3) points of ray space."""
        left_ear, right_ear, left, right, left_hip, right_hip = world[_POINTS]
        self._head = 0.5 * (left_ear + right_ear)
        self._neck = 0.5 * (left + right)
        hips = 0.5 * (left_hip + right_hip)
        across = left - right
        width = math.sqrt(float(across @ across)) + TINY
        self._half_width = TRUNK_HALF_WIDTH * width
        up = self._neck - hips
        self._height = math.sqrt(float(up @ up)) + TINY
        self._hips, self._up, self._across = hips, up / self._height, across / width
        # Cross product of left and up: out of the chest, as y is down and z away from the camera.
        (ax, ay, _), (ux, uy, _) = self._across.tolist(), self._up.tolist()
        self.is_facing = ay * ux - ax * uy > MIN_FACING_COSINE

    def before(self, points: Vectors) -> tuple[float, float]:
        """Return how far the nearest of (n, 3) points is before head or neck, and before the trunk, along the depth.

        Metres; negative inside; infinite where all points are beside it, and where the trunk does not face the camera.
        """
        if not self.is_facing:
            return math.inf, math.inf
        trunk, neck = self._before_trunk(points)
        return float(np.minimum(self._before_head(points), neck).min()), float(trunk.min())

    def _before_head(self, points: Vectors) -> Numbers:
        off = points - self._head
        inside = HEAD_RADIUS_M**2 - off[:, 0] ** 2 - off[:, 1] ** 2
        before = -off[:, 2] - np.sqrt(np.maximum(inside, 0.0))
        head: Numbers = np.where(inside > 0, before, np.inf)
        return head

    def _before_trunk(self, points: Vectors) -> tuple[Numbers, Numbers]:
        off = points - self._hips
        height = (off @ self._up) / self._height
        aside = off @ self._across
        spine = self._hips[2] + height * (self._neck[2] - self._hips[2])
        # Where the trunk is turned, the depth of its middle changes across it.
        before = spine + aside * self._across[2] - points[:, 2]
        inside = 1.0 - (aside / self._half_width) ** 2
        trunk = np.where((height > MIN_HEIGHT) & (height < 1.0) & (inside > 0), before, np.inf)
        trunk -= TRUNK_HALF_DEPTH_M * np.sqrt(np.maximum(inside, 0.0))
        inside = NECK_RADIUS_M**2 - aside * aside
        is_neck = (height >= 1.0) & (points[:, 1] > self._head[1]) & (inside > 0)
        neck: Numbers = np.where(is_neck, before - np.sqrt(np.maximum(inside, 0.0)), np.inf)
        return trunk, neck
