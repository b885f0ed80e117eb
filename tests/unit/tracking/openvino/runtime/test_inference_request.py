"""Requests, on small graphs made here that run for real."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from mocast.errors import TrackingError
from mocast.tracking.openvino.networks.openvino_core import core
from mocast.tracking.openvino.runtime.inference_request import InferenceRequest, RequestSlot

SIZE = 4
STREAMS = pytest.mark.parametrize("streams", [1, 2])


def compiled(streams: int) -> ov.CompiledModel:
    """Compile a graph that puts out 2·picture and its largest value, for pictures of so many colours as it is given.

    Only with three colours it can run, which OpenVINO finds out when it does.
    """
    picture = ops.parameter(ov.PartialShape([1, SIZE, SIZE, -1]), np.uint8)
    colors = ops.variadic_split(ops.convert(picture, "f32"), ops.constant(np.array(3)), integers([1, 2]))
    doubled = ops.multiply(ops.concat(colors.outputs(), 3), np.float32(2))
    doubled = ops.reshape(doubled, integers([SIZE, SIZE, 3]), False)
    largest = ops.reduce_max(doubled, integers([0, 1, 2]), False)
    largest = ops.reshape(largest, integers([1]), False)
    graph = ov.Model([ops.result(doubled), ops.result(largest)], [picture], "test")
    settings = {"NUM_STREAMS": streams, "INFERENCE_NUM_THREADS": streams, "INFERENCE_PRECISION_HINT": "f32"}
    return core().compile_model(graph, "CPU", settings)


def integers(values: list[int]) -> ov.Node:
    return ops.constant(np.array(values, np.int64))


def request(network: ov.CompiledModel, on_failure: Callable[[], None] = lambda: None) -> InferenceRequest:
    return InferenceRequest([slot(network, 3)], on_failure)


def slot(network: ov.CompiledModel, colors: int) -> RequestSlot:
    made = network.create_infer_request()
    made.get_input_tensor().shape = [1, SIZE, SIZE, colors]
    return RequestSlot(made, Semaphore())


@STREAMS
def test_it_finds_what_is_in_its_picture(streams: int) -> None:
    one = request(compiled(streams))
    assert one.picture.shape == (SIZE, SIZE, 3)
    assert one.picture.dtype == np.uint8
    one.picture[:] = np.arange(48).reshape(SIZE, SIZE, 3)
    doubled, largest = one.run()
    assert np.array_equal(doubled, 2.0 * one.picture)
    assert largest.shape == ()
    assert largest.item() == 94


@STREAMS
def test_outputs_stay_in_the_same_place(streams: int) -> None:
    one = request(compiled(streams))
    one.picture[:] = 48
    before = one.run()
    one.picture[1:] = 7
    after = one.run()
    assert all(np.shares_memory(old, new) for old, new in zip(before, after, strict=True))
    assert before[0][1, 0, 0] == 14


@STREAMS
def test_requests_of_one_network_do_not_mix(streams: int) -> None:
    network = compiled(streams)
    several = [request(network) for _ in range(5)]

    def runs(number: int) -> bool:
        one, found = several[number], []
        for turn in range(20):
            one.picture[:] = turn + number
            found.append(one.run()[0][1, 1, 1] == 2 * (turn + number))
        return all(found)

    with ThreadPoolExecutor(len(several)) as threads:
        assert all(threads.map(runs, range(len(several))))


@STREAMS
def test_a_run_that_fails_is_told_once_and_ends_the_request(streams: int) -> None:
    failures = []
    bad = InferenceRequest([slot(compiled(streams), 5)], on_failure=lambda: failures.append(True))
    with pytest.raises(TrackingError, match="OpenVINO failed"):
        bad.run()
    with pytest.raises(TrackingError, match="failed before"):
        bad.run()
    assert failures == [True]
    good = request(compiled(streams))
    good.picture[:] = 48
    assert good.run()[0].max() == 96


@STREAMS
def test_one_that_failed_can_be_dropped(streams: int) -> None:
    network = compiled(streams)
    for _ in range(3):
        bad = InferenceRequest([slot(network, 5)])
        with pytest.raises(TrackingError):
            bad.run()
        del bad


@STREAMS
def test_a_closed_one_fails(streams: int) -> None:
    one = request(compiled(streams))
    one.picture[:] = 48
    one.run()
    one.close()
    with pytest.raises(TrackingError, match="closed"):
        one.run()


def test_it_runs_on_the_copy_that_is_free() -> None:
    slots = [slot(compiled(1), 3) for _ in range(3)]
    one = InferenceRequest(slots)
    before = one.outputs
    for taken in ([0], [0, 1], [1, 2], []):
        for number in taken:
            slots[number].free.acquire()
        one.picture[:] = 7 + len(taken)
        assert one.run()[1].item() == 2 * (7 + len(taken))
        for number in taken:
            slots[number].free.release()
    assert all(np.shares_memory(old, new) for old, new in zip(before, one.outputs, strict=True))
