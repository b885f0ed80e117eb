"""Drift: how far a tracked region is from the one where the same part is detected anew."""

import math
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.tracking.openvino.regions.finite import is_finite
from mocast.tracking.openvino.regions.region import Region


class DriftLimits(NamedTuple):
    """Limits of the tracked region's distance from the detected one.

    Lengths are shares of the detected region's side.
    """

    angle: float
    "Radians, between the two."
    shift: float
    "Between their centres, along each side."
    scale: float
    "Between their sides."
    margin: float
    "By how much the detected region grows before all landmarks must be inside; below 0 it shrinks."


HAND_DRIFT_LIMITS: Final = DriftLimits(math.radians(40), 0.2, 0.4, -0.1)
"""Source: ``hand_tracking.pbtxt`` in MediaPipe's holistic_landmark."""
FACE_DRIFT_LIMITS: Final = DriftLimits(math.radians(15), 0.1, 0.3, -0.2)
"""Source: ``face_tracking.pbtxt`` there."""

_OVER: Final = math.nextafter(1, 2)


def drift(landmarks: NDArray[np.float32], tracked: Region, detected: Region, limits: DriftLimits) -> float:
    """Return the greatest of four distances, each divided by its limit.

    Up to 1 MediaPipe keeps the tracked region; above, it takes the detected one. The distances are the turn, the shift
    and the change of size between the two regions, and how far the landmarks of the frame before, (n, 2) or (n, 3)
    float32 in pixels, reach out of the detected region. Infinite where a landmark is not finite.

    Source: ``roi_tracking_calculator.cc``, which tests each against its limit.
    """
    cos, sin = math.cos(detected.angle), math.sin(detected.angle)
    x, y = tracked.x - detected.x, tracked.y - detected.y
    shift = max(abs(cos * x + sin * y), abs(cos * y - sin * x)) / (detected.size * limits.shift)
    scale = abs(tracked.size - detected.size) / (detected.size * limits.scale)
    turn = abs(math.remainder(tracked.angle - detected.angle, 2 * math.pi)) / limits.angle
    local = detected.to_local(landmarks)
    if not is_finite(local):
        return math.inf
    reach = cv2.norm(local, cv2.NORM_INF) / (detected.size * (1 + limits.margin) / 2)
    if reach >= 1:  # a landmark on the border is outside
        reach = max(_OVER, reach)
    return max(shift, scale, turn, reach)
