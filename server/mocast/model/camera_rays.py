"""Rays from the camera through points of the picture: of a pinhole camera that looks through the picture's middle.

Networks see a crop around a body or a hand and cannot know where in the picture it is: world landmarks are relative to
the ray to its middle, each to its own.
"""

import math
from typing import Final

import numpy as np

from mocast.model.options import RigOptions
from mocast.model.quaternions import Matrices

FIELD_OF_VIEW_DEG: Final = RigOptions().field_of_view
"""Across the longer side of the picture: what webcams and phones have, give or take 15°. Where it is wrong, distances
are wrong in proportion; angles hardly change."""

_FIELD_OF_VIEW: Final = 2 * math.tan(math.radians(FIELD_OF_VIEW_DEG / 2))


def focal_length_px(size_wh: tuple[int, int]) -> float:
    """Return the camera's focal length in pixels: the size in the picture of what is 1 m wide and 1 m away."""
    return max(size_wh) / _FIELD_OF_VIEW


def picture_scale(field_of_view_deg: float) -> float:
    """Return how much larger a camera of ``FIELD_OF_VIEW_DEG`` would have to show what one of this shows.

    A pinhole camera with another focal length takes the same picture, larger or smaller about its middle.
    """
    return 2 * math.tan(math.radians(field_of_view_deg / 2)) / _FIELD_OF_VIEW


def ray_rotation_at(x: float, y: float, size_wh: tuple[int, int], scale: float = 1.0) -> Matrices:
    """Return the ``ray_rotation`` of the ray through (x, y) in image space; ``scale``: the camera's picture_scale."""
    (width, height), per_px = size_wh, scale / focal_length_px(size_wh)
    return ray_rotation((x - 0.5) * width * per_px, (y - 0.5) * height * per_px)


def ray_rotation(x: float, y: float) -> Matrices:
    """Return the (3, 3) shortest rotation of the ray (x, y, 1) to the direction of (0, 0, 1)."""
    length = math.sqrt(x * x + y * y + 1.0)
    x, y, z = x / length, y / length, 1.0 / length
    a = 1.0 / (1.0 + z)
    return np.array([[1 - a * x * x, -a * x * y, -x], [-a * x * y, 1 - a * y * y, -y], [x, y, z]])
