"""Delays between attempts: longer with each failure, and as long as a server asks for."""

import pytest

from mocast.retry_delays import FIRST_DELAY_S, LONGEST_DELAY_S, RetryDelays


@pytest.mark.parametrize("longest_s", [None, 15.0])
def test_each_failure_doubles_the_delay_up_to_the_longest(longest_s: float | None) -> None:
    delays = RetryDelays(longest_s)
    expected_s = FIRST_DELAY_S
    for _ in range(8):
        assert 0.75 * expected_s <= delays.next_s() <= expected_s
        expected_s = min(2 * expected_s, longest_s or LONGEST_DELAY_S)
    assert expected_s == (longest_s or LONGEST_DELAY_S)


def test_a_connection_begins_with_the_shortest_again() -> None:
    delays = RetryDelays()
    for _ in range(4):
        delays.next_s()
    delays.reset()
    assert delays.next_s() <= FIRST_DELAY_S


def test_the_server_s_own_time_is_waited_for() -> None:
    assert RetryDelays().next_s(30) == 30
