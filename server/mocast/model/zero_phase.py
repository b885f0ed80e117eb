"""Zero-phase smoothing of recorded values: a Gaussian over time, which delays nothing.

It needs the frames after the one that it smooths, so it is for files and recordings; live streams have causal filters.
"""

from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

CUTOFF_HZ: Final = 6.0
"""Where half of the power is left. Human motion is below, a tracker's trembling above: D. A. Winter, "Biomechanics and
Motor Control of Human Movement", takes 6 Hz for walking."""

SIGMA_S: Final = float(np.sqrt(np.log(2)) / (2 * np.pi * CUTOFF_HZ))
"""Of the Gaussian in time whose spectrum, exp(-(2π · frequency · sigma)²/2), is 1/√2 at the cutoff: 22 ms."""
REACH_S: Final = 4 * SIGMA_S
"""How far the Gaussian reaches in time, either way: 88 ms. Beyond, weights are below 0.0004 times the middle one."""
MAX_REACH: Final = 64
"""The same in frames, at most, however dense a sender's timestamps are: ``REACH_S`` at 720 frames per second."""

_BLOCK: Final = 4096
"""Frames that are worked on at a time, for the memory's sake."""
_LEAST_TRUST: Final = 1e-3
"""What a value that is not trusted at all weighs, so that there is an answer where all values around are such."""

Times = NDArray[np.float64]
Values = NDArray[np.floating[Any]]


def zero_phase(times_s: Times, values: Values, trust: Values | None = None) -> NDArray[np.float32]:
    """Return (n, ...) values of n moments, smoothed along n.

    ``times_s``, (n,), rise in any steps. Each value becomes that of a straight line, fitted to the values around it by
    least squares with the Gaussian's weights, so that even motion stays as it is where frames are missing. ``trust``,
    0..1, (n,) or with more of the values' leading axes: how much each value weighs besides. Over a gap longer than
    ``REACH_S`` nothing is mixed.

    At both ends, and at gaps, the motion is continued by its point reflection, so that these frames stay in place.
    Source of the local line: W. S. Cleveland, "Robust Locally Weighted Regression and Smoothing Scatterplots", JASA
    1979. Own work otherwise.
    """
    smoothed = np.empty(values.shape, np.float32)
    ends = [0, *(np.flatnonzero(np.diff(times_s) > REACH_S) + 1), len(times_s)]
    for begin, end in pairwise(ends):
        for first in range(begin, end, _BLOCK):
            last = min(first + _BLOCK, end)
            around = slice(max(first - MAX_REACH, begin), min(last + MAX_REACH, end))
            near = None if trust is None else trust[around]
            smoothed[first:last] = _lines(
                times_s[around], values[around], near, first - around.start, last - around.start
            )
    return smoothed


def zero_phase_at(index: int, times_s: Times, values: Values, trust: Values | None = None) -> NDArray[np.float32]:
    """Return one of the values that ``zero_phase`` returns where there is no gap, from all within its reach."""
    return np.asarray(_lines(times_s, values, trust, index, index + 1)[0], np.float32)


def _lines(times_s: Times, values: Values, trust: Values | None, begin: int, end: int) -> NDArray[np.float64]:
    """Return the smoothed values from ``begin`` to ``end``, of moments without a gap between them."""
    reach = min(_reach(times_s), len(times_s) - 1)
    sure = np.ones(1) if trust is None else np.clip(trust, _LEAST_TRUST, 1)
    sure = np.broadcast_to(sure.reshape(len(sure), -1), (len(values), sure[0].size))  # frame, landmark
    taken = slice(begin, end)
    times = _windows(_continued(times_s, reach), reach)[taken]
    distances = (times - times_s[taken, None]) / SIGMA_S
    weights = _windows(_continued(sure, reach, odd=False), reach)[taken] * np.exp(-0.5 * distances**2)[:, None]
    away = weights * distances[:, None]
    mass, moment, square = weights.sum(2), away.sum(2), np.einsum("flw,fw->fl", away, distances)
    around = _windows(_continued(values.reshape(*sure.shape, -1), reach), reach)[taken]
    level, slope = (np.einsum("flw,flcw->flc", one, around) for one in (weights, away))
    spread = mass * square - moment**2
    is_line = spread > 1e-6 * mass**2  # or there is one value only, or all that weighs anything is at one moment
    mass, moment, square, spread, is_line = (one[..., None] for one in (mass, moment, square, spread, is_line))
    line = (square * level - moment * slope) / np.where(is_line, spread, 1)
    return np.where(is_line, line, level / mass).reshape(end - begin, *values.shape[1:])


def _windows(continued: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """Return all that is within reach of each frame, on a last axis."""
    return sliding_window_view(continued, 2 * reach + 1, axis=0)


def _reach(times_s: Times) -> int:
    """Return how many frames there are at most within the Gaussian's reach of any, on one side, and one more."""
    within = np.searchsorted(times_s, times_s + REACH_S, side="right") - np.arange(len(times_s))
    return min(int(within.max(initial=1)), MAX_REACH)


def _continued(values: Values, reach: int, *, odd: bool = True) -> NDArray[np.float64]:
    """Return the values with so many more on both sides, reflected in the first and the last: in the point, or even."""
    values = np.asarray(values, np.float64)
    before, after = values[reach:0:-1], values[-2 : -reach - 2 : -1]
    if odd:
        before, after = 2 * values[:1] - before, 2 * values[-1:] - after
    return np.concatenate([before, values, after])
