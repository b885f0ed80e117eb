import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from mocast.tracking.openvino.networks.graph_passes import (
    convolve_before_upsampling,
    multiply_channels,
    pad_within_convolutions,
    take_parts_first,
)
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


def mixer(starts: list[int], ends: list[int], *, is_read_whole: bool = False) -> ov.Model:
    """Return one that mixes 7 tokens with each other and then each one's 4 numbers, and takes tokens 2 and 3 of that.

    ``is_read_whole``: whether all of the tokens are put out, too.
    """
    x = ops.parameter([1, 7, 1, 4], np.float32)
    middle = ops.reduce_mean(x, ops.constant(np.array([-1])), keep_dims=True)
    even = ops.multiply(ops.subtract(x, middle), RNG.normal(size=(4,)).astype(np.float32))
    mixed = ops.add(x, ops.relu(ops.add(_convolved(even, 7, 7), RNG.normal(size=(1, 7, 1, 1)).astype(np.float32))))
    own = _convolved(ops.transpose(mixed, ops.constant(np.array([0, 3, 2, 1]))), 4, 4)
    added = ops.add(own, ops.transpose(mixed, ops.constant(np.array([0, 3, 2, 1]))))
    bounds = (ops.constant(np.array(values)) for values in (starts, ends, [1, 1, 1, 1]))
    part = ops.strided_slice(added, *bounds, [1, 1, 1, 0], [1, 1, 1, 0])
    results = [ops.result(part), *([ops.result(own)] if is_read_whole else [])]
    return ov.Model(results, [x], "test")


def _convolved(x: ov.Node, channels: int, into: int) -> ov.Node:
    weights = ops.constant(RNG.normal(size=(into, channels, 1, 1)).astype(np.float32))
    return ops.convolution(x, weights, [1, 1], [0, 0], [0, 0], [1, 1])


@pytest.mark.parametrize(("starts", "ends"), [([0, 0, 0, 2], [0, 0, 0, 4]), ([0, 0, 0, -5], [0, 0, 0, -3])])
def test_only_tokens_that_are_read_are_computed_to_the_same_numbers(starts: list[int], ends: list[int]) -> None:
    edited = mixer(starts, ends)
    tokens = RNG.normal(size=(1, 7, 1, 4)).astype(np.float32)
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    expected = core().compile_model(edited, "CPU", settings)(tokens)[0]
    assert convolved(edited) == [[1, 7, 1, 4], [1, 4, 1, 7]]
    take_parts_first(edited)
    assert convolved(edited) == [[1, 2, 1, 4], [1, 4, 1, 2]]
    assert np.allclose(core().compile_model(edited, "CPU", settings)(tokens)[0], expected, atol=1e-5)


def test_tokens_that_are_read_elsewhere_are_computed() -> None:
    edited = mixer([0, 0, 0, 2], [0, 0, 0, 4], is_read_whole=True)
    tokens = RNG.normal(size=(1, 7, 1, 4)).astype(np.float32)
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    expected = core().compile_model(edited, "CPU", settings)(tokens)
    take_parts_first(edited)
    found = core().compile_model(edited, "CPU", settings)(tokens)
    assert convolved(edited) == [[1, 7, 1, 4], [1, 4, 1, 7]]
    assert all(np.allclose(found[number], expected[number], atol=1e-5) for number in (0, 1))


@pytest.mark.parametrize(("kernel", "stride", "left"), [(1, 1, 0), (1, 2, 1), (3, 1, 1)])
def test_channels_are_multiplied_where_a_convolution_does_only_that(kernel: int, stride: int, left: int) -> None:
    x = ops.parameter([1, 4, 5, 6], np.float32)
    weights = ops.constant(RNG.normal(size=(4, 1, 1, kernel, kernel)).astype(np.float32))
    alone = ops.group_convolution(x, weights, [stride, stride], [0, 0], [0, 0], [1, 1], "valid")
    edited = ov.Model([ops.result(ops.relu(alone))], [x], "test")
    picture = RNG.normal(size=(1, 4, 5, 6)).astype(np.float32)
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    expected = core().compile_model(edited, "CPU", settings)(picture)[0]
    multiply_channels(edited)
    assert sum(node.get_type_name() == "GroupConvolution" for node in edited.get_ordered_ops()) == left
    assert np.allclose(core().compile_model(edited, "CPU", settings)(picture)[0], expected, atol=1e-6)
