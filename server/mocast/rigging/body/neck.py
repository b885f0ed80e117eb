"""Neck, head, eyes and jaw: the head's rotation relative to the chest, shared between two bones."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.quaternions import (
    CONJUGATE,
    TINY,
    Quaternions,
    Vectors,
    from_matrices,
    multiply,
)
from mocast.model.topology import PoseLandmark as P
from mocast.rigging.body.pose_frames import frames

NECK_SHARE: Final = 0.4
"""The neck's share of the turn; the head takes the rest."""
LIMIT_RAD: Final = math.radians(100.0)
"""No head turns further from its chest; what does is a mistake of the tracker."""
JAW_OPEN_RAD: Final = math.radians(18.0)
"""How far the jaw turns where ``jawOpen`` is 1."""
EYE_LIMIT_DEG: Final = 35.0
"""Eyes turn no further; avatars' eyes show their backs well before."""

_LANDMARKS: Final = np.array([P.LEFT_EAR, P.RIGHT_EAR, P.LEFT_EYE, P.RIGHT_EYE, P.NOSE])
_LINES: Final = np.array([[1.0, -1.0, 0.5, -0.5, 0.0], [-0.5, -0.5, 0.3, 0.3, 0.4]])
"""Across, by ears and eyes; forward, from the ears to a point between eyes and nose, level with them in a head that
looks straight ahead."""


_SIDE_UP_FORWARD: Final = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
"""From a frame of across and forward to one of across and up."""


def head_of_pose(points: Vectors) -> Quaternions | None:
    """Return the (4,) rotation of the head in avatar space from a pose's (33, 3) points; ``None`` if they make no head.

    For when there is no face to tell it better.
    """
    across, forward = _LINES @ points[_LANDMARKS]
    made, are_bases = frames(across[None], forward[None])
    return from_matrices(made @ _SIDE_UP_FORWARD)[0] if are_bases[0] else None


def neck_and_head(chest: Quaternions, head: Quaternions) -> Quaternions:
    """Return the (2, 4) local rotations of neck and head, from the (4,) rotations of chest and head in avatar space."""
    x, y, z, w = multiply(chest * CONJUGATE, head).tolist()
    half = math.atan2(math.sqrt(x * x + y * y + z * z), abs(w))
    turned = min(half, 0.5 * LIMIT_RAD)
    # Both turn about one axis.
    onto_axis = math.copysign(1.0, w) / max(math.sin(half), TINY)
    axis = (x * onto_axis, y * onto_axis, z * onto_axis)
    return np.array([_about(axis, NECK_SHARE * turned), _about(axis, (1 - NECK_SHARE) * turned)])


def _about(axis: tuple[float, float, float], half: float) -> tuple[float, float, float, float]:
    sine = math.sin(half)
    return axis[0] * sine, axis[1] * sine, axis[2] * sine, math.cos(half)


def eyes_and_jaw(gaze_deg: NDArray[np.float32], jaw_open: float) -> Quaternions:
    """Return the (3, 4) local rotations of the left eye, the right eye and the jaw.

    ``gaze_deg``: yaw to the subject's left and pitch up; ``jaw_open``: 0..1.
    """
    yaw, pitch = (0.5 * math.radians(min(max(float(angle), -EYE_LIMIT_DEG), EYE_LIMIT_DEG)) for angle in gaze_deg)
    # Up or down first, then aside.
    up, aside, across, along = -math.sin(pitch), math.sin(yaw), math.cos(pitch), math.cos(yaw)
    eye = (along * up, aside * across, -aside * up, along * across)
    jaw = 0.5 * JAW_OPEN_RAD * jaw_open
    return np.array([eye, eye, (math.sin(jaw), 0.0, 0.0, math.cos(jaw))])
