"""The space that head and body are solved in together: relative to one ray from the camera, and upright."""

import numpy as np

from mocast.model.quaternions import (
    IDENTITY_ONE,
    Matrices,
    Quaternion,
    Quaternions,
    Vector,
    Vectors,
    inverse_one,
    matrix_one,
    multiply_one,
    rotate_one,
)
from mocast.model.tracked import Tracked
from mocast.rigging.body.body_ray import body_ray, to_ray
from mocast.rigging.body.upright import UprightEstimate, level
from mocast.rigging.calibration.calibration import Calibration
from mocast.rigging.face.face_solver import FaceState
from mocast.rigging.vectors import length, lerp, unit


class BodySpace:
    """One person's space, from frame to frame."""

    def __init__(self) -> None:
        self._half, self._whole = UprightEstimate(), UprightEstimate()
        "Who sits bent at a desk stands straight, and the network sees half a body otherwise than a whole one."
        self.told_up: Vector | None = None
        "Which way is up, where the camera's tilt is known; nothing is learnt then."
        self._full_share = 0.0
        self._ray: Quaternion | None = None
        "The ray to the body (``to_ray``); held while no body is seen, ``None`` before one was."
        self._level: Quaternion = IDENTITY_ONE
        self.level: Matrices = np.eye(3)
        "The (3, 3) rotation of the body's landmarks to upright: the calibrated one, or what was learnt."
        self._from_head_ray: Quaternion = IDENTITY_ONE

    def see(self, tracked: Tracked, calibration: Calibration | None, full_share: float) -> None:
        """Take in the next frame. ``full_share``: see ``body_ray``."""
        self._full_share = full_share
        ray = None if tracked.pose is None else body_ray(tracked.pose, tracked.size_wh, full_share)
        if ray is not None:
            self._ray = to_ray(ray)
        body = None if calibration is None else calibration.body
        if body is not None:
            self._level = _as_tuple(body.level)
        elif self._ray is not None:
            self._level = level(self._up(self._ray), self._ray)
        self.level = np.array(matrix_one(self._level))

    def _up(self, ray: Quaternion) -> Vector:
        """Return which way is up: that along the ray to the body, until something is learnt."""
        if self.told_up is not None:
            return self.told_up
        for one, other in ((self._half, self._whole), (self._whole, self._half)):
            one.begin(other.up if other.has_learnt else rotate_one(ray, (0.0, 1.0, 0.0)))
        return unit(lerp(self._half.up, self._whole.up, self._full_share))

    def head(self, face: FaceState, calibration: Calibration | None) -> Quaternions | None:
        """Return the (4,) rotation of the face's head in this space; ``None`` where no face is seen.

        A calibrated head is relative to how it was held when the person looked straight ahead, so it is upright as it
        is.
        """
        head = face.measured_head
        if head is None or (calibration is not None and calibration.face is not None):
            return head
        if self._ray is not None and face.head is not None:
            x, y, z = face.head.position.tolist()
            self._from_head_ray = multiply_one(inverse_one(self._ray), to_ray((x, y, -z)))
        return np.array(multiply_one(self._level, multiply_one(self._from_head_ray, _as_tuple(head))))

    def learn(self, spine: Vectors, step_s: float, calibration: Calibration | None) -> None:
        """Take in a frame's spine, (3,), in this space; nothing is learnt where the body was calibrated."""
        x, y, z = spine.tolist()
        along: Vector = x, y, z
        if (
            self._ray is None
            or self.told_up is not None
            or length(along) == 0.0
            or (calibration is not None and calibration.body is not None)
        ):
            return
        if self._full_share in {0.0, 1.0}:
            upright = self._whole if self._full_share else self._half
            upright.learn(rotate_one(multiply_one(self._ray, inverse_one(self._level)), unit(along)), step_s)


def _as_tuple(q: Quaternions) -> Quaternion:
    x, y, z, w = q.tolist()
    return x, y, z, w
