"""The thread between a room and the network: it never holds up the room, and the newest rig wins."""

import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from tests import fakes

from mocast.model.rig import Rig
from mocast.outputs import status as status_module
from mocast.outputs import udp
from mocast.outputs.destination import Destination
from mocast.outputs.status import OutputStatus, StatusRecorder
from mocast.outputs.udp import GAVE_UP, UdpOutput
from mocast.pipeline.fanout import MAX_FAILURES_IN_A_ROW


@dataclass
class GatedEncoder:
    """Makes the thread wait, as a slow network would."""

    gate: threading.Event = field(default_factory=threading.Event)
    busy: threading.Event = field(default_factory=threading.Event)
    frames: list[int] = field(default_factory=list)

    def encode(self, rig: Rig) -> Sequence[bytes]:
        self.busy.set()
        assert self.gate.wait(60)
        self.frames.append(rig.frame)
        return []


class BrokenEncoder:
    """Fails on every rig but those of these frames."""

    def __init__(self, *good: int) -> None:
        self.good = good
        self.calls: queue.SimpleQueue[int] = queue.SimpleQueue()

    def encode(self, rig: Rig) -> Sequence[bytes]:
        self.calls.put(rig.frame)
        if rig.frame not in self.good:
            raise ArithmeticError("a fault of ours")
        return []


async def test_the_newest_rig_wins_and_those_it_overtakes_are_counted() -> None:
    encoder = GatedEncoder()
    output = UdpOutput(Destination("127.0.0.1", 9), encoder, StatusRecorder("test"))
    output.start()
    output.send(fakes.rig(0))
    assert encoder.busy.wait(60)
    for frame in range(1, 6):
        output.send(fakes.rig(frame))  # returns at once, though the thread is stuck
    assert output.status.dropped == 4
    encoder.busy.clear()
    encoder.gate.set()
    assert encoder.busy.wait(60)
    output.close()
    await output.wait_closed()
    assert encoder.frames[:2] == [0, 5]
    assert output.status.state == "stopped"


async def test_a_fault_of_ours_costs_a_rig_and_is_counted() -> None:
    encoder = BrokenEncoder(1)
    output = UdpOutput(Destination("127.0.0.1", 9), encoder, StatusRecorder("test"))
    output.start()
    for frame in range(2):
        output.send(fakes.rig(frame))
        assert encoder.calls.get(timeout=60) == frame
    output.close()
    await output.wait_closed()
    assert (output.status.errors, output.status.sent) == (1, 1)


async def test_an_output_that_keeps_failing_stops_and_says_so() -> None:
    stopped = threading.Event()
    recorder = StatusRecorder("test", watch=lambda status: status.state == "stopped" and stopped.set())
    encoder = BrokenEncoder()
    output = UdpOutput(Destination("127.0.0.1", 9), encoder, recorder)
    output.start()
    for frame in range(MAX_FAILURES_IN_A_ROW):
        output.send(fakes.rig(frame))
        encoder.calls.get(timeout=60)
    assert stopped.wait(60)
    assert (output.status.errors, output.status.detail) == (MAX_FAILURES_IN_A_ROW, GAVE_UP)
    output.send(fakes.rig())
    output.close()
    await output.wait_closed()


async def test_an_error_stands_while_packets_leave_between_two_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, states = fakes.SettableClock(), []
    monkeypatch.setattr(udp, "time", clock)
    recorder = StatusRecorder("test")
    output = UdpOutput(Destination("127.0.0.1", 9), BrokenEncoder(0), recorder)
    for at_s, is_refused in ((0, False), (1, True), (2, False), (3, True), (5.9, False), (6, False)):
        clock.now = 1_000 + at_s
        monkeypatch.setattr(output, "_send_packets", lambda *_, is_refused=is_refused: is_refused)
        output._deliver(fakes.rig(0))
        states.append(recorder.status.state)
    output._disconnect()
    assert states == ["sending", "refused", "refused", "refused", "refused", "sending"]
    assert (recorder.status.errors, recorder.status.sent) == (2, 4)


async def test_closing_without_a_rig_ends_the_thread() -> None:
    output = UdpOutput(Destination("127.0.0.1", 9), GatedEncoder(), StatusRecorder("test"))
    output.start()
    output.close()
    await output.wait_closed()
    assert "mocast-output" not in {thread.name for thread in threading.enumerate()}


def test_watch_is_told_of_changes_only() -> None:
    told: list[OutputStatus] = []
    recorder = StatusRecorder("test", watch=told.append)
    for _ in range(3):
        recorder.add_error("refused", "nobody there")
    for _ in range(3):
        recorder.sent()
        recorder.set_state("sending")
    assert [(status.state, status.detail) for status in told] == [("refused", "nobody there"), ("sending", "")]
    assert (recorder.status.errors, recorder.status.sent) == (3, 3)


def test_an_error_that_goes_on_is_logged_once_a_minute_and_another_one_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, logged = fakes.SettableClock(), []
    monkeypatch.setattr(status_module, "time", clock)
    monkeypatch.setattr(status_module.log, "warning", lambda *_, **__: logged.append(clock.now), raising=False)
    recorder = StatusRecorder("test")
    for step in range(100):
        clock.now = 1_000 + step
        recorder.add_error("unreachable", "no route")
    recorder.add_error("refused", "nobody there")
    assert logged == [1_000, 1_060, 1_099]
    assert recorder.status.errors == 101
