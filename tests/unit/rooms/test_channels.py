"""The control channel on a fake: what is answered, and that nothing piles up."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from mocast.rooms.channels import (
    MAX_BUFFERED_BYTES,
    MAX_CONTROL_BYTES,
    MAX_WAITING_COMMANDS,
    ControlChannel,
)


class FakeChannel:
    """A data channel that keeps what is sent."""

    def __init__(self, protocol: str = "") -> None:
        self.protocol = protocol
        self.readyState = "open"
        self.bufferedAmount = 0
        self.sent: list[Any] = []
        self.receive: Callable[[Any], None] = lambda _: None

    def send(self, message: Any) -> None:
        self.sent.append(message)

    def on(self, event: str, handler: Callable[[Any], None]) -> None:
        assert event == "message"
        self.receive = handler

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [orjson.loads(message) for message in self.sent]


def control() -> tuple[ControlChannel, FakeChannel]:
    opened: list[bool] = []
    channel, fake = ControlChannel(lambda: opened.append(True)), FakeChannel()
    channel.attach(fake)  # type: ignore[arg-type]
    assert opened == [True]
    return channel, fake


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
        ('{"type": "' + "x" * MAX_CONTROL_BYTES + '"}', 413),
    ],
)
async def test_a_malformed_message_is_answered_and_nothing_is_done(message: str | bytes, status: int) -> None:
    channel, fake = control()
    fake.receive(message)
    assert channel.commands.empty()
    (answer,) = fake.messages
    assert (answer["type"], answer["status"]) == ("problem", status)


async def test_a_flood_of_commands_is_refused_beyond_a_short_queue() -> None:
    channel, fake = control()
    for number in range(MAX_WAITING_COMMANDS + 3):
        fake.receive(orjson.dumps({"type": "ping", "id": number}))
    assert channel.commands.qsize() == MAX_WAITING_COMMANDS
    assert [(answer["status"], answer["id"]) for answer in fake.messages] == [
        (429, MAX_WAITING_COMMANDS + extra) for extra in range(3)
    ]


async def test_a_client_that_does_not_read_is_not_written_to() -> None:
    channel, fake = control()
    fake.bufferedAmount = MAX_BUFFERED_BYTES
    channel.send({"type": "notice"})
    assert fake.sent == []
    fake.bufferedAmount, fake.readyState = 0, "closed"
    channel.send({"type": "notice"})
    assert fake.sent == []
    ControlChannel(lambda: None).send({"type": "notice"})
