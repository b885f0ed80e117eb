"""The rings of the irises, which all overlays of the face draw."""

import numpy as np

from mocast.model.topology import FACE_COUNT, LEFT_EYE_LANDMARKS, RIGHT_EYE_LANDMARKS
from mocast.rendering.colours import IRIS
from mocast.rendering.joints import Joints
from mocast.rendering.pen import Pen

_RINGS = np.array([RIGHT_EYE_LANDMARKS, LEFT_EYE_LANDMARKS])
"""(2, 5): the centre of each iris, then four points around it."""
_ANGLES = np.linspace(0, 2 * np.pi, 16, endpoint=False)
_CIRCLE = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)
"""(16, 2): weights of an ellipse's two half axes."""


def draw_irises(pen: Pen, joints: Joints) -> None:
    """Draw an ellipse through the four outer points of each iris; nothing for a face without irises."""
    if len(joints.points) < FACE_COUNT:
        return
    rings = _RINGS if joints.all_drawn else _RINGS[joints.drawn[_RINGS].all(axis=1)]
    points = joints.points.take(rings, axis=0).astype(np.float64)
    half_axes = (points[:, 1:3] - points[:, 3:5]) / 2
    outlines = points[:, :1] + _CIRCLE @ half_axes
    pen.loops(np.rint(outlines).astype(np.int32), IRIS, width=1)
