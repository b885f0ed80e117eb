from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from mocast.errors import TrackingError
from mocast.tracking.networks_folder import network_file
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache
from mocast.tracking.openvino.runtime.user_network import UserNetwork


@pytest.fixture(scope="module")
def network() -> bytes:
    return network_file("hand_recrop").read_bytes()


def test_a_network_runs_from_any_thread(network: bytes) -> None:
    loaded = UserNetwork(network)
    pictures = np.random.default_rng(3).random((6, *loaded.shape), np.float32)
    expected = [loaded.run(picture) for picture in pictures]
    assert expected[0].size == 4
    with ThreadPoolExecutor(6) as threads:
        for _ in range(5):
            found = list(threads.map(loaded.run, pictures))
            assert all(np.array_equal(one, other) for one, other in zip(found, expected, strict=True))
    loaded.close()


def test_a_network_out_of_its_file_computes_the_same_and_is_not_read_again(
    network: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = np.random.default_rng(4).random(UserNetwork(network).shape, np.float32)
    compiled, kept = UserNetwork(network).run(picture), UserNetwork(network, CompiledCache(tmp_path)).run(picture)

    def not_read(_: bytes) -> ov.Model:
        raise AssertionError("it is in its file")

    monkeypatch.setattr("mocast.tracking.openvino.runtime.user_network._read", not_read)
    imported = UserNetwork(network, CompiledCache(tmp_path))
    assert imported.shape == picture.shape
    assert np.array_equal(kept, compiled)
    assert np.array_equal(imported.run(picture), compiled)


def brittle() -> ov.Model:
    """Return a graph that puts out six times the largest of three numbers, by way of an array that has them as shape.

    So it fails where their product is not six, which OpenVINO finds out when it runs.
    """
    numbers = ops.parameter(ov.PartialShape([1, 3]), np.float32)
    shape = ops.reshape(ops.convert(numbers, "i64"), integers([3]), False)
    largest = ops.multiply(np.ones(6, np.float32), ops.reduce_max(numbers, integers([0, 1]), False))
    total = ops.reduce_sum(ops.reshape(largest, shape, False), integers([0, 1, 2]), False)
    return ov.Model([ops.result(ops.reshape(total, integers([1, 1]), False))], [numbers], "test")


def integers(values: list[int]) -> ov.Node:
    return ops.constant(np.array(values, np.int64))


def test_a_run_that_fails_is_told_and_the_next_one_succeeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mocast.tracking.openvino.runtime.user_network._read", lambda _: brittle())
    loaded = UserNetwork(b"")
    for _ in range(2):
        assert loaded.run(np.array([[1, 2, 3]], np.float32)).item() == 18
        with pytest.raises(TrackingError, match="OpenVINO failed"):
            loaded.run(np.array([[5, 5, 5]], np.float32))
    assert loaded.run(np.array([[6, 1, 1]], np.float32)).item() == 36


def test_one_that_failed_can_be_closed_and_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mocast.tracking.openvino.runtime.user_network._read", lambda _: brittle())
    for _ in range(3):
        loaded = UserNetwork(b"")
        with pytest.raises(TrackingError, match="OpenVINO failed"):
            loaded.run(np.array([[5, 5, 5]], np.float32))
        loaded.close()
        with pytest.raises(TrackingError, match="closed"):
            loaded.run(np.array([[1, 2, 3]], np.float32))


def test_results_are_the_callers(network: bytes) -> None:
    loaded = UserNetwork(network)
    found = loaded.run(np.zeros(loaded.shape, np.float32))
    kept = found.copy()
    loaded.run(np.ones(loaded.shape, np.float32))
    assert np.array_equal(found, kept)


def test_numbers_of_another_shape_are_refused(network: bytes) -> None:
    loaded = UserNetwork(network)
    for shape in ((5, 7), (3,), loaded.shape[1:]):
        with pytest.raises(TrackingError, match="it takes numbers of the shape"):
            loaded.run(np.zeros(shape, np.float32))


@pytest.mark.parametrize("end", [0, 100, 4000])
def test_what_was_cut_short_is_refused(network: bytes, end: int) -> None:
    with pytest.raises(TrackingError, match="cannot run it"):
        UserNetwork(network[:end])


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(TrackingError, match="cannot run it"):
        UserNetwork(b"something else" * 100)


def test_a_network_of_several_outputs_is_refused() -> None:
    with pytest.raises(TrackingError, match="one input and one output"):
        UserNetwork(network_file("hand_landmark").read_bytes())


def test_a_closed_one_fails(network: bytes) -> None:
    loaded = UserNetwork(network)
    loaded.close()
    loaded.close()
    with pytest.raises(TrackingError, match="closed"):
        loaded.run(np.zeros(loaded.shape, np.float32))
