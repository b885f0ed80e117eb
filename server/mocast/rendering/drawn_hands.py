"""What the overlays of hands share: which are drawn, and a finer pen for smaller ones so that joints stay apart."""

from collections.abc import Iterator

from mocast.model.canvas import Canvas
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Hand, Tracked
from mocast.rendering.joints import Joints
from mocast.rendering.pen import SHIFT, Pen

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
        joints = Pen(canvas).place(hand.image)
        fineness = 1.0
        if joints.all_drawn:
            extent = (joints.points.max(axis=0) - joints.points.min(axis=0)).max() / (min(width, height) << SHIFT)
            fineness = min(1.0, max(_FINEST, float(extent) / _FULL_SIZE))
        yield Pen(canvas, fineness), joints


def rough_fingers(canvas: Canvas, tracked: Tracked) -> list[int]:
    """Return the pose's three fingers a side of those hands that ``placed_hands`` draws in full."""
    left = _LEFT_FINGERS if _is_sure(tracked.left_hand, canvas) else ()
    right = _RIGHT_FINGERS if _is_sure(tracked.right_hand, canvas) else ()
    return [*left, *right]


def _is_sure(hand: Hand | None, canvas: Canvas) -> bool:
    return hand is not None and hand.score >= canvas.options.confidence
