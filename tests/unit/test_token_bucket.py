import pytest
from tests.fakes import SettableClock

from mocast.token_bucket import TokenBucket


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


def test_a_burst_is_there_at_once_and_then_what_the_rate_gives(clock: SettableClock) -> None:
    bucket = TokenBucket(10, 3, clock.monotonic)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    clock.now += 0.15
    assert [bucket.take(), bucket.take()] == [True, False]
    clock.now += 60
    assert bucket.level == 3, "no more than a burst is saved up"


def test_what_was_spent_too_much_is_owed(clock: SettableClock) -> None:
    bucket = TokenBucket(10, 2, clock.monotonic)
    bucket.spend(4)
    assert (bucket.level, bucket.fraction) == (-2, -1)
    clock.now += 0.25
    assert not bucket.take()
    clock.now += 0.1
    assert bucket.take()


def test_another_rate_holds_from_its_change_on(clock: SettableClock) -> None:
    bucket = TokenBucket(1, 1, clock.monotonic)
    bucket.spend(1)
    bucket.change(10, 4)
    clock.now += 0.2
    assert bucket.level == pytest.approx(2)


def test_it_says_when_there_is_enough(clock: SettableClock) -> None:
    bucket = TokenBucket(4, 2, clock.monotonic)
    assert bucket.seconds_until(2) == 0
    bucket.spend(3)
    assert bucket.seconds_until() == pytest.approx(0.5)


def test_time_before_a_spending_does_not_pay_for_it(clock: SettableClock) -> None:
    bucket = TokenBucket(10, 5, clock.monotonic)
    clock.now += 60
    bucket.spend(8)
    assert bucket.level == -3
