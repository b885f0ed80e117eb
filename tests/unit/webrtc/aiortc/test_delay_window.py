"""The window shrinks while packets wait in a queue, and neither by jitter nor by a longer route."""

import random
from types import SimpleNamespace

from mocast.webrtc.aiortc.delay_window import BASE_HISTORY_S, MAX_DECREASES, MIN_WINDOW, TARGET_S, DelayWindow

WINDOW = 40_000


class Line:
    """A line on a clock of its own, whose round trips are timed every 10 ms."""

    def __init__(self) -> None:
        self.now = 0.0
        self.association = SimpleNamespace(_cwnd=WINDOW, _ssthresh=WINDOW, _srtt=0.05)
        self.window = DelayWindow(self.association, lambda: self.now)
        self.random = random.Random(1)

    def run(self, seconds: float, round_trip_s: float, jitter_s: float = 0.0, *, is_lossy: bool = False) -> None:
        for _ in range(round(seconds * 100)):
            self.now += 0.01
            self.window.add(round_trip_s + jitter_s * self.random.random(), is_lossy=is_lossy)


def test_a_line_without_a_queue_keeps_its_window() -> None:
    line = Line()
    line.run(30, 0.05, jitter_s=1.5 * TARGET_S)
    assert (line.association._cwnd, line.window.is_shrunk) == (WINDOW, False)


def test_a_queue_shrinks_the_window_until_it_is_short() -> None:
    line = Line()
    line.run(2, 0.05)
    line.run(0.5, 0.05 + 3 * TARGET_S)
    shrunk = line.association._cwnd
    assert MIN_WINDOW <= shrunk < WINDOW / 3
    assert line.window.is_shrunk
    line.run(2, 0.05 + 2 * TARGET_S)
    assert line.association._cwnd == MIN_WINDOW
    line.run(0.3, 0.05 + TARGET_S / 2)
    assert not line.window.is_shrunk


def test_a_longer_route_gets_its_window_back() -> None:
    line = Line()
    line.run(2, 0.05)
    line.run(0.1 * (MAX_DECREASES + 2), 0.05 + 3 * TARGET_S)
    assert (line.association._cwnd, line.window.is_shrunk) == (WINDOW, False)
    line.run(5, 0.05 + 3 * TARGET_S)
    assert line.association._cwnd == WINDOW


def test_a_full_queue_is_no_longer_route() -> None:
    line = Line()
    line.run(2, 0.05)
    line.run(3, 0.05 + 3 * TARGET_S, is_lossy=True)
    assert (line.association._cwnd, line.window.is_shrunk) == (MIN_WINDOW, True)


def test_a_shorter_route_is_forgotten() -> None:
    line = Line()
    line.run(1, 0.05)
    for _ in range(round(2.5 * BASE_HISTORY_S)):
        line.run(1, 0.05 + 0.9 * TARGET_S)
    line.run(1, 0.05 + 1.8 * TARGET_S)
    assert (line.association._cwnd, line.window.is_shrunk) == (WINDOW, False)
