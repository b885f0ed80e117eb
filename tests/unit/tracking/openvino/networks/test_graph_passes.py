import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from mocast.tracking.openvino.networks.graph_passes import convolve_before_upsampling, pad_within_convolutions
from mocast.tracking.openvino.networks.openvino_core import core

RNG = np.random.default_rng(6)


def graph(kernel: int = 1, stride: int = 1) -> ov.Model:
    """Return one that enlarges 5 x 6 pixels of 4 channels to twice that, and then mixes them to 3 channels."""
    x = ops.parameter([1, 5, 6, 4], np.float32)
    size, axes = ops.constant(np.array([10, 12])), ops.constant(np.array([1, 2]))
    large = ops.interpolate(x, size, "linear_onnx", "sizes", axes=axes, coordinate_transformation_mode="half_pixel")
    planes = ops.transpose(large, ops.constant(np.array([0, 3, 1, 2])))
    weights = ops.constant(RNG.normal(size=(3, 4, kernel, kernel)).astype(np.float32))
    mixed = ops.convolution(planes, weights, [stride, stride], [0, 0], [0, 0], [1, 1])
    return ov.Model([ops.result(ops.relu(mixed))], [x], "test")


def convolved(edited: ov.Model) -> list[list[int]]:
    """Return the shapes that the convolutions put out."""
    return [
        list(node.get_output_shape(0)) for node in edited.get_ordered_ops() if node.get_type_name() == "Convolution"
    ]


def test_fewer_pixels_are_convolved_to_the_same_numbers() -> None:
    edited = graph()
    picture = RNG.normal(size=(1, 5, 6, 4)).astype(np.float32)
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    expected = core().compile_model(edited, "CPU", settings)(picture)[0]
    convolve_before_upsampling(edited)
    assert convolved(edited) == [[1, 3, 5, 6]]
    assert np.allclose(core().compile_model(edited, "CPU", settings)(picture)[0], expected, atol=1e-5)


@pytest.mark.parametrize(("kernel", "stride"), [(3, 1), (1, 2)])
def test_a_convolution_that_mixes_or_skips_pixels_stays(kernel: int, stride: int) -> None:
    edited = graph(kernel, stride)
    before = convolved(edited)
    convolve_before_upsampling(edited)
    assert convolved(edited) == before


def padded(border: tuple[int, int, int, int] = (0, 0, 1, 2), fill: float = 0) -> ov.Model:
    """Return one that pads 5 x 6 pixels of 4 channels, and convolves them channel by channel."""
    x = ops.parameter([1, 4, 5, 6], np.float32)
    before, after = ops.constant(np.array([0, 0, 1, 1])), ops.constant(np.array(border))
    larger = ops.pad(x, before, after, "constant", ops.constant(np.float32(fill)))
    weights = ops.constant(RNG.normal(size=(4 + border[1], 1, 1, 3, 3)).astype(np.float32))
    alone = ops.group_convolution(larger, weights, [2, 2], [0, 0], [0, 0], [1, 1], "valid")
    return ov.Model([ops.result(alone)], [x], "test")


def pads(edited: ov.Model) -> int:
    return sum(node.get_type_name() == "Pad" for node in edited.get_ordered_ops())


def test_a_border_of_zeros_is_the_convolutions_own() -> None:
    edited = padded()
    picture = RNG.normal(size=(1, 4, 5, 6)).astype(np.float32)
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    expected = core().compile_model(edited, "CPU", settings)(picture)[0]
    pad_within_convolutions(edited)
    assert pads(edited) == 0
    assert np.allclose(core().compile_model(edited, "CPU", settings)(picture)[0], expected, atol=1e-6)


@pytest.mark.parametrize("edited", [padded((0, 1, 1, 2), 0), padded(fill=1)])
def test_a_border_of_other_numbers_or_of_channels_stays(edited: ov.Model) -> None:
    pad_within_convolutions(edited)
    assert pads(edited) == 1
