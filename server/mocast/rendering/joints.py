"""Landmarks as points of the picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Joints:
    """Landmarks as points that can be drawn."""

    points: NDArray[np.int32]
    "(n, 2) int32: x, y in sixteenths of a pixel, from the first row that may be drawn on."
    drawn: NDArray[np.bool_]
    "(n,) bool: which of them are drawn: visible enough, and numbers."
    all_drawn: bool
    "Whether all of them are."
