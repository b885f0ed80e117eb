"""Reads numbers from JSON that anyone may have sent."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mocast.errors import Unprocessable


def object_of(value: object, what: str, names: set[str]) -> dict[str, Any]:
    """Return an object that has exactly these names. Raises ``Unprocessable``."""
    if not isinstance(value, dict) or value.keys() != names:
        raise Unprocessable(f"{what} must be an object of {', '.join(sorted(names))}")
    return value


def vector_of(value: object, what: str, count: int, most: float) -> NDArray[np.float64]:
    """Return a list of ``count`` finite numbers, -most..most, as (count,) float64. Raises ``Unprocessable``."""
    if not isinstance(value, list) or len(value) != count:
        raise Unprocessable(f"{what} must be a list of {count} numbers")
    for number in value:
        is_number = isinstance(number, int | float) and not isinstance(number, bool)
        if not is_number or not abs(number) <= most:  # so is NaN refused
            raise Unprocessable(f"{what} must be of finite numbers, -{most:g} to {most:g}")
    return np.array(value, np.float64)
