"""The ray from the camera to the body, which its world landmarks are relative to; the head is put into the same space.

A head's pose is relative to the ray to the head, a body's landmarks are relative to one further down (``half_body``): a
head that is taken as it is sits back against the chest.
"""

import math
from typing import Final

from mocast.model.camera_rays import focal_length_px
from mocast.model.half_body import TRUNK, middle_of_body
from mocast.model.quaternions import IDENTITY_ONE, TINY, Quaternion, Vector
from mocast.model.tracked import Pose

MAX_RAY_SLOPE: Final = 2.0
"""A ray that is further from the camera's axis, across over along, is not in any picture."""


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
