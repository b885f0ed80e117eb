"""Says whether a part of the body is still where it is followed, by where it is found anew."""

import math
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.tracking.openvino.finite import is_finite
from mocast.tracking.openvino.region import Region


class Limits(NamedTuple):
    """How far the followed region may be from the found one. Lengths are parts of the found region's side."""

    angle: float
    "Radians, between the two."
    shift: float
    "Between their centres, along each side."
    scale: float
    "Between their sides."
    margin: float
    "By how much the found region grows before all landmarks must be inside; below 0 it shrinks."


HAND_LIMITS: Final = Limits(math.radians(40), 0.2, 0.4, -0.1)
"""Source: ``hand_tracking.pbtxt`` in MediaPipe's holistic_landmark."""
FACE_LIMITS: Final = Limits(math.radians(15), 0.1, 0.3, -0.2)
"""Source: ``face_tracking.pbtxt`` there."""

_OVER: Final = math.nextafter(1, 2)


def strain(landmarks: NDArray[np.float32], followed: Region, found: Region, limits: Limits) -> float:
    """Return how near a part is to being given up where it is followed: the greatest of four tests over their limits.

    Up to 1, MediaPipe goes on following it; above, it looks where the part was found. The tests are the turn, the shift
    and the change of size between the two regions, and how far the landmarks of the frame before, (n, 2) or (n, 3)
    float32 in pixels, reach out of the found region. Infinite where a landmark is not finite.

    Source: ``roi_tracking_calculator.cc``.
    """
    cos, sin = math.cos(found.angle), math.sin(found.angle)
    x, y = followed.x - found.x, followed.y - found.y
    shift = max(abs(cos * x + sin * y), abs(cos * y - sin * x)) / (found.size * limits.shift)
    scale = abs(followed.size - found.size) / (found.size * limits.scale)
    turn = abs(math.remainder(followed.angle - found.angle, 2 * math.pi)) / limits.angle
    upright = found.upright(landmarks)
    if not is_finite(upright):
        return math.inf
    reach = cv2.norm(upright, cv2.NORM_INF) / (found.size * (1 + limits.margin) / 2)
    if reach >= 1:  # a landmark on the border is outside
        reach = max(_OVER, reach)
    return max(shift, scale, turn, reach)
