"""How alike the left and the right side of a body move."""

from typing import Final

import numpy as np

from mocast.analysis.joint_angles import Numbers
from mocast.model.analysis import PAIR_COUNT, Symmetry

LEAST_RANGE_DEG: Final = 10.0
"""Ranges of motion whose mean is less are not compared: they are of the landmarks' noise."""


def symmetry(degrees: Numbers, lowest: Numbers, highest: Numbers) -> Symmetry:
    """Return the symmetry of (20,) angles and of their ranges of motion, all in degrees.

    The latter is the symmetry index of Robinson, Herzog and Nigg, 1987: the difference of both sides, left less right,
    in percent of their mean.
    """
    left, right = degrees[: 2 * PAIR_COUNT].reshape(PAIR_COUNT, 2).T
    ranges = (highest - lowest)[: 2 * PAIR_COUNT].reshape(PAIR_COUNT, 2)
    mean = ranges.mean(-1)
    index = 100.0 * (ranges[:, 0] - ranges[:, 1]) / np.where(mean >= LEAST_RANGE_DEG, mean, np.nan)
    return Symmetry((left - right).astype(np.float32), index.astype(np.float32))
