"""VMC over real UDP, into a receiver built on an OSC library; and what happens where none is there."""

import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace

import numpy as np
import pytest

from mocast.errors import Forbidden
from mocast.model.blendshapes import Expression
from mocast.model.humanoid import HumanoidBone
from mocast.model.rig import Found, Rig
from mocast.outputs import udp
from mocast.outputs.destination import parse_networks
from mocast.outputs.output import make_output
from mocast.outputs.output_options import OutputOptions
from mocast.outputs.registry import Outputs
from mocast.outputs.status import OutputStatus
from mocast.outputs.vts_tokens import Tokens
from tests import fakes
from tests.peers import HANG_S
from tests.ports import free_port
from tests.vmc_receiver import VmcReceiver


class Watched:
    """A VMC output, and what it told of itself."""

    def __init__(self, port: int, **options: object) -> None:
        self._told: list[OutputStatus] = []
        self._changed = threading.Condition()
        self.output = make_output(
            OutputOptions("vmc", "127.0.0.1", port, **options),  # type: ignore[arg-type]
            Tokens(),
            watch=self._watch,
        )

    def _watch(self, status: OutputStatus) -> None:
        with self._changed:
            self._told.append(status)
            self._changed.notify_all()

    def reaches(self, state: str, meanwhile: Callable[[], object] = lambda: None) -> OutputStatus:
        """Wait for a state that was not told before, doing something again and again."""
        give_up = time.monotonic() + HANG_S
        with self._changed:
            while time.monotonic() < give_up:
                for index, status in enumerate(self._told):
                    if status.state == state:
                        del self._told[: index + 1]
                        return status
                meanwhile()
                self._changed.wait(0.02)
        raise AssertionError(f"never {state}")


@asynccontextmanager
async def sending(port: int, **options: object) -> AsyncIterator[Watched]:
    watched = Watched(port, **options)
    watched.output.start()
    try:
        yield watched
    finally:
        watched.output.close()
        await watched.output.wait_closed()


def raised_left_arm() -> Rig:
    rig = replace(fakes.rig(), found=Found(body=True))
    rig.rotations[HumanoidBone.LEFT_UPPER_ARM] = 0, 0, np.sqrt(0.5), np.sqrt(0.5)
    return rig


async def test_frames_arrive_whole_in_order_and_in_small_packets() -> None:
    with VmcReceiver() as receiver:
        async with sending(receiver.port) as sender:
            sender.output.send(raised_left_arm())
            (frame,) = receiver.wait_for(lambda frames: len(frames) == 1)
    addresses = frame.addresses
    assert addresses[0] == "/VMC/Ext/Root/Pos"
    assert addresses[-3:] == ["/VMC/Ext/Blend/Apply", "/VMC/Ext/OK", "/VMC/Ext/T"]
    assert len(frame.bones) == 55
    assert len(frame.blends) == 12
    assert frame.all("/VMC/Ext/OK") == [(1, 3, 0, 1)]
    assert max(frame.sizes) <= 1500
    assert frame.bones["LeftUpperArm"][1] == pytest.approx((0, 0, -np.sqrt(0.5), np.sqrt(0.5)))


async def test_rigs_that_stop_coming_are_told_as_a_loss_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(udp, "LOST_AFTER_S", 0.05)
    with VmcReceiver() as receiver:
        async with sending(receiver.port) as sender:
            sender.output.send(raised_left_arm())
            first, lost = receiver.wait_for(lambda frames: len(frames) == 2)
            sender.output.send(raised_left_arm())
            *_, again, lost_again = receiver.wait_for(lambda frames: len(frames) == 4)
    tracking = [frame.all("/VMC/Ext/OK")[0][3] for frame in (first, lost, again, lost_again)]
    assert tracking == [1, 0, 1, 0]
    assert lost.bones == first.bones, "the avatar stays as it was"


async def test_a_mirrored_output_raises_the_other_arm() -> None:
    with VmcReceiver() as receiver:
        async with sending(receiver.port, mirror=True) as sender:
            sender.output.send(raised_left_arm())
            (frame,) = receiver.wait_for(lambda frames: len(frames) == 1)
    assert frame.bones["LeftUpperArm"][1] == (0, 0, 0, 1)
    assert frame.bones["RightUpperArm"][1] == pytest.approx((0, 0, np.sqrt(0.5), np.sqrt(0.5)))


async def test_choices_reach_the_packets() -> None:
    with VmcReceiver() as receiver:
        async with sending(receiver.port, names="vrm1", parts=("head", "face"), camera=True) as sender:
            rig = fakes.rig()
            rig.expressions[Expression.HAPPY] = 0.5
            sender.output.send(rig)
            (frame,) = receiver.wait_for(lambda frames: len(frames) == 1)
    assert set(frame.bones) == {"Neck", "Head", "LeftEye", "RightEye", "Jaw"}
    assert frame.blends["happy"] == 0.5
    assert len(frame.all("/VMC/Ext/Cam")) == 1


async def test_a_missing_receiver_is_told_of_and_found_when_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(udp, "ERROR_STANDS_S", 0.0)
    port = free_port()
    async with sending(port) as sender:

        def send() -> None:
            sender.output.send(fakes.rig())

        status = sender.reaches("refused", send)
        assert "is the app's receiver on?" in status.detail
        assert sender.output.status.errors > 0
        assert sender.output.status.sent == 0
        with VmcReceiver(port) as receiver:
            sender.reaches("sending", send)
            frame = receiver.wait_for(lambda frames: len(frames) > 0)[0]
            assert len(frame.bones) == 55, "a frame after a refusal is whole"
        sender.reaches("refused", send)


@dataclass
class Lost:
    """A destination that fails as it is told to, and then leads somewhere."""

    error: Exception | None
    asked: int = 0

    def resolve(self) -> None:
        self.asked += 1
        if self.error is not None:
            raise self.error

    def __str__(self) -> str:
        return "nowhere:1"


@pytest.mark.parametrize(
    ("error", "state"),
    [(OSError(113, "No route to host"), "unreachable"), (Forbidden("outside the networks"), "not allowed")],
)
async def test_what_cannot_be_reached_is_told_and_tried_again_later(
    monkeypatch: pytest.MonkeyPatch, error: Exception, state: str
) -> None:
    clock = fakes.SettableClock()
    monkeypatch.setattr(udp, "time", clock)
    async with sending(1) as sender:
        lost = Lost(error)
        sender.output._destination = lost  # type: ignore[attr-defined]
        sender.output.send(fakes.rig())
        status = sender.reaches(state)
        assert str(error.args[-1]) in status.detail
        before = lost.asked
        errors_after(sender, 3)
        assert lost.asked == before, "the name is not looked up for every frame"
        clock.now += udp.RETRY_AFTER_S
        errors_after(sender, sender.output.status.errors + 1)
        assert lost.asked == before + 1


def errors_after(sender: Watched, count: int) -> None:
    """Send until so many errors were counted."""
    give_up = time.monotonic() + HANG_S
    while sender.output.status.errors < count:
        assert time.monotonic() < give_up, sender.output.status
        sender.output.send(fakes.rig())
        time.sleep(0.01)


class FakeRooms:
    """Rooms of which each remembers who holds it."""

    def __init__(self) -> None:
        self.streams = {"rig": fakes.FakeStream()}
        self.rigs = self.streams["rig"].fanout
        self.held = 0

    @contextmanager
    def hold(self, _: str) -> Iterator["FakeRooms"]:
        self.held += 1
        try:
            yield self
        finally:
            self.held -= 1


async def test_rigs_of_a_room_reach_every_output_and_none_once_it_is_taken_out() -> None:
    rooms = FakeRooms()
    outputs = Outputs(rooms.hold, parse_networks(["127.0.0.0/8"]))
    with VmcReceiver() as one, VmcReceiver() as other:
        await outputs.replace("main", [OutputOptions("vmc", "127.0.0.1", it.port) for it in (one, other)])
        assert (rooms.held, len(rooms.rigs)) == (2, 2)
        rooms.rigs.send(raised_left_arm())
        one.wait_for(lambda frames: len(frames) == 1)
        other.wait_for(lambda frames: len(frames) == 1)
        await outputs.replace("main", [OutputOptions("vmc", "127.0.0.1", other.port)])
        rooms.rigs.send(raised_left_arm())
        other.wait_for(lambda frames: len(frames) == 2)
        assert len(one.frames) == 1
    await outputs.close()
    assert (rooms.held, len(rooms.rigs), len(outputs)) == (0, 0, 0)
