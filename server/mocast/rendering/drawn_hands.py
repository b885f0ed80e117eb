"""Which hands overlays draw, with lines that are thinner for a smaller hand, so that joints stay distinguishable."""

from collections.abc import Iterator

from mocast.model.canvas import Canvas
from mocast.model.topology import INDICES, PINKIES, THUMBS
from mocast.model.tracked import Hand, Tracked
from mocast.rendering.joints import Joints
from mocast.rendering.pen import SHIFT, Pen

_LEFT_FINGERS, _RIGHT_FINGERS = zip(PINKIES, INDICES, THUMBS, strict=True)

_FULL_SIZE = 0.25
"""A hand whose size is at least this share of the picture's shorter side is drawn with full line widths."""
_FINEST = 0.5
"""Least share of the full line widths, for smaller hands."""


def placed_hands(canvas: Canvas, tracked: Tracked) -> Iterator[tuple[Pen, Joints]]:
    """Yield the joints of each hand whose score reaches ``confidence``, with the pen to draw them."""
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
    """Return the pose's finger landmarks, three a side, of the hands that ``placed_hands`` yields."""
    left = _LEFT_FINGERS if _is_sure(tracked.left_hand, canvas) else ()
    right = _RIGHT_FINGERS if _is_sure(tracked.right_hand, canvas) else ()
    return [*left, *right]


def _is_sure(hand: Hand | None, canvas: Canvas) -> bool:
    return hand is not None and hand.score >= canvas.options.confidence
