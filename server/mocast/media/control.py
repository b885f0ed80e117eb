"""What a session says and does on its control channel: greets, carries out commands, reports, gives notice."""

import asyncio
from typing import Any, Protocol

import structlog
from aiortc import RTCDataChannel

from mocast.errors import MocastError, Unprocessable
from mocast.media.channels import ControlChannel
from mocast.pipeline.stats import Statistics

REPORT_EVERY_S = 1.0

COMMAND_FAILED = "the server failed to do this; its log says why"


class Controlled(Protocol):
    """What is controlled: the session."""

    @property
    def settings(self) -> dict[str, Any]:
        """All settings, as the API shows them."""

    @property
    def statistics(self) -> Statistics:
        """The live figures."""

    async def apply(self, changes: object) -> dict[str, Any]:
        """Change settings and return all of them. Raises ``Unprocessable`` where one is impossible."""


class Control:
    """The server's side of one client's control channel."""

    def __init__(self, session: Controlled, log: structlog.typing.FilteringBoundLogger) -> None:
        self._session = session
        self._log = log
        self._channel = ControlChannel(self.greet)

    def attach(self, channel: RTCDataChannel) -> None:
        """Serve this channel from now on."""
        self._channel.attach(channel)

    def greet(self) -> None:
        """Tell the client all settings."""
        self._channel.send({"type": "settings", "settings": self._session.settings})

    def notice(self, notice: str, detail: str) -> None:
        """Tell the client something that it did not ask for."""
        self._channel.send({"type": "notice", "notice": notice, "detail": detail})

    async def serve(self) -> None:
        """Carry out commands, one after the other, until cancelled."""
        while True:
            command = await self._channel.commands.get()
            try:
                await self._carry_out(command)
            except MocastError as error:
                detail = str(error)
                if error.status == 500:
                    self._log.exception("command failed")
                    detail = COMMAND_FAILED
                self._channel.problem(error.status, error.title, detail, command.get("id"))

    async def report(self) -> None:
        """Tell the client the live figures, once a second until cancelled."""
        while True:
            await asyncio.sleep(REPORT_EVERY_S)
            self._channel.send({"type": "statistics", "statistics": self._session.statistics.snapshot()})

    async def _carry_out(self, command: dict[str, Any]) -> None:
        match command["type"]:
            case "settings":
                settings = await self._session.apply(command.get("settings"))
                self._channel.send({"type": "settings", "id": command.get("id"), "settings": settings})
            case "ping":
                self._channel.send({"type": "pong", "id": command.get("id")})
            case unknown:
                raise Unprocessable(f'"{unknown[:40]}" is not a command; known are "settings" and "ping"')
