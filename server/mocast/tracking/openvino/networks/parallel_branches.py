"""Branches of a network that are alike but for their weights, made one branch of as many groups of channels.

There are fewer operations then, and each does more: docs/tracking-speed.md has the gain.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from mocast.errors import TrackingError

_STEPS: Final = ("strides", "pads_begin", "pads_end", "dilations")
_ONCE: Final = ([1, 1], [0, 0], [0, 0], [1, 1])
"""The same of a convolution that meets each pixel alone."""


class ParallelBranches:
    """Computes a value of all branches, (1, c, h, w) each, as one of (1, branches * c, h, w).

    The branches are walked from their ends to where they begin, operation by operation, each of which is to be the same
    in all of them. Supported are convolutions, additions of a bias or of another value, PRelu, MaxPool, and Pad with
    channels of zeros.
    """

    def __init__(self, begins: Sequence[ov.Output], together: ov.Output) -> None:
        """``begins``: the values where the branches begin; ``together``: all of them."""
        self._found: dict[tuple[str, ...], ov.Output] = {_names(begins): together}

    def together(self, values: Sequence[ov.Output]) -> ov.Output:
        """Return these values as one. Of values that are there twice the second ones come last, in the same order.

        Raises ``TrackingError`` for an operation that is not known, or is not the same in all branches.
        """
        names = _names(values)
        if names not in self._found:
            count = len(set(names))
            if count < len(names):
                first, channels = names.index(names[count]), values[0].get_shape()[1]
                if names[count:] != names[first : first + len(names) - count]:
                    raise TrackingError(f"branches that share {names[count]} cannot be put together")
                once = self.together(values[:count])
                again = channels_of(once, first * channels, (first + len(names) - count) * channels)
                self._found[names] = ops.concat([once, again], 1).output(0)
            else:
                self._found[names] = self._computed([value.get_node() for value in values])
        return self._found[names]

    def _computed(self, nodes: Sequence[ov.Node]) -> ov.Output:
        kind, of_node = nodes[0].get_type_name(), nodes[0].get_attributes()
        if any((node.get_type_name(), node.get_attributes()) != (kind, of_node) for node in nodes):
            raise TrackingError(f"branches of which one has another {kind} cannot be put together")
        inputs = [[node.input_value(place) for node in nodes] for place in range(nodes[0].get_input_size())]
        value = self.together(inputs[0])
        if kind in {"Convolution", "GroupConvolution"}:
            weights = inputs[1] if kind == "GroupConvolution" else [_of_one_group(one) for one in inputs[1]]
            steps = (list(of_node[name]) for name in _STEPS)
            return _output(ops.group_convolution(value, ops.concat(weights, 0), *steps, of_node["auto_pad"]))
        if kind == "Add":
            is_bias = inputs[1][0].get_shape() != inputs[0][0].get_shape()
            return _output(ops.add(value, ops.concat(inputs[1], 1) if is_bias else self.together(inputs[1])))
        if kind == "PRelu":
            return _output(ops.prelu(value, ops.concat(inputs[1], 1)))
        if kind == "MaxPool":
            strides, begins, ends, dilations = (list(of_node[name]) for name in _STEPS)
            kernel, rounding = list(of_node["kernel"]), of_node["rounding_type"]
            return _output(ops.max_pool(value, strides, dilations, begins, ends, kernel, rounding, of_node["auto_pad"]))
        if kind == "Pad":  # channels of zeros, here after those of each branch
            before, after = inputs[0][0].get_shape()[1], nodes[0].get_output_shape(0)[1]
            same = np.zeros((len(nodes), after, before, 1, 1), np.float32)
            same[:, range(before), range(before)] = 1
            return _output(ops.group_convolution(value, ops.constant(same), *_ONCE))
        raise TrackingError(f"branches with the operation {kind} cannot be put together")


def last_of_branches(value: ov.Output, convolutions: Sequence[ov.Node], channels: int) -> ov.Output:
    """Return the outputs of the branches' last convolutions, each with its bias, and with zeros to ``channels``.

    ``value`` is what they read, together, (1, branches * c, h, w), and their kernels are as large: the outputs are
    (1, branches * channels, 1, 1).
    """
    weights = [_of_one_group(_padded(one.input_value(1), 0, channels)) for one in convolutions]
    biases = [_padded(next_node(one).input_value(1), 1, channels) for one in convolutions]
    return _output(ops.add(ops.group_convolution(value, ops.concat(weights, 0), *_ONCE), ops.concat(biases, 1)))


def channels_of(value: ov.Output, begin: int, end: int) -> ov.Output:
    """Return some channels of (1, c, h, w)."""
    return _output(ops.slice(value, *(ops.constant(np.array([place], np.int64)) for place in (begin, end, 1, 1))))


def next_node(node: ov.Node) -> ov.Node:
    """Return the one operation that reads a node. Raises ``TrackingError`` where there are several."""
    targets = node.output(0).get_target_inputs()
    if len(targets) != 1:
        raise TrackingError(f"{len(targets)} operations read {node.get_friendly_name()}, not one")
    return targets.pop().get_node()


def _padded(constant: ov.Output, axis: int, length: int) -> ov.Output:
    shape = list(constant.get_shape())
    shape[axis] = length - shape[axis]
    return _output(ops.concat([constant, ops.constant(np.zeros(shape, np.float32))], axis)) if shape[axis] else constant


def _of_one_group(weights: ov.Output) -> ov.Output:
    return _output(ops.unsqueeze(weights, ops.constant(np.array([0], np.int64))))


def _names(values: Sequence[ov.Output]) -> tuple[str, ...]:
    return tuple(value.get_node().get_friendly_name() for value in values)


def _output(node: Any) -> ov.Output:
    return node.output(0)
