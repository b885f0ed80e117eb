"""The One Euro filter for a vector of numbers, in seconds instead of frames."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.choices import Smoothing

LONGEST_GAP_S: Final = 0.5
"""After a longer silence the filter starts anew: what was then says nothing about now."""


@dataclass(frozen=True, slots=True)
class OneEuro:
    """How much a filter smooths. Source: Casiez, Roussel, Vogel, "1€ Filter", CHI 2012."""

    min_cutoff_hz: float
    "Of what stands still: lower is calmer."
    beta: float
    "How much the cut-off rises with speed, in Hz per unit per second: higher is quicker."
    speed_cutoff_hz: float = 4.0
    "Of the estimate of the speed."


class OneEuroFilter:
    """Smooths a vector whose parts do not depend on each other. Not for rotations: they are not a vector."""

    def __init__(self, choice: OneEuro) -> None:
        self.choice = choice
        self._time_s = 0.0
        self._value: NDArray[np.float64] | None = None
        self._speed: NDArray[np.float64] | None = None

    def smooth(self, value: NDArray[np.float32] | NDArray[np.float64], time_s: float) -> NDArray[np.float64]:
        """Return the smoothed (n,) float64 of a (n,) ``value`` that was measured at ``time_s``.

        A time that does not go on, or one after a long gap, starts the filter anew: it returns the value itself.
        """
        value = value.astype(np.float64)
        step_s = time_s - self._time_s
        self._time_s = time_s
        if self._value is None or self._speed is None or not 0 < step_s <= LONGEST_GAP_S:
            self._value, self._speed = value, np.zeros_like(value)
            return value
        speed = (value - self._value) / step_s
        self._speed = self._speed + _weight(self.choice.speed_cutoff_hz, step_s) * (speed - self._speed)
        cutoff_hz = self.choice.min_cutoff_hz + self.choice.beta * np.abs(self._speed)
        self._value = self._value + _weight(cutoff_hz, step_s) * (value - self._value)
        return self._value

    def forget(self) -> None:
        """Start anew with the next value."""
        self._value = self._speed = None


def _weight(cutoff_hz: NDArray[np.float64] | float, step_s: float) -> NDArray[np.float64]:
    """Return how much of the new value a low pass takes; the exact answer to a step, whatever its length."""
    weight: NDArray[np.float64] = 1 - np.exp(-2 * np.pi * np.asarray(cutoff_hz) * step_s)
    return weight


SHAPES: Final[dict[Smoothing, OneEuro]] = {
    "responsive": OneEuro(min_cutoff_hz=4.0, beta=6.0, speed_cutoff_hz=8.0),
    "balanced": OneEuro(min_cutoff_hz=2.5, beta=4.0, speed_cutoff_hz=8.0),
    "smooth": OneEuro(min_cutoff_hz=2.0, beta=2.0, speed_cutoff_hz=8.0),
}
"""Of blend shapes, 0..1. Below 2 Hz faces look asleep."""
