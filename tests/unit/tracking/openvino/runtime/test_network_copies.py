"""Copies of a network, on a small graph made here that runs for real."""

import threading
from collections.abc import Callable

import numpy as np
import openvino as ov
import pytest
from openvino import opset13 as ops

from mocast.errors import TrackingError
from mocast.tracking.openvino.networks.openvino_core import core
from mocast.tracking.openvino.runtime.network_copies import NetworkCopies


def compiled(streams: int) -> ov.CompiledModel:
    """Compile a graph that puts out the number of its picture's only pixel, and twice that."""
    picture = ops.parameter([1, 1, 1, 3], np.uint8)
    number = ops.reduce_max(ops.convert(picture, "f32"), ops.constant(np.array([0, 1, 2, 3])), False)
    graph = ov.Model([ops.result(number), ops.result(ops.multiply(number, np.float32(2)))], [picture], "test")
    return core().compile_model(graph, "CPU", {"NUM_STREAMS": streams, "INFERENCE_NUM_THREADS": streams})


class Compiler:
    """Counts what it compiles; further copies wait for ``gate``."""

    def __init__(self) -> None:
        self.streams: list[int] = []
        self.gate = threading.Event()
        self.error: TrackingError | None = None
        self.is_left_at_exit = False

    def __call__(self, streams: int) -> ov.CompiledModel:
        if self.streams:
            # The process would end while OpenVINO compiles, which crashes it.
            self.is_left_at_exit |= threading.current_thread().daemon
            assert self.gate.wait(60)
            if self.error is not None:
                raise self.error
        self.streams.append(streams)
        return compiled(streams)


def until_grown(copies: NetworkCopies) -> None:
    with copies._growing:
        pass


def wait_while_busy(copies: NetworkCopies, run: Callable[[], object]) -> None:
    """Run in a daemon thread, as trackers do, while another's run keeps all copies busy; that ends when this waits."""
    slots = [copy.free for copy in copies._copies]
    for free in slots:
        free.acquire()
    waiting = threading.Thread(target=run, daemon=True)
    waiting.start()
    while not copies._growing.locked() and copies._missing:
        waiting.join(0.01)
    for free in slots:
        free.release()
    waiting.join()


def test_another_copy_is_made_for_who_had_to_wait_and_all_run_on_it() -> None:
    compiler = Compiler()
    copies = NetworkCopies(compiler, streams=2, single=2)
    first, second = copies.request(lambda: None), copies.request(lambda: None)
    first.picture[:] = 7
    first.run()
    second.run()
    assert compiler.streams == [1], "nobody had to wait"
    wait_while_busy(copies, first.run)
    assert [value.item() for value in first.outputs] == [7, 14]
    compiler.gate.set()
    until_grown(copies)
    assert compiler.streams == [1, 1]
    assert not compiler.is_left_at_exit
    copies._copies[0].free.acquire()
    second.picture[:] = 9
    assert [value.item() for value in second.run()] == [9, 18]
    assert [value.item() for value in first.run()] == [7, 14], "with its own pictures and outputs"


def test_there_are_no_more_copies_than_streams() -> None:
    compiler = Compiler()
    compiler.gate.set()
    copies = NetworkCopies(compiler, streams=5, single=2)
    request = copies.request(lambda: None)
    for _ in range(5):
        wait_while_busy(copies, request.run)
        until_grown(copies)
    assert compiler.streams == [1, 1, 3]


def test_a_copy_that_cannot_be_made_is_tried_once() -> None:
    compiler = Compiler()
    compiler.error = TrackingError("no memory")
    compiler.gate.set()
    copies = NetworkCopies(compiler, streams=2, single=2)
    request = copies.request(lambda: None)
    for _ in range(2):
        wait_while_busy(copies, request.run)
        until_grown(copies)
    assert compiler.streams == [1]
    assert [value.item() for value in request.run()] == [0, 0]


@pytest.mark.parametrize("streams", [1, 3])
def test_a_network_is_used_for_as_long_as_somebody_has_a_request(streams: int) -> None:
    copies = NetworkCopies(compiled, streams=streams, single=2)
    request = copies.request(lambda: None)
    assert copies.is_used
    del request
    assert not copies.is_used
