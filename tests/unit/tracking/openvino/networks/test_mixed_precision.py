import numpy as np
import openvino as ov
from openvino import opset13 as ops

from mocast.tracking.openvino.networks.mixed_precision import with_f32_tail
from mocast.tracking.openvino.networks.openvino_core import core

MARK = "DisablePrecisionConversion_0"
RNG = np.random.default_rng(1)


def product(factor: ov.Node, name: str) -> ov.Node:
    return ops.matmul(factor, ops.constant(RNG.normal(size=(8, 8)).astype(np.float32)), False, False, name=name)


def graph() -> ov.Model:
    """Return one with two outputs: x → shared → end → last, and x → shared → other."""
    x = ops.parameter([1, 8], np.float32, name="x")
    shared = product(x, "shared")
    last = ops.relu(product(shared, "end"), name="last")
    return ov.Model([ops.result(last), ops.result(product(shared, "other"))], [x], "test")


def marked(edited: ov.Model) -> set[str]:
    return {node.get_friendly_name() for node in edited.get_ops() if MARK in node.get_rt_info()}


def test_what_only_precise_outputs_need_is_marked() -> None:
    names = {"x", "shared", "end", "last", "other"}
    assert marked(with_f32_tail(graph(), 1)) & names == {"end", "last"}
    assert marked(with_f32_tail(graph(), 0)) & names == {"other"}


def test_the_numbers_stay_the_same() -> None:
    original = graph()
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    x = RNG.normal(size=(1, 8)).astype(np.float32)
    before = core().compile_model(original, "CPU", settings)(x).values()
    after = core().compile_model(with_f32_tail(original, 1), "CPU", settings)(x).values()
    assert all(np.array_equal(old, new) for old, new in zip(before, after, strict=True))
