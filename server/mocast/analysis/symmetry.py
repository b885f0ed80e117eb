"""How alike the left and the right side of a body move."""

from typing import Final

import numpy as np

from mocast.model.analysis import PAIR_COUNT, Degrees, Symmetry

LEAST_RANGE_DEG: Final = 10.0
"""Ranges of motion whose mean is less are not compared: they are of the landmarks' noise."""


_LEFT, _RIGHT = slice(0, 2 * PAIR_COUNT, 2), slice(1, 2 * PAIR_COUNT, 2)


def symmetry(degrees: Degrees, lowest: Degrees, highest: Degrees) -> Symmetry:
    """Return the symmetry of (20,) angles and of their ranges of motion, all in degrees.

    The latter is the symmetry index of Robinson, Herzog and Nigg, 1987: the difference of both sides, left less right,
    in percent of their mean.
    """
    left, right = _LEFT, _RIGHT
    ranges = highest - lowest
    sums = ranges[left] + ranges[right]
    sums[sums < 2 * LEAST_RANGE_DEG] = np.nan
    index = (200 * (ranges[left] - ranges[right]) / sums).astype(np.float32)
    return Symmetry(degrees[left] - degrees[right], index)
