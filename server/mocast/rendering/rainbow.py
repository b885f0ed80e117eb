"""Overlay ``rainbow``: the hands with a colour for each finger, white joints and a white palm."""

import numpy as np

from mocast.model.canvas import Canvas
from mocast.model.topology import HAND_BONES, HAND_COUNT
from mocast.model.tracked import Tracked
from mocast.rendering.chains import Chains
from mocast.rendering.colours import INDEX, LITTLE, MIDDLE, RING, SHADE, THUMB, WHITE
from mocast.rendering.drawn_hands import placed_hands

_BONES = [
    (HAND_BONES["palm"], WHITE),
    (HAND_BONES["thumb"], THUMB),
    (HAND_BONES["index"], INDEX),
    (HAND_BONES["middle"], MIDDLE),
    (HAND_BONES["ring"], RING),
    (HAND_BONES["little"], LITTLE),
]
_ALL_CHAINS = Chains(*(bones for bones, _ in _BONES))
_CHAINS = [(Chains(bones), colour) for bones, colour in _BONES]
_JOINTS = np.arange(HAND_COUNT)

_WIDTH = 3
_DIAMETER = 4


class Rainbow:
    """Both hands. A hand whose score is below the confidence is not drawn."""

    def draw(self, canvas: Canvas, tracked: Tracked) -> None:
        """Draw on ``canvas.rgb`` in place."""
        for pen, joints in placed_hands(canvas, tracked):
            pen.lines(joints, _ALL_CHAINS, SHADE, _WIDTH, casing=1)
            for chains, colour in _CHAINS:
                pen.lines(joints, chains, colour, _WIDTH)
            pen.dots(joints, _JOINTS, WHITE, _DIAMETER)
