"""Graph passes: rewrites that save work and leave the numbers as they are."""

from itertools import zip_longest
from typing import Final

import numpy as np
import openvino as ov
from openvino import opset13 as ops

_CONVOLUTIONS: Final = {"Convolution": ops.convolution, "GroupConvolution": ops.group_convolution}
_OF_EACH: Final = {"Add", "Multiply", "Negative", "Power", "Relu", "SquaredDifference", "Subtract"}
"""Kinds of nodes that compute each number by those at its place in the inputs."""
_MODE: Final = ("mode", "shape_calculation_mode", "coordinate_transformation_mode", "nearest_mode")


def convolve_before_upsampling(graph: ov.Model) -> None:
    """Move each 1x1 convolution before the upsampling that it follows, where there are a quarter of the pixels.

    Upsampling mixes pixels with weights that sum to 1, the convolution mixes channels and has no bias, so the two
    commute. Own work; docs/tracking-speed.md has the gain.
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
    for it, number by number. docs/tracking-speed.md has the gain.
    """
    for node in graph.get_ordered_ops():
        pad = node.input_value(0).get_node() if node.get_type_name() in _CONVOLUTIONS else None
        if pad is not None and pad.get_type_name() == "Pad" and (border := _border(pad)) is not None:
            convolve = _CONVOLUTIONS[node.get_type_name()]
            strides, dilations = (list(node.get_attributes()[name]) for name in ("strides", "dilations"))
            padded = convolve(pad.input_value(0), node.input_value(1), strides, *border, dilations)
            padded.set_friendly_name(node.get_friendly_name())
            node.output(0).replace(padded.output(0))


def multiply_channels(graph: ov.Model) -> None:
    """Multiply each channel by its number where a convolution of one weight a channel does.

    The plugin makes a multiplication a part of the convolution before it. docs/tracking-speed.md has the gain.
    """
    for node in graph.get_ordered_ops():
        if node.get_type_name() == "GroupConvolution":
            weights = node.input_value(1).get_node()
            shape = list(weights.get_output_shape(0))
            strides = list(node.get_attributes()["strides"])
            if weights.get_type_name() == "Constant" and shape[1:] == [1, 1, 1, 1] and strides == [1, 1]:
                numbers = ops.constant(weights.get_data().reshape(1, -1, 1, 1))
                node.output(0).replace(ops.multiply(node.input_value(0), numbers).output(0))


def take_parts_first(graph: ov.Model) -> None:
    """Take the part of an array that is read at the end before what computes it, so that the rest is not computed.

    A mixer of tokens puts out one of them: its last layers need to compute no other. docs/tracking-speed.md has the
    gain.
    """
    for node in graph.get_ordered_ops():
        part = _part(node) if node.get_type_name() == "StridedSlice" else None
        if part is not None:
            _take_first(graph, node, *part)


def _part(node: ov.Node) -> tuple[int, int, int] | None:
    """Return axis, start and end of what a StridedSlice leaves; ``None`` where it leaves not one part of one axis."""
    before, after = node.input_value(0).get_shape(), node.get_output_shape(0)
    axes = [axis for axis, (size, left) in enumerate(zip(before, after, strict=False)) if size != left]
    begin, _, steps = (_numbers(value) for value in node.input_values()[1:])
    masks = node.get_attributes()
    if begin is None or steps is None or not len(begin) == len(before) == len(after) or len(axes) != 1:
        return None
    axis = axes[0]
    if steps[axis] != 1 or any(any(masks[name]) for name in ("ellipsis_mask", "new_axis_mask", "shrink_axis_mask")):
        return None
    start = 0 if any(masks["begin_mask"][axis : axis + 1]) else begin[axis] % before[axis]
    return axis, start, start + after[axis]


def _take_first(graph: ov.Model, part: ov.Node, axis: int, start: int, end: int) -> None:
    """Replace a node that takes a part by its input, which is computed by such parts as far up as that is possible."""
    axes: dict[str, int | None] = {}
    "Node → the axis of which those that read it want the part; ``None`` where one wants all, or it must compute all."
    ordered = graph.get_ordered_ops()
    for node in reversed(ordered):
        name = node.get_friendly_name()
        of_inputs = [axis] if name == part.get_friendly_name() else _axes_of_inputs(node, axes.get(name))
        if not any(one is not None for one in of_inputs):
            axes[name] = None
        for value, wanted in zip_longest(node.input_values(), of_inputs):
            source = value.get_node().get_friendly_name()
            axes[source] = wanted if axes.get(source, wanted) == wanted else None
    for node in ordered:
        wanted_axis = axes[node.get_friendly_name()]
        for read, wanted in zip(node.inputs(), _axes_of_inputs(node, wanted_axis), strict=False):
            source = read.get_source_output()
            if wanted is not None and axes[source.get_node().get_friendly_name()] is None:
                bounds = (ops.constant(np.array([bound], np.int64)) for bound in (start, end, 1, wanted))
                read.replace_source_output(ops.slice(source, *bounds).output(0))
    part.output(0).replace(part.input_value(0))
    graph.validate_nodes_and_infer_types()


def _axes_of_inputs(node: ov.Node, axis: int | None) -> list[int | None]:
    """Return which axes of a node's inputs a part of an axis of its output is computed from.

    ``None`` for an input that is needed whole; nothing where that is all of them.
    """
    kind, inputs = node.get_type_name(), node.input_values()
    if axis is None:
        return []
    if kind in _OF_EACH:
        places = [(axis - len(node.get_output_shape(0)) + len(shape), shape) for shape in map(_shape, inputs)]
        return [place if place >= 0 and shape[place] > 1 else None for place, shape in places]
    if kind == "Transpose" and (order := _numbers(inputs[1])) is not None:
        return [order[axis]]
    if kind == "ReduceMean" and node.get_attributes()["keep_dims"] and (means := _numbers(inputs[1])) is not None:
        return [] if axis in means or axis - len(_shape(inputs[0])) in means else [axis]
    if kind == "Convolution" and _is_pointwise(node) and axis > 0:
        return [None, 0] if axis == 1 else [axis]
    return []


def _numbers(value: ov.Output) -> list[int] | None:
    """Return the numbers of a constant list; ``None`` of what is no constant."""
    node = value.get_node()
    return node.get_data().reshape(-1).tolist() if node.get_type_name() == "Constant" else None


def _shape(value: ov.Output) -> list[int]:
    return list(value.get_shape())


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
