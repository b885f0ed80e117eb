"""What a session says and does on its control channel: greets, carries out commands, reports, gives notice."""

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

import structlog
from aiortc import RTCDataChannel

from mocast.errors import MocastError
from mocast.rooms.channels import ControlChannel

REPORT_EVERY_S = 1.0

LONG_RUNNING = ("calibrate",)
"""Commands that take seconds; the peer itself refuses a second one meanwhile."""

COMMAND_FAILED = "the server failed to do this; its log says why"


class Controlled(Protocol):
    """Who is controlled: a publisher's session or a viewer."""

    def hello(self) -> dict[str, Any]:
        """Return the message that tells the client how things are."""

    def stats(self) -> Mapping[str, Any]:
        """Return the live stats, as the API shows them."""

    async def handle_command(self, command: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a command. Raises ``Unprocessable`` where it is unknown or impossible."""


class Control:
    """The server's side of one client's control channel."""

    def __init__(self, peer: Controlled, log: structlog.typing.FilteringBoundLogger) -> None:
        self._peer = peer
        self._log = log
        self._channel = ControlChannel(self.send_hello)

    def attach(self, channel: RTCDataChannel) -> None:
        """Serve this channel from now on."""
        self._channel.attach(channel)

    def send_hello(self) -> None:
        """Tell the client how things are: when it comes, and when they have changed."""
        self._channel.send(self._peer.hello())

    def notice(self, notice: str, detail: str) -> None:
        """Tell the client something that it did not ask for."""
        self._channel.send({"type": "notice", "notice": notice, "detail": detail})

    async def serve(self) -> None:
        """Carry out commands until cancelled, one after the other, but for those that take seconds."""
        async with asyncio.TaskGroup() as lasting:
            while True:
                command = await self._channel.commands.get()
                if command["type"] in LONG_RUNNING:
                    lasting.create_task(self._carry_out(command))
                else:
                    await self._carry_out(command)

    async def report(self) -> None:
        """Tell the client the live stats, once a second until cancelled."""
        while True:
            await asyncio.sleep(REPORT_EVERY_S)
            self._channel.send({"type": "statistics", "statistics": self._peer.stats()})

    async def _carry_out(self, command: dict[str, Any]) -> None:
        try:
            answer = {"type": "pong"} if command["type"] == "ping" else await self._peer.handle_command(command)
        except MocastError as error:
            detail = str(error)
            if error.status == 500:
                self._log.exception("command failed")
                detail = COMMAND_FAILED
            self._channel.problem(error.status, error.title, detail, command.get("id"))
        else:
            self._channel.send({"id": command.get("id"), **answer})
