"""Head pose: a head's position and rotation relative to the camera, and landmarks transformed to head space.

*Head space* has the axes of avatar space turned with the head; metres, the origin between the ears. Faces are measured
there, so that nodding and turning do not look like expressions. *Camera space* is OpenCV's::

      head space, head on                 camera space

          y  up                               z  away from the camera
          |                                  /
          o---- x  the subject's left       o---- x  the picture's right
         /                                  |
        z  toward the camera                y  down
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.model.camera_rays import focal_length_px
from mocast.model.quaternions import dot
from mocast.rigging.face import face_model

MIN_RAY_SINE: Final = 0.3
"""Least sine of the angle between a ray and the plane in which a landmark moves: near-parallel ones would amplify noise
without bound."""
MIN_HEAD_DISTANCE_M: Final = 0.05
MAX_HEAD_DISTANCE_M: Final = 50.0
"""Distances from the camera; solutions outside of them are rejected."""

_RIGHT: Final = (33, 133, 127, 143, 117, 50, 129, 198, 67, 109, 54, 205)
_MIDDLE: Final = (6, 197, 195, 5, 4, 168, 8, 9, 10, 151)
RIGID_LANDMARKS: Final[tuple[int, ...]] = (*_RIGHT, *_MIDDLE, *(int(face_model.mirror_of()[point]) for point in _RIGHT))
"""The 34 landmarks that expressions move least: forehead, corners of the eyes, bridge and wings of the nose,
cheekbones, temples. MediaPipe's face geometry weighs landmarks of the same regions, and of the jaw."""

AVATAR_TO_CAMERA: Final = np.array([1.0, -1.0, -1.0])
"""A vector times this, element by element, is converted between camera space and the head space of a head that faces
the camera, both ways."""

_Y_UP: Final = np.array([1.0, -1.0, 1.0])
_TO_AVATAR: Final = np.outer(AVATAR_TO_CAMERA, AVATAR_TO_CAMERA)
"""A rotation matrix times this, element by element, is converted alike."""
_RIGID: Final = np.array(RIGID_LANDMARKS)
_UNDISTORTED: Final = np.zeros(4)
_RIGID_MODEL: Final = np.ascontiguousarray((face_model.points() * AVATAR_TO_CAMERA)[_RIGID])


@dataclass(frozen=True, slots=True, eq=False)
class HeadPlacement:
    """A head's pose in camera space."""

    rotation: NDArray[np.float64]
    "(3, 3): from the average face, times ``AVATAR_TO_CAMERA``, to the camera's axes."
    position: NDArray[np.float64]
    "(3,) metres: the origin of head space."
    focal_px: float
    centre_px: NDArray[np.float64]
    "(2,): where the camera's axis meets the picture."

    @property
    def px_per_mm(self) -> float:
        """The scale of the face in the picture: pixels per millimetre at the head's distance."""
        return self.focal_px / (1000.0 * float(self.position[2]))

    @property
    def seen_rotation(self) -> NDArray[np.float64]:
        """(3, 3) in avatar space, relative to the ray from the camera to the head, not to the camera's axis.

        So the identity looks straight into the camera, wherever in the picture the head is. The body's landmarks are
        relative to such a ray, too, as the networks see crops around the body.
        """
        x, y, z = self.position.tolist()
        distance = math.hypot(x, y, z)
        x, y, z = x / distance, y / distance, z / distance
        # The shortest rotation from the axis (0, 0, 1) to the ray (Rodrigues' formula for unit vectors).
        a = 1.0 / (1.0 + z)
        to_ray = np.array([[1 - a * x * x, -a * x * y, x], [-a * x * y, 1 - a * y * y, y], [-x, -y, z]])
        rotation: NDArray[np.float64] = to_ray.T.dot(self.rotation) * _TO_AVATAR
        return rotation

    @property
    def seen_position(self) -> NDArray[np.float64]:
        """(3,) metres from the camera: x to the subject's left, y up, z away from the camera."""
        position: NDArray[np.float64] = self.position * _Y_UP
        return position

    def into_head(
        self, points_px: NDArray[np.float64], model: NDArray[np.float64], recede: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return x and y in head space, (n, 2) metres, of landmarks at (n, 2) pixels.

        ``model``, (n, 3): the same landmarks of the average face. ``recede``, (n,): a landmark that moves by dy moves
        by ``recede`` · dy along z. Each lies where the ray through its pixel meets the plane of its motion. The mesh
        network's depth is not used: it is noisier.
        """
        to_head = self.rotation * AVATAR_TO_CAMERA
        axis = to_head[2]  # the camera's, in head space
        axis_x, axis_y, axis_z = axis.tolist()
        across_head = to_head[:, :2]
        depth = model.dot(axis) + self.position[2]
        across = (points_px - self.centre_px).dot(across_head[:2] / self.focal_px) + across_head[2]
        # As deep as the average face along the camera's axis, and then along the ray into the plane.
        there = across * depth[:, None] - self.position.dot(across_head)
        normal = np.empty_like(across)
        normal[:, 0], normal[:, 1] = axis_x, axis_y + axis_z * recede
        facing, off = 1.0 - dot(across, normal), dot(there - model[:, :2], normal)
        inside: NDArray[np.float64] = there + across * (off / np.maximum(facing, MIN_RAY_SINE))
        return inside


@lru_cache(maxsize=16)
def _camera(size_wh: tuple[int, int]) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Return the focal length, the picture's middle, (2,), both in pixels, and the camera's (3, 3) matrix."""
    x, y, focal_px = size_wh[0] / 2, size_wh[1] / 2, focal_length_px(size_wh)
    return focal_px, np.array([x, y]), np.array([[focal_px, 0.0, x], [0.0, focal_px, y], [0.0, 0.0, 1.0]])


def place_head(points_px: NDArray[np.float64], size_wh: tuple[int, int]) -> HeadPlacement | None:
    """Return the head's pose, from its (478, 2) landmarks in pixels; ``None`` where none fits.

    By SQPnP (Terzakis, Lourakis, "A consistently fast and globally optimal solution to the perspective-n-point
    problem", ECCV 2020): without a first guess that could be wrong, and six times faster than refining the last pose,
    for the same angles.
    """
    focal_px, centre_px, camera = _camera(size_wh)
    try:
        _, turn, shift = cv2.solvePnP(_RIGID_MODEL, points_px[_RIGID], camera, _UNDISTORTED, flags=cv2.SOLVEPNP_SQPNP)
    except cv2.error:
        return None
    if turn is None or not all(map(math.isfinite, (*turn[:, 0].tolist(), *shift[:, 0].tolist()))):
        return None
    position = np.asarray(shift, np.float64)[:, 0]
    if not MIN_HEAD_DISTANCE_M <= position[2] <= MAX_HEAD_DISTANCE_M:
        return None
    rotation = np.asarray(cv2.Rodrigues(turn)[0], np.float64)
    return HeadPlacement(rotation, position, focal_px, centre_px)
