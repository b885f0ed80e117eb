"""Zero-phase smoothing of a recorded motion: a Gaussian over time, which delays nothing."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mocast.recordings.export.motion import Motion

CUTOFF_HZ: Final = 6.0
"""Where half of the power is left. Human motion is below, a tracker's trembling above: D. A. Winter, "Biomechanics and
Motor Control of Human Movement", takes 6 Hz for walking."""

_SIGMA_S: Final = np.sqrt(np.log(2)) / (2 * np.pi * CUTOFF_HZ)
"""Of the Gaussian in time whose spectrum, exp(-(2π · frequency · sigma)²/2), is 1/√2 at the cutoff: 22 ms."""
_REACH: Final = 4
"""The kernel's half width in sigmas: beyond, weights are below 0.0004 times the middle one."""


def smoothed(motion: Motion) -> Motion:
    """Return the motion, of constant rate, smoothed by a Gaussian over time."""
    weights = _weights(motion.step_s)
    rotations = np.empty_like(motion.rotations)
    for bone in range(rotations.shape[1]):  # signs do not change from frame to frame, so components can be mixed
        mixed = _filtered(motion.rotations[:, bone], weights)
        rotations[:, bone] = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
    return Motion(
        times_s=motion.times_s,
        hips=_filtered(motion.hips, weights),
        rotations=rotations,
        shapes=_filtered(motion.shapes, weights).clip(0, 1),
        expressions=_filtered(motion.expressions, weights).clip(0, 1),
        gaze_deg=_filtered(motion.gaze_deg, weights),
    )


def _weights(step_s: float) -> NDArray[np.float64]:
    """Return a symmetric Gaussian over frames, whose sum is 1."""
    reach = int(np.ceil(_REACH * _SIGMA_S / step_s))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step_s / _SIGMA_S) ** 2)
    return np.asarray(weights / weights.sum())


def _filtered(values: NDArray[np.float32], weights: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return (n, k) values, filtered along n.

    Beyond its ends the motion is continued by its point reflection in the end, so first and last frame stay in place.
    """
    reach = min(len(weights) // 2, len(values) - 1)
    if not reach:
        return values
    before = 2 * values[:1] - values[reach:0:-1]
    after = 2 * values[-1:] - values[-2 : -reach - 2 : -1]
    longer = np.concatenate([before, values, after])
    middle = len(weights) // 2
    used = weights[middle - reach : middle + reach + 1]
    used = used / used.sum()
    result = np.zeros(values.shape, np.float64)
    for step, weight in enumerate(used):
        result += weight * longer[step : step + len(values)]
    return result.astype(np.float32)
