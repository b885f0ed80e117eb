"""The space that head and body are solved in together: relative to one ray from the camera, and upright."""

import math

import numpy as np

from mocast.model.quaternions import IDENTITY_ONE, TINY, Matrices, Quaternion, Quaternions, Vectors, multiply_one
from mocast.model.tracked import Tracked
from mocast.rigging.body.body_ray import between_rays, body_ray
from mocast.rigging.body.upright import UprightEstimate
from mocast.rigging.calibration.calibration import Calibration
from mocast.rigging.face.face_solver import FaceState


class BodySpace:
    """One person's space, from frame to frame."""

    def __init__(self) -> None:
        self._upright = UprightEstimate()
        self._from_head_ray: Quaternion = IDENTITY_ONE
        "Held while no body is seen."

    def level(self, calibration: Calibration | None) -> Matrices | None:
        """Return the (3, 3) rotation of the body's landmarks to upright: the calibrated one, or what was learnt."""
        if calibration is not None and calibration.body is not None:
            return calibration.body.level_matrix
        return self._upright.matrix

    def head(
        self, face: FaceState, tracked: Tracked, calibration: Calibration | None, full_share: float
    ) -> Quaternions | None:
        """Return the (4,) rotation of the face's head in this space; ``None`` where no face is seen.

        A calibrated head is relative to how it was held when the person looked straight ahead, so it is upright as it
        is. ``full_share``: see ``body_ray``.
        """
        head = face.measured_head
        if head is None or (calibration is not None and calibration.face is not None):
            return head
        ray = None if tracked.pose is None else body_ray(tracked.pose, tracked.size_wh, full_share)
        if ray is not None and face.head is not None:
            x, y, z = face.head.position.tolist()
            self._from_head_ray = between_rays((x, y, -z), ray)
        body = None if calibration is None else calibration.body
        upright = self._upright.rotation if body is None else _as_tuple(body.level)
        return np.array(multiply_one(upright, multiply_one(self._from_head_ray, _as_tuple(head))))

    def learn(self, spine: Vectors, step_s: float, calibration: Calibration | None) -> None:
        """Take in a frame's spine, (3,), in this space; nothing is learnt where the body was calibrated."""
        if calibration is None or calibration.body is None:
            x, y, z = spine.tolist()
            length = math.sqrt(x * x + y * y + z * z)
            if length > TINY:
                self._upright.learn((x / length, y / length, z / length), step_s)


def _as_tuple(q: Quaternions) -> Quaternion:
    x, y, z, w = q.tolist()
    return x, y, z, w
