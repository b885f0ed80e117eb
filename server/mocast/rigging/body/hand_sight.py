"""Hands in the ray space of their body.

Hands are seen in crops of their own, so their world landmarks are relative to rays of their own: of a hand 20° aside of
the hips all would be turned by 20°.
"""

import numpy as np
from numpy.typing import NDArray

from mocast.model.camera_rays import ray_rotation_at
from mocast.model.quaternions import Vectors
from mocast.model.tracked import Hand
from mocast.rigging.body.body_placement import BodyPlacement


def turned_to_body(
    hand: Hand, middle_px: NDArray[np.float64], body: BodyPlacement, size_wh: tuple[int, int]
) -> Vectors:
    """Return a hand's (21, 3) world landmarks in the ray space of its body; ``middle_px``, (2,): its middle."""
    (x, y), (width, height) = middle_px.tolist(), size_wh
    turned: Vectors = hand.world.dot(ray_rotation_at(x / width, y / height, size_wh).dot(body.to_ray.T))
    return turned
