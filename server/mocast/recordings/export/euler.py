"""Euler angles of rotations over time, without jumps."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Angles = NDArray[np.float64]
"""(n, bones, 3) float64, degrees: about Z, X and Y."""

_POLE: Final = 1e-4
"""Cosine of the middle angle below which the outer two cannot be told apart: within 0.006° of 90°."""


def zxy_degrees(rotations: NDArray[np.float32], before: NDArray[np.float64] | None = None) -> Angles:
    """Return the angles z, x, y of rotations, (n, bones, 4), whose matrices for column vectors are Rz·Rx·Ry.

    Each rotation has two triples of angles, each modulo 360°: those nearest to the frame before are chosen, so that
    nothing jumps in an editor's curves. At the poles (x = ±90°) z stays where it was. ``before``: the angles of the
    frame before the first, (bones, 3); without it, 0.

    From the matrix Rz·Rx·Ry: ``m21 = sin x``, ``m01 = -sin z cos x``, ``m11 = cos z cos x``, ``m20 = -cos x sin y``,
    ``m22 = cos x cos y``.
    """
    x, y, z, w = np.moveaxis(rotations.astype(np.float64), -1, 0)
    m21 = 2 * (y * z + w * x)
    m01, m11 = 2 * (x * y - w * z), 1 - 2 * (x * x + z * z)
    m20, m22 = 2 * (x * z - w * y), 1 - 2 * (x * x + y * y)
    cosine = np.hypot(m01, m11)
    first = np.stack([np.arctan2(-m01, m11), np.arctan2(m21, cosine), np.arctan2(-m20, m22)], axis=-1)
    second = np.stack([first[..., 0] + np.pi, np.pi - first[..., 1], first[..., 2] + np.pi], axis=-1)
    at_pole = cosine < _POLE
    # At x = ±90° the matrix has only y ± z: m00 = cos(y ± z), m02 = sin(y ± z).
    sums = np.arctan2(2 * (x * z + w * y), 1 - 2 * (y * y + z * z))
    signs = np.sign(m21)
    angles = np.empty_like(first)
    last = np.zeros(first.shape[1:]) if before is None else np.radians(before)
    for frame in range(len(first)):
        near_first, near_second = _nearest(first[frame], last), _nearest(second[frame], last)
        is_second = np.abs(near_second - last).sum(axis=-1) < np.abs(near_first - last).sum(axis=-1)
        chosen = np.where(is_second[:, None], near_second, near_first)
        poles = at_pole[frame]
        if poles.any():
            held = np.stack([last[:, 0], first[frame, :, 1], sums[frame] - signs[frame] * last[:, 0]], axis=-1)
            chosen = np.where(poles[:, None], _nearest(held, last), chosen)
        angles[frame] = last = chosen
    return np.asarray(np.degrees(angles))


def _nearest(angles: Angles, to: Angles) -> Angles:
    """Return angles, radians, moved by whole turns to within half a turn of ``to``."""
    return np.asarray(angles - 2 * np.pi * np.round((angles - to) / (2 * np.pi)))
