"""Moves landmarks to where the pose network's heatmap sees them."""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

REACH: Final = 4
"""Cells around a landmark's own that count: a kernel of 9. Source: the default of ``kernel_size`` in
``refine_landmarks_from_heatmap_calculator.proto``; so runs MediaPipe's own Holistic and Pose in Python."""
SURE: Final = 0.5
"""A landmark whose heatmap is nowhere above stays. Source: the default of ``min_confidence_to_refine`` there."""


class _Windows(NamedTuple):
    """The cells of a window along one axis, by the cell in its middle."""

    cells: NDArray[np.intp]
    "(side, 9): their numbers; those outside the heatmap are moved to its border."
    weights: NDArray[np.float32]
    "(side, 2, 9): for each cell 1 and its position, 0..1, or twice 0 for one that is outside."


@cache
def _windows(side: int) -> _Windows:
    around = np.arange(side)[:, None] + np.arange(-REACH, REACH + 1)
    cells = np.clip(around, 0, side - 1)
    is_inside = cells == around
    weights = np.stack([is_inside, is_inside * around / side], 1).astype(np.float32)
    return _Windows(cells.astype(np.intp), weights)


def refine(landmarks: NDArray[np.float32], heatmap: NDArray[np.float32]) -> None:
    """Move landmarks, (n, 2) or more columns of float32, of which x and y are 0..1 of what the network sees, in place.

    ``heatmap`` is (side, side, channels) float32 logits, C-contiguous; its channel i is that of landmark i. A landmark
    goes to the mean of the cells around it, each weighted by its confidence. One outside the heatmap stays.

    Source: ``refine_landmarks_from_heatmap_calculator.cc``.
    """
    side, _, channels = heatmap.shape
    windows = _windows(side)
    count = len(landmarks)
    # fmax and fmin turn what is not a number into something outside. The cast rounds towards 0, as in MediaPipe.
    cell = np.fmin(np.fmax(landmarks[:, :2] * np.float32(side), -1), side).astype(np.intp)
    is_inside = ((cell >= 0) & (cell < side)).all(1)
    cell[~is_inside] = 0
    column, row = cell[:, 0], cell[:, 1]
    places = (windows.cells[row] * (side * channels))[:, :, None] + (windows.cells[column] * channels)[:, None, :]
    places += np.arange(count)[:, None, None]
    confidence = 1 / (1 + np.exp(-heatmap.reshape(-1)[places]))
    sums = windows.weights[row] @ confidence @ windows.weights[column].transpose(0, 2, 1)
    is_sure = is_inside & (confidence.max((1, 2)) >= SURE)
    total = sums[is_sure, 0, 0]
    landmarks[is_sure, 0] = sums[is_sure, 0, 1] / total
    landmarks[is_sure, 1] = sums[is_sure, 1, 0] / total
