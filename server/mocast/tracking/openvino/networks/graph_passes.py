"""Graph passes: rewrites that save work and leave the numbers as they are."""

from typing import Final

import numpy as np
import openvino as ov
from openvino import opset13 as ops

_CONVOLUTIONS: Final = {"Convolution": ops.convolution, "GroupConvolution": ops.group_convolution}
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


def pad_within_convolutions(graph: ov.Model) -> None:
    """Give each convolution the border of zeros that a Pad makes before it.

    The plugin, which leaves such a Pad as it is before a convolution whose ``auto_pad`` is "valid", copies the picture
    for it, number by number. docs/tracking.md has the gain.
    """
    for node in graph.get_ordered_ops():
        pad = node.input_value(0).get_node() if node.get_type_name() in _CONVOLUTIONS else None
        if pad is not None and pad.get_type_name() == "Pad" and (border := _border(pad)) is not None:
            convolve = _CONVOLUTIONS[node.get_type_name()]
            strides, dilations = (list(node.get_attributes()[name]) for name in ("strides", "dilations"))
            padded = convolve(pad.input_value(0), node.input_value(1), strides, *border, dilations)
            padded.set_friendly_name(node.get_friendly_name())
            node.output(0).replace(padded.output(0))


def _border(pad: ov.Node) -> tuple[list[int], list[int]] | None:
    """Return how many zeros are added before and behind, (height, width) each; ``None`` for another kind of Pad."""
    if pad.get_attributes()["pad_mode"] != "constant":
        return None
    constants = [value.get_node() for value in pad.input_values()[1:]]
    if any(one.get_type_name() != "Constant" for one in constants):
        return None
    begin, end, *filled = (one.get_data() for one in constants)
    if begin[:2].any() or end[:2].any() or any(value.item() for value in filled):
        return None
    return begin[2:].tolist(), end[2:].tolist()


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
