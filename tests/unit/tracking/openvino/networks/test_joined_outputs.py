import numpy as np
import openvino as ov
from openvino import opset13 as ops

from mocast.tracking.openvino.networks.joined_outputs import join_outputs, split_outputs
from mocast.tracking.openvino.networks.openvino_core import core

SHAPES = [(2, 3), (4, 4, 2), (1,), (5, 1)]


def test_what_was_joined_is_found_again_by_its_shape() -> None:
    x = ops.parameter([1], np.float32)
    numbers = [np.random.default_rng(place).random(shape, np.float32) for place, shape in enumerate(SHAPES)]
    graph = ov.Model([ops.result(ops.multiply(ops.constant(one), x)) for one in numbers], [x])
    request = (
        core().compile_model(join_outputs(graph), "CPU", {"INFERENCE_PRECISION_HINT": "f32"}).create_infer_request()
    )
    joined = list(request.infer([np.array([2], np.float32)]).values())
    assert [one.shape for one in joined] == [(6 + 1 + 5,), (4, 4, 2)]
    for found, one in zip(split_outputs(joined, SHAPES), numbers, strict=True):
        np.testing.assert_array_equal(found, 2 * one)
