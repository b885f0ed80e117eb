"""The branches of the face network with attention, of lips, eyes and irises, computed together.

The network has five small branches of 13 or 27 convolutions, one after the other, and for each a few dozen operations
on a handful of numbers, to cut its square out of the features and to put its points back. Here each operation is that
of all branches. The numbers are those of ``face_attention``, but for rounding; docs/tracking-speed.md has the gain.
"""

from typing import Any, Final

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from mocast.tracking.openvino.networks.face_attention import (
    LEFT_EYE,
    LIPS,
    MESH_COUNT,
    RIGHT_EYE,
    floats,
    integers,
    placed,
)
from mocast.tracking.openvino.networks.parallel_branches import (
    ParallelBranches,
    channels_of,
    last_of_branches,
    next_node,
)

_PARTS: Final = (LIPS, LEFT_EYE, RIGHT_EYE)
_LEFT: Final = (61, 33, 362)
_RIGHT: Final = (291, 133, 263)
"""Landmarks between which each part's square stands; like ``_SIDE`` and ``_SCALE``, attributes in the network."""
_SIDE: Final = 16
"""Of a square, in pixels of its own."""
_SCALE: Final = 1.5
"""Of a square's side, to that of its part's bounding box."""
_POINTS: Final = max(map(len, _PARTS))
_IRIS_POINTS: Final = 8
"""Of an iris' branch, with points of zeros, so that its channels are as many as an instruction has numbers."""
_CROP: Final = 192
"""Side of the picture, in pixels, in which landmarks are."""
_FAR: Final = 1e4
"""Times how far outside the features a pixel is, so far it is sampled, so that no neighbour of it is inside."""


def merged_together(outputs: list[ov.Output]) -> list[ov.Output]:
    """Return what ``face_attention.merged`` does. Raises ``TrackingError``."""
    mesh, *parts, flag = outputs
    heads = [_before(part, "Convolution") for part in parts]
    samples = [_before(head.output(0), "GridSample") for head in heads[: len(_PARTS)]]
    features = samples[0].input_value(0)
    mesh = ops.reshape(mesh, integers([MESH_COUNT, 3]), False)
    places = ops.gather(mesh, integers([0, 1]), integers(1))
    axes, corners = _squares(places)

    begins = [next_node(sample).output(0) for sample in samples]
    branches = ParallelBranches(begins, _cut(features, axes, corners))
    value = branches.together([head.input_value(0) for head in heads])
    _, channels, _, _ = value.get_shape()
    of_parts = channels * len(_PARTS) // len(heads)
    points = [
        last_of_branches(channels_of(value, 0, of_parts), heads[: len(_PARTS)], 2 * _POINTS),
        last_of_branches(channels_of(value, of_parts, channels), heads[len(_PARTS) :], 2 * _IRIS_POINTS),
    ]
    in_squares = ops.concat([ops.reshape(one, integers([-1, 2, 1]), False) for one in points], 0)
    # The network's points are in pixels of the crop of the square's own scale, not of the features.
    in_squares = ops.multiply(in_squares, floats(features.get_shape()[2] / _CROP))
    lengths = [_POINTS] * len(_PARTS) + [_IRIS_POINTS] * 2
    square = integers(np.repeat([0, 1, 2, 1, 2], lengths))
    turned = ops.multiply(in_squares, ops.gather(axes, square, integers(0)))
    moved = ops.add(ops.reduce_sum(turned, integers([1]), False), ops.gather(corners, square, integers(0)))
    return placed(mesh, moved, [sum(lengths[:place]) for place in range(len(lengths))], flag)


def _squares(places: Any) -> tuple[Any, Any]:
    """(468, 2) → of each part's square, (3, 2, 2): its pixels' two steps, in pixels of the crop; (3, 2): its corner.

    As ``Landmarks2TransformMatrix`` has it.
    """
    right, left = (ops.gather(places, integers(ends), integers(0)) for ends in (_RIGHT, _LEFT))
    along = ops.subtract(right, left)
    along = ops.divide(along, ops.reduce_l2(along, integers([1]), True))  # cosine and sine
    upright = ops.multiply(ops.gather(along, integers([0, 1, 1, 0]), integers(1)), floats([1, 1, -1, 1]))
    # A part with fewer points has its first one several times.
    subsets = [[*part, *part[:1] * (_POINTS - len(part))] for part in _PARTS]
    points = ops.reshape(ops.gather(places, integers(np.ravel(subsets)), integers(0)), _shape(_POINTS, 1, 2), False)
    # Element by element and not by MatMul, which a plugin may do in lower precision.
    points = ops.reduce_sum(ops.multiply(points, ops.reshape(upright, _shape(1, 2, 2), False)), integers([3]), False)
    low, high = (reduce(points, integers([1]), False) for reduce in (ops.reduce_min, ops.reduce_max))
    step = ops.multiply(ops.subtract(high, low), floats(_SCALE / _SIDE))
    corner = ops.subtract(ops.multiply(ops.add(low, high), floats(0.5)), ops.multiply(step, floats(_SIDE / 2)))
    upright = ops.reshape(upright, _shape(2, 2), False)
    axes, corner = (ops.multiply(upright, ops.reshape(one, _shape(2, 1), False)) for one in (step, corner))
    return axes, ops.reduce_sum(corner, integers([1]), False)


def _cut(features: ov.Output, axes: Any, corners: Any) -> ov.Output:
    """(1, c, h, w) features, and squares → (1, 3 * c, 16, 16), bilinear, 0 outside of the features."""
    _, _, side, _ = features.get_shape()
    y, x = np.mgrid[:_SIDE, :_SIDE].reshape(2, -1) + 0.5
    pixels = np.stack([x, y], 1)[None, :, :, None]
    moved = ops.multiply(floats(pixels), ops.reshape(axes, _shape(1, 2, 2), False))
    place = ops.add(ops.reduce_sum(moved, integers([2]), False), ops.reshape(corners, _shape(1, 2), False))
    # -1 and 1 are the outermost pixels' centres.
    grid = ops.multiply(place, floats(2 / (side - 1) * side / _CROP))
    grid = ops.subtract(grid, floats(1 + 1 / (side - 1)))
    # Features whose bilinear neighbours are partly outside count as outside, unlike in GridSample.
    outside = ops.subtract(grid, ops.clamp(grid, -1, 1))
    grid = ops.reshape(ops.add(grid, ops.multiply(outside, floats(_FAR))), _shape(_SIDE, _SIDE, 2), False)
    sampling = {"align_corners": True, "mode": "bilinear", "padding_mode": "zeros"}
    grids = ops.split(grid, integers(0), len(_PARTS)).outputs()
    return ops.concat([ops.grid_sample(features, one, sampling) for one in grids], 1).output(0)


def _before(value: ov.Output, kind: str) -> ov.Node:
    """Return the next operation of a kind on the way to what a value is computed from."""
    node = value.get_node()
    while node.get_type_name() != kind:
        node = node.input_value(0).get_node()
    return node


def _shape(*of_part: int) -> Any:
    return integers([len(_PARTS), *of_part])
