"""Smooths rotations by the One Euro filter on their angular velocity, in seconds instead of frames.

Between two frames the measured rotation is taken to turn evenly, and the low pass is solved exactly for that. So 15 and
60 frames a second give the same motion; the usual discrete filter lags half a frame less the fewer frames there are.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.options import Smoothing
from mocast.model.quaternions import (
    CONJUGATE,
    TINY,
    Quaternions,
    dot,
    from_vectors,
    multiply,
    normalised,
    to_vectors,
)
from mocast.rigging.filters.one_euro import OneEuroParams

MAX_JOINT_RAD_PER_S: Final = 30.0
"""No joint of a person turns faster; what does is a mistake of the tracker."""

ROTATION_FILTER: Final[dict[Smoothing, OneEuroParams]] = {
    "responsive": OneEuroParams(min_cutoff_hz=2.0, beta=2.5, speed_cutoff_hz=4.0),
    "balanced": OneEuroParams(min_cutoff_hz=0.5, beta=2.2, speed_cutoff_hz=2.5),
    "smooth": OneEuroParams(min_cutoff_hz=0.3, beta=1.6, speed_cutoff_hz=2.0),
}
"""In Hz, and Hz per rad/s. Chosen so that all delay a swing of ±30° at 2 Hz by less than a frame at 30 fps (12, 18 and
27 ms; one of ±15° by 19, 30 and 42 ms), and let less of a small trembling through the calmer they are."""


class RotationFilter:
    """Smooths (n, 4) rotations, each by itself."""

    def __init__(self, start: Quaternions) -> None:
        self._smoothed = start
        self._lag: NDArray[np.float64] = np.zeros((len(start), 3))
        "How far the smoothed rotations are behind the measured ones, rotation vectors."
        self._velocity: NDArray[np.float64] = np.zeros((len(start), 3))

    def smooth(self, measured: Quaternions, step_s: float, choice: OneEuroParams) -> Quaternions:
        """Return the smoothed (n, 4) rotations ``step_s`` seconds, a positive number, after the last ones."""
        ahead = to_vectors(multiply(measured, self._smoothed * CONJUGATE))
        turn = ahead - self._lag
        kept = math.exp(-2 * math.pi * choice.speed_cutoff_hz * step_s)
        self._velocity = kept * self._velocity + ((1 - kept) / step_s) * _at_most(turn, math.pi)
        turns = (2 * math.pi * step_s) * (choice.min_cutoff_hz + choice.beta * _length(self._velocity))
        keeps = np.exp(-turns)
        step = ahead - ((1 - keeps) / turns) * turn - keeps * self._lag
        step = _at_most(step, MAX_JOINT_RAD_PER_S * step_s)
        self._smoothed = normalised(multiply(from_vectors(step), self._smoothed))
        # Rotation vectors of one origin only add up where they are parallel, as lag and step nearly are.
        self._lag = ahead - step
        return self._smoothed


def _length(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(np.sqrt(dot(vectors, vectors)), TINY)


def _at_most(vectors: NDArray[np.float64], length: float) -> NDArray[np.float64]:
    """Return (n, 3) vectors, longer ones shortened to ``length``."""
    shortened: NDArray[np.float64] = vectors * np.minimum(1.0, length / _length(vectors))
    return shortened
