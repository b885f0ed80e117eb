"""A fan-out: what is wrong with one sink does not reach the others, and a sink is not lost for one failure."""

from collections.abc import Callable

import pytest
from structlog.testing import capture_logs
from tests.fakes import SettableClock

from mocast.pipeline import failure_log
from mocast.pipeline.fanout import MAX_FAILURES_IN_A_ROW, Fanout
from mocast.pipeline.fault_counts import FaultCounts


class NumberSink:
    """Keeps what it is sent, but for numbers that it fails on."""

    def __init__(self, fails_on: Callable[[int], bool] = lambda _: False) -> None:
        self.numbers: list[int] = []
        self.closed = 0
        self._fails_on = fails_on

    def send(self, number: int) -> None:
        if self._fails_on(number):
            raise RuntimeError("told to fail")
        self.numbers.append(number)

    def close(self) -> None:
        self.closed += 1


def fanout_of(*sinks: NumberSink) -> Fanout[int]:
    fanout: Fanout[int] = Fanout()
    for sink in sinks:
        fanout.add(sink)
    return fanout


def test_a_sink_that_failed_gets_the_next_item_again() -> None:
    failing, other = NumberSink(lambda number: number == 1), NumberSink()
    fanout = fanout_of(failing, other)
    for number in range(3):
        fanout.send(number)
    assert failing.numbers == [0, 2]
    assert other.numbers == [0, 1, 2]
    assert (fanout.failures, failing.closed, len(fanout)) == (1, 0, 2)


def test_a_sink_that_keeps_failing_is_taken_out_and_closed() -> None:
    failing, other = NumberSink(lambda _: True), NumberSink()
    faults = FaultCounts()
    fanout: Fanout[int] = Fanout(faults)
    fanout.add(failing)
    fanout.add(other)
    for number in range(MAX_FAILURES_IN_A_ROW - 1):
        fanout.send(number)
    assert (failing.closed, len(fanout)) == (0, 2)
    with capture_logs() as logged:
        fanout.send(-1)
        fanout.send(-2)
    assert [entry["event"] for entry in logged if entry["log_level"] == "error"][-1] == "sink is taken out"
    assert (failing.closed, len(fanout), fanout.failures) == (1, 1, MAX_FAILURES_IN_A_ROW)
    assert len(other.numbers) == MAX_FAILURES_IN_A_ROW + 1
    assert (faults["sinks_failed"], faults["sinks_removed"]) == (MAX_FAILURES_IN_A_ROW, 1)


def test_failures_between_good_items_never_take_a_sink_out_and_are_logged_once_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = SettableClock()
    monkeypatch.setattr(failure_log, "time", clock)
    failing = NumberSink(lambda number: number % 2 == 0)
    fanout = fanout_of(failing)
    with capture_logs() as logged:
        for number in range(4 * MAX_FAILURES_IN_A_ROW):
            fanout.send(number)
        assert [entry["event"] for entry in logged] == ["sink failed"]
        clock.now += failure_log.LOG_EVERY_S
        fanout.send(0)
    assert len(logged) == 2
    assert len(fanout) == 1


def test_a_sink_is_added_once_and_gets_nothing_after_it_was_removed() -> None:
    sink = NumberSink()
    fanout = fanout_of(sink, sink)
    fanout.send(0)
    fanout.remove(sink)
    fanout.send(1)
    assert (sink.numbers, sink.closed) == ([0], 0)


def test_closing_closes_every_sink() -> None:
    sinks = NumberSink(), NumberSink()
    fanout = fanout_of(*sinks)
    fanout.close()
    fanout.send(0)
    assert [(sink.numbers, sink.closed) for sink in sinks] == [([], 1)] * 2
