"""What ``mocast bridge`` takes from programs on the person's own network to a room of a server elsewhere."""

import argparse
import asyncio
import contextlib
from collections.abc import Sequence
from typing import Final, NoReturn

from mocast.client.mocast_client import MocastClient
from mocast.commands import room_link
from mocast.commands.room_link import RoomAddress, Tell
from mocast.errors import MocastError, Unauthorized
from mocast.inputs.input_options import (
    INPUT_KINDS,
    INPUT_PORTS,
    INPUT_SOURCES,
    PRIVATE_NETWORKS,
    InputKind,
    InputOptions,
    input_options,
)
from mocast.inputs.udp_input import UdpInput
from mocast.model.mixed_parts import PARTS, MixedPart
from mocast.model.source_pose import SourcePose
from mocast.wire import pose_json

PROGRAMS: Final[dict[InputKind, str]] = {
    "vmc": "VMC",
    "ifacialmocap": "iFacialMocap",
    "livelinkface": "Live Link Face",
    "meowface": "MeowFace",
}
LISTENS_AT: Final[dict[InputKind, str]] = {"vmc": "127.0.0.1"}
"""Programs run on this machine, phones do not."""
EVERYWHERE: Final = "0.0.0.0"

QUIET_AFTER_S: Final = 3.0
"""After so long without a pose it is said that nothing comes in."""

TOLD_EVERY_S: Final = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags of inputs."""
    for kind in INPUT_KINDS:
        at = f"{LISTENS_AT.get(kind, EVERYWHERE)}:{INPUT_PORTS[kind]}"
        parser.add_argument(
            f"--{kind}-in",
            metavar="ADDRESS:PORT",
            nargs="?",
            const=at,
            help=f"take {PROGRAMS[kind]}'s motion into the room, listening here (by itself: {at})",
        )
    parser.add_argument("--take", metavar=",".join(PARTS), help="what is taken of what comes in (all of it)")
    parser.add_argument(
        "--from", metavar="NETWORKS", dest="networks", help="who may send what comes in (private networks), with commas"
    )
    parser.add_argument("--phone", metavar="ADDRESS", default="", help="phone that is asked to send")


def inputs_of(given: argparse.Namespace) -> tuple[InputOptions, ...]:
    """Return the inputs that the flags ask for. Raises ``ValueError`` with a sentence."""
    networks = tuple(given.networks.split(",")) if given.networks else PRIVATE_NETWORKS
    listens = {kind: getattr(given, f"{kind}_in") for kind in INPUT_KINDS if getattr(given, f"{kind}_in")}
    asked = [kind for kind in listens if kind != "vmc"][:1] if given.phone else []
    if given.phone and not asked:
        raise ValueError("--phone: name its app, such as --ifacialmocap-in.")
    return tuple(
        input_options(kind, at, networks, given.phone if kind in asked else "", _parts(given.take))
        for kind, at in listens.items()
    )


def _parts(text: str | None) -> tuple[MixedPart, ...]:
    if not text:
        return PARTS
    words = text.split(",")
    unknown = [word for word in words if word not in PARTS]
    if unknown:
        raise ValueError(f'--take: there is no part "{unknown[0]}"; there are {", ".join(PARTS)}.')
    return tuple(part for part in PARTS if part in words)


class BridgedInputs:
    """Listens to programs here, and feeds a room elsewhere with their poses."""

    def __init__(self, inputs: Sequence[InputOptions], address: RoomAddress, tell: Tell) -> None:
        self._inputs = inputs
        self._address = address
        self._tell = tell

    async def run(self, client: MocastClient) -> None:
        """Work until cancelled. Raises ``OSError`` where a port is taken."""
        async with asyncio.TaskGroup() as tasks:
            for options in self._inputs:
                tasks.create_task(self._carry(client, options))

    async def _carry(self, client: MocastClient, options: InputOptions) -> NoReturn:
        who = f"{PROGRAMS[options.kind]} at {options.host}:{options.port}"
        while True:
            try:
                await self._feed(client, options, who)
            except MocastError as error:
                hint = " (--token TOKEN)" if isinstance(error, Unauthorized) else ""
                self._tell(who, f"{error}{hint} Trying again.")
            await asyncio.sleep(room_link.REFUSED_DELAY_S)

    async def _feed(self, client: MocastClient, options: InputOptions, who: str) -> NoReturn:
        """Listen, and feed the room. Raises ``MocastError`` where the server does not take it."""
        came, loop = asyncio.Event(), asyncio.get_running_loop()
        async with client.feeder(self._address.room, INPUT_SOURCES[options.kind]) as feeder:

            def take(pose: SourcePose) -> None:
                feeder.put(pose_json.encode(pose))
                with contextlib.suppress(RuntimeError):  # the loop is closed
                    loop.call_soon_threadsafe(came.set)

            listening = UdpInput(options, take)
            listening.open()
            listening.start()
            ending = asyncio.create_task(feeder.ended())
            try:
                while True:
                    self._tell(who, await _heard(came, ending, listening))
            finally:
                ending.cancel()
                await asyncio.to_thread(listening.close)


async def _heard(came: asyncio.Event, ending: "asyncio.Task[None]", listening: UdpInput) -> str:
    """Return how it is: after the next pose and a second, or ``QUIET_AFTER_S``. Raises what ``ending`` does."""
    came.clear()
    waiting = asyncio.create_task(came.wait())
    try:
        await asyncio.wait([waiting, ending], timeout=QUIET_AFTER_S, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
    if came.is_set():
        await asyncio.wait([ending], timeout=TOLD_EVERY_S)
    if ending.done():
        ending.result()
    if came.is_set():
        return "motion comes in"
    status = listening.status
    if status.refused and not status.datagrams:
        return "nothing comes in but from others than those who may send (--from NETWORKS)"
    return f"nothing comes in at present{'. ' + status.detail if status.detail else ''}"
