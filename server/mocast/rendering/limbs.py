"""Overlay ``limbs``: the pose in colours by part of the body, the subject's left warm and right cold."""

import numpy as np

from mocast.model.canvas import Canvas
from mocast.model.topology import POSE_BONES, PoseLandmark
from mocast.model.tracked import Pose, Scores, Tracked
from mocast.rendering.chains import Chains
from mocast.rendering.colours import HEAD, LEFT_ARM, LEFT_LEG, RIGHT_ARM, RIGHT_LEG, SHADE, TORSO
from mocast.rendering.drawn_hands import rough_fingers
from mocast.rendering.joints import Joints
from mocast.rendering.pen import Pen

P = PoseLandmark

_BONES = [
    (POSE_BONES["torso"], TORSO),
    (POSE_BONES["left_leg"], LEFT_LEG),
    (POSE_BONES["right_leg"], RIGHT_LEG),
    (POSE_BONES["left_arm"], LEFT_ARM),
    (POSE_BONES["right_arm"], RIGHT_ARM),
]
_ALL_CHAINS = Chains(*(bones for bones, _ in _BONES))
_CHAINS = [(Chains(bones), colour) for bones, colour in _BONES]
_JOINTS = [
    (np.arange(P.LEFT_HIP, P.RIGHT_FOOT_INDEX, 2), LEFT_LEG),
    (np.arange(P.RIGHT_HIP, P.RIGHT_FOOT_INDEX + 1, 2), RIGHT_LEG),
    (np.arange(P.LEFT_SHOULDER, P.LEFT_HIP, 2), LEFT_ARM),
    (np.arange(P.RIGHT_SHOULDER, P.RIGHT_HIP, 2), RIGHT_ARM),
]
_ALL_JOINTS = np.concatenate([indices for indices, _ in _JOINTS])

_HEAD_CHAINS = Chains(POSE_BONES["face"])
_HEAD_JOINTS = np.arange(P.NOSE, P.LEFT_SHOULDER)
_HEAD_FINENESS = 0.6
"""Factor of the line width at the head, whose eleven joints are closer together than those of the body."""

_WIDTH = 3
_DIAMETER = 7


class Limbs:
    """The body. Its head and fingers are left out where another overlay draws the face or that hand in detail."""

    def draw(self, canvas: Canvas, tracked: Tracked) -> None:
        """Draw on ``canvas.rgb`` in place."""
        if tracked.pose is None:
            return
        pen = Pen(canvas)
        joints = pen.place(
            tracked.pose.image, _shown_visibility(tracked.pose, canvas, tracked) >= canvas.options.confidence
        )
        pen.lines(joints, _ALL_CHAINS, SHADE, _WIDTH, casing=1)
        for chains, colour in _CHAINS:
            pen.lines(joints, chains, colour, _WIDTH)
        pen.dots(joints, _ALL_JOINTS, SHADE, _DIAMETER, casing=1)
        for indices, colour in _JOINTS:
            pen.dots(joints, indices, colour, _DIAMETER)
        _draw_head(Pen(canvas, _HEAD_FINENESS), joints)


def _draw_head(pen: Pen, joints: Joints) -> None:
    pen.lines(joints, _HEAD_CHAINS, SHADE, _WIDTH, casing=1)
    pen.lines(joints, _HEAD_CHAINS, HEAD, _WIDTH)
    pen.dots(joints, _HEAD_JOINTS, SHADE, _DIAMETER, casing=1)
    pen.dots(joints, _HEAD_JOINTS, HEAD, _DIAMETER)


def _shown_visibility(pose: Pose, canvas: Canvas, tracked: Tracked) -> Scores:
    """Return the visibility, (33,) float32, with NaN where another overlay draws the same in detail."""
    others = canvas.options.overlay
    shown = pose.visibility.copy()
    if tracked.face is not None and ("mesh" in others or "contours" in others):
        shown[_HEAD_JOINTS] = np.nan
    if "rainbow" in others or "classic" in others:
        shown[rough_fingers(canvas, tracked)] = np.nan
    return shown
