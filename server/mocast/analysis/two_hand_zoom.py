"""Two-hand pinch-zoom: how far both pinching hands have come apart since both pinch.

The zoom is the distance between the hands' pinches in the picture, divided by that when the second hand began to
pinch: 2 for twice as far apart. A pinch is where the middle between the tips of thumb and index finger is, in pixels.
"""

import math
from typing import Final

from mocast.model.topology import HandLandmark as H
from mocast.model.tracked import Hand

PINCH_FROM: Final = 0.8
PINCH_UNTIL: Final = 0.5
"""Strengths of pinches that begin and that go on."""
LEAST_PX: Final = 8.0
"""Distance to begin from, at least: of hands that touch the zoom would be arbitrary."""


class TwoHandZoom:
    """The zoom of one person's hands."""

    def __init__(self) -> None:
        self._began_px: float | None = None

    def update(
        self, hands: tuple[Hand | None, Hand | None], strengths: tuple[float, float], size_wh: tuple[int, int]
    ) -> float | None:
        """Return the zoom in the next frame; ``None`` while not both hands pinch."""
        left, right = hands
        limit = PINCH_FROM if self._began_px is None else PINCH_UNTIL
        if left is None or right is None or min(strengths) < limit:
            self._began_px = None
            return None
        apart_px = math.dist(_pinch_px(left, size_wh), _pinch_px(right, size_wh))
        if not math.isfinite(apart_px):
            return None
        if self._began_px is None:
            self._began_px = max(apart_px, LEAST_PX)
        return apart_px / self._began_px


def _pinch_px(hand: Hand, size_wh: tuple[int, int]) -> tuple[float, float]:
    thumb, index = hand.image[H.THUMB_TIP], hand.image[H.INDEX_TIP]
    return (
        0.5 * (float(thumb[0]) + float(index[0])) * size_wh[0],
        0.5 * (float(thumb[1]) + float(index[1])) * size_wh[1],
    )
