"""Turns on a clock and a loop that are moved by hand: how much is served, in which order, and how fairly."""

import heapq
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest
from structlog.testing import capture_logs
from tests.fakes import SettableClock

from mocast.rooms.fair_queue import BURST_S, SLICE_S, FairQueue


class Loop:
    """Calls what is due, in order; time passes only as the test and the calls say."""

    def __init__(self) -> None:
        self.clock = SettableClock()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def call_later(self, in_s: float, call: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._due, (self.clock.now + in_s, self._count, call))

    def run_until(self, end: float) -> None:
        while self._due and max(self._due[0][0], self.clock.now) < end:
            at, _, call = heapq.heappop(self._due)
            self.clock.now = max(self.clock.now, at)
            call()
        self.clock.now = max(self.clock.now, end)


class Viewer:
    """Takes some time to serve: at once, and in what it leaves to the loop."""

    def __init__(self, name: int, loop: Loop, log: list[int], now_s: float = 0.0, later_s: float = 0.0) -> None:
        self.name, self.loop, self.log, self.now_s, self.later_s = name, loop, log, now_s, later_s
        self.last_served = 0

    def flush(self) -> None:
        self.log.append(self.name)
        self.loop.clock.now += self.now_s
        self.loop.call_later(0, self._later)

    def _later(self) -> None:
        self.loop.clock.now += self.later_s


def crowd(count: int, share: float, now_s: float = 0.0, later_s: float = 0.0) -> tuple[Loop, FairQueue, list[Viewer]]:
    loop, log = Loop(), []
    queue = FairQueue(share, loop.clock.monotonic, loop.call_later, loop.clock.monotonic)
    return loop, queue, [Viewer(number, loop, log, now_s, later_s) for number in range(count)]


def test_all_are_served_where_time_allows() -> None:
    loop, queue, viewers = crowd(10, 0.5)
    for viewer in viewers:
        queue.push(viewer)
    loop.run_until(loop.clock.now + 0.01)
    assert viewers[0].log == list(range(10))


def test_who_asks_twice_is_served_once_and_again_after_having_asked_again() -> None:
    loop, queue, (first, second) = crowd(2, 0.5)
    for viewer in (first, second, first, first):
        queue.push(viewer)
    loop.run_until(loop.clock.now + 0.01)
    assert first.log == [0, 1]
    queue.push(first)
    loop.run_until(loop.clock.now + 0.01)
    assert first.log == [0, 1, 0]


@pytest.mark.parametrize("later_s", [0.0, 0.002])
def test_over_a_long_time_the_share_is_kept_and_everyone_is_served_equally_often(later_s: float) -> None:
    takes_s, share, frames = 0.003, 0.25, 600
    loop, queue, viewers = crowd(10, share, takes_s - later_s, later_s)
    started = loop.clock.now
    for frame in range(frames):  # all ask for each frame: 30 ms of work in 33 ms of time
        for viewer in viewers:
            queue.push(viewer)
        loop.run_until(started + (frame + 1) / 30)
    served = Counter(viewers[0].log)
    busy_s, elapsed_s = takes_s * served.total(), loop.clock.now - started
    assert 0.9 * share * elapsed_s < busy_s < share * elapsed_s + BURST_S + takes_s
    assert max(served.values()) - min(served.values()) <= 1


@pytest.mark.parametrize("later_s", [0.0, 0.3 * SLICE_S, 0.6 * SLICE_S])
def test_others_on_the_loop_are_kept_waiting_for_about_a_slice_only(later_s: float) -> None:
    takes_s = 0.6 * SLICE_S
    loop, queue, viewers = crowd(20, 1.0, takes_s - later_s, later_s)
    for viewer in viewers:
        queue.push(viewer)
    seen_at = [loop.clock.now]

    def look() -> None:
        seen_at.append(loop.clock.now)
        if len(viewers[0].log) < len(viewers):
            loop.call_later(0, look)

    loop.call_later(0, look)
    loop.run_until(loop.clock.now + 1)
    waits = [after - before for before, after in pairwise(seen_at)]
    assert len(viewers[0].log) == len(viewers)
    assert max(waits) < 2 * takes_s + 1e-9


def test_others_are_not_kept_waiting_either_where_serving_takes_longer_than_before() -> None:
    """As with sound that a network held back: it is not one packet that waits for each client, but 32."""
    loop, queue, viewers = crowd(64, 1.0, 0.01 * SLICE_S)
    for viewer in viewers:
        queue.push(viewer)
    loop.run_until(loop.clock.now + 1)
    for viewer in viewers:
        viewer.now_s = 0.4 * SLICE_S
        queue.push(viewer)
    began_at = loop.clock.now
    waits: list[float] = []
    loop.call_later(0, lambda: waits.append(loop.clock.now - began_at))
    loop.run_until(loop.clock.now + 1)
    assert len(viewers[0].log) == 2 * len(viewers)
    assert max(waits) < 1.4 * SLICE_S


def test_one_that_fails_does_not_keep_the_others_waiting_nor_fill_the_log() -> None:
    loop, queue, viewers = crowd(3, 1.0)

    class Failing:
        last_served = 0

        def flush(self) -> None:
            raise ValueError("told to fail")

    failing = Failing()
    with capture_logs() as logs:
        for _ in range(10):
            queue.push(failing)
            for viewer in viewers:
                queue.push(viewer)
            loop.run_until(loop.clock.now + 0.01)
    assert viewers[0].log == 10 * [0, 1, 2]
    assert len(logs) == 1


def test_what_costs_little_is_served_many_at_a_time() -> None:
    loop, queue, viewers = crowd(200, 1.0, 0.01 * SLICE_S)
    for viewer in viewers:
        queue.push(viewer)
    served: list[int] = []

    def look() -> None:
        served.append(len(viewers[0].log))
        if served[-1] < len(viewers):
            loop.call_later(0, look)

    loop.call_later(0, look)
    loop.run_until(loop.clock.now + 1)
    assert max(after - before for before, after in pairwise(served)) > 30


def test_a_share_of_nothing_serves_nobody_once_the_burst_is_spent() -> None:
    loop, queue, viewers = crowd(10, 0.0, 2 * BURST_S)
    for viewer in viewers:
        queue.push(viewer)
    loop.run_until(loop.clock.now + 100)
    assert viewers[0].log == [0]
