"""The surface of head, neck and trunk toward the camera: how far before it, or inside, a hand is.

The trunk is an elliptic cylinder from the hips to the shoulders, the head a sphere, the neck a cylinder between them;
all in ray space (``body_placement``), in sizes of an adult.
"""

import math
from collections.abc import Sequence
from typing import Final

from mocast.model.quaternions import TINY, Vector
from mocast.model.topology import EARS, HIPS, SHOULDERS
from mocast.rigging.vectors import length, lerp, scale, sub

HEAD_RADIUS_M: Final = 0.09
"""About the middle between the ears: to nose, mouth and forehead it is 8 to 10 cm."""
NECK_RADIUS_M: Final = 0.055
TRUNK_HALF_WIDTH: Final = 0.45
"""Half the trunk's width, as a share of the distance between the shoulders' joints."""
TRUNK_HALF_DEPTH_M: Final = 0.09
"""How far the chest is before the shoulders' joints."""
MIN_HEIGHT: Final = -0.1
"""Of the trunk, from the hips' joints, as a share of its height."""
MIN_FACING_COSINE: Final = 0.3
"""Of the chest's normal and the direction to the camera: a person who is turned further shows a side, or the back, and
hands are not before it."""

_POINTS: Final = (*EARS, *SHOULDERS, *HIPS)


class BodySurface:
    """The surface of one pose's head, neck and trunk."""

    def __init__(self, world: Sequence[Vector]) -> None:
        """Take the 33 points of a pose, ray space."""
        left_ear, right_ear, left, right, left_hip, right_hip = (world[point] for point in _POINTS)
        self._head = lerp(left_ear, right_ear, 0.5)
        self._neck = lerp(left, right, 0.5)
        self._hips = lerp(left_hip, right_hip, 0.5)
        across, up = sub(left, right), sub(self._neck, self._hips)
        width, self._height = length(across) + TINY, length(up) + TINY
        self._half_width = TRUNK_HALF_WIDTH * width
        self._up, self._across = scale(up, 1 / self._height), scale(across, 1 / width)
        # Cross product of left and up: out of the chest, as y is down and z away from the camera.
        (ax, ay, _), (ux, uy, _) = self._across, self._up
        self.is_facing = ay * ux - ax * uy > MIN_FACING_COSINE

    def before(self, points: Sequence[Vector], start: Vector = (0.0, 0.0, 0.0)) -> tuple[float, float]:
        """Return how far the nearest of some points is before head or neck, and before the trunk, along the depth.

        ``points``: from ``start``. Metres; negative inside; infinite where all points are beside it, and where the
        trunk does not face the camera.
        """
        head_m = trunk_m = math.inf
        if not self.is_facing:
            return head_m, trunk_m
        # Plain numbers, and no calls: this is run for eighteen points of every rig.
        (hx, hy, hz), (sx, sy, sz), neck_z = self._hips, self._head, self._neck[2]
        (ux, uy, uz), (ax, ay, az) = self._up, self._across
        start_x, start_y, start_z = start
        for from_x, from_y, from_z in points:
            x, y, z = start_x + from_x, start_y + from_y, start_z + from_z
            in_head = HEAD_RADIUS_M**2 - (x - sx) ** 2 - (y - sy) ** 2
            if in_head > 0:
                head_m = min(head_m, sz - z - math.sqrt(in_head))
            ox, oy, oz = x - hx, y - hy, z - hz
            height = (ox * ux + oy * uy + oz * uz) / self._height
            if height <= MIN_HEIGHT:
                continue
            aside = ox * ax + oy * ay + oz * az
            # Where the trunk is turned, the depth of its middle changes across it.
            before = hz + height * (neck_z - hz) + aside * az - z
            if height < 1.0:
                inside = 1.0 - (aside / self._half_width) ** 2
                if inside > 0:
                    trunk_m = min(trunk_m, before - TRUNK_HALF_DEPTH_M * math.sqrt(inside))
            elif y > sy:
                inside = NECK_RADIUS_M**2 - aside * aside
                if inside > 0:
                    head_m = min(head_m, before - math.sqrt(inside))
        return head_m, trunk_m
