"""The server's outputs: kept where they stay as they are, refused as a whole, and rooms held no longer than needed."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests import fakes

from mocast.errors import Forbidden, Unavailable, Unprocessable
from mocast.outputs import registry as outputs_module
from mocast.outputs.destination import parse_networks
from mocast.outputs.output_options import OperatorOutput, OutputOptions
from mocast.outputs.registry import Outputs

LOOPBACK = parse_networks(["127.0.0.0/8"])


class Room:
    def __init__(self) -> None:
        self.streams = {"rig": fakes.FakeStream(), "analysis": fakes.FakeStream()}


class Rooms:
    """Remembers which rooms are held, and may refuse."""

    def __init__(self) -> None:
        self.held: list[str] = []
        self.room = Room()
        self.full_after = 100

    @contextmanager
    def hold(self, name: str) -> Iterator[Room]:
        if len(self.held) >= self.full_after:
            raise Unavailable("The server is shutting down.")
        self.held.append(name)
        try:
            yield self.room
        finally:
            self.held.remove(name)


def vmc(port: int = 39539, host: str = "127.0.0.1") -> OutputOptions:
    return OutputOptions("vmc", host, port)


async def test_an_output_that_a_check_refuses_changes_nothing() -> None:
    def check(room: str, options: OutputOptions) -> None:
        if options.port == 9:
            raise ValueError("Not there.")

    outputs = Outputs(Rooms().hold, LOOPBACK, check=check)
    await outputs.replace("main", [vmc(1)])
    with pytest.raises(Unprocessable, match="Not there"):
        await outputs.replace("main", [vmc(2), vmc(9)])
    assert [running.options for running in outputs.of("main")] == [vmc(1)]
    await outputs.close()


async def test_a_room_is_held_for_as_long_as_it_has_outputs() -> None:
    rooms = Rooms()
    outputs = Outputs(rooms.hold, LOOPBACK)
    await outputs.replace("main", [vmc(1), vmc(2)])
    assert rooms.held == ["main", "main"]
    assert len(rooms.room.streams["rig"].fanout) == 2
    await outputs.replace("main", [])
    assert rooms.held == []
    assert len(rooms.room.streams["rig"].fanout) == 0, "no rigs are made for nobody"
    assert outputs.of("main") == ()


async def test_an_output_that_stays_as_it_was_goes_on() -> None:
    outputs = Outputs(Rooms().hold, LOOPBACK)
    await outputs.replace("main", [vmc(1), vmc(2)])
    first, second = outputs.of("main")
    await outputs.replace("main", [vmc(2), vmc(3)])
    kept, new = outputs.of("main")
    assert kept.output is second.output
    assert new.options.port == 3
    assert first.output.status.state == "stopped"
    assert kept.output.status.state != "stopped"
    await outputs.close()


async def test_one_address_outside_refuses_all_and_changes_nothing() -> None:
    rooms = Rooms()
    outputs = Outputs(rooms.hold, LOOPBACK)
    await outputs.replace("main", [vmc(1)])
    (before,) = outputs.of("main")
    with pytest.raises(Forbidden):
        await outputs.replace("main", [vmc(2), vmc(3, host="192.168.1.20")])
    (after,) = outputs.of("main")
    assert after is before
    assert after.output.status.state != "stopped"
    await outputs.close()


def known_hosts(monkeypatch: pytest.MonkeyPatch, look_up: Callable[[str], str]) -> None:
    """Let ``look_up`` tell the addresses of names."""
    real = socket.getaddrinfo

    def getaddrinfo(host: str, *arguments: Any, **options: Any) -> Any:
        return real(host if host[0].isdigit() else look_up(host), *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)


async def test_a_host_that_is_gone_for_a_while_does_not_keep_the_others_from_being_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hosts = {"stage": "127.0.0.2"}

    def look_up(host: str) -> str:
        if host not in hosts:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return hosts[host]

    known_hosts(monkeypatch, look_up)
    outputs = Outputs(Rooms().hold, LOOPBACK)
    await outputs.replace("main", [vmc(host="stage")])
    del hosts["stage"]
    await outputs.replace("main", [vmc(host="stage"), vmc()])
    assert [running.options.host for running in outputs.of("main")] == ["stage", "127.0.0.1"]
    with pytest.raises(OSError, match="not known"):
        await outputs.replace("other", [vmc(host="stage")])
    await outputs.close()


async def test_a_slow_look_up_holds_nobody_else_up_and_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answered = threading.Event(), threading.Event()

    def look_up(_: str) -> str:
        asked.set()
        answered.wait(60)
        return "127.0.0.2"

    known_hosts(monkeypatch, look_up)
    monkeypatch.setattr(outputs_module, "LOOKUP_TIMEOUT_S", 0.2)
    outputs = Outputs(Rooms().hold, LOOPBACK)
    slow = asyncio.create_task(outputs.replace("slow", [vmc(host="stage")]))
    await asyncio.to_thread(asked.wait, 60)
    await outputs.replace("main", [vmc()])
    assert len(outputs.of("main")) == 1
    with pytest.raises(TimeoutError, match="stage"):
        await slow
    answered.set()
    assert outputs.of("slow") == ()
    await outputs.close()


async def test_nothing_is_allowed_unless_the_operator_says_so() -> None:
    outputs = Outputs(Rooms().hold)
    with pytest.raises(Forbidden, match="output_networks"):
        await outputs.replace("main", [vmc()])
    await outputs.replace("main", [])


async def test_a_room_that_cannot_be_held_leaves_things_as_they_were() -> None:
    rooms = Rooms()
    outputs = Outputs(rooms.hold, LOOPBACK)
    await outputs.replace("main", [vmc(1)])
    rooms.full_after = 2
    with pytest.raises(Unavailable):
        await outputs.replace("main", [vmc(2), vmc(3)])
    assert [running.options.port for running in outputs.of("main")] == [1]
    assert rooms.held == ["main"]
    assert len(rooms.room.streams["rig"].fanout) == 1
    await outputs.close()


async def test_outputs_of_all_rooms_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outputs_module, "MAX_TOTAL", 3)
    outputs = Outputs(Rooms().hold, LOOPBACK)
    await outputs.replace("one", [vmc(1), vmc(2)])
    with pytest.raises(Unavailable):
        await outputs.replace("other", [vmc(1), vmc(2)])
    await outputs.replace("one", [vmc(3), vmc(4), vmc(5)])
    assert len(outputs) == 3
    await outputs.close()


async def test_the_operator_s_own_start_with_the_server_go_anywhere_and_stay() -> None:
    rooms = Rooms()
    outputs = Outputs(rooms.hold, (), fixed=[OperatorOutput("main", vmc(1))])
    life = outputs.running()
    await anext(life)
    assert rooms.held == ["main"]
    await outputs.replace("main", [])
    (running,) = outputs.of("main")
    assert running.fixed
    rooms.room.streams["rig"].fanout.send(fakes.rig())
    with pytest.raises(StopAsyncIteration):
        await anext(life)
    assert rooms.held == []
    assert running.output.status.state == "stopped"


async def test_an_output_that_is_asked_for_twice_is_made_once() -> None:
    outputs = Outputs(Rooms().hold, LOOPBACK)
    await outputs.replace("main", [vmc(1), vmc(1)])
    assert len(outputs) == 1
    await outputs.close()


async def test_what_the_operator_sends_already_is_not_sent_twice() -> None:
    outputs = Outputs(Rooms().hold, LOOPBACK, fixed=[OperatorOutput("main", vmc(1))])
    life = outputs.running()
    await anext(life)
    await outputs.replace("main", [vmc(1), vmc(2)])
    assert [(running.options.port, running.fixed) for running in outputs.of("main")] == [(1, True), (2, False)]
    await outputs.close()


async def test_an_output_of_the_operator_s_with_gestures_has_the_room_analysed(tmp_path: Path) -> None:
    (tmp_path / "hands.toml").write_text("[[trigger]]\ngesture = 'fist'\nhold = 0\nblend = 'Fun'\n")
    (tmp_path / "face.toml").write_text("[[trigger]]\nexpression = 'happy'\nblend = 'Fun'\n")
    for mapping, wants in (("", 0), ("face.toml", 0), ("hands.toml", 1)):
        rooms = Rooms()
        fixed = OperatorOutput("main", vmc(), tmp_path / mapping if mapping else None)
        serving = Outputs(rooms.hold, fixed=[fixed]).running()
        await anext(serving)
        assert len(rooms.room.streams["analysis"].fanout) == wants
        await anext(serving, None)
        assert len(rooms.room.streams["analysis"].fanout) == 0
