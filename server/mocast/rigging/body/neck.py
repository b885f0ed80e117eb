"""Neck, head, eyes and jaw: local rotations from the head's rotation, the gaze and ``jawOpen``."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.quaternions import Quaternions, Vectors, from_matrices, inverse_one, multiply_one
from mocast.model.topology import EARS, EYES, PoseLandmark
from mocast.rigging.body.bone_chains import NECK_SHARE, share_of
from mocast.rigging.body.pose_frames import frames

NECK_LIMIT_RAD: Final = math.radians(100.0)
"""Largest angle between chest and head; a larger one is an error of the tracker."""
JAW_OPEN_RAD: Final = math.radians(18.0)
"""The jaw's angle at a ``jawOpen`` of 1."""
EYE_LIMIT_DEG: Final = 35.0
"""Largest rotation of an avatar's eyes: beyond it their backs would show."""

_LANDMARKS: Final = np.array([*EARS, *EYES, PoseLandmark.NOSE])
_LINES: Final = np.array([[1.0, -1.0, 0.5, -0.5, 0.0], [-0.5, -0.5, 0.3, 0.3, 0.4]])
"""(2, 5), weights of ``_LANDMARKS``: across, by ears and eyes; forward, from the ears to a point between eyes and nose
that is level with them in a head that looks straight ahead."""
_INVERSE_REST: Final = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
"""The two lines are x and z in the rest pose: the inverse of the frame with the columns x, z, -y (see
``pose_frames``)."""


def head_of_pose(points: Vectors) -> Quaternions | None:
    """Return the (4,) rotation of the head in avatar space from a pose's (33, 3) points; ``None`` if they make no head.

    Where a face is seen, its landmarks give a better one.
    """
    across, forward = _LINES.dot(points[_LANDMARKS])
    made, are_bases = frames(across[None], forward[None])
    return from_matrices(made.dot(_INVERSE_REST))[0] if are_bases[0] else None


def neck_and_head(chest: Quaternions, head: Quaternions) -> Quaternions:
    """Return the (2, 4) local rotations of neck and head, from the (4,) rotations of chest and head in avatar space."""
    turn = multiply_one(inverse_one(tuple(chest.tolist())), tuple(head.tolist()))
    return np.array([share_of(turn, share, NECK_LIMIT_RAD) for share in (NECK_SHARE, 1 - NECK_SHARE)])


def eyes_and_jaw(gaze_deg: NDArray[np.float32], jaw_open: float) -> Quaternions:
    """Return the (3, 4) local rotations of the left eye, the right eye and the jaw.

    ``gaze_deg``: yaw to the subject's left and pitch up; ``jaw_open``: 0..1.
    """
    yaw, pitch = (0.5 * math.radians(min(max(angle, -EYE_LIMIT_DEG), EYE_LIMIT_DEG)) for angle in gaze_deg.tolist())
    # Pitch first, then yaw.
    up, aside, across, along = -math.sin(pitch), math.sin(yaw), math.cos(pitch), math.cos(yaw)
    eye = (along * up, aside * across, -aside * up, along * across)
    jaw = 0.5 * JAW_OPEN_RAD * jaw_open
    return np.array([eye, eye, (math.sin(jaw), 0.0, 0.0, math.cos(jaw))])
