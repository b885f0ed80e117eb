"""Where the eyes look, from the irises, and the ``eyeLook`` shapes that say the same."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.model.blendshapes import Shape
from mocast.rigging.face.measures import Measure

EYEBALL_MM: Final = 12.0
"""The radius of an adult's eyeball, about which the iris turns."""
OUT_DEG: Final = 30.0
"""The gaze to a side, either side, of a shape ``eyeLookOut`` or ``eyeLookIn`` of 1."""
UP_DEG: Final = 20.0
"""The gaze of an ``eyeLookUp`` or ``eyeLookDown`` of 1. Less than to a side, as lids hide the iris before."""

_IRISES: Final = slice(Measure.IRIS_OUT_LEFT, Measure.IRIS_UP_RIGHT + 1)
_LOOKS: Final = [
    (Shape.EYE_LOOK_OUT_LEFT, Shape.EYE_LOOK_IN_LEFT),
    (Shape.EYE_LOOK_OUT_RIGHT, Shape.EYE_LOOK_IN_RIGHT),
    (Shape.EYE_LOOK_UP_LEFT, Shape.EYE_LOOK_DOWN_LEFT),
    (Shape.EYE_LOOK_UP_RIGHT, Shape.EYE_LOOK_DOWN_RIGHT),
]
_MORE: Final = np.array([more for more, _ in _LOOKS])
_LESS: Final = np.array([less for _, less in _LOOKS])
_LIMITS_DEG: Final = np.array([OUT_DEG, OUT_DEG, UP_DEG, UP_DEG])


def eye_angles(change_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how far the eyes are turned, (4,) degrees: left eye out, right eye out, left eye up, right eye up.

    ``change_mm`` (35,) are the measures less those of the face at rest, which is taken to look straight ahead.
    """
    sines = np.clip(change_mm[_IRISES] / EYEBALL_MM, -1.0, 1.0)
    angles: NDArray[np.float64] = np.clip(np.degrees(np.arcsin(sines)), -_LIMITS_DEG, _LIMITS_DEG)
    return angles


def put_looks(shapes: NDArray[np.float64], angles_deg: NDArray[np.float64]) -> None:
    """Set the eight ``eyeLook`` shapes in (52,) ``shapes`` from what ``eye_angles`` returned."""
    looks = angles_deg / _LIMITS_DEG
    shapes[_MORE] = np.maximum(looks, 0.0)
    shapes[_LESS] = np.maximum(-looks, 0.0)


def gaze_of(shapes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where the eyes look by their ``eyeLook`` shapes, (2,) degrees: yaw to the subject's left, pitch up."""
    left_out, right_out, left_up, right_up = (shapes[_MORE] - shapes[_LESS]) * _LIMITS_DEG
    return np.array([(left_out - right_out) / 2, (left_up + right_up) / 2])
