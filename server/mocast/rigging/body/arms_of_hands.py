"""The arms of hands that are tracked without a body: upper arms hang, forearms point where the hands do.

So a hand is shown as it is turned in the picture, its wrist nearly straight, with an arm that a person could have.
"""

from typing import Final

import numpy as np

from mocast.model.humanoid import REST_POSITIONS, HumanoidBone
from mocast.model.names import both_sides
from mocast.model.quaternions import MIRROR_VECTOR, Matrices, Vectors, unit
from mocast.model.topology import ELBOWS, HIPS, POSE_COUNT, SHOULDERS, WRISTS
from mocast.rigging.body.pose_frames import Flags

UPPER_ARM: Final = unit(np.array([0.25, -1.0, 0.1]))
"""Where the left upper arm points: down, a little out and forward."""
FORWARD_OR_UP: Final = np.array([0.0, 0.35, 0.35])
"""What is added to a hand's direction for that of its forearm: an elbow that rests is below the hand, not before it."""

_ARMS: Final = np.array([SHOULDERS, ELBOWS, WRISTS])
_UPPER_LEGS, _SHOULDERS, _ELBOWS, _WRISTS = (
    REST_POSITIONS[list(both_sides(HumanoidBone, name))].astype(np.float64)
    for name in ("UPPER_LEG", "UPPER_ARM", "LOWER_ARM", "HAND")
)
_UPPER_M, _LOWER_M = float(_ELBOWS[0, 0] - _SHOULDERS[0, 0]), float(_WRISTS[0, 0] - _ELBOWS[0, 0])
_SIDES: Final = np.stack([np.ones(3), MIRROR_VECTOR])


def arms_of_hands(palms: Matrices, are_hands: Flags) -> tuple[Vectors, Flags]:
    """Return (33, 3) points in avatar space of somebody upright with these palms, and which of them count, (33,).

    ``palms``: (2, 3, 3), as left ones, of which (2,) are there.
    """
    points, are_visible = np.zeros((POSE_COUNT, 3)), np.zeros(POSE_COUNT, bool)
    forearms = unit(unit(palms[:, :, 0]) + FORWARD_OR_UP)
    points[list(HIPS)], points[list(SHOULDERS)] = _UPPER_LEGS, _SHOULDERS
    points[list(ELBOWS)] = _SHOULDERS + _UPPER_M * UPPER_ARM * _SIDES
    points[list(WRISTS)] = points[list(ELBOWS)] + _LOWER_M * forearms * _SIDES
    are_visible[list(SHOULDERS)] = True
    are_visible[_ARMS[:, are_hands]] = True
    return points, are_visible
