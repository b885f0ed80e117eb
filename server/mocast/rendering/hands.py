"""What the overlays of hands share: which are drawn, and a finer pen for smaller ones so that joints stay apart."""

from collections.abc import Iterator

import numpy as np

from mocast.model.canvas import Canvas
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Hand, Tracked
from mocast.rendering.pen import Joints, Pen

_LEFT_FINGERS = (P.LEFT_PINKY, P.LEFT_INDEX, P.LEFT_THUMB)
_RIGHT_FINGERS = (P.RIGHT_PINKY, P.RIGHT_INDEX, P.RIGHT_THUMB)

_FULL_SIZE = 0.25
"""A hand of this part of the picture's shorter side, or larger, is drawn with full widths."""
_FINEST = 0.5


def placed_hands(canvas: Canvas, tracked: Tracked) -> Iterator[tuple[Pen, Joints]]:
    """Yield each hand whose score reaches the confidence, with the pen to draw it."""
    height, width = canvas.rgb.shape[:2]
    for hand in (tracked.left_hand, tracked.right_hand):
        if hand is None or not _is_sure(hand, canvas):
            continue
        xy = hand.image[:, :2]
        with np.errstate(all="ignore"):  # not every landmark need be a number; the pen leaves those out
            extent = float((np.ptp(xy, axis=0) * (width, height)).max()) / min(width, height)
        fineness = min(1.0, max(_FINEST, extent / _FULL_SIZE)) if np.isfinite(extent) else 1.0
        pen = Pen(canvas, fineness)
        yield pen, pen.place(hand.image)


def rough_fingers(canvas: Canvas, tracked: Tracked) -> list[int]:
    """Return the pose's three fingers a side of those hands that ``placed_hands`` draws in full."""
    left = _LEFT_FINGERS if _is_sure(tracked.left_hand, canvas) else ()
    right = _RIGHT_FINGERS if _is_sure(tracked.right_hand, canvas) else ()
    return [*left, *right]


def _is_sure(hand: Hand | None, canvas: Canvas) -> bool:
    return hand is not None and hand.score >= canvas.choices.confidence
