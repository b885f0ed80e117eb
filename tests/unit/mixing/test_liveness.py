"""A source's liveness: dead after a quarter of a second, or three of its own intervals where its values are rare."""

import pytest

from mocast.mixing.liveness import ALIVE_S, MOST_ALIVE_S, Liveness


def sending(interval_s: float, count: int = 30) -> tuple[Liveness, float]:
    liveness, now_s = Liveness(), 10.0
    for _ in range(count):
        now_s += interval_s
        liveness.received(now_s)
    return liveness, now_s


def test_a_source_without_a_value_is_not_live() -> None:
    assert not Liveness().is_live(0.0)
    assert Liveness().fps(0.0) == 0


@pytest.mark.parametrize(("interval_s", "live_s"), [(1 / 60, ALIVE_S), (1 / 4, 0.75), (0.5, MOST_ALIVE_S)])
def test_it_is_live_for_a_few_of_its_own_intervals(interval_s: float, live_s: float) -> None:
    liveness, now_s = sending(interval_s)
    assert liveness.is_live(now_s + live_s - 0.01)
    assert not liveness.is_live(now_s + live_s + 0.01)
    assert liveness.fps(now_s) == pytest.approx(1 / interval_s, rel=0.01)


def test_an_absence_is_no_interval() -> None:
    liveness, now_s = sending(1 / 30)
    liveness.received(now_s + 60)
    assert not liveness.is_live(now_s + 60 + 2 * ALIVE_S)
