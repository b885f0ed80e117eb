"""Neck, head, eyes and jaw: the head's rotation relative to the chest, shared between two bones."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.topology import PoseLandmark as P
from mocast.rigging.bases import COINCIDENT_M, frames
from mocast.rigging.quaternions import (
    CONJUGATE,
    Quaternions,
    Vectors,
    about,
    from_matrices,
    from_vectors,
    multiply,
    to_vectors,
)

NECK_SHARE: Final = 0.4
"""The neck's share of the turn; the head takes the rest."""
LIMIT_RAD: Final = np.radians(100.0)
"""No head turns further from its chest; what does is a mistake of the tracker."""
JAW_OPEN_RAD: Final = np.radians(18.0)
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
    """Return the (4,) rotation of the head in avatar space from the (33, 3) points of a pose; ``None`` if they are none.

    For when there is no face to tell it better.
    """
    across, forward = _LINES @ points[_LANDMARKS]
    if min(float(forward @ forward), float(across @ across)) < COINCIDENT_M**2:
        return None
    return from_matrices(frames(across[None], forward[None]) @ _SIDE_UP_FORWARD)[0]


def neck_and_head(chest: Quaternions, head: Quaternions) -> Quaternions:
    """Return the (2, 4) local rotations of neck and head, from the (4,) rotations of chest and head in avatar space."""
    turn = to_vectors(multiply(chest * CONJUGATE, head))
    angle = float(np.sqrt(turn @ turn))
    turn = turn * min(1.0, LIMIT_RAD / max(angle, 1e-6))
    return from_vectors(np.stack([NECK_SHARE * turn, (1 - NECK_SHARE) * turn]))


def eyes_and_jaw(gaze_deg: NDArray[np.float32], jaw_open: float) -> Quaternions:
    """Return the (3, 4) local rotations of the left eye, the right eye and the jaw.

    ``gaze_deg``: yaw to the subject's left and pitch up; ``jaw_open``: 0..1.
    """
    yaw, pitch = np.radians(np.clip(gaze_deg.astype(np.float64), -EYE_LIMIT_DEG, EYE_LIMIT_DEG))
    eye = multiply(about(1, yaw), about(0, -pitch))
    return np.stack([eye, eye, about(0, np.asarray(JAW_OPEN_RAD * jaw_open))])
