"""Overlay ``mesh``: the whole mesh of the face, thin and half transparent, and irises."""

import cv2
import numpy as np

from mocast.model.canvas import Canvas
from mocast.model.topology import face_bones
from mocast.model.tracked import Tracked
from mocast.rendering.chains import Chains
from mocast.rendering.colours import MESH
from mocast.rendering.irises import draw_irises
from mocast.rendering.pen import Pen, touched_box

_SMALL_PX, _LARGE_PX = 100, 250
_FAINT, _STRONG = 0.4, 0.65
"""The opacity rises from faint to strong between these two sizes of the face: 1,322 opaque lines would hide a small
one."""

_WIDTH = 0.5


class Mesh:
    """The face mesh, each edge once."""

    def __init__(self) -> None:
        self._edges = Chains(np.unique(np.sort(face_bones()["tesselation"], axis=1), axis=0))

    def draw(self, canvas: Canvas, tracked: Tracked) -> None:
        """Draw on ``canvas.rgb`` in place."""
        if tracked.face is None:
            return
        pen = Pen(canvas)
        joints = pen.place(tracked.face.image)
        area = canvas.rgb[touched_box([tracked.face.image], canvas)]
        if area.size:
            before = area.copy()
            pen.lines(joints, self._edges, MESH, _WIDTH)
            strength = float(np.interp(max(area.shape[:2]), [_SMALL_PX, _LARGE_PX], [_FAINT, _STRONG]))
            if canvas.options.background == "black":  # no face to show through
                strength = max(strength, _STRONG)
            cv2.addWeighted(area, strength, before, 1 - strength, 0, dst=area)
        draw_irises(pen, joints)
