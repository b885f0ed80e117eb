"""A source's pulse: dead after a quarter of a second, or three of its own intervals where it speaks seldom."""

import pytest

from mocast.mixing.pulse import ALIVE_S, MOST_ALIVE_S, Pulse


def beating(interval_s: float, count: int = 30) -> tuple[Pulse, float]:
    pulse, now_s = Pulse(), 10.0
    for _ in range(count):
        now_s += interval_s
        pulse.beat(now_s)
    return pulse, now_s


def test_who_never_spoke_does_not_live() -> None:
    assert not Pulse().lives(0.0)
    assert Pulse().fps(0.0) == 0


@pytest.mark.parametrize(("interval_s", "lives_s"), [(1 / 60, ALIVE_S), (1 / 4, 0.75), (0.5, MOST_ALIVE_S)])
def test_it_lives_for_a_few_of_its_own_intervals(interval_s: float, lives_s: float) -> None:
    pulse, now_s = beating(interval_s)
    assert pulse.lives(now_s + lives_s - 0.01)
    assert not pulse.lives(now_s + lives_s + 0.01)
    assert pulse.fps(now_s) == pytest.approx(1 / interval_s, rel=0.01)


def test_an_absence_is_no_interval() -> None:
    pulse, now_s = beating(1 / 30)
    pulse.beat(now_s + 60)
    assert not pulse.lives(now_s + 60 + 2 * ALIVE_S)
