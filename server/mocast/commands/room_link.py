"""A room of a server elsewhere, for commands on a person's own machine: its address, and reading it until Ctrl-C."""

import argparse
import asyncio
import contextlib
import os
import re
import signal
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn
from urllib.parse import parse_qs, unquote, urlsplit

from yarl import URL

from mocast.client.mocast_client import MocastClient
from mocast.client.refusals import Untrusted
from mocast.client.room_reader import RoomReader
from mocast.errors import MocastError, Unauthorized
from mocast.model.options import ROOM_NAME, ROOM_NAME_RULE
from mocast.outputs.output_options import checked_host
from mocast.trust import CACERT_HELP, trusting

SOCKET_PATH: Final = re.compile(r"(?P<before>.*)/v1/rooms/(?P<room>[^/]+)(/landmarks)?/?")
PAGE_PATH: Final = re.compile(r"(?P<before>.*?)(/[^/]*\.html|/rooms)?/?")

QUIET_AFTER_S: Final = 3.0
"""After this long without a text, the room is reported as having nobody tracked."""
REFUSED_DELAY_S: Final = 8.0
"""Until the next attempt, where the server does not give the room's motion out."""
MOST_WAITING: Final = 256
"""Texts that wait to be taken, where each counts."""

ADDRESS_HELP: Final = (
    "address of the room: https://HOST/?room=NAME, where a token is asked for with #access_token=TOKEN"
)
SERVER: Final = "http://localhost:8080"

Tell = Callable[[str, str], None]
"""Called from any thread with the name of an endpoint (the room or an app) and its new state."""


class Arguments(argparse.ArgumentParser):
    """An argument parser whose errors are ``ValueError``s, in place of ending the process."""

    def error(self, message: str) -> NoReturn:
        """Raise the sentence that says what is wrong."""
        raise ValueError(message)


@dataclass(frozen=True, slots=True)
class RoomAddress:
    """Where a room is."""

    server: URL
    "Its address, with a proxy's path prefix, name and password."
    room: str
    token: str = field(default="", repr=False)
    "Empty: none."
    tls: ssl.SSLContext | None = field(default=None, compare=False)
    "What trusts the server's certificate; ``None``: as the system does."


def room_address(text: str, token: str = "", cacert: str | None = None) -> RoomAddress:
    """Return a room's address from whatever address of it is at hand: a page with ``?room=NAME``, ours or OBS's, or its
    WebSocket's. Name and password (``https://NAME:PASSWORD@HOST/``) are for a proxy that asks for them.

    ``token``: in place of the address's own and of that of the environment. ``cacert``: a file with the certificate to
    trust. Raises ``ValueError``.
    """
    address = urlsplit(text if "://" in text else f"http://{text}")
    scheme = {"http": "http", "https": "https", "ws": "http", "wss": "https"}.get(address.scheme)
    if scheme is None or not address.hostname:
        raise ValueError(f"{text}: a room's address looks like https://HOST/?room=NAME")
    named = SOCKET_PATH.fullmatch(address.path)
    page = PAGE_PATH.fullmatch(address.path)
    if named is not None:
        before, room = named["before"], named["room"]
    else:
        before, room = page["before"] if page else "", parse_qs(address.query).get("room", [""])[0]
    if not room:
        raise ValueError(f"{text}: no room is named; add ?room=NAME, as the page's own address has it")
    if not ROOM_NAME.fullmatch(room):
        raise ValueError(f"{text}: {ROOM_NAME_RULE}")
    server = URL.build(
        scheme=scheme,
        user=address.username and unquote(address.username),
        password=address.password and unquote(address.password),
        host=checked_host(address.hostname),
        port=address.port,
        path=before,
    )
    token = token or _token_in(text) or os.environ.get("MOCAST_TOKEN", "")
    return RoomAddress(server, room, token, trusting(cacert))


def _token_in(text: str) -> str:
    """The token in a room's address, after ``#access_token=`` or in the query; empty: none."""
    address = urlsplit(text)
    held = parse_qs(address.fragment).get("access_token") or parse_qs(address.query).get("access_token")
    return held[0].replace(" ", "+") if held else ""  # a form's +, which tokens may hold; they hold no spaces


class RoomLink:
    """Reads a room's texts, connecting again when the server was gone, and tells its state when that changes."""

    def __init__(self, address: RoomAddress, tell: Tell) -> None:
        self._address = address
        self._name = f"room {address.room} at {address.server.host}"
        self._tell = tell
        self._said = ""
        self._is_connected = False

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[MocastClient]:
        """Yield a client of the room's server."""
        address = self._address
        async with MocastClient(
            address.server, token=address.token, tls=address.tls, on_connection=self._on_connection
        ) as client:
            yield client

    async def read(
        self,
        client: MocastClient,
        streams: str,
        take: Callable[[str], bool],
        *,
        each: bool = False,
        people: int = 1,
    ) -> NoReturn:
        """Hand every text of these streams to ``take``, which returns whether it is motion, until cancelled.

        ``each``: texts that come while one is taken wait; else each person's newest replaces the one before.
        ``people``: texts of people below this index.
        """
        most = MOST_WAITING if each else people
        while True:
            try:
                async with client.reader(self._address.room, streams, most=most, people=people) as reader:
                    await self._take_all(reader, take)
            except MocastError as error:
                self._on_connection(error)
            await asyncio.sleep(REFUSED_DELAY_S)

    async def _take_all(self, reader: RoomReader, take: Callable[[str], bool]) -> NoReturn:
        """Hand a reader's texts to ``take``, and tell whether motion comes in. Raises ``MocastError``."""
        while True:
            try:
                async with asyncio.timeout(QUIET_AFTER_S):
                    text = await reader.newest()
            except TimeoutError:
                if self._is_connected:
                    self._say("connected; nobody is tracked in it at present")
                continue
            if take(text or ""):
                self._say("connected; motion comes in")

    def _on_connection(self, error: MocastError | None) -> None:
        self._is_connected = error is None
        if error is not None:
            self._say(f"{error}{flag_hint(error)} Trying again.")

    def _say(self, state: str) -> None:
        if state != self._said:
            self._said = state
            self._tell(self._name, state)


def add_room_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of a command whose argument is a room's address: see ``room_address``."""
    parser.add_argument("--token", default="", help="for the server; else that of URL, or of the variable MOCAST_TOKEN")
    parser.add_argument("--cacert", metavar="FILE", help=CACERT_HELP)


def add_server_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags of a command that is told its server apart."""
    parser.add_argument("--server", metavar="URL", default=SERVER, help="its address (default: %(default)s)")
    parser.add_argument("--token", metavar="TOKEN", help="for the server; else that of the variable MOCAST_TOKEN")
    parser.add_argument("--cacert", metavar="FILE", help=CACERT_HELP)


def flag_hint(error: MocastError) -> str:
    """Return the flag that helps against an error of a server, in brackets; empty: none does."""
    match error:
        case Unauthorized():
            return " (--token TOKEN)"
        case Untrusted():
            return " (--cacert FILE)"
    return ""


class Changes:
    """Prints each endpoint's state when it changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: dict[str, str] = {}

    def __call__(self, who: str, state: str) -> None:
        """Print an endpoint's state, if it differs from the last one printed."""
        with self._lock:
            if self._last.get(who) != state:
                self._last[who] = state
                print(f"{who}: {state}", flush=True)


def run_until_interrupted(work: Coroutine[Any, Any, None]) -> None:
    """Run it until Ctrl-C or SIGTERM, and say that it has ended."""

    async def run() -> None:
        task = asyncio.current_task()
        assert task is not None
        with contextlib.suppress(NotImplementedError):  # Windows has no such signals
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        await work

    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(run())
    print("ended", flush=True)
