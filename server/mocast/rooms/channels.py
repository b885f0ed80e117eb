"""The data channels of a client: which there are, and the control channel's messages both ways."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, Literal, Protocol

import orjson
from aiortc import RTCDataChannel

Format = Literal["binary", "json"]

CONTROL = "control"

MAX_CHANNELS = 16
"""Of a client: there are three that we serve."""
MAX_CONTROL_BYTES = 16_384
MAX_WAITING_COMMANDS = 16
MAX_BUFFERED_BYTES = 16_384
"""Messages to a client that reads none are dropped above that."""


class Sends(Protocol):
    """What is used of a data channel to send on it."""

    def send(self, data: bytes | str, /) -> None:
        """Send one message. Raises ``ValueError`` where the client does not take messages of its length."""


def send_whole(channel: Sends, messages: Iterable[bytes | str]) -> bool:
    """Send messages on an open channel; return whether all are on their way.

    How long a message may be is the client's word (``a=max-message-size``, RFC 8841): one that is longer is its loss.
    """
    try:
        for message in messages:
            channel.send(message)
    except ValueError:
        return False
    return True


class ControlChannel:
    """JSON messages both ways; commands wait in a short queue and are carried out one after the other."""

    def __init__(self, on_open: Callable[[], None]) -> None:
        self.commands: asyncio.Queue[dict[str, Any]] = asyncio.Queue(MAX_WAITING_COMMANDS)
        self._on_open = on_open
        self._channel: RTCDataChannel | None = None

    def attach(self, channel: RTCDataChannel) -> None:
        """Serve this channel from now on."""
        self._channel = channel
        channel.on("message", self._receive)
        self._on_open()

    def send(self, message: dict[str, Any]) -> None:
        """Send a message; one that finds the channel closed or clogged, or is too long for the client, is dropped."""
        channel = self._channel
        if channel is not None and channel.readyState == "open" and channel.bufferedAmount < MAX_BUFFERED_BYTES:
            send_whole(channel, [orjson.dumps(message).decode()])

    def problem(self, status: int, title: str, detail: str, command_id: object = None) -> None:
        """Answer a command that cannot be carried out."""
        self.send({"type": "problem", "id": command_id, "status": status, "title": title, "detail": detail})

    def _receive(self, message: str | bytes) -> None:
        if len(message) > MAX_CONTROL_BYTES:
            self.problem(413, "Too large", f"a control message has at most {MAX_CONTROL_BYTES} bytes")
            return
        try:
            command = orjson.loads(message)
        except ValueError:
            self.problem(400, "Bad request", "a control message is one JSON object")
            return
        if not isinstance(command, dict) or not isinstance(command.get("type"), str):
            self.problem(400, "Bad request", 'a control message is a JSON object with a "type"')
            return
        if isinstance(command.get("id"), list | dict):
            # It goes back as it came, and orjson reads what is nested deeper than it writes.
            self.problem(400, "Bad request", 'the "id" of a control message is a text or a number')
            return
        try:
            self.commands.put_nowait(command)
        except asyncio.QueueFull:
            self.problem(429, "Too many requests", "commands come faster than they are done", command.get("id"))
