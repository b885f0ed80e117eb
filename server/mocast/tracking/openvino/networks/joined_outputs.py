"""A network's outputs as one: after each run OpenVINO's Python interface makes an object for each, which takes long.

It takes 20 to 30 µs for each output, as the caches are cold then (measured). So a graph is compiled with its numbers in
one flat output, in which they are found again by their shapes. Pictures stay outputs of their own.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as ops

Shape = tuple[int, ...]

_PICTURE_AXES: Final = 3


def join_outputs(graph: ov.Model) -> ov.Model:
    """Return the graph with one flat output of all numbers, in their order, and behind it those that are pictures."""
    found = [result.input_value(0) for result in graph.get_results()]
    flat = [ops.reshape(one, np.array([-1]), False) for one in found if not _is_picture(one.get_shape())]
    pictures = [one for one in found if _is_picture(one.get_shape())]
    outputs = [ops.result(one) for one in (ops.concat(flat, 0).output(0), *pictures)]
    return ov.Model(outputs, graph.get_parameters(), graph.get_friendly_name())


def split_outputs(joined: Iterable[NDArray[np.float32]], shapes: Sequence[Shape]) -> list[NDArray[np.float32]]:
    """Return views of a joined graph's outputs: what the graph put out before, of these shapes."""
    numbers, *pictures = joined
    found, start = [], 0
    for shape in shapes:
        if _is_picture(shape):
            found.append(pictures.pop(0))
        else:
            end = start + math.prod(shape)
            found.append(numbers[start:end].reshape(shape))
            start = end
    return found


def _is_picture(shape: Sequence[int]) -> bool:
    return len(shape) >= _PICTURE_AXES
