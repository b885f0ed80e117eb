"""Overlay ``classic``: red joints and white bones, of the pose and of both hands."""

import numpy as np

from mocast.model.canvas import Canvas
from mocast.model.topology import HAND_BONES, HAND_COUNT, POSE_BONES, POSE_COUNT
from mocast.model.tracked import Tracked
from mocast.rendering.chains import Chains
from mocast.rendering.colours import RED, SHADE, WHITE
from mocast.rendering.drawn_hands import placed_hands, rough_fingers
from mocast.rendering.pen import Pen

_POSE_LINES = Chains(*POSE_BONES.values())
_POSE_JOINTS = np.arange(POSE_COUNT)
_HAND_LINES = Chains(*HAND_BONES.values())
_HAND_JOINTS = np.arange(HAND_COUNT)


class Classic:
    """The body and the hands. A hand tracked in full takes the place of the pose's rough fingers."""

    def draw(self, canvas: Canvas, tracked: Tracked) -> None:
        """Draw on ``canvas.rgb`` in place."""
        pen = Pen(canvas)
        if tracked.pose is not None:
            sure = tracked.pose.visibility >= canvas.options.confidence
            sure[rough_fingers(canvas, tracked)] = False
            joints = pen.place(tracked.pose.image, sure)
            pen.lines(joints, _POSE_LINES, SHADE, width=2, casing=1)
            pen.lines(joints, _POSE_LINES, WHITE, width=2)
            pen.dots(joints, _POSE_JOINTS, WHITE, diameter=7, casing=1)
            pen.dots(joints, _POSE_JOINTS, RED, diameter=7)
        for hand_pen, hand_joints in placed_hands(canvas, tracked):
            hand_pen.lines(hand_joints, _HAND_LINES, WHITE, width=2)
            hand_pen.dots(hand_joints, _HAND_JOINTS, RED, diameter=5)
