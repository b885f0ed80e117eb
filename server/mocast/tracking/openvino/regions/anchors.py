"""Anchors: the grid of points that a detector's boxes are relative to."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray


def anchors(size: int, strides: Sequence[int], per_cell: int = 2) -> NDArray[np.float32]:
    """Return the centres, (anchors, 2) float32 x and y, 0..1, of a network's input of ``size`` pixels, in its order.

    ``strides``: of its layers, in pixels. Each layer has ``per_cell`` anchors at each point of its grid; layers of the
    same stride are interleaved. Source: ``ssd_anchors_calculator.cc`` with ``fixed_anchor_size``, where an interpolated
    aspect ratio makes two anchors of one; the scheme is that of BlazeFace (arXiv:1907.05047).
    """
    layers = []
    for stride, same in groupby(strides):
        cells = -(-size // stride)
        middles = (np.arange(cells, dtype=np.float32) + np.float32(0.5)) / np.float32(cells)
        y, x = np.meshgrid(middles, middles, indexing="ij")
        layers.append(np.repeat(np.stack([x.ravel(), y.ravel()], 1), per_cell * len(list(same)), 0))
    grid: NDArray[np.float32] = np.concatenate(layers)
    grid.flags.writeable = False
    return grid
