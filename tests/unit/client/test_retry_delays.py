"""Delays between attempts: longer with each failure, and as long as the server asks for."""

from mocast.client.refusals import Unreachable
from mocast.client.retry_delays import FIRST_DELAY_S, LONGEST_DELAY_S, RetryDelays
from mocast.errors import Unavailable

LOST = Unreachable("The connection was lost.")


def test_each_failure_doubles_the_delay_up_to_the_longest() -> None:
    delays = RetryDelays()
    longest = FIRST_DELAY_S
    for _ in range(8):
        assert 0.75 * longest <= delays.after(LOST) <= longest
        longest = min(2 * longest, LONGEST_DELAY_S)
    assert longest == LONGEST_DELAY_S


def test_a_connection_begins_with_the_shortest_again() -> None:
    delays = RetryDelays()
    for _ in range(4):
        delays.after(LOST)
    delays.reset()
    assert delays.after(LOST) <= FIRST_DELAY_S


def test_the_server_s_own_time_is_waited_for() -> None:
    assert RetryDelays().after(Unavailable("Full.", retry_after_s=30)) == 30
