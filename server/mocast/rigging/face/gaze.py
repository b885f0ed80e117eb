"""Gaze: the eyes' angles from the irises, and the ``eyeLook`` shapes that stand for them."""

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
    left_out, right_out, left_up, right_up = (shapes[_POSITIVE] - shapes[_NEGATIVE]) * _LIMITS_DEG
    return np.array([(left_out - right_out) / 2, (left_up + right_up) / 2])
