"""Smooths rotations by the One Euro filter on their angular velocity, in seconds instead of frames.

Between two frames the measured rotation is taken to turn evenly, and the low pass is solved exactly for that. So 15 and
60 frames a second give the same motion; the usual discrete filter lags half a frame less the fewer frames there are.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.choices import Smoothing
from mocast.rigging.one_euro import OneEuro
from mocast.rigging.quaternions import CONJUGATE, Quaternions, from_vectors, multiply, normalised, to_vectors

FASTEST_RAD_PER_S: Final = 30.0
"""No joint of a person turns faster; what does is a mistake of the tracker."""

ROTATIONS: Final[dict[Smoothing, OneEuro]] = {
    "responsive": OneEuro(min_cutoff_hz=3.0, beta=3.0, speed_cutoff_hz=4.0),
    "balanced": OneEuro(min_cutoff_hz=1.5, beta=2.5, speed_cutoff_hz=3.0),
    "smooth": OneEuro(min_cutoff_hz=0.8, beta=2.5, speed_cutoff_hz=2.0),
}
"""In Hz, and Hz per rad/s."""


class RotationFilter:
    """Smooths (n, 4) rotations, each by itself."""

    def __init__(self, start: Quaternions) -> None:
        self._measured = start
        self._smoothed = start
        self._velocity: NDArray[np.float64] = np.zeros((len(start), 3))

    def smooth(self, measured: Quaternions, step_s: float, choice: OneEuro) -> Quaternions:
        """Return the smoothed (n, 4) rotations ``step_s`` seconds, a positive number, after the last ones."""
        inverse = self._smoothed * CONJUGATE
        before, now = to_vectors(multiply(np.stack([self._measured, measured]), np.stack([inverse, inverse])))
        self._measured = measured
        self._velocity += (1 - np.exp(-2 * np.pi * choice.speed_cutoff_hz * step_s)) * (
            to_vectors_between(before, now) / step_s - self._velocity
        )
        speed = np.sqrt((self._velocity**2).sum(-1, keepdims=True))
        turns = 2 * np.pi * step_s * (choice.min_cutoff_hz + choice.beta * speed)
        kept = np.exp(-turns)
        mean = (1 - kept) / turns
        step = (mean - kept) * before + (1 - mean) * now
        length = np.sqrt((step**2).sum(-1, keepdims=True))
        step *= np.minimum(1.0, FASTEST_RAD_PER_S * step_s / np.maximum(length, 1e-9))
        self._smoothed = normalised(multiply(from_vectors(step), self._smoothed))
        return self._smoothed


def to_vectors_between(before: NDArray[np.float64], now: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the turn between two rotation vectors of the same origin, to first order, at most half a turn."""
    turn = now - before
    length = np.sqrt((turn**2).sum(-1, keepdims=True))
    return turn * np.minimum(1.0, np.pi / np.maximum(length, 1e-9))
