"""``mocast probe``: how late the avatar is on this very set-up, from the camera to the rig and to an app's port.

A film, a camera or a pattern is published to a room of its own; its rigs are sent on by VMC, as the bridge does, to a
port of this machine that is listened on.
"""

import argparse
import asyncio
import contextlib
import secrets
import ssl
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import orjson
from numpy.typing import NDArray

from mocast.client import MocastClient, MocastError
from mocast.commands.motion_delays import FPS, AppPort, Delays, NumberedCamera, RigLog, delays_of
from mocast.commands.room_link import add_server_flags, flag_hint
from mocast.trust import trusting

GRACE_S: Final = 0.5
"""What has not come so long after the last picture counts as lost."""
PATTERN_WH: Final = (640, 480)


@dataclass(frozen=True, slots=True)
class ProbeArguments:
    """What the command line asks for."""

    server: str
    camera: str
    "Empty: a pattern."
    seconds: float
    token: str | None
    as_json: bool
    options: Mapping[str, str]
    "Of the session."
    tls: ssl.SSLContext | None = None
    "What trusts the server's certificate; ``None``: as the system does."


def probe(words: Sequence[str]) -> int:
    """Run the command; return the process's exit status."""
    try:
        arguments = parse_arguments(words)
        delays = asyncio.run(measured(arguments))
    except KeyboardInterrupt:
        return 130
    except ValueError as error:
        print(f"mocast probe: {error}", file=sys.stderr)
        return 2
    except MocastError as error:
        print(f"mocast probe: {error}{flag_hint(error)}", file=sys.stderr)
        return 1
    print(orjson.dumps(delays.to_json()).decode() if arguments.as_json else _table(delays))
    return 0 if delays.rigs else 1


def parse_arguments(words: Sequence[str]) -> ProbeArguments:
    """Return what to do. Raises ``ValueError`` with a sentence; ``SystemExit`` where a flag is wrong."""
    parser = argparse.ArgumentParser(
        "mocast probe",
        description="Measures how late the avatar is on this set-up: camera to rig, rig to an app of this machine.",
    )
    parser.add_argument(
        "camera",
        metavar="CAMERA",
        nargs="?",
        default="",
        help="a film with a person in it, /dev/video0 or what `mocast source` takes; without it a pattern, in which "
        "nobody is found",
    )
    add_server_flags(parser)
    parser.add_argument("--seconds", type=_seconds, default=10.0, help="how long (default: %(default)g)")
    parser.add_argument("--tracker", metavar="NAME", default="holistic", help="default: %(default)s")
    parser.add_argument("--quality", metavar="NAME", default="balanced", help="default: %(default)s")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(words)
    options = {"tracker": given.tracker, "quality": given.quality}
    tls = trusting(given.cacert)
    return ProbeArguments(given.server, given.camera, given.seconds, given.token, given.json, options, tls)


async def measured(arguments: ProbeArguments) -> Delays:
    """Publish, listen and return the delays. Raises ``MocastError``, and ``ValueError`` where an address is none."""
    from mocast.client.camera import Camera  # noqa: PLC0415 (loads PyAV)

    room = f"probe-{secrets.token_hex(4)}"
    server, token = arguments.server, arguments.token
    async with MocastClient(server, token=token, tls=arguments.tls, on_connection=lambda _: None) as client:
        await client.info()  # a publication would try for ever
        camera = NumberedCamera(await Camera.open(arguments.camera or _pattern()), arguments.seconds)
        with AppPort() as app:
            rigs = RigLog(app)
            async with client.publish(camera, room, **arguments.options) as publication:
                reading = asyncio.create_task(rigs.read(client, room))
                try:
                    await publication.wait()
                    await asyncio.sleep(GRACE_S)
                finally:
                    reading.cancel()
                    await asyncio.gather(reading, return_exceptions=True)
                    await rigs.close()
            return delays_of(camera.sent_at_s, rigs, app.came_at_s)


def _pattern() -> Iterator[NDArray[np.uint8]]:
    """Yield a bar that moves, at 30 pictures a second; called on the camera's thread."""
    width, height = PATTERN_WH
    began_at_s = time.monotonic()
    number = 0
    while True:
        picture = np.full((height, width, 3), 96, np.uint8)
        picture[:, (8 * number) % width :][:, :32] = 200
        yield picture
        number += 1
        time.sleep(max(0.0, began_at_s + number / FPS - time.monotonic()))


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 1 <= (seconds := float(text)) <= 600:
            return seconds
    raise argparse.ArgumentTypeError(f"{text} is not from 1 to 600")


def _table(delays: Delays) -> str:
    told = delays.to_json()
    lines = [f"{'':<15} {'p50':>8} {'p95':>8} {'max':>8}"]
    for name, label in (
        ("camera_to_rig", "camera to rig"),
        ("rig_to_app", "rig to app"),
        ("camera_to_app", "camera to app"),
    ):
        if (values := told[f"{name}_ms"]) is not None:
            lines.append(f"{label:<15} " + " ".join(f"{value:>5.1f} ms" for value in values.values()))
    lines.append(f"{delays.rigs} rigs of {delays.pictures} pictures")
    if not delays.rigs:
        lines.append("No rig came: does the server track at all?")
    elif not delays.found:
        lines.append("Nobody was seen: name a film with a person, or a camera, for figures that count.")
    return "\n".join(lines)
