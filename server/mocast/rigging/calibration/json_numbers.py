"""Numbers in untrusted JSON: validating readers, and the writer of rotations."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mocast.errors import Unprocessable

ROTATION_DECIMALS: Final = 6
_ROUNDING: Final = 4 * 10.0**-ROTATION_DECIMALS
"""How far from 1 the length of a rotation may be after it was rounded to so many decimals."""


def object_of(value: object, what: str, names: set[str]) -> dict[str, Any]:
    """Return an object with exactly these names. Raises ``Unprocessable``, whose message names ``what``."""
    if not isinstance(value, dict) or value.keys() != names:
        raise Unprocessable(f"The calibration's {what} must be an object of {', '.join(sorted(names))}.")
    return value


def vector_of(value: object, what: str, count: int, most: float) -> NDArray[np.float64]:
    """Return a list of ``count`` numbers within ±``most`` as (count,) float64. Raises ``Unprocessable``."""
    if not isinstance(value, list) or len(value) != count:
        raise Unprocessable(f"The calibration's {what} must be a list of {count} numbers.")
    for number in value:
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        if not is_number or not abs(number) <= most:  # refuses NaN, too
            raise Unprocessable(f"The calibration's {what} must be of finite numbers, -{most:g} to {most:g}.")
    return np.array(value, np.float64)


def rotation_of(value: object, what: str) -> NDArray[np.float64]:
    """Return a list of x, y, z, w as a (4,) unit quaternion. Raises ``Unprocessable`` where its length is not about 1.

    It is normalised only if its length differs from 1 by more than rounding, so that a round trip changes nothing.
    """
    rotation = vector_of(value, what, 4, 1.001)
    length = float(np.linalg.norm(rotation))
    if abs(length - 1) > 0.01:
        raise Unprocessable(f"The calibration's {what} is not a rotation.")
    return rotation if abs(length - 1) <= _ROUNDING else rotation / length


def rotation_json(rotation: NDArray[np.float64]) -> list[float]:
    """Return a (4,) unit quaternion as ``rotation_of`` reads it."""
    return [round(float(number), ROTATION_DECIMALS) for number in rotation]
