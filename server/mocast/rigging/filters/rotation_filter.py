"""The One Euro filter of rotations, by their angular velocity and by seconds instead of frames.

As in ``one_euro``, the measured rotation is taken to turn evenly between two frames, and the low pass is integrated
over that. The lag of the usual discrete filter depends on the frame rate; this one's does not.
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
    to_vectors,
    unit,
)
from mocast.rigging.filters.vector_filter import OneEuroParams

MAX_JOINT_RAD_PER_S: Final = 30.0
"""Limit of a joint's angular velocity; a faster one is an error of the tracker."""

ROTATION_FILTER: Final[dict[Smoothing, OneEuroParams]] = {
    "responsive": OneEuroParams(min_cutoff_hz=2.0, beta=2.5, speed_cutoff_hz=4.0),
    "balanced": OneEuroParams(min_cutoff_hz=0.5, beta=2.2, speed_cutoff_hz=2.5),
    "smooth": OneEuroParams(min_cutoff_hz=0.3, beta=1.6, speed_cutoff_hz=2.0),
}
"""Hz, and Hz per rad/s. All delay a swing of ±30° at 2 Hz by less than a frame at 30 fps (12, 18 and 27 ms; one of ±15°
by 19, 30 and 42 ms)."""


class RotationFilter:
    """Smooths (n, 4) rotations, each by itself. Parameters are numbers, or (n, 1) arrays of one for each."""

    def __init__(self, start: Quaternions, most_rad_per_s: float | NDArray[np.float64] = MAX_JOINT_RAD_PER_S) -> None:
        self._smoothed = start
        self._most_rad_per_s = most_rad_per_s
        self._lag: NDArray[np.float64] = np.zeros((len(start), 3))
        "(n, 3): rotation vectors from the smoothed rotations to the measured ones."
        self._velocity: NDArray[np.float64] = np.zeros((len(start), 3))

    def smooth(self, measured: Quaternions, step_s: float, params: OneEuroParams) -> Quaternions:
        """Return the smoothed (n, 4) rotations, ``step_s`` seconds, above 0, after the last ones."""
        ahead = to_vectors(multiply(measured, self._smoothed * CONJUGATE))
        turn = ahead - self._lag
        kept = np.exp((-2 * math.pi * step_s) * params.speed_cutoff_hz)
        self._velocity = kept * self._velocity + ((1 - kept) / step_s) * turn
        speed = np.maximum(_length(self._velocity) - params.rest_speed, 0.0)
        turns = (2 * math.pi * step_s) * (params.min_cutoff_hz + params.beta * speed)
        keeps = np.exp(-turns)
        step = ahead - ((1 - keeps) / turns) * turn - keeps * self._lag
        angle = _length(step)
        most = self._most_rad_per_s * step_s
        if np.count_nonzero(angle > most):
            step = step * np.minimum(1.0, most / angle)
            angle = np.minimum(angle, most)
        self._smoothed = unit(multiply(from_vectors(step, angle), self._smoothed))
        # Rotation vectors add up only where they are parallel, as lag and step nearly are.
        self._lag = ahead - step
        return self._smoothed


def _length(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(np.sqrt(dot(vectors, vectors)), TINY)
