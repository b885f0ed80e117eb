"""Gaze: the eyes' angles from the irises, and the ``eyeLook`` shapes that stand for them."""

import math
from collections.abc import MutableSequence, Sequence
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
"""A gaze that is outside of the band for this long has jumped: in a second frame, at 30 a second."""
SURELY: Final = 2.0
"""A gaze that is outside of a band this many times as wide has jumped at once."""
FOLLOW_S: Final = 0.6
"""Time constant by which a resting gaze follows what is seen, so that none is held wrongly for long."""

Values = MutableSequence[float] | NDArray[np.float64]
"""The 52 shapes, or the 35 measures."""

_IRISES: Final = (*both_sides(Measure, "IRIS_OUT"), *both_sides(Measure, "IRIS_UP"))
_LOOKS: Final = tuple(
    (*both, limit_deg)
    for positive, negative, limit_deg in (("OUT", "IN", OUT_DEG), ("UP", "DOWN", UP_DEG))
    for both in zip(both_sides(Shape, f"EYE_LOOK_{positive}"), both_sides(Shape, f"EYE_LOOK_{negative}"), strict=True)
)
"""The shapes of positive and negative angles, and where they are 1, in the order of ``eye_angles``."""


# Plain numbers: for four angles numpy's calls would cost more than all this.
def eye_angles(change_mm: Values) -> list[float]:
    """Return the eyes' angles, degrees: left eye out, right eye out, left eye up, right eye up.

    ``change_mm``, (35,): measures less those of the neutral face, which is taken to look straight ahead.
    """
    angles = []
    for measure, (_, _, limit_deg) in zip(_IRISES, _LOOKS, strict=True):
        angle_deg = math.degrees(math.asin(min(max(change_mm[measure] / EYEBALL_MM, -1.0), 1.0)))
        angles.append(min(max(angle_deg, -limit_deg), limit_deg))
    return angles


def set_look_shapes(shapes: Values, angles_deg: Sequence[float]) -> None:
    """Set the eight ``eyeLook`` shapes in (52,) ``shapes`` from the four angles as ``eye_angles`` returns them."""
    for (positive, negative, limit_deg), angle_deg in zip(_LOOKS, angles_deg, strict=True):
        look = angle_deg / limit_deg
        shapes[positive], shapes[negative] = max(look, 0.0), max(-look, 0.0)


def gaze_of(shapes: Values) -> NDArray[np.float64]:
    """Return the gaze by the ``eyeLook`` shapes, (2,) degrees: yaw to the subject's left, pitch up."""
    left_out, right_out, left_up, right_up = angles_of(shapes)
    return np.array([(left_out - right_out) / 2, (left_up + right_up) / 2])


def angles_of(shapes: Values) -> list[float]:
    """Return angles as ``eye_angles`` does, by the ``eyeLook`` shapes of (52,) ``shapes``."""
    return [(float(shapes[positive]) - float(shapes[negative])) * limit_deg for positive, negative, limit_deg in _LOOKS]


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

    def held(self, angles_deg: Sequence[float], px_per_mm: float, step_s: float) -> list[float]:
        """Return the angles of the next frame, as ``eye_angles`` has them; ``px_per_mm``: of the face."""
        left_out, right_out, left_up, right_up = angles_deg
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
        return [apart + yaw, apart - yaw, pitch + tilted / 2, pitch - tilted / 2]

    def _has_jumped(self, seen: list[float], band: float, step_s: float) -> bool:
        """Return whether the gaze is far outside of the band, or stays outside: one frame alone may be noise."""
        away = max(abs(seen[0] - self._held_deg[0]), abs(seen[1] - self._held_deg[1])) if self._held_deg else 0.0
        if away <= band:
            self._outside_s = None
            return False
        self._outside_s = 0.0 if self._outside_s is None else self._outside_s + step_s
        return away > SURELY * band or self._outside_s >= OUTSIDE_S
