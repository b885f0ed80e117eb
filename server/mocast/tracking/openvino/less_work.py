"""Edits graphs so that they take less work for the same numbers."""

from typing import Final

import numpy as np
import openvino as ov
from openvino import opset13 as ops

_MODE: Final = ("mode", "shape_calculation_mode", "coordinate_transformation_mode", "nearest_mode")


def convolve_before_enlarging(graph: ov.Model) -> None:
    """Have each convolution of single pixels run before the enlargement that it follows, on a quarter of the pixels.

    Enlarging mixes pixels with weights that sum to 1, the convolution mixes channels and has no bias: in whichever
    order, each number is the same sum.
    """
    for node in graph.get_ordered_ops():
        if node.get_type_name() == "Convolution":
            enlarged = node.input_value(0).get_node()
            if enlarged.get_type_name() == "Transpose" and _is_single(node):
                enlarging = enlarged.input_value(0).get_node()
                if enlarging.get_type_name() == "Interpolate":
                    _swap(enlarging, node)


def _is_single(convolution: ov.Node) -> bool:
    """Return whether a convolution mixes no pixels."""
    _, _, *kernel = convolution.input_value(1).get_shape()
    return list(kernel) == [1, 1] and list(convolution.get_attributes()["strides"]) == [1, 1]


def _swap(enlarging: ov.Node, convolution: ov.Node) -> None:
    """Replace the convolution's output by that of its copy, enlarged. What enlarges has its channels last."""
    small, size, axes = enlarging.input_values()
    planes = ops.transpose(small, _order(0, 3, 1, 2))
    mixed = ops.convolution(planes, convolution.input_value(1), [1, 1], [0, 0], [0, 0], [1, 1])
    attributes = enlarging.get_attributes()
    mode = {name: attributes[name] for name in _MODE}
    larger = ops.interpolate(ops.transpose(mixed, _order(0, 2, 3, 1)), size, axes=axes, **mode)
    convolution.output(0).replace(ops.transpose(larger, _order(0, 3, 1, 2)).output(0))


def _order(*axes: int) -> ov.Node:
    return ops.constant(np.array(axes, np.int64))
