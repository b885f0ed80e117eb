"""Smooths landmarks over time as MediaPipe does, by the time that passed between two frames.

MediaPipe takes 1/30 s for the step after a stream's very first frame when that came at time 0; these filters do not.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]

LEAST_SIZE: Final = 1e-6
"""Pixels. What is smaller is not smoothed. Source: ``min_allowed_object_scale`` in
``landmarks_smoothing_calculator.proto``."""


class OneEuro:
    """A One Euro filter for any number of values, each by itself.

    Source: Casiez, Roussel, Vogel, "1€ Filter", CHI 2012, as in MediaPipe's ``one_euro_filter.cc``.
    """

    def __init__(self, min_cutoff: float, beta: float, speed_cutoff: float = 1.0) -> None:
        """``min_cutoff`` in Hz, of what stands still; ``beta``: by how many Hz it rises with a speed of 1 unit/s."""
        self._min_cutoff = min_cutoff
        self._beta = beta
        self._speed_cutoff = speed_cutoff
        self._time_us = 0
        self._raw: Values | None = None
        self._smooth: Values = np.empty(0, np.float32)
        self._speed: Values = np.empty(0, np.float32)

    def __call__(self, values: Values, scale: float, time_us: int) -> Values:
        """Return the smoothed values, float32 of any shape that stays the same; they must be finite.

        ``scale`` makes units of values: 1 over the size of what moves, or 1. Values come back as they are, and are not
        remembered, where the time does not go on or something is smaller than ``LEAST_SIZE``.
        """
        if scale * LEAST_SIZE > 1:
            return values
        if self._raw is None:
            self._raw, self._smooth, self._speed = values, values, np.zeros_like(values)
            self._time_us = time_us
            return values
        step_us = time_us - self._time_us
        if step_us <= 0:
            return values
        turn = 2e-6 * math.pi * step_us
        speed = values - self._raw
        speed *= scale * 1e6 / step_us
        speed -= self._speed
        speed *= _alpha(turn * self._speed_cutoff)
        speed += self._speed
        alpha = np.abs(speed)
        alpha *= self._beta * turn
        alpha += self._min_cutoff * turn
        alpha /= alpha + 1
        smooth = values - self._smooth
        smooth *= alpha
        smooth += self._smooth
        self._time_us, self._raw, self._smooth, self._speed = time_us, values, smooth, speed
        return smooth

    def reset(self) -> None:
        """Start anew with the next values."""
        self._raw = None


class LowPass:
    """Goes towards new values by a part of the way that depends on the time.

    At 30 frames per second it is MediaPipe's ``low_pass_filter.cc``, which goes the same part whatever the time.
    """

    def __init__(self, alpha: float) -> None:
        """``alpha`` is the part of the way, 0..1, in 1/30 s."""
        self._rest = 1 - alpha
        self._time_us = 0
        self._smooth: Values | None = None

    def __call__(self, values: Values, time_us: int) -> Values:
        """Return the smoothed values, float32 of any shape that stays the same; they must be finite."""
        before, step_us, self._time_us = self._smooth, time_us - self._time_us, time_us
        if before is None:
            self._smooth = values
            return values
        smooth = values - before
        smooth *= 1 - self._rest ** (max(step_us, 0) * 30e-6)
        smooth += before
        self._smooth = smooth
        return smooth

    def reset(self) -> None:
        """Start anew with the next values."""
        self._smooth = None


def _alpha(turns: float) -> float:
    return turns / (1 + turns)
