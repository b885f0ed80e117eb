"""Overlay ``contours``: the face's features as lines, the subject's left eye warm and right eye cold, and irises."""

import numpy as np

from mocast.model.canvas import Canvas
from mocast.model.topology import face_bones
from mocast.model.tracked import Tracked
from mocast.rendering.colours import FACE_LINE, LEFT_ARM, LIPS, RIGHT_ARM
from mocast.rendering.irises import draw_irises
from mocast.rendering.pen import Pen

_WIDTH = 1


class Contours:
    """Oval, brows, eyes, nose and lips."""

    def __init__(self) -> None:
        bones = face_bones()
        self._parts = [
            (np.concatenate([bones["face_oval"], bones["nose"]]), FACE_LINE),
            (bones["lips"], LIPS),
            (np.concatenate([bones["left_eye"], bones["left_eyebrow"]]), LEFT_ARM),
            (np.concatenate([bones["right_eye"], bones["right_eyebrow"]]), RIGHT_ARM),
        ]
        self._all = np.concatenate([part for part, _ in self._parts])

    def draw(self, canvas: Canvas, tracked: Tracked) -> None:
        """Draw on ``canvas.rgb`` in place."""
        if tracked.face is None:
            return
        pen = Pen(canvas)
        joints = pen.place(tracked.face.image)
        for bones, colour in self._parts:
            pen.lines(joints, bones, colour, _WIDTH)
        draw_irises(pen, joints)
