"""The torso of a tracked or detected body: where it is, how large, and the colours of its clothes. Own work."""

import math
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.model.topology import HIPS, SHOULDERS
from mocast.tracking.openvino.regions.finite import is_finite
from mocast.tracking.openvino.regions.frame_view import FrameView
from mocast.tracking.openvino.regions.region import Points

SAME_BODY: Final = 0.45
"""Distance, in lengths of the torso, below which two torsos are one: the shoulders of two people who stand beside each
other are twice as far from each other."""

Colours = NDArray[np.float32]
"""(5, 3) float32: of the clothes' L*, a* and b* (CIELAB, 8 bits each), the values that 10, 30, 50, 70 and 90% of the
pixels are below."""

_QUANTILES: Final = (10, 30, 50, 70, 90)
_WEIGHTS: Final = np.array((0.3, 1, 1), np.float32)
"""Lightness counts less, as it changes when somebody turns or walks; and its 8 bits are finer."""
_LOWEST: Final = 0.75
_LEAST_SHOWN: Final = 0.1
_DOWN, _ACROSS = np.meshgrid(np.linspace(0.15, _LOWEST, 9), np.linspace(-0.2, 0.2, 7))
_DOWN, _ACROSS = _DOWN.ravel(), _ACROSS.ravel()
"""Where pixels are looked at, in lengths of the torso: down from the shoulders, and across."""
_LEAST_PIXELS: Final = 16
"""Of them, inside the picture."""
_LEAST_SIZE_PX: Final = 4.0


class Torso(NamedTuple):
    """A torso in the picture, in pixels."""

    x: float
    "Of the middle of the shoulders."
    y: float
    hips_x: float
    "Of the middle of the hips, which may be below the picture."
    hips_y: float

    @property
    def size(self) -> float:
        """Its length; never so small that a division by it makes no sense."""
        return max(math.hypot(self.hips_x - self.x, self.hips_y - self.y), _LEAST_SIZE_PX)

    def distance(self, other: "Torso") -> float:
        """Return how far the other one is, in lengths of the longer of both."""
        shoulders = math.hypot(self.x - other.x, self.y - other.y)
        hips = math.hypot(self.hips_x - other.hips_x, self.hips_y - other.hips_y)
        return (shoulders + hips) / 2 / max(self.size, other.size)

    def is_same(self, other: "Torso") -> bool:
        """Whether both can only be one body."""
        return self.distance(other) < SAME_BODY


def torso_of(points: Points) -> Torso | None:
    """Return the torso of a pose's landmarks, (33, 3) float32 pixels; ``None`` where they are not finite."""
    if not is_finite(points):
        return None
    left, right = points[list(SHOULDERS), :2].tolist()
    left_hip, right_hip = points[list(HIPS), :2].tolist()
    return Torso(
        (left[0] + right[0]) / 2,
        (left[1] + right[1]) / 2,
        (left_hip[0] + right_hip[0]) / 2,
        (left_hip[1] + right_hip[1]) / 2,
    )


def clothes(frame: FrameView, torso: Torso) -> Colours | None:
    """Return the colours of the clothes on a torso; ``None`` where too little of it is in the picture."""
    height, width = frame.rgb.shape[:2]
    across, down = width / frame.size_wh[0], height / frame.size_wh[1]
    along_x, along_y = torso.hips_x - torso.x, torso.hips_y - torso.y
    # Of whoever sits close before the camera only the chest is in the picture.
    shown = (frame.size_wh[1] - torso.y) / (_LOWEST * along_y) if along_y > 0 else 1.0
    reach = _DOWN * min(max(shown, _LEAST_SHOWN), 1.0)
    columns = ((torso.x + reach * along_x - _ACROSS * along_y) * across).astype(np.int32)
    rows = ((torso.y + reach * along_y + _ACROSS * along_x) * down).astype(np.int32)
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    if np.count_nonzero(inside) < _LEAST_PIXELS:
        return None
    pixels = frame.rgb[rows[inside], columns[inside]]
    lab = cv2.cvtColor(pixels[:, None], cv2.COLOR_RGB2LAB)[:, 0]
    colours: Colours = np.percentile(lab, _QUANTILES, axis=0).astype(np.float32)
    return colours


def colour_distance(one: Colours, other: Colours) -> float:
    """Return how far two clothes' colours are from each other: about 0 to 10 of the same clothes.

    The mean over the channels of the distance between two distributions in one dimension (earth mover's), by quantiles.
    """
    return float((np.abs(one - other) * _WEIGHTS).sum(1).mean())
