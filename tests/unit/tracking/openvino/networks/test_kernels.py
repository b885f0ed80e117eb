import platform

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from mocast.tracking.openvino.networks.kernels import with_faster_kernels
from mocast.tracking.openvino.networks.openvino_core import core

RNG = np.random.default_rng(1)
SETTINGS = {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1}
pytestmark = pytest.mark.skipif(platform.machine() not in {"x86_64", "AMD64"}, reason="kernels are named on x86 alone")


def graph() -> ov.Model:
    """Return one of three convolutions of 32 channels: 3x3, pointwise, depthwise."""
    x = ops.parameter([1, 32, 16, 16], np.float32, name="x")
    wide = convolved(ops.convolution, x, (32, 32, 3, 3), 1)
    point = convolved(ops.convolution, wide, (32, 32, 1, 1), 0)
    return ov.Model([ops.result(convolved(ops.group_convolution, point, (32, 1, 1, 3, 3), 1))], [x], "test")


def convolved(kind, before, shape: tuple[int, ...], border: int) -> ov.Node:  # type: ignore[no-untyped-def]
    weights = ops.constant(RNG.normal(size=shape).astype(np.float32))
    return kind(before, weights, [1, 1], [border] * 2, [border] * 2, [1, 1])


def kernels(edited: ov.Model) -> list[str]:
    """Return the kernels of the convolutions of a compiled graph, in order."""
    layers = core().compile_model(edited, "CPU", SETTINGS).get_runtime_model().get_ordered_ops()
    facts = [(layer.get_rt_info()["layerType"].value, layer.get_rt_info()["primitiveType"].value) for layer in layers]
    return [kernel for kind, kernel in facts if kind.endswith("onvolution")]


def test_a_network_takes_kernels_of_the_kind_that_is_named() -> None:
    found = kernels(with_faster_kernels("pose_landmark", graph(), "Intel"))
    assert len(found) == 3
    assert not any(kernel.startswith("brgconv") for kernel in found)


def test_on_amd_only_depthwise_convolutions_of_a_body_take_another_kernel() -> None:
    found, own = kernels(with_faster_kernels("pose_landmark", graph(), "AMD EPYC")), kernels(graph())
    assert found[:2] == own[:2]
    assert not found[2].startswith("brgconv")


def test_networks_that_gain_nothing_are_left_as_they_are() -> None:
    original = graph()
    assert with_faster_kernels("hand_recrop", original, "Intel") is original


def test_the_numbers_hardly_change() -> None:
    original = graph()
    x = RNG.normal(size=(1, 32, 16, 16)).astype(np.float32)
    (before,) = core().compile_model(original, "CPU", SETTINGS)(x).values()
    (after,) = (
        core().compile_model(with_faster_kernels("pose_landmark", original, "Intel"), "CPU", SETTINGS)(x).values()
    )
    np.testing.assert_allclose(before, after, rtol=1e-3, atol=1e-3 * np.abs(before).max())
