"""8-bit forms: rounded as they say, and near the networks of floats on drawn pictures."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray
from openvino import opset13 as ops

from mocast.errors import TrackingError
from mocast.tracking.openvino.networks import quantised
from mocast.tracking.openvino.networks.conversion import NetworkName, read_graph
from mocast.tracking.openvino.networks.openvino_core import core
from mocast.tracking.openvino.networks.quantised import QuantisedForm
from mocast.tracking.openvino.runtime import precision
from mocast.tracking.openvino.runtime.devices import has_short_int8_sums, instruction_sets
from mocast.tracking.openvino.runtime.inference_request import Outputs

needs_vnni = pytest.mark.skipif(
    has_short_int8_sums(instruction_sets()), reason="this processor has no VNNI, so sums overflow"
)

RNG = np.random.default_rng(3)
WEIGHTS = RNG.normal(size=(4, 3, 1, 1)).astype(np.float16)
BIAS = RNG.normal(size=(1, 4, 1, 1)).astype(np.float32)


def network() -> ov.Model:
    """Return a convolution of weights of 16 bits, and a bias."""
    pixels = ops.parameter([1, 3, 8, 8], np.float32)
    mixed = ops.convolution(pixels, ops.convert(ops.constant(WEIGHTS), "f32"), [1, 1], [0, 0], [0, 0], [1, 1])
    graph = ov.Model([ops.result(ops.add(mixed, ops.constant(BIAS)))], [pixels], "small")
    quantised.fold_constants(graph)
    return graph


def form(graph: ov.Model, ranges: Sequence[Sequence[float]] = ((0, 2),)) -> QuantisedForm:
    """Return a form of it: operations are the parameter, the convolution, the addition and the result."""
    return QuantisedForm(
        fingerprint=quantised.fingerprint(graph),
        inputs=np.array([[1, 0]], np.int32),
        channels=np.array([len(ranges)], np.int32),
        ranges=np.array(ranges, np.float32),
        weights=np.array([1], np.int32),
        biases=np.array([2], np.int32),
        corrections=np.array([1, 0, 0, -1], np.float32),
    )


def run(graph: ov.Model, picture: NDArray[np.generic]) -> Outputs:
    compiled = core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1})
    return tuple(value.copy() for value in compiled.create_infer_request().infer(picture[None]).values())


@needs_vnni
@pytest.mark.parametrize("highs", [(2,), (1, 2, 3)])
def test_inputs_and_weights_are_rounded_and_biases_corrected(highs: Sequence[float]) -> None:
    """With one range for all channels, or one for each."""
    picture = RNG.uniform(0, 3, (3, 8, 8)).astype(np.float32)
    graph = network()
    (found,) = run(quantised.apply(form(graph, [(0, high) for high in highs]), graph), picture)
    high = np.array(highs)[:, None, None]
    clipped = np.round(np.clip(picture, 0, high) / high * 255) * high / 255
    limits = np.abs(WEIGHTS.astype(np.float32)).max((1, 2, 3), keepdims=True)
    rounded = np.round(WEIGHTS / limits * 127) * limits / 127
    bias = BIAS[0] + np.array([1, 0, 0, -1])[:, None, None]
    assert np.allclose(found[0], np.einsum("oi,ihw->ohw", rounded[:, :, 0, 0], clipped) + bias, atol=1e-3)


def test_a_form_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = form(network())
    written.save(tmp_path / "form.npz")
    read = QuantisedForm.load(tmp_path / "form.npz")
    assert read.fingerprint == written.fingerprint
    for field in ("inputs", "ranges", "weights", "biases", "corrections"):
        assert np.array_equal(getattr(read, field), getattr(written, field))


def test_a_form_of_another_network_is_refused() -> None:
    with pytest.raises(TrackingError, match="of another network"):
        quantised.quantise("hand_landmark", network(), has_short_sums=True)


def test_a_network_without_a_form_is_refused() -> None:
    with pytest.raises(TrackingError, match="has no 8-bit form"):
        quantised.quantise("hand_recrop", network(), has_short_sums=True)


def test_the_hashes_are_those_of_the_files() -> None:
    digests = {path.name: sha256(path.read_bytes()).hexdigest() for path in quantised.FOLDER.glob("*.npz")}
    assert digests == quantised.FILES_SHA256


@pytest.mark.parametrize("shape", [(64, 24, 1, 1), (8, 5, 3, 3)])
def test_no_sum_of_two_products_overflows_16_bits(shape: tuple[int, ...]) -> None:
    weights = RNG.standard_t(2, shape)
    step = quantised.channel_limits(weights, has_short_sums=True) / 127
    rounded = np.round(weights / step).reshape(*shape[:2], -1)
    pairs = np.stack([rounded[:, 0:-1:2], rounded[:, 1::2]])
    most = 255 * np.array([np.maximum(pairs, 0).sum(0).max(), np.minimum(pairs, 0).sum(0).min()])
    assert -(2**15) <= most[1] < most[0] < 2**15
    assert most[0] > 2**14, "few weights are rounded coarser than they must be"


@pytest.mark.parametrize("has_short_sums", [pytest.param(False, marks=needs_vnni), True])
@pytest.mark.parametrize("name", sorted(quantised.QUANTISED))
def test_the_form_is_near_the_network_of_floats(name: NetworkName, has_short_sums: bool) -> None:
    probe = precision.PROBES[name]
    floats = run(read_graph(name), probe.draw())
    rounded = run(quantised.quantise(name, read_graph(name), has_short_sums=has_short_sums), probe.draw())
    px, metres = precision.distance(floats, rounded)
    assert 0 < px < probe.max_px
    assert metres < probe.max_m
    assert all(outputs[1].item() > 0.5 for outputs in (floats, rounded))
