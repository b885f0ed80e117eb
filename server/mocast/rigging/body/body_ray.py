"""The ray from the camera to the body, which its world landmarks are relative to; the head is put into the same space.

A head's pose is relative to the ray to the head, a body's landmarks are relative to one further down: a head that is
taken as it is sits back against the chest. Seen with two people who sign, the hips at the picture's lower edge: the
pitch of the head by the pose's own landmarks is that by the face where both are relative to the ray to the middle of
the shoulders (within 1°; the ray to the hips is 20 to 22° lower, that to the head 8° higher). Of a whole body the
network sees a crop around the hips, so there the ray to their middle is taken.
"""

import math
from typing import Final

import numpy as np

from mocast.model.camera_rays import focal_length_px
from mocast.model.quaternions import IDENTITY_ONE, TINY, Quaternion, Vector
from mocast.model.topology import HIPS, SHOULDERS
from mocast.model.tracked import Pose

TRUNK: Final = np.array([*SHOULDERS, *HIPS])
MAX_RAY_SLOPE: Final = 2.0
"""A ray that is further from the camera's axis, across over along, is not in any picture."""


def middle_of_body(trunk: list[list[float]], full_share: float) -> tuple[float, float]:
    """Return the point that is ``full_share``, 0..1, of the way from the middle of the shoulders to that of the hips.

    ``trunk``: x and y of ``TRUNK``.
    """
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = trunk
    of_shoulders, of_hips = 0.5 * (1.0 - full_share), 0.5 * full_share
    return of_shoulders * (ax + bx) + of_hips * (cx + dx), of_shoulders * (ay + by) + of_hips * (cy + dy)


def body_ray(pose: Pose, size_wh: tuple[int, int], full_share: float) -> Vector | None:
    """Return the direction from the camera to the body, in avatar axes (x to the picture's right, y up, z back).

    ``full_share``: 0 for half a body, 1 for a whole one. ``None`` where the landmarks are not in any picture.
    """
    x, y = middle_of_body(pose.image[TRUNK, :2].tolist(), full_share)
    width, height = size_wh
    focal_px = focal_length_px(size_wh)
    across, down = (x - 0.5) * width / max(focal_px, TINY), (y - 0.5) * height / max(focal_px, TINY)
    # Written so that what is not a number is refused, too.
    is_possible = abs(across) < MAX_RAY_SLOPE and abs(down) < MAX_RAY_SLOPE
    return (across, -down, -1.0) if is_possible else None


def to_ray(direction: Vector) -> Quaternion:
    """Return the shortest rotation from the camera's axis to a direction, neither of which need be of unit length."""
    x, y, z = direction
    length = math.sqrt(x * x + y * y + z * z)
    w = length - z
    scale = math.sqrt(x * x + y * y + w * w)
    return (y / scale, -x / scale, 0.0, w / scale) if scale > TINY else IDENTITY_ONE
