"""The least of what was measured lately."""

from mocast.webrtc.aiortc.recent_minimum import HISTORY_S, RecentMinimum


def test_the_least_holds_for_a_while_and_is_then_forgotten() -> None:
    least = RecentMinimum()
    assert [least.add(value, now) for now, value in enumerate((3.0, 1.0, 2.0))] == [3.0, 1.0, 1.0]
    assert least.add(2.0, HISTORY_S) == 1.0
    assert least.add(2.0, HISTORY_S + 1) == 1.0
    assert least.add(2.5, 2 * HISTORY_S + 3) == 2.0


def test_it_begins_anew_where_it_is_told_to() -> None:
    least = RecentMinimum()
    least.add(1.0, 0.0)
    least.reset(5.0)
    assert least.add(6.0, 1.0) == 5.0
