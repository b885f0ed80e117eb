"""Says whether numbers are numbers."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray


def is_finite(values: NDArray[np.float32]) -> bool:
    """Return whether all of an array, (n,) or (n, m) float32, are finite.

    Their norm, which is computed in float64, is finite where they are. Right after a network has run this takes half
    the time of ``np.isfinite(values).all()``.
    """
    return math.isfinite(cv2.norm(values))
