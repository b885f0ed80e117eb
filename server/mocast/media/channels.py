"""The data channels of a session: landmarks out, control both ways."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Literal

import orjson
from aiortc import RTCDataChannel

from mocast.model.tracked import Tracked
from mocast.pipeline.stats import Statistics
from mocast.wire import landmarks_binary, landmarks_json

LandmarkFormat = Literal["binary", "json"]

LANDMARKS = "landmarks"
CONTROL = "control"
FORMATS: dict[str, LandmarkFormat] = {landmarks_binary.PROTOCOL: "binary", landmarks_json.PROTOCOL: "json"}

MAX_CONTROL_BYTES = 16_384
MAX_WAITING_COMMANDS = 16
MAX_BUFFERED_BYTES = 16_384
"""About one frame as JSON, three as binary: what has not left by then is older than what comes next."""


class LandmarkSink:
    """Sends each frame's landmarks on the channel that the client opened for them.

    ``send`` is called on the room's thread, where the messages are made. When the channel is full, or the loop has not
    taken the last frame yet, a frame's landmarks are dropped whole and counted.
    """

    def __init__(self, default_format: LandmarkFormat) -> None:
        self.mirrored = False
        self.statistics: Statistics | None = None
        self._loop = asyncio.get_running_loop()
        self._default_format = default_format
        self._format: LandmarkFormat = default_format
        self._channel: RTCDataChannel | None = None
        self._handing_over = threading.Lock()
        self._waiting: list[bytes] | list[str] | None = None
        "The last frame's messages, until the loop takes them. When it is filled, a flush is on its way."

    def attach(self, channel: RTCDataChannel) -> None:
        """Send on this channel from now on, in the format that its sub-protocol names."""
        self._format = FORMATS.get(channel.protocol, self._default_format)
        self._channel = channel

    def send(self, tracked: Tracked) -> None:
        """Make a frame's messages and leave them to the loop."""
        if self._channel is None or self._channel.readyState != "open":
            return
        messages = self._encode(tracked)
        with self._handing_over:
            is_late, self._waiting = self._waiting is not None, messages
        if is_late:
            self._count(dropped=True)
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._flush)

    def close(self) -> None:
        """Send nothing more."""
        self._channel = None

    def _encode(self, tracked: Tracked) -> list[bytes] | list[str]:
        if self._format == "json":
            return [landmarks_json.encode(tracked, mirrored=self.mirrored)]
        return landmarks_binary.encode(tracked, mirrored=self.mirrored)

    def _flush(self) -> None:
        with self._handing_over:
            messages, self._waiting = self._waiting, None
        channel = self._channel
        if messages is None or channel is None or channel.readyState != "open":
            return
        if channel.bufferedAmount > MAX_BUFFERED_BYTES:
            self._count(dropped=True)
            return
        for message in messages:
            channel.send(message)
        self._count(dropped=False)

    def _count(self, *, dropped: bool) -> None:
        if self.statistics is not None:
            self.statistics.landmarks(dropped=dropped)


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
        """Send a message; one that finds the channel closed or clogged is dropped."""
        channel = self._channel
        if channel is not None and channel.readyState == "open" and channel.bufferedAmount < MAX_BUFFERED_BYTES:
            channel.send(orjson.dumps(message).decode())

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
        try:
            self.commands.put_nowait(command)
        except asyncio.QueueFull:
            self.problem(429, "Too many requests", "commands come faster than they are done", command.get("id"))
