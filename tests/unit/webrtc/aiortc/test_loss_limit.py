"""Heavy loss lowers what may be sent to what arrived; random loss does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes import SettableClock

from mocast.webrtc.aiortc.loss_limit import INCREASE, LEAST_PACKETS, MIN_BITS_PER_S, LossLimit


class Line:
    """A sender on a line that loses a share of what it sends, and a receiver that reports each second."""

    def __init__(self) -> None:
        self.clock = SettableClock()
        self.limit = LossLimit(self.clock.monotonic)
        self._highest = self._lost = 0
        self.limit.report(0, 0)

    def second(self, share: float, *, packets: int = 200, size: int = 1000) -> bool:
        self.clock.now += 1
        self.limit.sent(packets * size)
        self._highest += packets
        self._lost += round(share * packets)
        return self.limit.report(self._highest % 2**32, self._lost)


def test_random_loss_changes_nothing() -> None:
    line = Line()
    assert not any(line.second(share) for share in (0, 0.01, 0.1, 0.19, 0.12, 0.2))
    assert line.limit.bits_per_s is None


def test_a_full_line_is_left_as_much_as_arrived_in_a_few_reports() -> None:
    line = Line()
    assert line.second(0.85)
    assert line.limit.bits_per_s == 400_000, "a quarter: after a pause nothing had arrived"
    assert line.second(0.3, packets=100, size=500)
    assert line.limit.bits_per_s == 280_000
    assert not line.second(0.15, packets=100, size=350), "neither full nor free"


def test_a_line_that_loses_little_is_given_more_until_it_is_not_limited() -> None:
    line = Line()
    line.second(0.5)
    assert line.limit.bits_per_s == 800_000
    assert line.second(0.05)
    assert line.limit.bits_per_s == int(INCREASE * 800_000)
    while line.limit.bits_per_s is not None:
        assert line.second(0, packets=100, size=500)
    assert not line.second(0)


def test_too_few_packets_say_nothing_until_there_are_more() -> None:
    line = Line()
    assert not line.second(1, packets=LEAST_PACKETS - 1)
    assert line.second(1, packets=1)


@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(-(2**23), 2**23 - 1), st.integers(0, 10**6))))
def test_whatever_a_client_reports_the_limit_is_one(reports: list[tuple[int, int, int]]) -> None:
    clock = SettableClock()
    limit = LossLimit(clock.monotonic)
    for highest, lost, size in reports:
        clock.now += 0.01
        limit.sent(size)
        limit.report(highest, lost)
        assert limit.bits_per_s is None or limit.bits_per_s >= MIN_BITS_PER_S


def test_reports_within_the_same_moment_say_nothing() -> None:
    limit = LossLimit(SettableClock().monotonic)
    limit.report(0, 0)
    assert not limit.report(100, 100)
    assert limit.bits_per_s == pytest.approx(None)


def test_a_pause_counts_as_no_time_in_which_anything_was_sent() -> None:
    line = Line()
    line.second(0.0)
    line.clock.now += 120
    line.limit.sent(100_000)
    assert line.second(0.25, packets=400)
    assert line.limit.bits_per_s == 0.75 * 8 * 500_000
