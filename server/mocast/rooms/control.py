"""A client's control channel: executes and answers its commands, and sends statistics and notices."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, Protocol

import orjson
import structlog

from mocast.errors import BodyTooLarge, MocastError, RequestError, TooManyRequests
from mocast.rooms.data_channel import has_room, send_all
from mocast.webrtc.transport import ClientChannel

REPORT_EVERY_S: Final = 1.0

MAX_WAITING_COMMANDS: Final = 16

LONG_RUNNING: Final = ("calibrate",)
"""Commands that take seconds. Other commands do not wait for them; the session refuses a second one meanwhile."""

COMMAND_FAILED: Final = "The server failed to do this; its log says why."


class Controlled(Protocol):
    """The part of a session that its client controls."""

    def hello(self) -> list[dict[str, Any]]:
        """Return the messages with the session's present state."""

    def stats(self) -> Mapping[str, Any]:
        """Return the live statistics, as the API shows them."""

    def admit_message(self) -> bool:
        """Count a message; return whether it is within the rate of messages."""

    def flush_events(self) -> None:
        """Send the events that still wait."""

    async def handle_command(self, command: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a command. Raises ``Unprocessable`` where it is unknown or impossible."""


class Control:
    """The server's side of one client's control channel. Commands wait in a short queue and are done one by one."""

    def __init__(
        self, session: Controlled, log: structlog.typing.FilteringBoundLogger, most_bytes: int, refused: Counter[str]
    ) -> None:
        """``most_bytes``: of a message; ``refused``: by the limit's name, how often one was reached."""
        self.commands: asyncio.Queue[dict[str, Any]] = asyncio.Queue(MAX_WAITING_COMMANDS)
        self._session = session
        self._log = log
        self._most_bytes = most_bytes
        self._refused = refused
        self._channel: ClientChannel | None = None

    @property
    def is_attached(self) -> bool:
        """Whether the client has a control channel."""
        return self._channel is not None

    def attach(self, channel: ClientChannel) -> None:
        """Serve this channel from now on."""
        self._channel = channel
        channel.on("message", self._receive)
        self.send_hello()

    def send_hello(self) -> None:
        """Send the session's state: when the client comes, and when the state has changed."""
        for message in self._session.hello():
            self.send(message)

    def notice(self, notice: str, detail: str) -> None:
        """Send the client an unsolicited notice."""
        self.send({"type": "notice", "notice": notice, "detail": detail})

    async def serve(self) -> None:
        """Carry out commands until cancelled, one after the other, but for those that take seconds."""
        async with asyncio.TaskGroup() as long_running:
            while True:
                command = await self.commands.get()
                if command["type"] in LONG_RUNNING:
                    long_running.create_task(self._carry_out(command))
                else:
                    await self._carry_out(command)

    async def report(self) -> None:
        """Send the live statistics, and events that had to wait, once a second until cancelled."""
        while True:
            await asyncio.sleep(REPORT_EVERY_S)
            self._session.flush_events()
            self.send({"type": "statistics", "statistics": self._session.stats()})

    def send(self, message: dict[str, Any]) -> bool:
        """Send a message; it is dropped where the channel is closed or full, or it is too long for the client.

        Return whether it is on its way.
        """
        if self._channel is None or not has_room(self._channel):
            return False
        return send_all(self._channel, [orjson.dumps(message).decode()])

    async def _carry_out(self, command: dict[str, Any]) -> None:
        """Execute a command and answer it. An exception fails this command, not the session."""
        try:
            answer = {"type": "pong"} if command["type"] == "ping" else await self._session.handle_command(command)
            self.send({"id": command.get("id"), **answer})
        except Exception as error:
            self._problem(error, command.get("id"))

    def _problem(self, error: Exception, command_id: object = None) -> None:
        """Answer with the problem; the details of an internal error are for the log only."""
        known = error if isinstance(error, MocastError) else MocastError()
        if known.status == 500:
            self._log.error("command failed", exc_info=error)
        if known.limit:
            self._refused[known.limit] += 1
        detail = COMMAND_FAILED if known.status == 500 else str(known)
        problem: dict[str, Any] = {"status": known.status, "title": known.title, "detail": detail}
        if known.errors:
            problem["errors"] = known.errors
        self.send({"type": "problem", "id": command_id, **problem})

    def _receive(self, message: str | bytes) -> None:
        command_id = None
        try:
            if not self._session.admit_message():
                raise TooManyRequests("Messages come too fast.")
            if len(message) > self._most_bytes:
                raise BodyTooLarge(f"A control message has at most {self._most_bytes} bytes.").reached("message_bytes")
            command = _parse(message)
            command_id = command.get("id")
            self.commands.put_nowait(command)
        except MocastError as error:
            self._problem(error)
        except asyncio.QueueFull:
            self._problem(TooManyRequests("Commands come faster than they are done."), command_id)


def _parse(message: str | bytes) -> dict[str, Any]:
    """Return the command in a message. Raises ``RequestError``."""
    try:
        command = orjson.loads(message)
    except ValueError as error:
        raise RequestError("A control message is one JSON object.") from error
    if not isinstance(command, dict) or not isinstance(command.get("type"), str):
        raise RequestError('A control message is a JSON object with a "type".')
    if isinstance(command.get("id"), list | dict):
        # It goes back as it came, and orjson reads what is nested deeper than it writes.
        raise RequestError('The "id" of a control message is a text or a number.')
    return command
