"""The pen for a hand: finer the smaller the hand is in the picture, so that its joints stay apart."""

from collections.abc import Iterator

import numpy as np

from mocast.model.canvas import Canvas
from mocast.model.tracked import Tracked
from mocast.rendering.pen import Joints, Pen

_FULL_SIZE = 0.25
"""A hand of this part of the picture's shorter side, or larger, is drawn with full widths."""
_FINEST = 0.5


def placed_hands(canvas: Canvas, tracked: Tracked) -> Iterator[tuple[Pen, Joints]]:
    """Yield each hand whose score reaches the confidence, with the pen to draw it."""
    height, width = canvas.rgb.shape[:2]
    for hand in (tracked.left_hand, tracked.right_hand):
        if hand is None or not hand.score >= canvas.choices.confidence:
            continue
        xy = hand.image[:, :2]
        with np.errstate(all="ignore"):  # not every landmark need be a number; the pen leaves those out
            extent = float((np.ptp(xy, axis=0) * (width, height)).max()) / min(width, height)
        fineness = min(1.0, max(_FINEST, extent / _FULL_SIZE)) if np.isfinite(extent) else 1.0
        pen = Pen(canvas, fineness)
        yield pen, pen.place(hand.image)
