"""Smoothing filters of the pose's landmarks, as in MediaPipe, by the time that passed between two frames.

One difference: after a stream's first frame at time 0, MediaPipe takes 1/30 s for the first step; these filters do not.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]

MIN_SIZE_PX: Final = 1e-6
"""An object that is smaller is not smoothed. Source: ``min_allowed_object_scale`` in
``landmarks_smoothing_calculator.proto``."""


class OneEuroFilter:
    """A One Euro filter for any number of values, each by itself.

    Source: Casiez, Roussel, Vogel, "1€ Filter", CHI 2012, as in MediaPipe's ``one_euro_filter.cc``.
    """

    def __init__(self, min_cutoff: float, beta: float, speed_cutoff: float = 1.0) -> None:
        """``min_cutoff``: cut-off frequency at rest, Hz; ``beta``: Hz that it rises per unit/s of speed."""
        self._min_cutoff = min_cutoff
        self._beta = beta
        self._speed_cutoff = speed_cutoff
        self._time_us = 0
        self._raw: Values | None = None
        self._smooth: Values = np.empty(0, np.float32)
        self._speed: Values = np.empty(0, np.float32)

    def __call__(self, values: Values, scale: float, time_us: int) -> Values:
        """Return the smoothed values, float32 of any shape that stays the same; they must be finite.

        ``scale``: 1 over the object's size in pixels, or 1 for metres. Values are returned unchanged, and not
        remembered, where time stands still or the object is smaller than ``MIN_SIZE_PX``.
        """
        if scale * MIN_SIZE_PX > 1:
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


class LowPassFilter:
    """An exponential low-pass filter whose factor depends on the time that passed.

    At 30 frames per second it is MediaPipe's ``low_pass_filter.cc``, whose factor is constant.
    """

    def __init__(self, alpha: float) -> None:
        """``alpha``: the share of a new value, 0..1, after 1/30 s."""
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
