"""Refinement of landmarks by the pose network's heatmaps."""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

REACH: Final = 4
"""Cells on each side of a landmark's own: a kernel of 9. Source: the default of ``kernel_size`` in
``refine_landmarks_from_heatmap_calculator.proto``. MediaPipe's graph names 7, but its Holistic and Pose in Python lose
that option on the way, and run with 9."""
MIN_CONFIDENCE: Final = 0.5
"""A landmark is not refined where its heatmap is nowhere above this. Source: the default of
``min_confidence_to_refine`` there."""


class _Windows(NamedTuple):
    """The cells of each window along one axis, by 1 + its middle cell. The first and the last window are outside."""

    cells: NDArray[np.intp]
    "(side + 2, 9): cell indices, those outside the heatmap clipped to its border."
    weights: NDArray[np.float32]
    "(side + 2, 2, 9): for each cell 1 and its position, 0..1; 0 and 0 for a cell outside."


@cache
def _windows(side: int) -> _Windows:
    middle = np.arange(-1, side + 1)[:, None]
    around = middle + np.arange(-REACH, REACH + 1)
    cells = np.clip(around, 0, side - 1)
    counts = (cells == around) & (middle >= 0) & (middle < side)
    weights = np.stack([counts, counts * around / side], 1).astype(np.float32)
    return _Windows(cells.astype(np.intp), weights)


@cache
def _channels(count: int) -> NDArray[np.intp]:
    return np.arange(count, dtype=np.intp)[:, None]


def refine(landmarks: NDArray[np.float32], heatmap: NDArray[np.float32]) -> None:
    """Refine landmarks in place: (n, 2) or more columns of float32, x and y 0..1 of the network's input.

    ``heatmap`` is (side, side, channels) float32 logits, C-contiguous; its channel i is that of landmark i. A landmark
    goes to the mean of the cells around it, each weighted by its confidence. One outside the heatmap stays.

    Source: ``refine_landmarks_from_heatmap_calculator.cc``.
    """
    side, _, channels = heatmap.shape
    windows = _windows(side)
    # The cast rounds towards 0, as MediaPipe's does. What is not a number is outside: fmin takes the other.
    cell = np.fmin(np.maximum(landmarks[:, :2] * np.float32(side), -1), side).astype(np.intp)
    cell += 1
    column, row = cell[:, 0], cell[:, 1]
    along = windows.cells[column] * channels + _channels(len(landmarks))
    places = (windows.cells[row] * (side * channels))[:, :, None] + along[:, None, :]
    confidence = heatmap.reshape(-1).take(places)
    confidence *= 0.5
    np.tanh(confidence, out=confidence)
    confidence += 1  # twice the logistic function, without its overflow
    sums = windows.weights[row] @ confidence @ windows.weights[column].transpose(0, 2, 1)
    total = sums[:, 0, 0]
    is_confident = (confidence.reshape(len(landmarks), -1).max(1) >= 2 * MIN_CONFIDENCE) & (total > 0)
    means = sums.reshape(-1, 4)[:, 1:3] / np.where(is_confident, total, 1)[:, None]
    np.copyto(landmarks[:, :2], means, where=is_confident[:, None])
