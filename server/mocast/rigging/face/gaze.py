"""Gaze: the eyes' angles from the irises, and the ``eyeLook`` shapes that stand for them."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import Shape
from mocast.model.names import both_sides
from mocast.rigging.face.measures import Measure

EYEBALL_MM: Final = 12.0
"""The radius of an adult's eyeball (axial diameter 22.0 to 24.8 mm: Bekerman, Gottlieb, Vaiman, "Variations in eyeball
diameters of the healthy adults", 2014), about whose centre the iris turns."""
OUT_DEG: Final = 30.0
"""The gaze sideways at which ``eyeLookOut`` or ``eyeLookIn`` is 1."""
UP_DEG: Final = 20.0
"""The gaze up or down at which ``eyeLookUp`` or ``eyeLookDown`` is 1: less than sideways, as lids hide the iris."""

IRIS_NOISE_PX: Final = 0.6
"""How far noise moves the mean of both irises, in pixels: two standard deviations of landmarks that move by 0.3 pixels
each."""
BAND_DEG: Final = (1.5, 5.0)
"""Least and greatest half width of the band in which a gaze counts as resting."""
OUTSIDE_S: Final = 0.03
"""A gaze that is outside of the band for so long has jumped: in a second frame, at 30 a second..."""
SURELY: Final = 2.0
"""...or at once, where it is outside of as many bands."""
FOLLOW_S: Final = 0.6
"""Time constant by which a resting gaze follows what is seen, so that none is held wrongly for long."""

_IRISES: Final = slice(Measure.IRIS_OUT_LEFT, Measure.IRIS_UP_RIGHT + 1)
_POSITIVE: Final = np.array([*both_sides(Shape, "EYE_LOOK_OUT"), *both_sides(Shape, "EYE_LOOK_UP")])
_NEGATIVE: Final = np.array([*both_sides(Shape, "EYE_LOOK_IN"), *both_sides(Shape, "EYE_LOOK_DOWN")])
"""(4,): the shapes of positive and negative angles, in the order of ``eye_angles``."""
_LIMITS_DEG: Final = np.array([OUT_DEG, OUT_DEG, UP_DEG, UP_DEG])


def eye_angles(change_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the eyes' angles, (4,) degrees: left eye out, right eye out, left eye up, right eye up.

    ``change_mm``, (35,): measures less those of the neutral face, which is taken to look straight ahead.
    """
    sines = np.clip(change_mm[_IRISES] / EYEBALL_MM, -1.0, 1.0)
    angles: NDArray[np.float64] = np.clip(np.degrees(np.arcsin(sines)), -_LIMITS_DEG, _LIMITS_DEG)
    return angles


def set_look_shapes(shapes: NDArray[np.float64], angles_deg: NDArray[np.float64]) -> None:
    """Set the eight ``eyeLook`` shapes in (52,) ``shapes`` from (4,) ``angles_deg`` as ``eye_angles`` returns them."""
    looks = angles_deg / _LIMITS_DEG
    shapes[_POSITIVE] = np.maximum(looks, 0.0)
    shapes[_NEGATIVE] = np.maximum(-looks, 0.0)


def gaze_of(shapes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the gaze by the ``eyeLook`` shapes, (2,) degrees: yaw to the subject's left, pitch up."""
    left_out, right_out, left_up, right_up = angles_of(shapes).tolist()
    return np.array([(left_out - right_out) / 2, (left_up + right_up) / 2])


def angles_of(shapes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (4,) angles as ``eye_angles`` does, by the ``eyeLook`` shapes of (52,) ``shapes``."""
    angles: NDArray[np.float64] = (shapes[_POSITIVE] - shapes[_NEGATIVE]) * _LIMITS_DEG
    return angles


class GazeHold:
    """Holds a gaze that rests: eyes rest, then jump (fixations and saccades); what moves in between is noise.

    A gaze within a band around the held one is followed slowly, one outside at once. The eyes turn together, and how
    far they converge is smoothed for itself, so that they do not cross by chance.
    """

    def __init__(self) -> None:
        self._held_deg: list[float] | None = None
        "Yaw to the subject's left, pitch up, convergence, and the difference of both eyes' pitch."
        self._outside_s: float | None = None
        "How long the gaze has been outside of the band."

    def held(self, angles_deg: NDArray[np.float64], px_per_mm: float, step_s: float) -> NDArray[np.float64]:
        """Return the (4,) angles of the next frame, as ``eye_angles`` has them; ``px_per_mm``: of the face."""
        left_out, right_out, left_up, right_up = angles_deg.tolist()
        seen = [(left_out - right_out) / 2, (left_up + right_up) / 2, (left_out + right_out) / 2, left_up - right_up]
        band = min(max(math.degrees(IRIS_NOISE_PX / (px_per_mm * EYEBALL_MM)), BAND_DEG[0]), BAND_DEG[1])
        if self._held_deg is None:
            self._held_deg = seen
        slowly = 1.0 - math.exp(-step_s / FOLLOW_S)
        shares = (1.0, 1.0, slowly, slowly) if self._has_jumped(seen, band, step_s) else (slowly,) * 4
        self._held_deg = [
            old + share * (new - old) for old, new, share in zip(self._held_deg, seen, shares, strict=True)
        ]
        yaw, pitch, apart, tilted = self._held_deg
        return np.array([apart + yaw, apart - yaw, pitch + tilted / 2, pitch - tilted / 2])

    def _has_jumped(self, seen: list[float], band: float, step_s: float) -> bool:
        """Return whether the gaze is far outside of the band, or stays outside: one frame alone may be noise."""
        away = max(abs(seen[0] - self._held_deg[0]), abs(seen[1] - self._held_deg[1])) if self._held_deg else 0.0
        if away <= band:
            self._outside_s = None
            return False
        self._outside_s = 0.0 if self._outside_s is None else self._outside_s + step_s
        return away > SURELY * band or self._outside_s >= OUTSIDE_S
