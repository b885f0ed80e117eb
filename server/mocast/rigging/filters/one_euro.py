"""The One Euro filter for a vector of numbers, in seconds instead of frames."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.options import Smoothing

MAX_GAP_S: Final = 0.5
"""After a longer silence the filter starts anew: what was then says nothing about now."""


@dataclass(frozen=True, slots=True)
class OneEuroParams:
    """How much a filter smooths: all parts of its vector alike, or by an array of one number for each.

    Source: Casiez, Roussel, Vogel, "1€ Filter", CHI 2012.
    """

    min_cutoff_hz: float | NDArray[np.float64]
    "Of what stands still: lower is calmer."
    beta: float | NDArray[np.float64]
    "How much the cut-off rises with speed, in Hz per unit per second: higher is quicker."
    speed_cutoff_hz: float | NDArray[np.float64] = 4.0
    "Of the estimate of the speed."


class OneEuroFilter:
    """Smooths a vector whose parts do not depend on each other. Not for rotations: they are not a vector.

    Between two frames the value is taken to change evenly, and the low pass is solved exactly for that, so that 15 and
    60 frames a second give the same motion.
    """

    def __init__(self, choice: OneEuroParams) -> None:
        self.choice = choice
        "May be replaced between frames."
        self._time_s = 0.0
        self._measured: NDArray[np.float64] | None = None
        self._smoothed: NDArray[np.float64] = np.zeros(0)
        self._speed: NDArray[np.float64] = np.zeros(0)

    def smooth(self, value: NDArray[np.float32] | NDArray[np.float64], time_s: float) -> NDArray[np.float64]:
        """Return the smoothed (n,) float64 of a (n,) ``value`` that was measured at ``time_s``.

        A time that does not go on, or one after a long gap, starts the filter anew: it returns the value itself.
        """
        value = value.astype(np.float64)
        before, self._measured = self._measured, value
        step_s, self._time_s = time_s - self._time_s, time_s
        if before is None or not 0 < step_s <= MAX_GAP_S:
            self._smoothed, self._speed = value, np.zeros_like(value)
            return value
        kept = np.exp(-2 * math.pi * step_s * self.choice.speed_cutoff_hz)
        self._speed = kept * self._speed + (1 - kept) * ((value - before) / step_s)
        turns = 2 * np.pi * step_s * (self.choice.min_cutoff_hz + self.choice.beta * np.abs(self._speed))
        keeps = np.exp(-turns)
        mean = (1 - keeps) / turns
        self._smoothed = keeps * self._smoothed + (mean - keeps) * before + (1 - mean) * value
        return self._smoothed

    def forget(self) -> None:
        """Start anew with the next value."""
        self._measured = None


LID_FILTER: Final[dict[Smoothing, OneEuroParams]] = {
    "responsive": OneEuroParams(min_cutoff_hz=6.0, beta=6.0, speed_cutoff_hz=15.0),
    "balanced": OneEuroParams(min_cutoff_hz=4.0, beta=6.0, speed_cutoff_hz=15.0),
    "smooth": OneEuroParams(min_cutoff_hz=3.0, beta=5.0, speed_cutoff_hz=15.0),
}
"""Of blinks and gaze, 0..1: a blink takes a tenth of a second and must still shut the eyes."""
SHAPE_FILTER: Final[dict[Smoothing, OneEuroParams]] = {
    "responsive": OneEuroParams(min_cutoff_hz=4.0, beta=6.0, speed_cutoff_hz=8.0),
    "balanced": OneEuroParams(min_cutoff_hz=2.5, beta=4.0, speed_cutoff_hz=8.0),
    "smooth": OneEuroParams(min_cutoff_hz=2.0, beta=2.0, speed_cutoff_hz=8.0),
}
"""Of the other blend shapes, 0..1. Below 2 Hz faces look asleep."""
