"""Conversion of MediaPipe's networks to OpenVINO graphs: bytes of a picture in, arrays of plain shapes out."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from mocast.errors import TrackingError
from mocast.tracking import networks_folder
from mocast.tracking.openvino.networks.face_attention import merged
from mocast.tracking.openvino.networks.face_branches import merged_together
from mocast.tracking.openvino.networks.graph_passes import (
    convolve_before_upsampling,
    multiply_channels,
    pad_within_convolutions,
)
from mocast.tracking.openvino.networks.openvino_core import core, reason
from mocast.tracking.openvino.networks.processor import is_x86

NetworkName = Literal[
    "pose_detection",
    "pose_landmark",
    "pose_landmark_heavy",
    "face_detection",
    "face_detection_far",
    "face_landmark",
    "hand_recrop",
    "hand_landmark",
    "palm_detection",
]

NetworkPrecision = Literal["f32", "f16", "bf16", "int8", "int8_f16", "int8_bf16"]
"""What a network computes with; its outputs are float32 always. With int8, what is not quantised is f32, or what the
name says."""
WantedPrecision = Literal["f32", "reduced"]
"""What a quality asks for: f32, or whatever this machine is fastest with."""


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """Input and outputs of a network."""

    size: int
    "Width and height of the picture, pixels."
    low: float
    "The input's range is from this, for a byte of 0, to 1, for 255."
    outputs: tuple[tuple[int, tuple[int, ...]], ...]
    "Of each output that is read: its number in the network, and its shape from here on."

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Of the outputs."""
        return [shape for _, shape in self.outputs]


_POSE_LANDMARK: Final = NetworkSpec(256, 0, ((0, (39, 5)), (1, (1,)), (3, (64, 64, 39)), (4, (39, 3))))

SPECS: Final[dict[NetworkName, NetworkSpec]] = {
    "pose_detection": NetworkSpec(224, -1, ((0, (2254, 12)), (1, (2254,)))),
    "pose_landmark": _POSE_LANDMARK,
    "pose_landmark_heavy": _POSE_LANDMARK,
    "face_detection": NetworkSpec(128, -1, ((0, (896, 16)), (1, (896,)))),
    "face_detection_far": NetworkSpec(192, -1, ((0, (2304, 16)), (1, (2304,)))),
    "face_landmark": NetworkSpec(192, 0, ((0, (478, 3)), (6, (1,)))),
    "hand_recrop": NetworkSpec(256, 0, ((0, (2, 2)),)),
    "hand_landmark": NetworkSpec(224, 0, ((0, (21, 3)), (1, (1,)), (2, (1,)), (3, (21, 3)))),
    "palm_detection": NetworkSpec(192, 0, ((0, (2016, 18)), (1, (2016,)))),
}
"""Source: the ``ImageToTensorCalculator`` before each network in MediaPipe's graphs. The segmentation, output 2 of the
pose's landmark networks and a third of the work of the smaller one, is left out. The first six of the network of a
face's landmarks, the mesh and its parts, are merged."""


def read_graph(name: NetworkName) -> ov.Model:
    """Return a network's graph: (size, size, 3) uint8 in, float32 out. Raises ``TrackingError``."""
    spec = SPECS[name]
    try:
        graph = core().read_model(networks_folder.network_file(name))
        convolve_before_upsampling(graph)
        pad_within_convolutions(graph)
        multiply_channels(graph)
        found = [result.input_value(0) for result in graph.get_results()]
        if name == "face_landmark":
            kept = (merged_together if is_x86() else merged)(found)
        else:
            kept = [_reshaped(found[number], shape) for number, shape in spec.outputs]
        return _with_byte_input(ov.Model([ops.result(output) for output in kept], graph.get_parameters(), name), spec)
    except RuntimeError as error:
        raise TrackingError(f"the network {name} cannot be read: {reason(error)}") from error


def _reshaped(output: ov.Output, shape: tuple[int, ...]) -> ov.Output:
    return ops.reshape(output, ops.constant(np.array(shape, np.int64)), False).output(0)


def _with_byte_input(graph: ov.Model, spec: NetworkSpec) -> ov.Model:
    """Replace the float32 input by one of bytes, scaled within the graph.

    With Multiply and Add the plugin drops the transpose to planes that follows; with the operations of
    ``PrePostProcessor`` it would transpose the bytes and reorder the numbers back (measured on OpenVINO 2026).
    """
    (old,) = graph.get_parameters()
    pixels = ops.parameter(old.get_output_shape(0), np.uint8)
    scaled = ops.multiply(ops.convert(pixels, "f32"), _floats((1 - spec.low) / 255))
    if spec.low:
        scaled = ops.add(scaled, _floats(spec.low))
    for target in old.output(0).get_target_inputs():
        target.replace_source_output(scaled.output(0))
    graph.add_parameters([pixels])
    graph.remove_parameter(old)
    return graph


def _floats(values: float) -> ov.Node:
    return ops.constant(np.asarray(values, np.float32))
