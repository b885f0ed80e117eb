"""Body placement: where before the camera a body is, from its size in the picture and its size in world space.

*Ray space* has the axes of world space (x to the picture's right, y down, z away), turned so that the ray from the
camera to the body (``body_ray``: to the middle of the hips, of half a body to that of the shoulders) is the z axis; its
origin is the camera. The pose network sees a crop around the body
and cannot know where in the picture it is: world landmarks are in ray space, but for their origin.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.camera_rays import focal_length_px, ray_rotation
from mocast.model.half_body import TRUNK, middle_of_body
from mocast.model.quaternions import Matrices, Vectors
from mocast.model.topology import ANKLES, HIPS, KNEES, SHOULDERS
from mocast.model.tracked import Pose
from mocast.rigging.body.pose_frames import Flags

MIN_DISTANCE_M: Final = 0.3
MAX_DISTANCE_M: Final = 30.0
"""Distances from the camera; others are errors of the scale."""
GUESS_WEIGHT: Final = 0.3
"""Of hips that are not seen: the network's guess below the shoulders."""
MIN_SPREAD: Final = 1e-5
"""Least weighted variance of the points' directions: below, a body is a point in the picture."""

_WHOLE: Final = np.array([*SHOULDERS, *HIPS, *KNEES, *ANKLES])


@dataclass(frozen=True, slots=True, eq=False)
class BodyPlacement:
    """Where a body is before the camera."""

    to_ray: Matrices
    "(3, 3): takes camera space, whose axis looks through the picture's middle, to ray space."
    position: Vectors
    "(3,) metres, ray space: the origin of world space, the middle of the hips."
    rays: NDArray[np.float64]
    "(33, 2): the landmarks in the picture, as x/z and y/z in ray space."
    seen: NDArray[np.float64]
    "(33, 2): the same in camera space."

    def seen_at(self, landmarks: NDArray[np.intp], depths: NDArray[np.float64]) -> Vectors:
        """Return (n, 3) points, relative to the origin of world space, that are seen where n landmarks are.

        ``depths``, (n,): their z in world space.
        """
        away = depths + self.position[2]
        points = np.empty((len(landmarks), 3))
        points[:, :2] = self.rays[landmarks] * away[:, None] - self.position[:2]
        points[:, 2] = depths
        return points


def place_body(
    pose: Pose, size_wh: tuple[int, int], are_visible: Flags, full_share: float = 1.0
) -> BodyPlacement | None:
    """Return where a body is; ``None`` where it has no size in the picture.

    The translation whose projection fits the picture best, by least squares: each landmark x of world space that is
    seen in the direction u should fulfil x + t_x = u · (z + t_z), and y alike. ``are_visible``, (33,): knees and ankles
    count if they are. ``full_share``: see ``body_ray``.
    """
    focal_px = focal_length_px(size_wh)
    seen = (pose.image[:, :2] - 0.5) * (np.array(size_wh) / focal_px)
    x, y = middle_of_body(seen[TRUNK].tolist(), full_share)
    if not math.hypot(x, y) < 10.0:
        return None
    to_ray = ray_rotation(x, y)
    turned = seen.dot(to_ray[:, :2].T) + to_ray[:, 2]
    rays = turned[:, :2] / np.maximum(turned[:, 2:], 0.1)
    position = _fit(pose, rays, are_visible)
    return None if position is None else BodyPlacement(to_ray, position, rays, seen)


def _fit(pose: Pose, rays: NDArray[np.float64], are_visible: Flags) -> Vectors | None:
    # Plain numbers: for eight points numpy's calls would cost more than all this.
    visible = are_visible[_WHOLE].tolist()
    are_hips = visible[2] and visible[3]
    weights = [float(is_visible) for is_visible in visible]
    if not are_hips:
        weights[2:] = [GUESS_WEIGHT, GUESS_WEIGHT, 0.0, 0.0, 0.0, 0.0]
    total = sum_u = sum_v = sum_a = sum_b = squares = products = 0.0
    # Per point u, v and what x + t_x = u·(z + t_z) leaves for t_x - u·t_z.
    for weight, (u, v), (x, y, z) in zip(weights, rays[_WHOLE].tolist(), pose.world[_WHOLE].tolist(), strict=True):
        a, b = u * z - x, v * z - y
        total += weight
        sum_u += weight * u
        sum_v += weight * v
        sum_a += weight * a
        sum_b += weight * b
        squares += weight * (u * u + v * v)
        products += weight * (u * a + v * b)
    if total == 0.0:
        return None
    spread = squares - (sum_u * sum_u + sum_v * sum_v) / total
    if not MIN_SPREAD * total < spread < math.inf:
        return None
    distance_m = ((sum_u * sum_a + sum_v * sum_b) / total - products) / spread
    if not MIN_DISTANCE_M < distance_m < MAX_DISTANCE_M:
        return None
    return np.array([(sum_a + sum_u * distance_m) / total, (sum_b + sum_v * distance_m) / total, distance_m])
