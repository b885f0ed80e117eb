"""Reads MediaPipe's networks as OpenVINO graphs: a picture in, arrays of plain shapes out."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from mocast.errors import TrackingError
from mocast.tracking import networks_folder
from mocast.tracking.openvino import face_attention
from mocast.tracking.openvino.core import core, reason
from mocast.tracking.openvino.less_work import convolve_before_enlarging

NetworkName = Literal[
    "pose_detection",
    "pose_landmark",
    "face_detection",
    "face_landmark",
    "hand_recrop",
    "hand_landmark",
    "palm_detection",
]


@dataclass(frozen=True, slots=True)
class Contract:
    """What goes into a network and what is read of it."""

    size: int
    "Width and height of the picture, pixels."
    low: float
    "What 0 becomes; 255 becomes 1."
    outputs: tuple[tuple[int, tuple[int, ...]], ...]
    "The network's own number of an output, and the shape to give it."


CONTRACTS: Final[dict[NetworkName, Contract]] = {
    "pose_detection": Contract(224, -1, ((0, (2254, 12)), (1, (2254,)))),
    "pose_landmark": Contract(256, 0, ((0, (39, 5)), (1, (1,)), (3, (64, 64, 39)), (4, (39, 3)))),
    "face_detection": Contract(128, -1, ((0, (896, 16)), (1, (896,)))),
    "face_landmark": Contract(192, 0, ()),
    "hand_recrop": Contract(256, 0, ((0, (2, 2)),)),
    "hand_landmark": Contract(224, 0, ((0, (21, 3)), (1, (1,)), (2, (1,)), (3, (21, 3)))),
    "palm_detection": Contract(192, 0, ((0, (2016, 18)), (1, (2016,)))),
}
"""Sizes and ranges are those of the ``ImageToTensorCalculator`` before each network in MediaPipe's graphs. The body's
segmentation, output 2 of its landmark network and a third of its work, is left out."""


def read(name: NetworkName) -> ov.Model:
    """Return a network's graph: (size, size, 3) uint8 in, float32 out. Raises ``TrackingError``."""
    contract = CONTRACTS[name]
    try:
        graph = core().read_model(networks_folder.network_file(name))
        convolve_before_enlarging(graph)
        found = [result.input_value(0) for result in graph.get_results()]
        if name == "face_landmark":
            kept = face_attention.merged(found)
        else:
            kept = [_reshaped(found[number], shape) for number, shape in contract.outputs]
        return _takes_pixels(ov.Model([ops.result(output) for output in kept], graph.get_parameters(), name), contract)
    except RuntimeError as error:
        raise TrackingError(f"the network {name} of the mediapipe package cannot be read: {reason(error)}") from error


def _reshaped(output: ov.Output, shape: tuple[int, ...]) -> ov.Output:
    return ops.reshape(output, ops.constant(np.array(shape, np.int64)), False).output(0)


def _takes_pixels(graph: ov.Model, contract: Contract) -> ov.Model:
    """Replace the input by one of bytes.

    Multiply and Add let the plugin drop the transpose to planes that follows, as everything is computed pixel by pixel;
    what ``PrePostProcessor`` puts in would make it transpose the bytes and reorder the numbers back.
    """
    (old,) = graph.get_parameters()
    pixels = ops.parameter(old.get_output_shape(0), np.uint8)
    scaled = ops.multiply(ops.convert(pixels, "f32"), _floats((1 - contract.low) / 255))
    if contract.low:
        scaled = ops.add(scaled, _floats(contract.low))
    for target in old.output(0).get_target_inputs():
        target.replace_source_output(scaled.output(0))
    graph.add_parameters([pixels])
    graph.remove_parameter(old)
    return graph


def _floats(values: float) -> ov.Node:
    return ops.constant(np.asarray(values, np.float32))
