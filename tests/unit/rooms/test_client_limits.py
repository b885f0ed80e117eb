import pytest
from tests.fakes import SettableClock

from mocast.rooms.client_limits import FLOOD, BitrateLimit, RateLimit


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


def admitted(limit: RateLimit, clock: SettableClock, per_s: int, seconds: int) -> int:
    """How many of evenly spaced ones are; they stop at a flood."""
    count = 0
    for _ in range(per_s * seconds):
        clock.now += 1 / per_s
        count += limit.take()
        if limit.is_flooded:
            break
    return count


def test_within_the_rate_all_are_admitted(clock: SettableClock) -> None:
    limit = RateLimit(30, clock.monotonic)
    assert admitted(limit, clock, per_s=30, seconds=60) == 30 * 60


def test_above_the_rate_the_rate_is_admitted_for_ever(clock: SettableClock) -> None:
    limit = RateLimit(30, clock.monotonic)
    assert admitted(limit, clock, per_s=30 * FLOOD, seconds=60) == pytest.approx(30 * 61, abs=2)
    assert not limit.is_flooded


def test_far_above_the_rate_is_a_flood_within_seconds(clock: SettableClock) -> None:
    limit = RateLimit(30, clock.monotonic)
    began = clock.now
    admitted(limit, clock, per_s=30 * FLOOD * 2, seconds=60)
    assert limit.is_flooded
    assert clock.now - began < 3


def test_what_a_bad_network_held_back_for_two_seconds_is_no_flood(clock: SettableClock) -> None:
    limit = RateLimit(30, clock.monotonic)
    for _ in range(10):
        clock.now += 2
        for _ in range(60):
            limit.take()
    assert not limit.is_flooded


@pytest.mark.parametrize(("mbit_per_s", "is_exceeded"), [(9, False), (12, False), (13, True), (50, True)])
def test_a_bitrate_may_swing_a_quarter_above_what_is_told(
    clock: SettableClock, mbit_per_s: int, is_exceeded: bool
) -> None:
    limit = BitrateLimit(10_000_000, clock.monotonic)
    told = False
    for second in range(1, 300):
        clock.now += 1
        told = told or limit.is_exceeded(mbit_per_s * 125_000 * second)
    assert told == is_exceeded


def test_a_burst_of_some_seconds_is_no_reason_to_end(clock: SettableClock) -> None:
    limit = BitrateLimit(10_000_000, clock.monotonic)
    clock.now += 60
    assert not limit.is_exceeded(6 * 1_250_000)
    assert limit.is_exceeded(7 * 1_250_000)
