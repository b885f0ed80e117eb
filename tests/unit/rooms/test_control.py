"""The control channel on a fake: what is answered, and that nothing piles up."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import orjson
import pytest
import structlog

from mocast.errors import MocastError
from mocast.rooms.control import COMMAND_FAILED, MAX_WAITING_COMMANDS, Control
from mocast.rooms.data_channel import MAX_BUFFERED_BYTES


class FakeChannel:
    """A data channel that keeps what is sent."""

    def __init__(self, protocol: str = "") -> None:
        self.protocol = protocol
        self.readyState = "open"
        self.bufferedAmount = 0
        self.sent: list[Any] = []
        self.has_answered_ping = asyncio.Event()
        self.receive: Callable[[Any], None] = lambda _: None

    def send(self, message: Any) -> None:
        self.sent.append(message)
        if "pong" in message:
            self.has_answered_ping.set()

    def on(self, event: str, handler: Callable[[Any], None]) -> None:
        assert event == "message"
        self.receive = handler

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [orjson.loads(message) for message in self.sent]


MOST_BYTES = 16_384


def make_control(session: "FakeSession", refused: Counter[str] | None = None) -> Control:
    return Control(session, structlog.get_logger(), MOST_BYTES, Counter() if refused is None else refused)


class FakeSession:
    """A session that fails at every command."""

    def __init__(self) -> None:
        self.admits = True

    def admit_message(self) -> bool:
        return self.admits

    def hello(self) -> list[dict[str, Any]]:
        return [{"type": "hello"}, {"type": "clock"}]

    def stats(self) -> dict[str, Any]:
        return {}

    async def handle_command(self, command: dict[str, Any]) -> dict[str, Any]:
        raise {"mocast": MocastError, "recursion": RecursionError}.get(command["type"], KeyError)(command["type"])


def control_of_fakes() -> tuple[Control, FakeChannel]:
    control, fake = make_control(FakeSession()), FakeChannel()
    control.attach(fake)
    assert fake.messages == [{"type": "hello"}, {"type": "clock"}]
    fake.sent.clear()
    return control, fake


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("not json", 400),
        ("", 400),
        (b"\xff\x00", 400),
        ("[]", 400),
        ("7", 400),
        ("null", 400),
        ('{"type": 7}', 400),
        ('{"id": 1}', 400),
        ("[" * 5000, 400),
        ('{"type": "' + "x" * MOST_BYTES + '"}', 413),
    ],
)
async def test_a_malformed_message_is_answered_and_nothing_is_done(message: str | bytes, status: int) -> None:
    control, fake = control_of_fakes()
    fake.receive(message)
    assert control.commands.empty()
    (answer,) = fake.messages
    assert (answer["type"], answer["status"]) == ("problem", status)


async def test_a_flood_of_commands_is_refused_beyond_a_short_queue() -> None:
    control, fake = control_of_fakes()
    for number in range(MAX_WAITING_COMMANDS + 3):
        fake.receive(orjson.dumps({"type": "ping", "id": number}))
    assert control.commands.qsize() == MAX_WAITING_COMMANDS
    assert [(answer["status"], answer["id"]) for answer in fake.messages] == [
        (429, MAX_WAITING_COMMANDS + extra) for extra in range(3)
    ]


async def test_a_client_that_does_not_read_is_not_written_to() -> None:
    control, fake = control_of_fakes()
    fake.bufferedAmount = MAX_BUFFERED_BYTES
    control.send({"type": "notice"})
    assert fake.sent == []
    fake.bufferedAmount, fake.readyState = 0, "closed"
    control.send({"type": "notice"})
    assert fake.sent == []
    make_control(FakeSession()).send({"type": "notice"})


async def test_a_command_that_fails_in_an_unforeseen_way_is_answered_and_the_next_one_is_done() -> None:
    control, fake = control_of_fakes()
    for number, command in enumerate(("mocast", "recursion", "other", "ping")):
        fake.receive(orjson.dumps({"type": command, "id": number}))
    serving = asyncio.create_task(control.serve())
    async with asyncio.timeout(60):
        await fake.has_answered_ping.wait()
    serving.cancel()
    assert [answer["id"] for answer in fake.messages] == [0, 1, 2, 3]
    assert [answer.get("status") for answer in fake.messages] == [500, 500, 500, None]
    assert {answer["detail"] for answer in fake.messages[:3]} == {COMMAND_FAILED}


def test_what_is_too_long_or_too_fast_is_refused_unread_and_counted() -> None:
    refused: Counter[str] = Counter()
    session, channel = FakeSession(), FakeChannel()
    control = make_control(session, refused)
    control.attach(channel)
    channel.receive('{"type": "ping", "id": "' + "x" * MOST_BYTES + '"}')
    session.admits = False
    channel.receive('{"type": "ping", "id": 2}')
    assert [message.get("status") for message in channel.messages[2:]] == [413, 429]
    assert channel.messages[-1]["detail"] == "Messages come too fast."
    assert refused == {"message_bytes": 1}, "the session counts those that come too fast"
    assert control.commands.empty()
