"""Overlay ``contours``: the face's features as lines, the subject's left eye warm and right eye cold, and irises."""

from mocast.model.canvas import Canvas
from mocast.model.topology import face_bones
from mocast.model.tracked import Tracked
from mocast.rendering.chains import Chains
from mocast.rendering.colours import FACE_LINE, LEFT_ARM, LIPS, RIGHT_ARM
from mocast.rendering.irises import draw_irises
from mocast.rendering.pen import Pen

_WIDTH = 1


class Contours:
    """Oval, brows, eyes, nose and lips."""

    def __init__(self) -> None:
        bones = face_bones()
        self._parts = [
            (Chains(bones["face_oval"], bones["nose"]), FACE_LINE),
            (Chains(bones["lips"]), LIPS),
            (Chains(bones["left_eye"], bones["left_eyebrow"]), LEFT_ARM),
            (Chains(bones["right_eye"], bones["right_eyebrow"]), RIGHT_ARM),
        ]

    def draw(self, canvas: Canvas, tracked: Tracked) -> None:
        """Draw on ``canvas.rgb`` in place."""
        if tracked.face is None:
            return
        pen = Pen(canvas)
        joints = pen.place(tracked.face.image)
        for chains, colour in self._parts:
            pen.lines(joints, chains, colour, _WIDTH)
        draw_irises(pen, joints)
