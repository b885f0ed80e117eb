import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from mocast.errors import TrackingError
from mocast.tracking.mediapipe.graph_pool import GraphPool


class Gated:
    """A graph that runs for as long as a test holds its gate shut, and fails when it is fed ``bad``."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.gate = threading.Event()
        self.gate.set()
        self.is_running = threading.Lock()
        self.closed = False

    def run(self, packets: Mapping[str, Any]) -> dict[str, Any]:
        assert self.is_running.acquire(blocking=False), "two runs at a time"
        self.started.set()
        assert self.gate.wait(60)
        self.is_running.release()
        if "bad" in packets:
            raise TrackingError("bad packet")
        return {"by": self}

    def close(self) -> None:
        self.closed = True


class Builder:
    """Builds gated graphs and remembers them."""

    def __init__(self) -> None:
        self.built: list[Gated] = []
        self.has_built = threading.Semaphore(0)
        self.is_able = True

    def __call__(self) -> Any:
        if not self.is_able:
            raise TrackingError("cannot be built")
        self.built.append(Gated())
        self.has_built.release()
        return self.built[-1]


def test_one_run_after_another_needs_one_copy() -> None:
    builder = Builder()
    shared = GraphPool(builder, most=4)
    shared.ready()
    assert {shared.run({})["by"] for _ in range(5)} == {builder.built[0]}
    assert len(builder.built) == 1


def test_a_run_that_finds_all_copies_busy_has_another_one_built() -> None:
    builder = Builder()
    shared = GraphPool(builder, most=2)
    shared.ready()
    first = builder.built[0]
    first.gate.clear()
    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(shared.run, {})
        assert first.started.wait(60)
        assert threads.submit(shared.run, {}).result(60)["by"] is builder.built[1]
        first.gate.set()
        assert slow.result(60)["by"] is first


def test_there_are_never_more_copies_than_allowed() -> None:
    builder = Builder()
    shared = GraphPool(builder, most=2)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(shared.run, [{}] * 200))
    assert 1 <= len(builder.built) <= 2


def test_a_copy_that_fails_is_closed_and_replaced() -> None:
    builder = Builder()
    shared = GraphPool(builder, most=1)
    with pytest.raises(TrackingError, match="bad packet"):
        shared.run({"bad": 1})
    assert shared.run({})["by"] is builder.built[1]
    assert [copy.closed for copy in builder.built] == [True, False]


def test_a_build_that_fails_is_tried_again() -> None:
    builder = Builder()
    builder.is_able = False
    shared = GraphPool(builder, most=1)
    with pytest.raises(TrackingError, match="cannot be built"):
        shared.ready()
    builder.is_able = True
    shared.ready()
    assert len(builder.built) == 1


def test_closed_it_closes_its_copies_and_runs_no_more() -> None:
    builder = Builder()
    shared = GraphPool(builder, most=1)
    shared.ready()
    builder.built[0].gate.clear()
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(shared.run, {})
        assert builder.built[0].started.wait(60)
        shared.close()
        assert not builder.built[0].closed
        builder.built[0].gate.set()
        running.result(60)
    assert builder.built[0].closed
    with pytest.raises(TrackingError, match="closed"):
        shared.run({})
