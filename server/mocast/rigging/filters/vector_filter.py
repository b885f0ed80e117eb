"""The One Euro filter of a vector, by seconds instead of frames, with its low pass solved exactly.

Tracking's own One Euro filter is the discrete one of MediaPipe, whose landmarks it has to match to the bit. The rig has
none to match: here the value is taken to change evenly between two frames, and the low pass is integrated over that, so
15 and 60 frames a second give the same motion. ``RotationFilter`` does the same for rotations, by angular velocity.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.options import Smoothing

MAX_GAP_S: Final = 0.5
"""After a longer gap the filter is reset: values before it do not predict those after it."""


@dataclass(frozen=True, slots=True)
class OneEuroParams:
    """Parameters of a One Euro filter: numbers for all components of its vector, or (n,) arrays of one for each.

    Source: Casiez, Roussel, Vogel, "1€ Filter", CHI 2012.
    """

    min_cutoff_hz: float | NDArray[np.float64]
    "Cut-off at rest: lower is calmer."
    beta: float | NDArray[np.float64]
    "Rise of the cut-off with speed, Hz per unit per second: higher lags less."
    speed_cutoff_hz: float | NDArray[np.float64] = 4.0
    "Cut-off of the speed's own low pass."
    rest_speed: float | NDArray[np.float64] = 0.0
    "Speed up to which the cut-off does not rise, as it is noise; of rotations only."


class VectorFilter:
    """Smooths each component of a vector by itself. Not for large rotations: those are no vectors."""

    def __init__(self, params: OneEuroParams) -> None:
        self.params = params
        "May be replaced between frames."
        self._time_s = 0.0
        self._measured: NDArray[np.float64] | None = None
        self._smoothed: NDArray[np.float64] = np.zeros(0)
        self._speed: NDArray[np.float64] = np.zeros(0)
        self._anew: slice | None = None

    def smooth(self, value: NDArray[np.float32] | NDArray[np.float64], time_s: float) -> NDArray[np.float64]:
        """Return the smoothed (n,) float64 of the (n,) ``value`` at ``time_s``.

        A time that does not increase, or does by more than ``MAX_GAP_S``, starts the filter anew with the value.
        """
        value = value.astype(np.float64)
        before, self._measured = self._measured, value
        step_s, self._time_s = time_s - self._time_s, time_s
        if before is None or not 0 < step_s <= MAX_GAP_S:
            self._smoothed, self._speed, self._anew = value, np.zeros_like(value), None
            return value
        if self._anew is not None:
            before, self._smoothed = before.copy(), self._smoothed.copy()
            before[self._anew] = self._smoothed[self._anew] = value[self._anew]
            self._speed[self._anew], self._anew = 0.0, None
        moved = value - before
        kept = np.exp(-2 * math.pi * step_s * self.params.speed_cutoff_hz)
        self._speed = kept * self._speed + ((1 - kept) / step_s) * moved
        turns = (2 * math.pi * step_s) * (self.params.min_cutoff_hz + self.params.beta * np.abs(self._speed))
        keeps = np.exp(-turns)
        self._smoothed = value + keeps * (self._smoothed - before) - ((1 - keeps) / turns) * moved
        return self._smoothed

    def forget(self, part: slice) -> None:
        """Start a part of the vector anew with the next value."""
        self._anew = part


LID_FILTER: Final[dict[Smoothing, OneEuroParams]] = {
    "responsive": OneEuroParams(min_cutoff_hz=6.0, beta=6.0, speed_cutoff_hz=15.0),
    "balanced": OneEuroParams(min_cutoff_hz=4.0, beta=6.0, speed_cutoff_hz=15.0),
    "smooth": OneEuroParams(min_cutoff_hz=3.0, beta=5.0, speed_cutoff_hz=15.0),
}
"""For blinks and gaze, 0..1: a blink takes 0.1 s and must still shut the eyes."""
SHAPE_FILTER: Final[dict[Smoothing, OneEuroParams]] = {
    "responsive": OneEuroParams(min_cutoff_hz=4.0, beta=6.0, speed_cutoff_hz=8.0),
    "balanced": OneEuroParams(min_cutoff_hz=2.5, beta=4.0, speed_cutoff_hz=8.0),
    "smooth": OneEuroParams(min_cutoff_hz=2.0, beta=2.0, speed_cutoff_hz=8.0),
}
"""For the other blend shapes, 0..1. Below 2 Hz faces look sleepy."""
