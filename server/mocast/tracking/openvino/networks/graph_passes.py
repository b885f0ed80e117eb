"""Graph passes: rewrites that save work and leave the numbers as they are."""

from typing import Final

import numpy as np
import openvino as ov
from openvino import opset13 as ops

_MODE: Final = ("mode", "shape_calculation_mode", "coordinate_transformation_mode", "nearest_mode")


def convolve_before_upsampling(graph: ov.Model) -> None:
    """Move each 1x1 convolution before the upsampling that it follows, where there are a quarter of the pixels.

    Upsampling mixes pixels with weights that sum to 1, the convolution mixes channels and has no bias, so the two
    commute. Own work; docs/tracking.md has the gain.
    """
    for node in graph.get_ordered_ops():
        if node.get_type_name() == "Convolution":
            upsampled = node.input_value(0).get_node()
            if upsampled.get_type_name() == "Transpose" and _is_pointwise(node):
                upsampling = upsampled.input_value(0).get_node()
                if upsampling.get_type_name() == "Interpolate":
                    _swap(upsampling, node)


def _is_pointwise(convolution: ov.Node) -> bool:
    """Return whether a convolution is 1x1 with a stride of 1."""
    _, _, *kernel = convolution.input_value(1).get_shape()
    return list(kernel) == [1, 1] and list(convolution.get_attributes()["strides"]) == [1, 1]


def _swap(upsampling: ov.Node, convolution: ov.Node) -> None:
    """Replace the convolution's output by that of a copy before the upsampling, whose layout is NHWC."""
    small, size, axes = upsampling.input_values()
    planes = ops.transpose(small, _order(0, 3, 1, 2))
    mixed = ops.convolution(planes, convolution.input_value(1), [1, 1], [0, 0], [0, 0], [1, 1])
    attributes = upsampling.get_attributes()
    mode = {name: attributes[name] for name in _MODE}
    larger = ops.interpolate(ops.transpose(mixed, _order(0, 2, 3, 1)), size, axes=axes, **mode)
    convolution.output(0).replace(ops.transpose(larger, _order(0, 3, 1, 2)).output(0))


def _order(*axes: int) -> ov.Node:
    return ops.constant(np.array(axes, np.int64))
