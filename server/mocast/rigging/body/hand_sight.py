"""Hands in the ray space of their body.

Hands are seen in crops of their own, so their world landmarks are relative to rays of their own: of a hand 20° aside of
the hips all would be turned by 20°.
"""

import math

import numpy as np
from numpy.typing import NDArray

from mocast.model.quaternions import Matrices, Vectors
from mocast.model.tracked import Hand
from mocast.rigging.body.body_placement import BodyPlacement
from mocast.rigging.face.head_pose import focal_length_px


def turned_to_body(
    hand: Hand, middle_px: NDArray[np.float64], body: BodyPlacement, size_wh: tuple[int, int]
) -> Vectors:
    """Return a hand's (21, 3) world landmarks in the ray space of its body; ``middle_px``, (2,): its middle."""
    (x, y), (width, height), focal_px = middle_px.tolist(), size_wh, focal_length_px(size_wh)
    rotation = ray_rotation((x - 0.5 * width) / focal_px, (y - 0.5 * height) / focal_px)
    return hand.world @ (rotation @ body.to_ray.T)


def ray_rotation(x: float, y: float) -> Matrices:
    """Return the (3, 3) shortest rotation of the ray (x, y, 1) to the direction of (0, 0, 1)."""
    length = math.sqrt(x * x + y * y + 1.0)
    x, y, z = x / length, y / length, 1.0 / length
    a = 1.0 / (1.0 + z)
    return np.array([[1 - a * x * x, -a * x * y, -x], [-a * x * y, 1 - a * y * y, -y], [x, y, z]])
