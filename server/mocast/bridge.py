"""``mocast bridge``: on the streamer's own machine, takes a room's rigs from a server and gives them to local apps."""

import argparse
import asyncio
import contextlib
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, NoReturn
from urllib.parse import parse_qs, unquote, urlsplit

from yarl import URL

from mocast.client.mocast_client import MocastClient
from mocast.client.room_reader import RoomReader
from mocast.errors import MocastError, Unauthorized
from mocast.model.options import ROOM_NAME
from mocast.outputs.output import Output, make_output
from mocast.outputs.output_options import (
    KINDS,
    PARTS,
    PORTS,
    SHAPE_NAMES,
    MotionOptions,
    OutputKind,
    OutputOptions,
    checked_host,
    parse_motion,
    parse_target,
)
from mocast.outputs.status import OutputStatus
from mocast.outputs.vts_tokens import Tokens, default_path
from mocast.validation import schema_of
from mocast.wire import rig_json

SOCKET_PATH: Final = re.compile(r"(?P<before>.*)/v1/rooms/(?P<room>[^/]+)(/landmarks)?/?")
PAGE_PATH: Final = re.compile(r"(?P<before>.*?)(/[^/]*\.html|/rooms)?/?")

APPS: Final[dict[OutputKind, str]] = {"vmc": "VMC", "vts": "VTube Studio", "ifacialmocap": "iFacialMocap"}
LOCAL: Final = "127.0.0.1"

QUIET_AFTER_S: Final = 3.0
"""After this long without a rig, the room is reported as having nobody tracked."""
REFUSED_DELAY_S: Final = 8.0
"""Until the next attempt, where the server does not give the room's motion out."""

Tell = Callable[[str, str], None]
"""Called from any thread with the name of an endpoint (the room or an app) and its new state."""


class Arguments(argparse.ArgumentParser):
    """An argument parser whose errors are ``ValueError``s, in place of ending the process."""

    def error(self, message: str) -> NoReturn:
        """Raise the sentence that says what is wrong."""
        raise ValueError(message)


@dataclass(frozen=True, slots=True)
class BridgeArguments:
    """What the command line asks for."""

    server: URL
    "Its address, with a proxy's path prefix, name and password."
    room: str
    outputs: tuple[OutputOptions, ...]
    token: str = field(default="", repr=False)
    "Empty: none."


def room_address(text: str) -> tuple[URL, str]:
    """Return a server's address and a room's name from whatever address of the room is at hand: a page with
    ``?room=NAME``, ours or OBS's, or its WebSocket's. Name and password (``https://NAME:PASSWORD@HOST/``) are for a
    proxy that asks for them. Raises ``ValueError``.
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
    if not ROOM_NAME.fullmatch(room):
        raise ValueError(f"{text}: no room is named; add ?room=NAME, as the page's own address has it")
    server = URL.build(
        scheme=scheme,
        user=address.username and unquote(address.username),
        password=address.password and unquote(address.password),
        host=checked_host(address.hostname),
        port=address.port,
        path=before,
    )
    return server, room


def room_token(text: str) -> str:
    """Return the token in a room's address, after ``#access_token=`` or in the query; empty: none."""
    address = urlsplit(text)
    held = parse_qs(address.fragment).get("access_token") or parse_qs(address.query).get("access_token")
    return held[0].replace(" ", "+") if held else ""  # a form's +, which tokens may hold; they hold no spaces


def parse_arguments(words: Sequence[str]) -> BridgeArguments:
    """Return what to do. Raises ``ValueError`` with a sentence; ``SystemExit`` after ``--help``."""
    parser = Arguments(
        "mocast bridge",
        description="Takes a room's avatar motion from a Mocast server to the apps on this machine, until Ctrl-C.",
        epilog=f"The permission that VTube Studio's user gives is kept in {default_path()}.",
    )
    parser.add_argument(
        "room",
        metavar="URL",
        help="address of the room: https://HOST/?room=NAME, where a token is asked for with #access_token=TOKEN",
    )
    for kind in KINDS:
        parser.add_argument(
            f"--{kind}",
            metavar="HOST:PORT",
            nargs="?",
            action="append",
            const=f"{LOCAL}:{PORTS[kind]}",
            help=f"send to {APPS[kind]} (by itself: {LOCAL}:{PORTS[kind]}); may be given more than once",
        )
    values = {"parts": ",".join(PARTS), "names": "|".join(SHAPE_NAMES)}
    options = schema_of(MotionOptions).model_fields
    for name, option in options.items():
        is_flag: dict[str, Any] = {"action": "store_const", "const": "true"}
        takes = {"metavar": values[name]} if name in values else is_flag
        parser.add_argument(f"--{name}", help=option.description, **takes)
    parser.add_argument("--token", default="", help="for the server; else that of URL, or of the variable MOCAST_TOKEN")
    given = parser.parse_args(words)
    said = {name: getattr(given, name) for name in options}
    motion = parse_motion({name: text for name, text in said.items() if text is not None}, MotionOptions)
    outputs = [_output(motion, kind, text) for kind in KINDS for text in getattr(given, kind) or ()]
    if not outputs:
        raise ValueError(f"name an app: {', '.join(f'--{kind}' for kind in KINDS)}")
    token = given.token or room_token(given.room) or os.environ.get("MOCAST_TOKEN", "")
    return BridgeArguments(*room_address(given.room), tuple(dict.fromkeys(outputs)), token)


def _output(motion: MotionOptions, kind: OutputKind, text: str) -> OutputOptions:
    try:
        host, port = parse_target(text, kind)
    except ValueError as error:
        raise ValueError(f"--{kind}: {error} The room's address comes before the apps.") from error
    return OutputOptions(kind, host, port, **asdict(motion))


class Bridge:
    """Receives one room's rigs and forwards them to the apps; reconnects when either end was gone."""

    def __init__(self, arguments: BridgeArguments, tell: Tell, tokens: Tokens) -> None:
        self._arguments = arguments
        self._name = f"room {arguments.room} at {arguments.server.host}"
        self._tell = tell
        self._said = ""
        self._is_connected = False
        self._outputs: list[Output] = [
            make_output(options, tokens, watch=self._watch(options)) for options in arguments.outputs
        ]

    async def run(self) -> None:
        """Work until cancelled."""
        for output in self._outputs:
            output.start()
        try:
            async with MocastClient(
                self._arguments.server, token=self._arguments.token, on_connection=self._on_connection
            ) as client:
                while True:
                    try:
                        async with client.reader(self._arguments.room, "rig") as reader:
                            await self._forward(reader)
                    except MocastError as error:
                        self._on_connection(error)
                    await asyncio.sleep(REFUSED_DELAY_S)
        finally:
            for output in self._outputs:
                output.close()
            await asyncio.gather(*(output.wait_closed() for output in self._outputs))

    async def _forward(self, reader: RoomReader) -> None:
        """Give every rig to the apps, and report when rigs start and stop, for ever. Raises ``MocastError``."""
        while True:
            try:
                async with asyncio.timeout(QUIET_AFTER_S):
                    text = await reader.newest()
            except TimeoutError:
                if self._is_connected:
                    self._say("connected; nobody is tracked in it at present")
                continue
            rig = rig_json.decode(text or "")
            if rig is not None:
                for output in self._outputs:
                    output.send(rig)
                self._say("connected; motion comes in")

    def _on_connection(self, error: MocastError | None) -> None:
        self._is_connected = error is None
        if error is not None:
            hint = " (--token TOKEN)" if isinstance(error, Unauthorized) else ""
            self._say(f"{error}{hint} Trying again.")

    def _say(self, state: str) -> None:
        if state != self._said:
            self._said = state
            self._tell(self._name, state)

    def _watch(self, options: OutputOptions) -> Callable[[OutputStatus], None]:
        address = f"{APPS[options.kind]} {options.host}:{options.port}"

        def told(status: OutputStatus) -> None:
            if status.state not in ("idle", "stopped"):
                self._tell(address, f"{status.state}{f' ({status.detail})' if status.detail else ''}")

        return told


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


def bridge(words: Sequence[str]) -> int:
    """Run the command; return the process's exit status."""
    try:
        arguments = parse_arguments(words)
    except ValueError as error:
        print(f"mocast bridge: {error}", file=sys.stderr)
        return 2
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        asyncio.run(_run(arguments))
    print("ended", flush=True)
    return 0


async def _run(arguments: BridgeArguments) -> None:
    task = asyncio.current_task()
    assert task is not None
    with contextlib.suppress(NotImplementedError):  # Windows has no such signals
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    await Bridge(arguments, Changes(), Tokens(default_path())).run()
