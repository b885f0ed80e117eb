"""The head's surface: a solid of a few ellipsoids, unrolled about its centre so that a face can be drawn on it flat.

A place on the face is (p, q): metres to the left and up on a ball of ``RADIUS`` around ``CENTRE``, from the point
straight ahead. The front of the face is close to that ball, so drawings keep their proportions there.
"""

from typing import Final

import numpy as np
from scripts.avatar.fields import both, ellipsoid, joined, normals
from scripts.avatar.mesh import Floats

CENTRE: Final = np.array([0.0, 1.315, 0.0])
RADIUS: Final = 0.115

solid: Final = joined(
    0.02,
    joined(
        0.06,
        ellipsoid((0, 1.362, -0.014), (0.117, 0.114, 0.122)),
        both(ellipsoid((0.027, 1.292, 0.030), (0.069, 0.070, 0.070))),
        ellipsoid((0, 1.242, 0.062), (0.037, 0.040, 0.041)),
    ),
    ellipsoid((0, 1.281, 0.100), (0.0075, 0.009, 0.0135)),
)
"""Skull, cheeks, chin and a small nose."""


def direction(pq: Floats) -> Floats:
    """Return (n, 3) unit directions from the centre to places (n, 2) on the face."""
    across, up = pq[:, 0] / RADIUS, pq[:, 1] / RADIUS
    return np.stack([np.sin(across) * np.cos(up), np.sin(up), np.cos(across) * np.cos(up)], axis=1)


def surface(pq: Floats, lift: Floats | float = 0.0) -> Floats:
    """Return (n, 3) the places (n, 2) in space, ``lift`` metres (n,) over the skin along its normal."""
    ray = direction(pq)
    low, high = np.zeros(len(pq)), np.full(len(pq), 0.3)
    for _ in range(34):
        middle = (low + high) / 2
        outside = solid(CENTRE + ray * middle[:, None]) > 0
        low, high = np.where(outside, low, middle), np.where(outside, middle, high)
    points = CENTRE + ray * ((low + high) / 2)[:, None]
    return points + normal(points) * np.broadcast_to(lift, len(pq))[:, None]


def normal(points: Floats) -> Floats:
    """Return (n, 3) unit normals of the head's surface near points."""
    return normals(solid, points, 3e-3)
